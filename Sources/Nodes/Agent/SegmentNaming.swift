import Storage

/// How an agent names objects and log files.
enum SegmentNaming {
  /// The object of a segment: topic identifier, partition, base offset and epoch, so that no two holders share a key.
  static func key(_ partition: TopicPartition, base: UInt64, epoch: Epoch) -> ObjectKey {
    ObjectKey(
      "data/\(partition.topic.rawValue)/\(partition.index)/\(base.twentyDigits)-\(epoch.twentyDigits).seg")
  }

  /// What the keys of all segments begin with.
  static let objectPrefix = "data/"

  /// The object that a compaction makes of the segments from an offset on. It carries the intent: no two compactions share a key.
  static func compactedKey(_ partition: TopicPartition, base: UInt64, intent: UInt64) -> ObjectKey {
    ObjectKey(
      "data/\(partition.topic.rawValue)/\(partition.index)/\(base.twentyDigits)-c\(intent.twentyDigits).seg")
  }

  /// Who made an object, by its key.
  enum Origin: Equatable {
    /// The leader of this epoch.
    case epoch(Epoch)
    /// The compaction of this intent.
    case intent(UInt64)
  }

  /// What an object's key tells of it; nil for a key that this cluster never makes.
  static func parse(_ key: ObjectKey) -> (partition: TopicPartition, base: UInt64, origin: Origin)? {
    let parts = key.description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "data", let topic = UInt32(parts[1]), let index = UInt32(parts[2]),
      parts[3].hasSuffix(".seg")
    else { return nil }
    let names = parts[3].dropLast(4).split(separator: "-", omittingEmptySubsequences: false)
    guard names.count == 2, let base = UInt64(names[0]) else { return nil }
    let partition = TopicPartition(topic: TopicID(rawValue: topic), index: index)
    let (origin, made): (Origin, ObjectKey)
    if names[1].hasPrefix("c") {
      guard let intent = UInt64(names[1].dropFirst()) else { return nil }
      (origin, made) = (.intent(intent), compactedKey(partition, base: base, intent: intent))
    } else {
      guard let epoch = UInt64(names[1]) else { return nil }
      (origin, made) = (.epoch(epoch), self.key(partition, base: base, epoch: epoch))
    }
    // Only what would be written exactly so: `data/01/…` is somebody else's.
    return made == key ? (partition, base, origin) : nil
  }

  static let logPrefix = "log/"

  /// The log of the segment that an epoch began at an offset.
  static func log(_ partition: TopicPartition, epoch: Epoch, base: UInt64) -> String {
    "\(logPrefix)\(partition.topic.rawValue)-\(partition.index)-\(epoch)-\(base.twentyDigits).wal"
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
