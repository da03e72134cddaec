import DequeModule
import Simulation
import Storage

/// Segments' objects, whole, through a cache of two tiers: memory, and the host's disk.
///
/// `TieredCache` decides; this performs. An object that several wait for is fetched once, and as often as it takes: only a missing object is an error.
actor ObjectCache {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let objectStore: HostID
  private let configuration: ConsumerConfiguration
  private var cache: TieredCache
  private var waiting: [UInt64: Promise<[UInt8]>] = [:]
  private var nextTicket: UInt64 = 0
  private var diskWork: Deque<TieredCache.Action> = []
  private var isWriting = false
  private var hasAdopted = false
  private var randomness: RandomGenerator
  /// Fetched ahead and not used yet.
  private var ahead: Set<CacheKey> = []
  /// Being read from the disk.
  private var onTheirWayFromDisk: Set<CacheKey> = []

  private static let folder = "cache/"
  private static let stream = RandomStreamName("consumer.cache")

  init(host: Host, objectStore: HostID, configuration: ConsumerConfiguration) {
    self.host = host
    self.objectStore = objectStore
    self.configuration = configuration
    randomness = host.randomness(Self.stream)
    cache = TieredCache(memoryCapacity: configuration.cacheMemoryBytes, diskCapacity: configuration.cacheBytes)
  }

  /// Takes in what an earlier incarnation left on the disk; once.
  func adoptFiles() {
    guard !hasAdopted else { return }
    hasAdopted = true
    let files = host.disk.names(prefix: Self.folder).map { name in
      TieredCache.FoundFile(
        name: String(name.dropFirst(Self.folder.count)), sizeBytes: host.disk.size(of: name) ?? 0)
    }
    if files.contains(where: { !$0.name.hasSuffix(".tmp") }) { host.probe(.cacheAdoptedFiles) }
    perform(cache.adopt(files))
  }

  var statistics: TieredCacheStatistics { cache.statistics }

  /// An object's bytes, and how near they were.
  struct Answer: Sendable {
    var bytes: [UInt8]
    /// How near they were in memory.
    var readiness: CacheReadiness
    /// Whether memory or disk had them, so that nothing had to be fetched for this request.
    var wasAtHand: Bool
  }

  /// The bytes of a row's object.
  ///
  /// - Throws: ``ObjectIsMissing``, ``HostCrashed``.
  func object(of row: SegmentRow) async throws -> Answer {
    let key = Self.key(row)
    if cache.readiness(of: key) == .ready, host.fires(.cacheEntryDropped) { forget(row) }
    let readiness = cache.readiness(of: key)
    if ahead.remove(key) != nil, readiness == .ready { host.probe(.readAheadHit) }
    nextTicket += 1
    let promise = Promise<[UInt8]>(on: host, "a segment's bytes")
    waiting[nextTicket] = promise
    let actions = cache.request(key, ticket: nextTicket)
    perform(actions)
    let wasAtHand = readiness == .ready || onTheirWayFromDisk.contains(key)
    if wasAtHand { host.probe(.segmentServedByCache) }
    return Answer(bytes: try await promise.value, readiness: readiness, wasAtHand: wasAtHand)
  }

  /// Gets the object of a row ready.
  func prefetch(_ row: SegmentRow) {
    if host.fires(.readAheadSkipped) { return }
    let key = Self.key(row)
    let actions = cache.prefetch(key)
    if !actions.isEmpty { ahead.insert(key) }
    perform(actions)
  }

  /// Forgets an object whose bytes were not what its row says, so that it is fetched again.
  func forget(_ row: SegmentRow) { perform(cache.remove(Self.key(row))) }

  /// A key of what never changes: the object, its size and its writer's epoch.
  private static func key(_ row: SegmentRow) -> CacheKey {
    var version = [UInt8]()
    for number in [row.size, row.epoch] { withUnsafeBytes(of: number.bigEndian) { version.append(contentsOf: $0) } }
    return CacheKey(object: row.key.bytes, version: version)
  }

  // MARK: Performing

  private func perform(_ actions: [TieredCache.Action]) {
    for action in actions {
      switch action {
      case .deliver(let ticket, let bytes): waiting.removeValue(forKey: ticket)?.succeed(bytes)
      case .fail(let ticket): waiting.removeValue(forKey: ticket)?.fail(ObjectIsMissing())
      case .readFile(let name, let key):
        onTheirWayFromDisk.insert(key)
        host.spawn("read cache", on: self) { try await $0.read(name, key) }
      case .fetch(let key): host.spawn("fetch", on: self) { try await $0.fetch(key) }
      case .writeFile, .renameFile, .removeFile: enqueue(action)
      }
    }
  }

  private func fetch(_ key: CacheKey) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        let body = try await host.call(
          GetObject(key: ObjectKey(bytes: key.object), range: .whole), to: objectStore,
          deadline: configuration.requestTimeout
        ).body
        perform(cache.fetched(key, bytes: body))
        return
      } catch ObjectStoreError.noSuchKey {
        ahead.remove(key)
        perform(cache.fetchFailed(key))
        return
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
      host.probe(.fetchRetried)
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  private func read(_ name: String, _ key: CacheKey) async throws {
    var file: [UInt8]?
    do {
      file = try await host.disk.read(Self.folder + name)
    } catch is DiskError {
      // The cache fetches what its disk does not have.
    }
    onTheirWayFromDisk.remove(key)
    perform(cache.diskRead(key, file: file))
  }

  // Writes, renames and removals keep their order among each other.
  private func enqueue(_ action: TieredCache.Action) {
    diskWork.append(action)
    guard !isWriting else { return }
    isWriting = true
    host.spawn("write cache", on: self) { try await $0.writeFiles() }
  }

  private func writeFiles() async throws {
    while let action = diskWork.popFirst() {
      switch action {
      case .writeFile(let name, let bytes, let key):
        perform(cache.fileWritten(key, try await write(bytes, to: Self.folder + name)))
      case .renameFile(let from, let to, let key):
        try await host.disk.rename(Self.folder + from, to: Self.folder + to)
        perform(cache.fileRenamed(key, succeeded: true))
      case .removeFile(let name): try await host.disk.remove(Self.folder + name)
      case .deliver, .fail, .readFile, .fetch: break
      }
    }
    isWriting = false
  }

  /// A cache does without what its disk does not take.
  private func write(_ bytes: [UInt8], to file: String) async throws -> TieredCache.WriteResult {
    do {
      try await host.disk.append(bytes, to: file)
      try await host.disk.sync(file)
      return .written
    } catch DiskError.noSpace {
      host.probe(.cacheDiskRefused)
      return .diskFull
    } catch is DiskError {
      host.probe(.cacheDiskRefused)
      return .failed
    }
  }
}

/// The object store has no object of this key.
struct ObjectIsMissing: Error {}
