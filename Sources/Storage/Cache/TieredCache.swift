/// A cache in two tiers, memory and disk, in front of an object store.
///
/// A state machine that neither waits nor needs the time: requests and completions come in, actions go out, to be
/// performed in order. One cache serves all consumers of a host; what they wait for is told apart by tickets.
///
/// ```swift
/// var cache = TieredCache(memoryCapacity: 64 << 20, diskCapacity: 1 << 30)
/// var readAhead = ReadAhead()  // one a consumer and partition
///
/// // The consumer comes to the segment with this ordinal. How near it is must be asked before the request.
/// let readiness = cache.readiness(of: key(ordinal))
/// for action in cache.request(key(ordinal), ticket: newTicket()) { perform(action) }
/// for next in readAhead.accessed(ordinal, readiness, end: knownSegments) {
///   for action in cache.prefetch(key(next)) { perform(action) }
/// }
///
/// func perform(_ action: TieredCache.Action) {
///   switch action {
///   case .deliver(let ticket, let bytes): …  // resume who waits with this ticket
///   case .fail(let ticket): …                // resume it with an error; its next request tries again
///   case .fetch(let key): …                  // in a task of its own: get the object, then `fetched` or `fetchFailed`
///   case .readFile(let name, let key): …     // read the file, then `diskRead`, with nil when that failed
///   case .writeFile(let name, let bytes, let key): …      // write and sync, then `fileWritten`
///   case .renameFile(let from, let to, let key): …        // rename, then `fileRenamed`
///   case .removeFile(let name): …            // remove; an error does not matter
///   }
/// }
/// ```
///
/// The owner performs the actions of each call before it makes the next call, at least as far as to begin them:
/// removals first take effect, then files are written. Every fetch, read, write and rename must be answered in the end,
/// a failed one as failed; after a crash a new cache begins with `adopt`. Answers may come in any order.
///
/// - However many requests wait for a key, it is read or fetched once (single flight).
/// - A file is written under a temporary name and renamed when it is whole, so a crash leaves temporary files, which
///   `adopt` has removed, and never half a file under a final name.
/// - Bytes are checked against a hash whenever they come from memory or disk; damage is a miss.
/// - A file that is evicted while it is being read is removed when the reading is over.
/// - A fill that fails costs the fill: whoever waits has the bytes already. A full disk lowers the tier's bound to what
///   is there.
/// - Two caches should not share a folder, since each keeps to its own bound and removes what it does not know. If they
///   do, they lose files to each other and fetch again, but never deliver wrong bytes.
public struct TieredCache: Sendable {
  /// What the owner of the cache has to do. File names are relative to a folder of the cache's own.
  public enum Action: Sendable, Hashable {
    /// Answer a request.
    case deliver(ticket: UInt64, bytes: [UInt8])
    /// Tell a request that the object store has failed.
    case fail(ticket: UInt64)
    /// Read a whole file, then call `diskRead`.
    case readFile(name: String, key: CacheKey)
    /// Fetch the object, then call `fetched` or `fetchFailed`.
    case fetch(key: CacheKey)
    /// Write and sync a new file, then call `fileWritten`.
    case writeFile(name: String, bytes: [UInt8], key: CacheKey)
    /// Give a written file its final name, then call `fileRenamed`.
    case renameFile(from: String, to: String, key: CacheKey)
    /// Remove a file; nothing needs to be told.
    case removeFile(name: String)
  }

  /// How writing a file ended.
  public enum WriteResult: Sendable, Hashable {
    /// The file is whole and synced.
    case written
    /// The disk has no room.
    case diskFull
    /// Anything else that went wrong.
    case failed
  }

  /// A file that was found in the cache's folder at start.
  public struct FoundFile: Sendable, Hashable {
    /// Its name in the folder.
    public var name: String
    /// Its size in bytes.
    public var sizeBytes: Int

    /// Makes a description of a file.
    public init(name: String, sizeBytes: Int) {
      self.name = name
      self.sizeBytes = sizeBytes
    }
  }

  private enum Stage: Sendable {
    case readingDisk
    case fetching
  }

  private struct Flight: Sendable {
    var tickets: [UInt64]
    var stage: Stage
  }

  private let verifiesFiles: Bool
  private var memory: SegmentCache
  private var disk: DiskTier
  private var flights: [CacheKey: Flight] = [:]
  private var counts = TieredCacheStatistics()

  /// Makes an empty cache.
  ///
  /// - Parameters:
  ///   - memoryCapacity: the bound of the memory tier, in bytes.
  ///   - diskCapacity: the bound of the disk tier, in bytes, temporary files counted.
  ///   - policy: what makes room, in both tiers.
  ///   - verifiesFiles: whether what is read from disk is compared with its checksum; else whatever a file holds is
  ///     delivered.
  public init(
    memoryCapacity: Int, diskCapacity: Int, policy: EvictionPolicyKind = .leastRecentlyUsed,
    verifiesFiles: Bool = true
  ) {
    self.verifiesFiles = verifiesFiles
    memory = SegmentCache(capacity: memoryCapacity, policy: policy)
    disk = DiskTier(capacity: diskCapacity, policy: policy)
  }

  /// Takes in the files that an earlier incarnation left in the cache's folder.
  ///
  /// Call it before the first request. Contents are checked when they are read.
  ///
  /// - Parameter files: what lies in the folder, in an order that is the same for the same files.
  /// - Returns: the removal of temporary files, and of those that are unknown or beyond the bound.
  public mutating func adopt(_ files: [FoundFile]) -> [Action] {
    removals(
      files.filter { !CacheFile.isName($0.name) || !disk.adopt($0.name, size: $0.sizeBytes) }.map(\.name))
  }

