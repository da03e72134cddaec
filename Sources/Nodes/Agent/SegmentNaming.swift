/// How an agent names objects and log files.
enum SegmentNaming {
  /// The object of a segment: topic identifier, partition, base offset and epoch, so that no two holders share a key.
  static func key(_ partition: TopicPartition, base: UInt64, epoch: Epoch) -> ObjectKey {
    ObjectKey(
      "data/\(partition.topic.rawValue)/\(partition.index)/\(base.paddedTo20Digits)-\(epoch.paddedTo20Digits).seg")
  }

  static let logPrefix = "log/"

  /// The log of the segment that an epoch began at an offset.
  static func log(_ partition: TopicPartition, epoch: Epoch, base: UInt64) -> String {
    "\(logPrefix)\(partition.topic.rawValue)-\(partition.index)-\(epoch)-\(base.paddedTo20Digits).wal"
  }

  /// Which partition and epoch a log file belongs to; nil for a file that is no log.
  static func parseLog(_ name: String) -> HeldLease? {
    let parts = name.dropFirst(logPrefix.count).split(separator: "-")
    guard name.hasPrefix(logPrefix), parts.count == 4, let topic = UInt32(parts[0]), let index = UInt32(parts[1]),
      let epoch = UInt64(parts[2])
    else { return nil }
    return HeldLease(partition: TopicPartition(topic: TopicID(rawValue: topic), index: index), epoch: epoch)
  }
}

extension UInt64 {
  /// The number with leading zeros, so that texts sort as the numbers do.
  var paddedTo20Digits: String {
    let digits = String(self)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }
}
