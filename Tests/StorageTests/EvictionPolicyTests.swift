import Testing

@testable import Storage

@Suite("Eviction policies")
struct EvictionPolicyTests {
  /// A cache of entries of one byte each, by letters: upper case in the result marks a miss.
  private func run(_ policy: EvictionPolicyKind, capacity: Int, _ trace: String) -> String {
    var cache = SegmentCache(capacity: capacity, policy: policy)
    return String(
      trace.map { letter in
        let key = CacheKey(object: Array(String(letter).utf8), version: 1)
        if cache.lookup(key) != nil { return letter }
        cache.insert(key, bytes: [1])
        return Character(letter.uppercased())
      })
  }

  @Test("least recently used drops what was used longest ago")
  func leastRecentlyUsed() {
    // After abc and a use of a, b is the oldest.
    #expect(run(.leastRecentlyUsed, capacity: 3, "abcadcab") == "ABCaDcaB")
  }

  @Test("least recently used hits nothing in a loop just larger than the cache")
  func loop() {
    #expect(run(.leastRecentlyUsed, capacity: 3, "abcdabcd") == "ABCDABCD")
  }

  @Test("SIEVE keeps what was used, and its hand stays where it was")
  func sieve() {
    // Of a, b, c, only a is marked. d: the hand clears a and takes b, then points to c. e: takes c, points to d.
    // a is still there, which FIFO would have dropped first.
    #expect(run(.sieve, capacity: 3, "abcadea") == "ABCaDEa")
    // Now the hand is at d, marked or not it is asked before a, which is older but was just spared.
    #expect(run(.sieve, capacity: 3, "abcadeafa") == "ABCaDEaFa")
  }

  @Test("SIEVE's hand survives the removal of what it points to")
  func sieveRemoval() {
    var policy = SievePolicy()
    for slot in 0..<4 { policy.insert(slot, identity: UInt64(slot), size: 1) }
    policy.use(0)
    #expect(policy.evict() == 1)
    policy.remove(2)
    #expect(policy.evict() == 3)
    #expect(policy.evict() == 0)
    #expect(policy.evict() == nil)
  }

  @Test("S3-FIFO lets a scan pass and keeps what was used twice")
  func scanResistance() {
    var policy = S3FIFOPolicy(capacity: 10)
    for slot in 0..<10 { policy.insert(slot, identity: UInt64(slot), size: 1) }
    for slot in [0, 1] {
      policy.use(slot)
      policy.use(slot)
    }
    policy.use(2)
    // 0 and 1 move to the main queue; 2 was used once only.
    #expect((0..<8).map { _ in policy.evict() } == [2, 3, 4, 5, 6, 7, 8, 9])
    #expect(policy.evict() == 0)
    #expect(policy.evict() == 1)
    #expect(policy.evict() == nil)
  }

  @Test("S3-FIFO takes what comes back while it is remembered into the main queue")
  func ghost() {
    var policy = S3FIFOPolicy(capacity: 10)
    for slot in 0..<3 { policy.insert(slot, identity: UInt64(slot), size: 1) }
    #expect(policy.evict() == 0)
    policy.insert(0, identity: 0, size: 1)
    #expect(policy.evict() == 1)
    #expect(policy.evict() == 2)
    #expect(policy.evict() == 0)
  }

  @Test("S3-FIFO sends a used entry of the main queue round again")
  func secondChance() {
    var policy = S3FIFOPolicy(capacity: 10)
    for slot in 0..<3 {
      policy.insert(slot, identity: UInt64(slot), size: 1)
      policy.use(slot)
      policy.use(slot)
    }
    // Moving to the main queue costs the uses: all three leave in order but for the one that is used there.
    policy.insert(3, identity: 3, size: 1)
    #expect(policy.evict() == 3)
    policy.use(0)
    #expect(policy.evict() == 1)
    #expect(policy.evict() == 2)
    #expect(policy.evict() == 0)
  }

  @Test("the memory of what left is bounded and forgets the oldest first")
  func ghostQueue() {
    var queue = GhostQueue()
    for identity in 0..<1000 as Range<UInt64> {
      queue.insert(identity, limit: 10)
      #expect(queue.count <= 10)
      if identity % 3 == 0 { #expect(queue.remove(identity) == true) }
    }
    #expect(queue.remove(500) == false)
    #expect(queue.remove(998) == true)
    #expect(queue.remove(998) == false)
  }

  @Test("any policy evicts each entry once and nothing else", arguments: EvictionPolicyKind.allCases, UInt64(1)...10)
  func soundness(kind: EvictionPolicyKind, seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var policy = kind.makePolicy(capacity: 50)
    var present: [Bool] = Array(repeating: false, count: 60)
    for _ in 0..<5000 {
      let slot = generator.below(60)
      switch generator.below(4) {
      case 0 where !present[slot]:
        policy.insert(slot, identity: generator.next() % 200, size: 1 + generator.below(3))
        present[slot] = true
      case 1:
        policy.remove(slot)
        present[slot] = false
      case 2:
        guard let victim = policy.evict() else {
          #expect(!present.contains(true), "seed \(seed)")
          continue
        }
        #expect(present[victim], "seed \(seed)")
        present[victim] = false
      default:
        policy.use(slot)
      }
    }
    while let victim = policy.evict() {
      #expect(present[victim], "seed \(seed)")
      present[victim] = false
    }
    #expect(!present.contains(true), "seed \(seed)")
  }
}
