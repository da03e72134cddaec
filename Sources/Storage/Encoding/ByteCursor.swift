/// A reading position in borrowed memory: every read is checked against the end, none traps.
///
/// The memory must outlive the cursor; it is only ever made inside a `withUnsafeBytes` call of its owner.
@usableFromInline
struct ByteCursor {
  @usableFromInline var position: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  @inlinable
  init(position: UnsafeRawPointer, end: UnsafeRawPointer) {
    self.position = position
    self.end = end
  }

  @inlinable
  var remaining: Int { end - position }

  @inlinable
  var isAtEnd: Bool { position == end }

  /// The next unsigned LEB128 integer: seven bits a byte, lowest first, bit 7 set on all but the last.
  @inlinable @inline(__always)
  mutating func readVarint() throws(DecodingFault) -> UInt64 {
    if position < end {
      let byte = position.load(as: UInt8.self)
      if byte < 0x80 {
        position += 1
        return UInt64(byte)
      }
    }
    return try readLongVarint()
  }

  /// The next zigzag LEB128 integer, as the two's complement of a signed number.
  @inlinable @inline(__always)
  mutating func readSignedVarint() throws(DecodingFault) -> UInt64 {
    let raw = try readVarint()
    return (raw >> 1) ^ (0 &- (raw & 1))
  }

  // Out of line: most lengths and deltas fit one byte, and the caller's loop stays small.
  @inlinable @inline(never)
  mutating func readLongVarint() throws(DecodingFault) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    var cursor = position
    while cursor < end {
      let byte = cursor.load(as: UInt8.self)
      cursor += 1
      // The tenth byte has room for bit 63 alone.
      if shift == 63, byte > 1 { throw .varintTooLarge }
      result |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 {
        position = cursor
        return result
      }
      shift &+= 7
    }
    throw .truncatedVarint
  }

  /// The next `count` bytes, or nil when fewer are left.
  @inlinable @inline(__always)
  mutating func readBytes(_ count: UInt64) -> UnsafeRawBufferPointer? {
    guard count <= UInt64(bitPattern: Int64(end - position)) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: position, count: Int(truncatingIfNeeded: count))
    position += bytes.count
    return bytes
  }
}
