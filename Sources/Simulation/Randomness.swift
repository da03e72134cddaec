/// Randomness of a run: every draw is a pure function of the root seed, a named stream, a key and an ordinal.
///
/// Because a draw depends on nothing that happened before it, removing one fault from a script leaves draw n of every stream as it was.
public struct Randomness: Sendable {
  /// The number that the run is drawn from.
  public let seed: UInt64

  /// Makes the randomness of a seed.
  public init(seed: UInt64) { self.seed = seed }

  /// The draw with this ordinal from the stream's sequence for this key: 64 uniform bits. O(1).
  @inlinable
  public func draw(_ stream: RandomStreamName, key: UInt64, ordinal: UInt64) -> UInt64 {
    let first = mixed(seed ^ stream.code)
    let second = mixed(first &+ key &* 0x9E37_79B9_7F4A_7C15)
    return mixed(second &+ ordinal &* 0xD1B5_4A32_D192_ED03)
  }

  /// A generator that begins where no other stream or key does.
  public func generator(_ stream: RandomStreamName, key: UInt64) -> RandomGenerator {
    RandomGenerator(state: draw(stream, key: key, ordinal: .max))
  }
}

/// The name of a stream of draws, such as `network.latency`.
public struct RandomStreamName: Sendable, Hashable {
  /// The name's hash, stable across processes and builds.
  @usableFromInline let code: UInt64

  /// Makes a name; equal texts are equal streams.
  public init(_ name: StaticString) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    name.withUTF8Buffer { bytes in
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
    code = mixed(hash)
  }
}

extension String {
  /// A hash of the UTF-8 bytes (FNV-1a) that is the same in every process.
  var stableHash: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): a bijection in which every input bit reaches every output bit.
@inlinable @inline(__always)
func mixed(_ value: UInt64) -> UInt64 {
  var word = value &+ 0x9E37_79B9_7F4A_7C15
  word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
  word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
  return word ^ (word &>> 31)
}

/// A sequence of draws for one user of randomness, such as one incarnation of a client.
public struct RandomGenerator: Sendable {
  @usableFromInline var state: UInt64

  /// Makes the generator that begins at this state.
  public init(state: UInt64) { self.state = state }

  /// The next 64 uniform bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let result = mixed(state)
    state = state &+ 0x9E37_79B9_7F4A_7C15
    return result
  }

  /// A whole number in `0..<bound`; 0 when the bound is 0.
  @inlinable
  public mutating func below(_ bound: UInt64) -> UInt64 { next().scaled(below: bound) }

  /// A length of time in the closed range.
  public mutating func duration(in range: ClosedRange<VirtualDuration>) -> VirtualDuration {
    let width = UInt64(range.upperBound.nanoseconds - range.lowerBound.nanoseconds)
    return range.lowerBound + VirtualDuration(nanoseconds: Int64(below(width + 1)))
  }

  /// Whether an event of this probability, in parts per million, happens.
  public mutating func happens(partsPerMillion: UInt32) -> Bool { below(1_000_000) < UInt64(partsPerMillion) }
}

extension UInt64 {
  /// These uniform bits as a whole number in `0..<bound`, by the high half of the product (Lemire, 2019, without the rejection, whose bias of bound ÷ 2⁶⁴ cannot be seen here).
  @inlinable
  public func scaled(below bound: UInt64) -> UInt64 { multipliedFullWidth(by: bound).high }

  /// These uniform bits as an exponentially distributed multiple of a mean, cut at some eleven means.
  ///
  /// By von Neumann's comparison of uniform draws, in integers: the logarithm of the C library differs between versions.
  public func exponential(mean: VirtualDuration) -> VirtualDuration {
    var generator = RandomGenerator(state: self)
    var whole: Int64 = 0
    while whole < 11 {
      let first = generator.next()
      var previous = first
      var length = 1
      while true {
        let next = generator.next()
        if next >= previous { break }
        previous = next
        length += 1
      }
      if length % 2 == 1 {
        let unit = UInt64(mean.nanoseconds)
        return VirtualDuration(nanoseconds: whole * mean.nanoseconds + Int64(first.scaled(below: unit)))
      }
      whole += 1
    }
    return mean * whole
  }
}
