/// SipHash with 64 bits and a key of zeros (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
///
/// The original hashes keys with Rust's standard hashers: what goes in is the length of the key as 64 bits,
/// little-endian, and then the key.
public enum SipHash {
  /// SipHash-2-4 of the key's length and the key: how the original's client chooses partitions.
  public static func hash24(_ key: [UInt8]) -> UInt64 {
    var hasher = SipHasher(roundsPerWord: 2, finalRounds: 4)
    hasher.append(UInt64(key.count))
    return hasher.finish(with: key)
  }

  /// SipHash-1-3 of the key's length and the key: how the original's topic writer chooses partitions.
  public static func hash13(_ key: [UInt8]) -> UInt64 {
    var hasher = SipHasher(roundsPerWord: 1, finalRounds: 3)
    hasher.append(UInt64(key.count))
    return hasher.finish(with: key)
  }

  /// SipHash-2-4 of the bytes of a text and a byte 0xFF: how the original routes a partition to an agent.
  public static func hash24(text: [UInt8]) -> UInt64 {
    SipHasher(roundsPerWord: 2, finalRounds: 4).finish(with: text + [0xFF])
  }
}

/// The state of one hash: whole words first, then the rest of the bytes.
private struct SipHasher {
  private let roundsPerWord: Int
  private let finalRounds: Int
  private var v0: UInt64 = 0x736f_6d65_7073_6575
  private var v1: UInt64 = 0x646f_7261_6e64_6f6d
  private var v2: UInt64 = 0x6c79_6765_6e65_7261
  private var v3: UInt64 = 0x7465_6462_7974_6573
  private var byteCount = 0

  init(roundsPerWord: Int, finalRounds: Int) {
    self.roundsPerWord = roundsPerWord
    self.finalRounds = finalRounds
  }

  mutating func append(_ word: UInt64) {
    v3 ^= word
    rounds(roundsPerWord)
    v0 ^= word
    byteCount += 8
  }

  consuming func finish(with bytes: [UInt8]) -> UInt64 {
    let total = byteCount + bytes.count
    let wholeWords = bytes.count / 8
    bytes.withUnsafeBytes { buffer in
      for word in 0..<wholeWords {
        append(UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)))
      }
    }
    // The last word holds what is left, and the length of everything modulo 256 on top.
    var last = UInt64(truncatingIfNeeded: total & 0xFF) << 56
    for (place, byte) in bytes[(wholeWords * 8)...].enumerated() {
      last |= UInt64(byte) << UInt64(8 * place)
    }
    append(last)
    v2 ^= 0xFF
    rounds(finalRounds)
    return v0 ^ v1 ^ v2 ^ v3
  }

  private mutating func rounds(_ count: Int) {
    for _ in 0..<count {
      v0 &+= v1
      v2 &+= v3
      v1 = rotate(v1, 13) ^ v0
      v3 = rotate(v3, 16) ^ v2
      v0 = rotate(v0, 32)
      v2 &+= v1
      v0 &+= v3
      v1 = rotate(v1, 17) ^ v2
      v3 = rotate(v3, 21) ^ v0
      v2 = rotate(v2, 32)
    }
  }

  private func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    (word &<< bits) | (word &>> (64 &- bits))
  }
}
