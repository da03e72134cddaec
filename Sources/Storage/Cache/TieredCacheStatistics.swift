/// What a cache of two tiers has done so far, and what it holds.
public struct TieredCacheStatistics: Sendable, Hashable {
  /// The memory tier; its misses count disk hits and fetches alike.
  public var memory = CacheStatistics()
  /// Requests, however they were answered.
  public var requests: UInt64 = 0
  /// Requests answered from memory.
  public var memoryHits: UInt64 = 0
  /// Files read from disk that were whole; one may have answered several requests.
  public var diskHits: UInt64 = 0
  /// Fetches from the object store.
  public var fetches: UInt64 = 0
  /// Fetches that failed.
  public var failedFetches: UInt64 = 0
  /// Requests that joined a read or a fetch under way.
  public var shared: UInt64 = 0
  /// Reads and fetches that were begun before anybody asked.
  public var prefetches: UInt64 = 0
  /// Files that were written to disk.
  public var fills: UInt64 = 0
  /// Files that could not be written.
  public var failedFills: UInt64 = 0
  /// Files that were damaged, foreign or gone when they were read.
  public var diskCorruptions: UInt64 = 0
  /// Files that made room for others.
  public var diskEvictions: UInt64 = 0
  /// Bytes on disk, with those promised to files being written.
  public var diskBytes = 0
  /// Files on disk.
  public var diskFiles = 0
  /// The bound of the disk tier in bytes, lower than configured once the disk was full.
  public var diskCapacity = 0

  /// Makes statistics of nothing.
  public init() {}

  /// Requests answered from memory, so without any wait, among all requests, 0 to 1; 0 before the first request.
  public var hitRatio: Double {
    requests == 0 ? 0 : Double(memoryHits) / Double(requests)
  }
}
