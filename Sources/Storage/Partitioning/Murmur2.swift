/// MurmurHash2 with 32 bits and the seed 0x9747B28C, as Kafka's clients use it.
public enum Murmur2 {
  private static let seed: UInt32 = 0x9747_b28c
  private static let multiplier: UInt32 = 0x5bd1_e995

  /// The hash of `key`. Kafka clears its top bit before taking the remainder; the original does not.
  public static func hash(_ key: [UInt8]) -> UInt32 {
    var hash = seed ^ UInt32(truncatingIfNeeded: key.count)
    let wholeWords = key.count / 4
    key.withUnsafeBytes { buffer in
      for word in 0..<wholeWords {
        var mixed = UInt32(littleEndian: buffer.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
        mixed &*= multiplier
        mixed ^= mixed >> 24
        mixed &*= multiplier
        hash = (hash &* multiplier) ^ mixed
      }
    }
    let rest = key[(wholeWords * 4)...]
    if !rest.isEmpty {
      for (place, byte) in rest.enumerated() { hash ^= UInt32(byte) << UInt32(8 * place) }
      hash &*= multiplier
    }
    hash ^= hash >> 13
    hash &*= multiplier
    return hash ^ (hash >> 15)
  }
}
