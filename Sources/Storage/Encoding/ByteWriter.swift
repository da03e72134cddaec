/// A writing position in borrowed memory that the caller has made large enough.
///
/// Callers reserve `maximumVarintSize` for each integer and the exact size of each run of bytes.
@usableFromInline
struct ByteWriter {
  /// The most bytes that an unsigned LEB128 integer of 64 bits takes.
  @usableFromInline static let maximumVarintSize = 10

  @usableFromInline var position: UnsafeMutableRawPointer

  @inlinable
  init(position: UnsafeMutableRawPointer) {
    self.position = position
  }

  @inlinable @inline(__always)
  mutating func writeByte(_ byte: UInt8) {
    position.storeBytes(of: byte, as: UInt8.self)
    position += 1
  }

  @inlinable @inline(__always)
  mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      writeByte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    writeByte(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes the two's complement of a signed number in zigzag, so that small negative numbers stay short.
  @inlinable @inline(__always)
  mutating func writeSignedVarint(_ value: UInt64) {
    writeVarint((value &<< 1) ^ (0 &- (value &>> 63)))
  }

  @inlinable @inline(__always)
  mutating func writeBytes(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    position.copyMemory(from: base, byteCount: bytes.count)
    position += bytes.count
  }
}