  /// What the cache has done so far, and what it holds.
  public var statistics: TieredCacheStatistics {
    var statistics = counts
    statistics.memory = memory.statistics
    statistics.diskBytes = disk.bytes
    statistics.diskFiles = disk.fileCount
    statistics.diskEvictions = disk.evictions
    statistics.diskCapacity = disk.capacity
    return statistics
  }

  /// Asks for bytes; the ticket comes back with them.
  public mutating func request(_ key: CacheKey, ticket: UInt64) -> [Action] {
    counts.requests += 1
    if flights[key] != nil {
      counts.shared += 1
      flights[key]?.tickets.append(ticket)
      return []
    }
    if let bytes = memory.lookup(key) {
      counts.memoryHits += 1
      return [.deliver(ticket: ticket, bytes: bytes)]
    }
    return start(key, tickets: [ticket])
  }

  /// Gets bytes ready that nobody waits for yet.
  public mutating func prefetch(_ key: CacheKey) -> [Action] {
    guard flights[key] == nil, !memory.contains(key) else { return [] }
    counts.prefetches += 1
    return start(key, tickets: [])
  }

  /// How near the bytes of a key are.
  public func readiness(of key: CacheKey) -> CacheReadiness {
    if memory.contains(key) { return .ready }
    return flights[key] == nil ? .absent : .underWay
  }

  private mutating func start(_ key: CacheKey, tickets: [UInt64]) -> [Action] {
    let name = CacheFile.name(key)
    guard disk.contains(name) else { return fetch(key, tickets: tickets) }
    disk.beginReading(name)
    flights[key] = Flight(tickets: tickets, stage: .readingDisk)
    return [.readFile(name: name, key: key)]
  }

  private mutating func fetch(_ key: CacheKey, tickets: [UInt64]) -> [Action] {
    counts.fetches += 1
    flights[key] = Flight(tickets: tickets, stage: .fetching)
    return [.fetch(key: key)]
  }

  /// Tells how reading a file ended; nil for one that could not be read.
  public mutating func diskRead(_ key: CacheKey, file: [UInt8]?) -> [Action] {
    guard let flight = flights[key], flight.stage == .readingDisk else { return [] }
    let name = CacheFile.name(key)
    var actions = removals(disk.endReading(name))
    if let bytes = file.flatMap({ verifiesFiles ? CacheFile.decode($0, for: key) : CacheFile.content(of: $0, for: key) }
    ) {
      counts.diskHits += 1
      flights[key] = nil
      memory.insert(key, bytes: bytes)
      return flight.tickets.map { .deliver(ticket: $0, bytes: bytes) } + actions
    }
    counts.diskCorruptions += 1
    actions += removals(disk.remove(name))
    return actions + fetch(key, tickets: flight.tickets)
  }

  /// Hands in an object that was fetched: who waits gets it, and both tiers keep it if they can.
  public mutating func fetched(_ key: CacheKey, bytes: [UInt8]) -> [Action] {
    guard let flight = flights[key], flight.stage == .fetching else { return [] }
    flights[key] = nil
    memory.insert(key, bytes: bytes)
    return flight.tickets.map { .deliver(ticket: $0, bytes: bytes) } + fill(key, bytes)
  }

  /// Tells that an object could not be fetched; who waits is told, and the next request tries again.
  public mutating func fetchFailed(_ key: CacheKey) -> [Action] {
    guard let flight = flights[key], flight.stage == .fetching else { return [] }
    flights[key] = nil
    counts.failedFetches += 1
    return flight.tickets.map { .fail(ticket: $0) }
  }

  private mutating func fill(_ key: CacheKey, _ bytes: [UInt8]) -> [Action] {
    let name = CacheFile.name(key)
    let removed = disk.beginFill(name, size: CacheFile.size(key, contentSize: bytes.count))
    guard let removed else { return removals(disk.takeOrphaned()) }
    return removals(removed)
      + [.writeFile(name: DiskTier.temporaryName(name), bytes: CacheFile.encode(key, bytes), key: key)]
  }

  /// Tells how writing a temporary file ended.
  public mutating func fileWritten(_ key: CacheKey, _ result: WriteResult) -> [Action] {
    let name = CacheFile.name(key)
    guard disk.isFilling(name) else { return [] }
    let temporary = DiskTier.temporaryName(name)
    guard result == .written else {
      failFill(key, name)
      if result == .diskFull { disk.lowerCapacityToContent() }
      return [.removeFile(name: temporary)]
    }
    return [.renameFile(from: temporary, to: name, key: key)]
  }

  /// Tells whether a file got its final name.
  public mutating func fileRenamed(_ key: CacheKey, succeeded: Bool) -> [Action] {
    let name = CacheFile.name(key)
    guard disk.isFilling(name) else { return [] }
    guard succeeded else {
      failFill(key, name)
      return [.removeFile(name: DiskTier.temporaryName(name))]
    }
    counts.fills += 1
    disk.endFill(name, succeeded: true, identity: key.identity)
    return []
  }

  private mutating func failFill(_ key: CacheKey, _ name: String) {
    counts.failedFills += 1
    disk.endFill(name, succeeded: false, identity: key.identity)
  }

  /// Forgets a key, for example because its object was deleted; a flight under way still delivers.
  public mutating func remove(_ key: CacheKey) -> [Action] {
    memory.remove(key)
    return removals(disk.remove(CacheFile.name(key)))
  }

  private func removals(_ names: [String]) -> [Action] {
    names.map { .removeFile(name: $0) }
  }
}

/// How near the bytes of a key are.
public enum CacheReadiness: Sendable, Hashable {
  /// In memory: a request is answered at once.
  case ready
  /// Being read or fetched.
  case underWay
  /// Not in memory and not on the way.
  case absent
}
