internal import CXXHash

/// XXH3 with 64 bits: the fast hash for digests, cache checks and derived seeds. Not for partitions of keys.
public enum Hashing {
  /// The XXH3-64 hash of `bytes`.
  ///
  /// - Complexity: O(*n*), about 20 GB/s.
  public static func xxh3(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    guard let base = bytes.baseAddress else {
      var nothing: UInt8 = 0
      return XXH3_64bits_withSeed(&nothing, 0, seed)
    }
    return XXH3_64bits_withSeed(base, bytes.count, seed)
  }

  /// The XXH3-64 hash of an array.
  public static func xxh3(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { xxh3($0, seed: seed) }
  }

  /// The XXH3-64 hash of a span.
  public static func xxh3(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    bytes.withUnsafeBytes { xxh3($0, seed: seed) }
  }
}
