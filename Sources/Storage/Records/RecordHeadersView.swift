/// The headers of a record in borrowed memory: name and value of each, every part behind its length.
///
/// The same bytes are used in batches and in segments of version 2, so that moving them is one copy.
@frozen
public struct RecordHeadersView {
  /// The encoded headers; empty when there are none.
  public let bytes: UnsafeRawBufferPointer

  /// Wraps bytes that hold nothing but encoded headers, or nothing at all.
  @inlinable
  init(bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// No headers.
  static var none: RecordHeadersView { RecordHeadersView(bytes: UnsafeRawBufferPointer(start: nil, count: 0)) }

  /// True when the record has no header.
  @inlinable
  public var isEmpty: Bool { bytes.isEmpty }

  /// Copies the headers.
  ///
  /// - Throws: `DecodingFault` when the bytes are damaged; a validated batch never throws.
  public func decoded() throws(DecodingFault) -> [RecordHeader] {
    var headers: [RecordHeader] = []
    try Self.walk(bytes) { name, value in
      headers.append(RecordHeader(name: [UInt8](name), value: [UInt8](value)))
    }
    return headers
  }

  /// Goes through encoded headers, and so finds out whether they are well formed.
  @usableFromInline
  static func walk(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) throws(DecodingFault) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    var cursor = ByteCursor(position: base, end: base + bytes.count)
    while !cursor.isAtEnd {
      let name = try readPart(&cursor)
      let value = try readPart(&cursor)
      body(name, value)
    }
  }

  private static func readPart(_ cursor: inout ByteCursor) throws(DecodingFault) -> UnsafeRawBufferPointer {
    let length = try cursor.readVarint()
    let available = cursor.remaining
    guard let bytes = cursor.readBytes(length) else {
      throw .headersBeyondEnd(claimed: length, available: available)
    }
    return bytes
  }

  /// Appends the encoding of `headers`, which is empty for no headers.
  static func encode(_ headers: [RecordHeader], into bytes: inout [UInt8]) {
    for header in headers {
      for part in [header.name, header.value] {
        appendVarint(UInt64(part.count), to: &bytes)
        bytes.append(contentsOf: part)
      }
    }
  }

  private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}
