/// Segments kept in memory, bounded in bytes.
///
/// ```swift
/// var cache = SegmentCache(capacity: 64 << 20)
/// let key = CacheKey(object: Array("data/orders/0/00.seg".utf8), version: 1)
/// cache.insert(key, bytes: file)
/// let again = cache.lookup(key)
/// ```
///
/// Never holds more than its capacity. Entries carry a hash that is checked at every lookup: damaged ones are dropped
/// and count as missing. Losing the whole cache costs time and nothing else.
public struct SegmentCache: Sendable {
  private struct Entry: Sendable {
    var bytes: [UInt8]
    var checksum: UInt64
  }

  /// The most bytes that are held; keys are not counted.
  public let capacity: Int
  /// What makes room.
  public let policy: EvictionPolicyKind
  private var counts = CacheStatistics()
  private var store: BoundedStore<CacheKey, Entry>

  /// Makes an empty cache of `capacity` bytes; a negative capacity counts as 0.
  public init(capacity: Int, policy: EvictionPolicyKind = .leastRecentlyUsed) {
    self.capacity = max(0, capacity)
    self.policy = policy
    store = BoundedStore(policy: policy.makePolicy(capacity: self.capacity))
  }

  /// What the cache has done so far, and what it holds.
  public var statistics: CacheStatistics {
    var statistics = counts
    statistics.bytes = store.bytes
    statistics.entries = store.count
    return statistics
  }

  /// Tells whether the bytes of `key` are held, without counting as a lookup or a use.
  public func contains(_ key: CacheKey) -> Bool {
    store.value(of: key) != nil
  }

  /// The bytes of `key`, or nil when they are not held or were found damaged.
  ///
  /// - Complexity: O(*n*) in the bytes, for the check (20 GB/s).
  public mutating func lookup(_ key: CacheKey) -> [UInt8]? {
    guard let entry = store.value(of: key) else {
      counts.misses += 1
      return nil
    }
    guard Hashing.xxh3(entry.bytes) == entry.checksum else {
      counts.corruptions += 1
      counts.misses += 1
      _ = store.remove(key)
      return nil
    }
    counts.hits += 1
    store.use(key)
    return entry.bytes
  }

  /// Stores bytes, making room as needed; bytes larger than the whole cache are not stored.
  ///
  /// A key that is held already gets the new bytes, which are the same unless the old ones were damaged.
  public mutating func insert(_ key: CacheKey, bytes: [UInt8]) {
    guard bytes.count <= capacity else {
      counts.refusals += 1
      return
    }
    _ = store.remove(key)
    while store.bytes > capacity - bytes.count, store.evict() != nil { counts.evictions += 1 }
    store.insert(
      key, Entry(bytes: bytes, checksum: Hashing.xxh3(bytes)), size: bytes.count, identity: key.identity)
    counts.insertions += 1
  }

  /// Forgets a key, for example because its object was deleted.
  public mutating func remove(_ key: CacheKey) {
    _ = store.remove(key)
  }

  /// Forgets everything and keeps the counts of what happened.
  public mutating func removeAll() {
    store = BoundedStore(policy: policy.makePolicy(capacity: capacity))
  }

  /// Flips a bit of held bytes, for tests of the check.
  mutating func damage(_ key: CacheKey) {
    store.update(key) { entry in
      if !entry.bytes.isEmpty { entry.bytes[0] ^= 0x10 }
    }
  }
}
