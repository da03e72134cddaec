/// One measured figure.
public struct Measurement: Sendable, Hashable {
  /// What was measured, in dotted words: `storage.read.json100.lz4`.
  public var name: String
  /// The figure.
  public var value: Double
  /// What the figure counts.
  public var unit: String
  /// Whether a greater figure is a better one.
  public var higherIsBetter: Bool

  /// Makes a figure from its parts.
  public init(name: String, value: Double, unit: String, higherIsBetter: Bool) {
    self.name = name
    self.value = value
    self.unit = unit
    self.higherIsBetter = higherIsBetter
  }
}

/// Measures how long work takes, on a clock that the caller hands in.
public struct Stopwatch {
  /// Nanoseconds since any fixed instant.
  private let now: () -> UInt64

  /// Makes a stopwatch on a clock of nanoseconds.
  public init(now: @escaping () -> UInt64) {
    self.now = now
  }

  /// How many nanoseconds `work` takes; at least 1.
  @inline(never)
  public func time(_ work: () throws -> Void) rethrows -> UInt64 {
    let start = now()
    try work()
    let end = now()
    return end > start ? end - start : 1
  }
}

/// The middle one of some figures; 0 of none.
func median(_ values: [UInt64]) -> UInt64 {
  let sorted = values.sorted()
  return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}
