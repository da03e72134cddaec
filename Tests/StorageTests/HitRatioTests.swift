import Benchmarking
import Storage
import Testing

@Suite("Hit ratios of the eviction policies")
struct HitRatioTests {
  private func ratios(_ trace: CacheTrace) -> [EvictionPolicyKind: Double] {
    var ratios: [EvictionPolicyKind: Double] = [:]
    for policy in EvictionPolicyKind.allCases {
      var cache = SegmentCache(capacity: trace.capacity, policy: policy)
      for number in trace.requests {
        let key = CacheKey(object: [], version: UInt64(number))
        if cache.lookup(key) == nil { cache.insert(key, bytes: [1]) }
      }
      ratios[policy] = cache.statistics.hitRatio
    }
    return ratios
  }

  private func ratio(_ ratios: [EvictionPolicyKind: Double], _ policy: EvictionPolicyKind) -> Double {
    ratios[policy] ?? 0
  }

  @Test("SIEVE and S3-FIFO beat least recently used on skewed popularity")
  func zipf() {
    let found = ratios(.zipf())
    #expect(ratio(found, .sieve) > ratio(found, .leastRecentlyUsed) + 0.03)
    #expect(ratio(found, .s3FIFO) > ratio(found, .leastRecentlyUsed) + 0.03)
  }

  @Test("SIEVE and S3-FIFO keep a hot set through a scan, least recently used loses part of it")
  func scan() {
    let found = ratios(.scanWithHotSet())
    // Half of all requests are for the hot set, which fits.
    #expect(ratio(found, .sieve) > 0.45)
    #expect(ratio(found, .s3FIFO) > 0.45)
    #expect(ratio(found, .leastRecentlyUsed) < 0.45)
  }

  @Test("none keeps readers at the end of a log from sharing segments while others read old ones")
  func tailing() {
    let found = ratios(.tailingConsumers())
    for policy in EvictionPolicyKind.allCases { #expect(ratio(found, policy) > 0.05, "\(policy)") }
  }
}
