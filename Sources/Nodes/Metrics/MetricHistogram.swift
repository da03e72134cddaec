import Simulation

/// Counts observations by size, in buckets with fixed bounds, as OpenMetrics has them: two runs or two hosts can be added up.
public struct MetricHistogram: Sendable, Hashable {
  /// The upper bounds of the buckets, inclusive, in rising order; one more bucket takes what is larger.
  public let bounds: [Int64]
  /// How many observations each bucket has, the last being that without a bound.
  public private(set) var counts: [UInt64]
  /// The sum of all observations.
  public private(set) var sum: Int64 = 0

  /// Makes an empty histogram.
  public init(_ bounds: [Int64]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  /// How many observations there are.
  public var count: UInt64 { counts.reduce(0, +) }

  /// Takes an observation in, or several alike.
  public mutating func record(_ value: Int64, times: Int = 1) {
    var place = 0
    while place < bounds.count, bounds[place] < value { place += 1 }
    counts[place] += UInt64(times)
    sum += value * Int64(times)
  }

  /// Takes a length of time in.
  public mutating func record(_ duration: VirtualDuration) { record(duration.nanoseconds) }
}

/// The bounds of the catalogue's histograms.
enum MetricBounds {
  /// From a millisecond, a hop in a data centre, to half a minute, longer than any client waits; in nanoseconds.
  static let latency: [Int64] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000,
  ].map { $0 * 1_000_000 }
  /// From a kilobyte to 64 megabytes, the original's largest segment.
  static let bytes: [Int64] = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536].map { $0 * 1_024 }
  /// Counts of things that are gathered.
  static let counts: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]
}
