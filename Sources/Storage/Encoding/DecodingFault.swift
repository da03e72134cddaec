/// What makes a stretch of encoded records unreadable.
///
/// The errors of segments, logs and batches carry a fault together with the place where it was found.
public enum DecodingFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The bytes end in the middle of a variable-length integer.
  case truncatedVarint
  /// A variable-length integer has more than ten bytes or more than 64 bits.
  case varintTooLarge
  /// A key claims more bytes than are left.
  case keyBeyondEnd(claimed: UInt64, available: Int)
  /// A value claims more bytes than are left.
  case valueBeyondEnd(claimed: UInt64, available: Int)
  /// The headers of a record claim more bytes than are left.
  case headersBeyondEnd(claimed: UInt64, available: Int)
  /// A byte of flags has bits that no version of the format defines.
  case unknownFlags(UInt8)
  /// A record has a producer with id 0, which stands for no producer.
  case producerWithoutIdentifier
  /// Records end, yet bytes are left.
  case trailingBytes(count: Int)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .truncatedVarint:
      "the bytes end inside a variable-length integer; its last byte would be below 128"
    case .varintTooLarge:
      "a variable-length integer is too large; it may have at most 10 bytes and 64 bits"
    case .keyBeyondEnd(let claimed, let available):
      "a key claims \(claimed) bytes where \(available) are left"
    case .valueBeyondEnd(let claimed, let available):
      "a value claims \(claimed) bytes where \(available) are left"
    case .headersBeyondEnd(let claimed, let available):
      "the headers of a record claim \(claimed) bytes where \(available) are left"
    case .unknownFlags(let flags):
      "the record flags \(flags) have bits that are not defined"
    case .producerWithoutIdentifier:
      "a producer has id 0, which stands for none; a record without a producer has no flag for one"
    case .trailingBytes(let count):
      "\(count) bytes follow the last record; none should"
    }
  }
}
