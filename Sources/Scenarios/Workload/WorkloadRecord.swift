import Simulation

/// The records that producers of a workload send: each value is unique and can be checked from its name alone.
///
/// A value begins with 16 hexadecimal digits, six for the producer and ten for the number, and goes on with letters that depend on both.
public struct WorkloadRecord: Sendable, Hashable {
  /// The smallest value: the digits alone.
  public static let smallestValue = 16

  /// Producer and number in one word, never 0.
  public let identity: UInt64

  /// Names a record.
  public init(producer: UInt32, number: UInt64) { identity = UInt64(producer) << 40 | number & 0xFF_FFFF_FFFF }

  init(identity: UInt64) { self.identity = identity }

  /// The producer's number in the run; the first is 1.
  public var producer: UInt32 { UInt32(identity >> 40) }
  /// The record's number among the producer's; the first is 0.
  public var number: UInt64 { identity & 0xFF_FFFF_FFFF }

  /// Makes the value.
  func value(size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: max(size, Self.smallestValue)) { buffer, count in
      count = buffer.count
      for digit in 0..<16 {
        let nibble = Int(identity >> (60 - digit * 4) & 0xF)
        buffer[digit] = Self.digits[nibble]
      }
      guard count > 16 else { return }
      Self.letters.withUnsafeBufferPointer { letters in
        var index = 16
        var place = Self.firstLetter(identity)
        while index < count {
          let run = min(count - index, Self.letterCount - place)
          _ = UnsafeMutableBufferPointer(rebasing: buffer[index..<index + run]).update(
            fromContentsOf: letters[place..<place + run])
          index += run
          place = 0
        }
      }
    }
  }

  /// Reads a record's name off its value, and checks that the rest is what the name demands; nil for anything else.
  static func identify(_ value: UnsafeRawBufferPointer) -> WorkloadRecord? {
    guard value.count >= smallestValue else { return nil }
    var identity: UInt64 = 0
    for digit in 0..<16 {
      let byte = value[digit]
      switch byte {
      case 0x30...0x39: identity = identity << 4 | UInt64(byte - 0x30)
      case 0x61...0x66: identity = identity << 4 | UInt64(byte - 0x61 + 10)
      default: return nil
      }
    }
    let matches = letters.withUnsafeBytes { letters in
      var place = firstLetter(identity)
      var index = 16
      while index < value.count {
        // Eight at once where that many are left, of the value and before the letters begin again.
        if index + 8 <= value.count, place + 8 <= letterCount {
          guard
            value.loadUnaligned(fromByteOffset: index, as: UInt64.self)
              == letters.loadUnaligned(fromByteOffset: place, as: UInt64.self)
          else { return false }
          index += 8
          place = (place + 8) & (letterCount - 1)
        } else {
          guard value[index] == letters[place] else { return false }
          index += 1
          place = (place + 1) & (letterCount - 1)
        }
      }
      return true
    }
    return matches && identity != 0 ? WorkloadRecord(identity: identity) : nil
  }

  private static let digits: [UInt8] = Array("0123456789abcdef".utf8)
  private static let letterCount = 262_144
  private static func firstLetter(_ identity: UInt64) -> Int {
    Int(truncatingIfNeeded: (identity &* 0x9E37_79B9_7F4A_7C15) >> 46)
  }

  /// Letters drawn once from a fixed seed: text that compresses as badly as random letters do.
  private static let letters: [UInt8] = {
    var generator = RandomGenerator(state: 0x5EED)
    return (0..<letterCount).map { _ in UInt8(97 + generator.below(26)) }
  }()
}
