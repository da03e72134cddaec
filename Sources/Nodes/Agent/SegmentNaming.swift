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

  /// What an object's key tells of it; nil for a key that this cluster never makes: `data/01/…` is somebody else's.
  static func parse(_ key: ObjectKey) -> (partition: TopicPartition, base: UInt64, origin: Origin)? {
    var rest = KeyReader(key.description)
    guard rest.skip(objectPrefix), let topic = rest.number(), let topic = UInt32(exactly: topic), rest.skip("/"),
      let index = rest.number(), let index = UInt32(exactly: index), rest.skip("/"), let base = rest.twentyDigits(),
      rest.skip("-")
    else { return nil }
    let isCompacted = rest.skip("c")
    guard let number = rest.twentyDigits(), rest.skip(".seg"), rest.isAtEnd else { return nil }
    return (
      TopicPartition(topic: TopicID(rawValue: topic), index: index), base,
      isCompacted ? .intent(number) : .epoch(number)
    )
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

/// Reads a key from left to right; a key has one way to be written.
private struct KeyReader {
  private var rest: Substring.UTF8View

  init(_ key: String) { rest = Substring(key).utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  /// Goes past a text, if it is what comes next.
  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// A number without zeros before it.
  mutating func number() -> UInt64? {
    let digits = rest.prefix { isDigit($0) }
    guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    return value(of: digits)
  }

  /// A number with as many zeros before it as it takes.
  mutating func twentyDigits() -> UInt64? {
    let digits = rest.prefix(20)
    guard digits.count == 20, digits.allSatisfy({ isDigit($0) }) else { return nil }
    return value(of: digits)
  }

  private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private mutating func value(of digits: Substring.UTF8View) -> UInt64? {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeBehind) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isTooLargeBehind else { return nil }
      value = sum
    }
    rest = rest.dropFirst(digits.count)
    return value
  }
}
