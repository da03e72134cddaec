import Testing

@testable import Storage

@Suite("The segment cache")
struct SegmentCacheTests {
  private func key(_ number: Int) -> CacheKey {
    CacheKey(object: Array("object \(number)".utf8), version: 1)
  }

  private func content(_ number: Int, size: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
  }

  @Test("answers with what was stored, and counts")
  func hitsAndMisses() {
    var cache = SegmentCache(capacity: 100)
    #expect(cache.lookup(key(1)) == nil)
    cache.insert(key(1), bytes: content(1, size: 10))
    #expect(cache.lookup(key(1)) == content(1, size: 10))
    #expect(cache.statistics.hits == 1)
    #expect(cache.statistics.misses == 1)
    #expect(cache.statistics.bytes == 10)
    #expect(cache.statistics.entries == 1)
  }

  @Test("tells two versions of an object apart")
  func versions() {
    var cache = SegmentCache(capacity: 100)
    cache.insert(CacheKey(object: [1], version: 1), bytes: [1])
    #expect(cache.lookup(CacheKey(object: [1], version: 2)) == nil)
  }

  @Test("drops what was used longest ago")
  func leastRecentlyUsed() {
    var cache = SegmentCache(capacity: 30)
    for number in 1...3 { cache.insert(key(number), bytes: content(number, size: 10)) }
    _ = cache.lookup(key(1))
    cache.insert(key(4), bytes: content(4, size: 10))
    #expect(cache.lookup(key(2)) == nil)
    #expect(cache.lookup(key(1)) != nil)
    #expect(cache.lookup(key(3)) != nil)
    #expect(cache.statistics.evictions == 1)
  }

  @Test("is never larger than its bound, and refuses what is larger alone", arguments: UInt64(1)...5)
  func bound(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var cache = SegmentCache(capacity: 1000)
    for _ in 0..<2000 {
      let number = generator.below(100)
      if let bytes = cache.lookup(key(number)) {
        #expect(bytes.allSatisfy { $0 == UInt8(number) }, "seed \(seed)")
      } else {
        cache.insert(key(number), bytes: content(number, size: generator.below(1200)))
      }
      #expect(cache.statistics.bytes <= 1000, "seed \(seed)")
    }
    #expect(cache.statistics.refusals > 0)
    #expect(cache.statistics.evictions > 0)
  }

  @Test("finds damage at lookup and takes the entry for missing")
  func damage() {
    var cache = SegmentCache(capacity: 100)
    cache.insert(key(1), bytes: content(1, size: 10))
    cache.damage(key(1))
    #expect(cache.lookup(key(1)) == nil)
    #expect(cache.statistics.corruptions == 1)
    #expect(cache.statistics.bytes == 0)
  }
}
