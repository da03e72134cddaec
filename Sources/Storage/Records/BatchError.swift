/// Why bytes are not a batch of records.
public enum BatchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Fewer bytes than the smallest batch has.
  case tooShort(length: Int, minimum: Int)
  /// The bytes do not begin with the mark of a batch, or it is one of another version.
  case wrongMagic(found: UInt32, expected: UInt32)
  /// The content does not match its checksum.
  case checksumMismatch(stored: UInt32, computed: UInt32)
  /// A record is malformed. `position` is the byte in the batch where that record begins.
  case damagedRecord(index: Int, position: Int, fault: DecodingFault)
  /// It has more bytes, or claims to have, than the receiver takes.
  case tooLarge(size: Int, limit: Int)
  /// The compressed bytes do not stand for a batch.
  case decompressionFailed(detail: String)

  /// What is wrong, where, and what would be right.
  public var description: String {
    switch self {
    case .tooShort(let length, let minimum):
      "a batch of \(length) bytes; the smallest has \(minimum)"
    case .wrongMagic(let found, let expected):
      "byte 0: found 0x\(String(found, radix: 16)) where a batch has 0x\(String(expected, radix: 16))"
    case .checksumMismatch(let stored, let computed):
      "byte 4: the checksum says 0x\(String(stored, radix: 16)), the content has 0x\(String(computed, radix: 16))"
    case .damagedRecord(let index, let position, let fault):
      "record \(index) at byte \(position): \(fault)"
    case .tooLarge(let size, let limit):
      "a batch of \(size) bytes; at most \(limit) are taken"
    case .decompressionFailed(let detail): "the compressed batch: \(detail)"
    }
  }
}
