/// S3-FIFO: a small queue for what is new, a main queue for what proved itself, and a memory of what just left.
///
/// A new entry enters the small queue, a tenth of the cache. At its end an entry that was used at least twice moves on
/// to the main queue, any other leaves and is remembered. One that comes back while it is remembered enters the main
/// queue at once. At the end of the main queue a used entry goes round again, one use poorer.
///
/// Yang, Zhang, Qiu, Yue, Vigfusson: "FIFO Queues are All You Need for Cache Eviction", SOSP 2023.
///
/// - Complexity: O(1) for every operation, amortised for `evict()`.
public struct S3FIFOPolicy: EvictionPolicy {
  private struct Entry: Sendable {
    var identity: UInt64 = 0
    var size = 0
    /// Uses since it entered its queue, at most 3.
    var uses: UInt8 = 0
  }

  private static let highestUses: UInt8 = 3
  private static let usesToProve: UInt8 = 2
  private static let smallShare = 10

  private let smallTarget: Int
  private var entries: [Entry] = []
  private var small = SlotList()
  private var main = SlotList()
  private var smallBytes = 0
  private var remembered = GhostQueue()

  /// Makes a policy for a cache of `capacity` bytes.
  public init(capacity: Int) {
    smallTarget = max(0, capacity) / Self.smallShare
  }

  /// Takes in a new entry: into the main queue when it is remembered, else into the small one.
  public mutating func insert(_ slot: Int, identity: UInt64, size: Int) {
    guard slot >= 0, !small.contains(slot), !main.contains(slot) else { return }
    if slot >= entries.count {
      entries.append(contentsOf: repeatElement(Entry(), count: slot + 1 - entries.count))
    }
    entries[slot] = Entry(identity: identity, size: max(0, size))
    if remembered.remove(identity) {
      main.pushNewest(slot)
    } else {
      small.pushNewest(slot)
      smallBytes += entries[slot].size
    }
  }

  /// Counts a use, up to three.
  public mutating func use(_ slot: Int) {
    guard small.contains(slot) || main.contains(slot) else { return }
    entries[slot].uses = min(Self.highestUses, entries[slot].uses + 1)
  }

  /// Forgets an entry.
  public mutating func remove(_ slot: Int) {
    if small.contains(slot) { takeFromSmall(slot) }
    main.remove(slot)
  }

  /// Chooses an entry: from the small queue while that has its share, else from the main one.
  public mutating func evict() -> Int? {
    while small.count + main.count > 0 {
      let takesSmall = small.count > 0 && (smallBytes >= smallTarget || main.count == 0)
      if let slot = takesSmall ? evictFromSmall() : evictFromMain() { return slot }
    }
    return nil
  }

  /// The oldest of the small queue leaves, or moves to the main one and nobody leaves.
  private mutating func evictFromSmall() -> Int? {
    guard let slot = small.oldest else { return nil }
    takeFromSmall(slot)
    if entries[slot].uses >= Self.usesToProve {
      entries[slot].uses = 0
      main.pushNewest(slot)
      return nil
    }
    remembered.insert(entries[slot].identity, limit: max(1, main.count + small.count))
    return slot
  }

  private mutating func evictFromMain() -> Int? {
    guard let slot = main.popOldest() else { return nil }
    guard entries[slot].uses > 0 else { return slot }
    entries[slot].uses -= 1
    main.pushNewest(slot)
    return nil
  }

  private mutating func takeFromSmall(_ slot: Int) {
    small.remove(slot)
    smallBytes -= entries[slot].size
  }
}

/// Identities in order of arrival, without their entries.
struct GhostQueue: Sendable {
  private var order: [UInt64] = []
  private var first = 0
  /// Where in `order` each remembered identity arrived, counted from 1.
  private var arrivals: [UInt64: Int] = [:]

  var count: Int { arrivals.count }

  /// Remembers an identity, and forgets the oldest beyond `limit`.
  mutating func insert(_ identity: UInt64, limit: Int) {
    guard arrivals[identity] == nil else { return }
    order.append(identity)
    arrivals[identity] = order.count
    while arrivals.count > limit, first < order.count { forgetFirst() }
    compact()
  }

  /// Forgets an identity; tells whether it was remembered.
  mutating func remove(_ identity: UInt64) -> Bool {
    arrivals.removeValue(forKey: identity) != nil
  }

  private mutating func forgetFirst() {
    // Only if this is its latest arrival: it may have been removed and have come back.
    if arrivals[order[first]] == first + 1 { arrivals[order[first]] = nil }
    first += 1
  }

  /// Drops what is forgotten from `order` once that is most of it.
  private mutating func compact() {
    guard order.count > 64 + 2 * arrivals.count else { return }
    var kept: [UInt64] = []
    for (place, identity) in order.enumerated() where arrivals[identity] == place + 1 { kept.append(identity) }
    for (place, identity) in kept.enumerated() { arrivals[identity] = place + 1 }
    order = kept
    first = 0
  }
}
