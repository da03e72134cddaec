import Storage
import Testing

/// A node with a cache of two tiers whose disk and object store answer late, out of order, or not at all.
private struct CacheWorld {
  var generator: SplitMix64
  var cache: TieredCache
  var files: [String: [UInt8]] = [:]
  var pending: [TieredCache.Action] = []
  var waiting: [UInt64: Int] = [:]
  var answered = 0
  /// Of the incarnations before this one.
  var earlierDiskHits: UInt64 = 0
  let memoryCapacity = 900
  let diskCapacity = 2500

  init(seed: UInt64, policy: EvictionPolicyKind) {
    generator = SplitMix64(seed: seed)
    cache = TieredCache(memoryCapacity: memoryCapacity, diskCapacity: diskCapacity, policy: policy)
  }

  static func key(_ number: Int) -> CacheKey { CacheKey(object: [UInt8(number)], version: 3) }
  static func content(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: 50 + 13 * number) }

  mutating func request(_ number: Int, ticket: UInt64) {
    waiting[ticket] = number
    take(cache.request(Self.key(number), ticket: ticket))
  }

  /// Removals take effect at once and in order; everything else waits for its turn.
  mutating func take(_ actions: [TieredCache.Action]) {
    for action in actions {
      switch action {
      case .deliver(let ticket, let bytes):
        let number = waiting.removeValue(forKey: ticket)
        #expect(number.map(Self.content) == bytes)
        answered += 1
      case .fail(let ticket):
        #expect(waiting.removeValue(forKey: ticket) != nil)
        answered += 1
      case .removeFile(let name):
        // Nobody is reading it.
        #expect(!pending.contains { if case .readFile(name, _) = $0 { true } else { false } })
        files[name] = nil
      default:
        pending.append(action)
      }
    }
  }

  mutating func answerOne() {
    guard !pending.isEmpty else { return }
    let fails = generator.below(6) == 0
    switch pending.remove(at: generator.below(pending.count)) {
    case .fetch(let key):
      let bytes = Self.content(Int(key.object[0]))
      take(fails ? cache.fetchFailed(key) : cache.fetched(key, bytes: bytes))
    case .readFile(let name, let key):
      let file = files[name]
      #expect(file != nil)
      take(cache.diskRead(key, file: fails ? nil : file))
    case .writeFile(let name, let bytes, let key):
      files[name] = fails ? Array(bytes.prefix(bytes.count / 2)) : bytes
      take(cache.fileWritten(key, fails ? .failed : .written))
    case .renameFile(let from, let to, let key):
      if !fails { files[to] = files.removeValue(forKey: from) }
      take(cache.fileRenamed(key, succeeded: !fails))
    default:
      break
    }
    #expect(files.values.reduce(0) { $0 + $1.count } <= diskCapacity)
    #expect(cache.statistics.diskBytes <= diskCapacity)
    #expect(cache.statistics.memory.bytes <= memoryCapacity)
  }

  mutating func crash(policy: EvictionPolicyKind) {
    earlierDiskHits += cache.statistics.diskHits
    pending = []
    waiting = [:]
    let found = files.keys.sorted().map { TieredCache.FoundFile(name: $0, sizeBytes: files[$0]?.count ?? 0) }
    cache = TieredCache(memoryCapacity: memoryCapacity, diskCapacity: diskCapacity, policy: policy)
    take(cache.adopt(found))
  }
}

@Suite("The cache of two tiers in a world that fails")
struct TieredCacheSimulationTests {
  @Test(
    "answers every request with the right bytes or a failure and stays within its bounds",
    arguments: EvictionPolicyKind.allCases, UInt64(1)...10)
  func simulation(policy: EvictionPolicyKind, seed: UInt64) {
    var world = CacheWorld(seed: seed, policy: policy)
    for ticket in 0..<2000 as Range<UInt64> {
      switch world.generator.below(10) {
      case 0..<4: world.request(world.generator.below(20), ticket: ticket)
      case 4: world.take(world.cache.prefetch(CacheWorld.key(world.generator.below(20))))
      case 5 where world.generator.below(20) == 0: world.crash(policy: policy)
      case 6 where world.generator.below(10) == 0:
        world.take(world.cache.remove(CacheWorld.key(world.generator.below(20))))
      default: world.answerOne()
      }
    }
    while !world.pending.isEmpty { world.answerOne() }
    #expect(world.waiting.isEmpty, "seed \(seed)")
    #expect(world.answered > 300, "seed \(seed)")
    #expect(world.earlierDiskHits + world.cache.statistics.diskHits > 0, "seed \(seed)")
    #expect(!world.files.keys.contains { $0.hasSuffix(".tmp") }, "seed \(seed)")
  }
}
