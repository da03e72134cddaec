internal import CZlib

/// CRC-32 as in zlib and IEEE 802.3: polynomial 0xEDB88320 reflected, initial value and final xor 0xFFFFFFFF.
///
/// It guards segments, logs and batches against damage; it is no protection against intent.
public enum Checksum {
  /// The CRC-32 of `bytes` that follow bytes whose CRC-32 is `seed`.
  ///
  /// - Complexity: O(*n*), about 7 GB/s.
  public static func crc32(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    // zlib answers the initial value, not the seed, where it is given a null pointer.
    guard let base = bytes.baseAddress, bytes.count > 0 else { return seed }
    let pointer = base.assumingMemoryBound(to: UInt8.self)
    return UInt32(truncatingIfNeeded: crc32_z(UInt(seed), pointer, z_size_t(bytes.count)))
  }

  /// The CRC-32 of an array that follows bytes whose CRC-32 is `seed`.
  public static func crc32(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { crc32($0, seed: seed) }
  }

  /// The CRC-32 of a span that follows bytes whose CRC-32 is `seed`.
  public static func crc32(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { crc32($0, seed: seed) }
  }

  /// The CRC-32 of two runs of bytes in a row, from the CRC-32 of each and the length of the second in bytes.
  ///
  /// A writer uses it where the first run is known last.
  ///
  /// - Complexity: O(log *secondLength*).
  public static func combine(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
    guard secondLength > 0 else { return first }
    return UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), secondLength))
  }
}
