/// A record of the original's write-ahead log, which keeps neither offset nor epoch nor sequence.
public struct OriginalLogRecord: Sendable, Hashable {
  /// When the record was appended to the log, in milliseconds; not the record's own timestamp.
  public var timestamp: UInt64
  /// The key; the format cannot tell an empty key from none.
  public var key: [UInt8]?
  /// The value.
  public var value: [UInt8]

  /// Makes a record from its parts.
  public init(timestamp: UInt64, key: [UInt8]?, value: [UInt8]) {
    self.timestamp = timestamp
    self.key = key
    self.value = value
  }
}

/// What is left of a log that the original wrote.
public struct OriginalLogRecovery: Sendable, Hashable {
  /// The records that can be read, in file order.
  public var records: [OriginalLogRecord] = []
  /// Where the last readable record ends, in bytes.
  public var validLength = 0
  /// How many bytes at the end were cut off or cannot be told apart any more.
  public var tornTail = 0
  /// Records whose content does not match their checksum or their sizes.
  public var damage: [LogDamage] = []
}

/// Reads the original's write-ahead log: little-endian, no mark, one checksum a record.
///
/// | bytes | field |
/// |-------|-------|
/// | 4 | size of the rest: 20 + key + value, the checksum counted, this field not |
/// | 4 | CRC-32 of what follows |
/// | 8 | time of the append, milliseconds |
/// | 4 + k | key length (0 for no key), key |
/// | 4 + v | value length, value |
///
public enum OriginalLog {
  private static let sizeSize = 4
  private static let smallestSize = 20

  /// Reads what can be read. A damaged record is reported and passed over at the size it claims, as in the original;
  /// a size that cannot be true ends the reading, because nothing says where the next record would begin.
  ///
  /// - Complexity: O(*n*) in the bytes.
  public static func recover(_ bytes: [UInt8]) -> OriginalLogRecovery {
    bytes.withUnsafeBytes { buffer in
      var recovery = OriginalLogRecovery()
      var position = 0
      while position < buffer.count {
        let left = buffer.count - position
        guard let claimed = FixedWidth.littleEndian(UInt32.self, in: buffer, at: position),
          Int(claimed) <= left - sizeSize
        else {
          recovery.tornTail = left
          break
        }
        let size = Int(claimed)
        guard size >= smallestSize else {
          recovery.damage.append(
            LogDamage(
              position: position, length: left, reason: .entryTooShort(length: size, minimum: smallestSize)))
          break
        }
        let end = position + sizeSize + size
        read(UnsafeRawBufferPointer(rebasing: buffer[position..<end]), at: position, into: &recovery)
        position = end
      }
      return recovery
    }
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, at position: Int, into recovery: inout OriginalLogRecovery
  ) {
    let content = UnsafeRawBufferPointer(rebasing: bytes[8...])
    let stored = FixedWidth.littleEndian(UInt32.self, in: bytes, at: 4) ?? 0
    let computed = Checksum.crc32(content)
    guard stored == computed else {
      recovery.damage.append(
        LogDamage(
          position: position, length: bytes.count, reason: .checksumMismatch(stored: stored, computed: computed)))
      return
    }
    guard let timestamp = FixedWidth.littleEndian(UInt64.self, in: content, at: 0),
      let key = run(in: content, at: 8), let value = run(in: content, at: 12 + key.count),
      16 + key.count + value.count == content.count
    else {
      recovery.damage.append(LogDamage(position: position, length: bytes.count, reason: .noEntry))
      return
    }
    recovery.records.append(
      OriginalLogRecord(timestamp: timestamp, key: key.isEmpty ? nil : [UInt8](key), value: [UInt8](value)))
    recovery.validLength = position + bytes.count
  }

  private static func run(in content: UnsafeRawBufferPointer, at position: Int) -> UnsafeRawBufferPointer? {
    guard let length = FixedWidth.littleEndian(UInt32.self, in: content, at: position),
      Int(length) <= content.count - position - 4
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: content[(position + 4)..<(position + 4 + Int(length))])
  }
}
