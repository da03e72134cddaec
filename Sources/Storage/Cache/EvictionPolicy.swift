/// Decides which entry of a full cache makes room.
///
/// The cache names its entries by slots, small numbers that are used again. A policy only keeps order: it knows the
/// entries' sizes but not the cache's bound, and is asked for victims until there is room.
public protocol EvictionPolicy: Sendable {
  /// Takes in a new entry, which must not be known.
  ///
  /// - Parameters:
  ///   - slot: the entry's slot.
  ///   - identity: a hash of the entry's key that is the same whenever the key comes back.
  ///   - size: the entry's size in bytes.
  mutating func insert(_ slot: Int, identity: UInt64, size: Int)

  /// Notes that an entry was used.
  mutating func use(_ slot: Int)

  /// Forgets an entry that left the cache by other means than eviction.
  mutating func remove(_ slot: Int)

  /// Chooses the entry that goes, and forgets it; nil when there is none.
  mutating func evict() -> Int?
}

/// The eviction policies to choose from.
///
/// Hit ratios on the traces of the benchmarks (`CacheTrace`), which say what each is good for:
///
/// | trace | least recently used | SIEVE | S3-FIFO |
/// |-------|------|------|------|
/// | popularity by Zipf's law | 0.61 | 0.68 | 0.68 |
/// | a hot set beside a scan (0.50 is the most possible) | 0.32 | 0.49 | 0.49 |
/// | consumers at the end of a log beside readers of old segments (0.35) | 0.31 | 0.21 | 0.30 |
public enum EvictionPolicyKind: String, Sendable, Hashable, CaseIterable {
  /// Least recently used: what was used longest ago goes. A scan empties it of everything else.
  case leastRecentlyUsed
  /// SIEVE: simple, and keeps what was used again.
  case sieve
  /// S3-FIFO: three queues; what is used once passes through a small one and disturbs nobody.
  case s3FIFO

  /// Makes a policy for a cache of `capacity` bytes.
  public func makePolicy(capacity: Int) -> any EvictionPolicy {
    switch self {
    case .leastRecentlyUsed: LeastRecentlyUsedPolicy()
    case .sieve: SievePolicy()
    case .s3FIFO: S3FIFOPolicy(capacity: capacity)
    }
  }
}
