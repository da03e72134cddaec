import Storage

/// Compares the eviction policies by what part of a trace they answer, and by what a request costs.
public struct CacheBenchmark {
  private let stopwatch: Stopwatch

  /// Makes a benchmark on a clock of nanoseconds.
  public init(now: @escaping () -> UInt64) {
    stopwatch = Stopwatch(now: now)
  }

  /// `cache.hits.TRACE.POLICY`, 0 to 1, for every trace and policy, `cache.lookup.POLICY` in nanoseconds, and
  /// `cache.hits.sequential` with and without read-ahead.
  public func measureAll() throws -> [Measurement] {
    var measurements = try Self.sequential()
    for policy in EvictionPolicyKind.allCases {
      for trace in CacheTrace.all() {
        let (ratio, nanoseconds) = run(trace, policy)
        measurements.append(
          Measurement(
            name: "cache.hits.\(trace.name).\(policy.rawValue)", value: ratio, unit: "ratio", higherIsBetter: true))
        guard trace.name == "zipf" else { continue }
        measurements.append(
          Measurement(
            name: "cache.lookup.\(policy.rawValue)", value: Double(nanoseconds) / Double(trace.requests.count),
            unit: "ns", higherIsBetter: false))
      }
    }
    return measurements
  }

  /// What part of its blocks a consumer that goes through segments in order finds in memory.
  private static func sequential() throws -> [Measurement] {
    var without = SequentialConsumer.Options()
    without.highestDepth = 0
    return try [("readAhead", SequentialConsumer.Options()), ("withoutReadAhead", without)].flatMap { name, options in
      var consumer = try SequentialConsumer(options)
      let outcome = try consumer.run()
      return [
        Measurement(
          name: "cache.hits.sequential." + name, value: outcome.hitRatio, unit: "ratio", higherIsBetter: true),
        Measurement(
          name: "cache.duration.sequential." + name, value: Double(outcome.milliseconds), unit: "virtual ms",
          higherIsBetter: false),
      ]
    }
  }

  private func run(_ trace: CacheTrace, _ policy: EvictionPolicyKind) -> (hitRatio: Double, nanoseconds: UInt64) {
    let size = 64
    let content = [UInt8](repeating: 1, count: size)
    let keys = (0...(trace.requests.max() ?? 0)).map { CacheKey(object: [], version: UInt64($0)) }
    var cache = SegmentCache(capacity: trace.capacity * size, policy: policy)
    let time = stopwatch.time {
      for number in trace.requests where cache.lookup(keys[number]) == nil {
        cache.insert(keys[number], bytes: content)
      }
    }
    return (cache.statistics.hitRatio, time)
  }
}
