/// Reading and writing integers of fixed width. Segments are big-endian; logs, batches and LZ4 sizes little-endian.
enum FixedWidth {
  /// The integer at `position`, or nil when the buffer does not hold all of it.
  static func bigEndian<Integer: FixedWidthInteger>(
    _ type: Integer.Type, in bytes: UnsafeRawBufferPointer, at position: Int
  ) -> Integer? {
    guard position >= 0, position <= bytes.count, bytes.count - position >= MemoryLayout<Integer>.size else {
      return nil
    }
    return Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Integer.self))
  }

  /// The integer at `position`, or nil when the buffer does not hold all of it.
  static func littleEndian<Integer: FixedWidthInteger>(
    _ type: Integer.Type, in bytes: UnsafeRawBufferPointer, at position: Int
  ) -> Integer? {
    guard position >= 0, position <= bytes.count, bytes.count - position >= MemoryLayout<Integer>.size else {
      return nil
    }
    return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Integer.self))
  }
}

extension [UInt8] {
  mutating func appendBigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }

  mutating func appendLittleEndian<Integer: FixedWidthInteger>(_ value: Integer) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }

  /// Overwrites bytes that are already there; does nothing where there is no room.
  mutating func replaceLittleEndian<Integer: FixedWidthInteger>(_ value: Integer, at position: Int) {
    withUnsafeMutableBytes { buffer in
      guard position >= 0, position <= buffer.count, buffer.count - position >= MemoryLayout<Integer>.size else {
        return
      }
      buffer.storeBytes(of: value.littleEndian, toByteOffset: position, as: Integer.self)
    }
  }

  /// Overwrites bytes that are already there; does nothing where there is no room.
  mutating func replaceBigEndian<Integer: FixedWidthInteger>(_ value: Integer, at position: Int) {
    replaceLittleEndian(value.bigEndian, at: position)
  }
}
