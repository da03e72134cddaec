/// What a cache has done so far, and what it holds.
public struct CacheStatistics: Sendable, Hashable {
  /// Lookups that were answered.
  public var hits: UInt64 = 0
  /// Lookups that were not.
  public var misses: UInt64 = 0
  /// Entries that made room for others.
  public var evictions: UInt64 = 0
  /// Entries that were stored.
  public var insertions: UInt64 = 0
  /// Entries refused because they are larger than the whole cache.
  public var refusals: UInt64 = 0
  /// Entries that were found damaged and dropped; each such lookup is also a miss.
  public var corruptions: UInt64 = 0
  /// How many bytes are held.
  public var bytes: Int = 0
  /// How many entries are held.
  public var entries: Int = 0

  /// Makes statistics of nothing.
  public init() {}

  /// Hits among all lookups, 0 to 1; 0 before the first lookup.
  public var hitRatio: Double {
    let lookups = hits &+ misses
    return lookups == 0 ? 0 : Double(hits) / Double(lookups)
  }
}
