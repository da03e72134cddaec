import Simulation
import Storage

/// Reads the segments of partitions straight from the object store, through a cache, and stores its positions with the metadata service.
public actor Consumer {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: ConsumerConfiguration
  let addresses: ClusterAddresses
  let subscription: Subscription
  let objects: ObjectCache
  /// In the order in which they take turns.
  var readers: [PartitionReader] = []
  /// Which topics and partitions there are, as told at the start.
  var topics: [SubscribedTopic] = []
  /// Rises when the set of partitions or a position changes other than by reading: who follows an older one ends.
  var session: UInt64 = 0
  var randomness: RandomGenerator
  var lastCommit = VirtualTime.start
  var isCommitting = false
  /// How many commits were sent.
  var commits: UInt64 = 0
  /// The part in the group, where the group protocol is used.
  let membership: Membership?
  /// How often the consumer was started as a member.
  private(set) var memberships: UInt64 = 0
  /// Rung when a poll may find something that it did not find before.
  let arrival: Signal
  /// Rung when more segments may be listed.
  let demand: Signal
  private var turn = 0
  private(set) var life = Life.new
  private(set) var counts = BlockCounts()
  /// How many polls were begun.
  private(set) var polls: UInt64 = 0

  enum Life: Sendable { case new, started, closed }

  /// A topic that is read.
  struct SubscribedTopic: Sendable {
    var name: String
    var id: TopicID
    var partitions: Int
  }

  /// How many blocks polls asked for, and how many of them were there.
  struct BlockCounts: Sendable {
    var hits: UInt64 = 0
    var misses: UInt64 = 0
  }

  static let stream = RandomStreamName("consumer")
  /// What the names of a cache's files on its host's disk begin with.
  public static let cacheFolder = "cache/"

  /// Makes a consumer.
  ///
  /// - Throws: ``ConsumerError/invalidConfiguration(_:)``.
  public init(
    host: Host, subscription: Subscription, addresses: ClusterAddresses, configuration: ConsumerConfiguration
  ) throws(ConsumerError) {
    try configuration.validate()
    try subscription.validate()
    if configuration.groupProtocol != nil, case .partitions = subscription {
      throw .invalidConfiguration(
        "a group shares the partitions of topics: subscribe to topics, or leave the group protocol out")
    }
    self.host = host
    self.configuration = configuration
    self.addresses = addresses
    self.subscription = subscription
    randomness = host.randomness(Self.stream)
    objects = ObjectCache(host: host, objectStore: addresses.objectStore, configuration: configuration)
    membership = configuration.groupProtocol.map { _ in Membership(host: host) }
    arrival = Signal(on: host, "new records")
    demand = Signal(on: host, "fewer segments ahead")
  }

  // MARK: Life

  /// Looks topics and stored positions up, and begins to follow the partitions.
  ///
  /// - Throws: ``ConsumerError/noSuchTopic(_:)``, ``ConsumerError/noSuchPartition(_:count:)``, ``ConsumerError/noStoredPosition(_:)``, ``HostCrashed``.
  public func start() async throws {
    guard life != .started else { return }
    await objects.adoptFiles()
    topics = try await describeTopics()
    await objects.learn(Dictionary(topics.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first }))
    if membership == nil { readers = try await makeReaders(try subscribedPartitions()) }
    if let reader = readers.first(where: \.lacksPosition) {
      throw ConsumerError.noStoredPosition(reader.partition)
    }
    lastCommit = host.now
    life = .started
    host.emit(ConsumerStarted(positions: readers.map { CommittedOffset(partition: $0.partition, offset: $0.position) }))
    beginFollowing()
    if let membership, let configured = configuration.groupProtocol, let group = configuration.group {
      memberships += 1
      membership.request += 1
      membership.lastPoll = host.now
      host.spawn("take part", on: self) { try await $0.takePart(membership, configured, as: group) }
    }
  }

  /// Stores positions, when that is automatic, leaves the group, and reads no more. A static member does not leave: it may come back. Everything that polls have handed out counts as handled.
  ///
  /// - Throws: ``HostCrashed``.
  public func close() async throws {
    guard life == .started else { return }
    for reader in readers { reader.handedOut = reader.position }
    if configuration.autoCommitInterval != nil { try await storePositions() }
    life = .closed
    let member = membership?.member
    if membership == nil { readers = [] } else { loseMembership() }
    session += 1
    if let member, let group = configuration.group, configuration.groupProtocol?.instance == nil {
      try await leave(group, member)
    }
    arrival.notify()
  }

  // MARK: Polling

  /// The next records, at most one stretch of each partition, taking partitions in turn; empty when none came within the wait.
  ///
  /// - Throws: ``ConsumerError``, ``HostCrashed``.
  public func poll(atMost wait: VirtualDuration) async throws -> PolledBatch {
    guard life == .started else { throw ConsumerError.closed }
    let deadline = host.now + wait
    beginPoll()
    defer { endPoll() }
    try requireLiveSession()
    for reader in readers { reader.handedOut = reader.position }
    try await giveBack()
    try await commitIfDue()
    while true {
      let batch = try take()
      let left = deadline - host.now
      if !batch.isEmpty || left.nanoseconds <= 0 || life != .started {
        if configuration.behaviour.commitPoint == .original { try await commitAsTheOriginalDoes() }
        return batch
      }
      try await arrival.wait(atMost: left)
      try requireLiveSession()
      try await giveBack()
    }
  }

  private func beginPoll() {
    polls += 1
    membership?.isPolling = true
    membership?.lastPoll = host.now
    membership?.progress.notify()
  }

  private func endPoll() {
    membership?.isPolling = false
    membership?.lastPoll = host.now
  }

  /// What is there now, one stretch of each partition until the poll is full.
  private func take() throws(ConsumerError) -> PolledBatch {
    var batch = PolledBatch(partitions: [])
    var left = configuration.pollRecords
    for _ in readers.indices where left > 0 {
      turn = (turn + 1) % readers.count
      let reader = readers[turn]
      if reader.isPaused {
        if reader.open != nil { host.probe(.pausedPartitionPassedOver) }
        continue
      }
      if let failure = reader.failure {
        guard batch.isEmpty else {
          // The next poll begins with it.
          turn = (turn + readers.count - 1) % readers.count
          break
        }
        if !reader.lacksPosition { reader.failure = nil }
        noteUnreadable(failure)
        prepare(reader)
        throw failure
      }
      if let records = handOut(reader, atMost: min(left, configuration.partitionRecords)) {
        batch.partitions.append(records.fetched)
        left -= records.count
      }
      prepare(reader)
    }
    return batch
  }

  private func noteUnreadable(_ failure: ConsumerError) {
    switch failure {
    case .hole: host.probe(.holeTold)
    case .damaged: host.probe(.damageTold)
    default: break
    }
  }

  private func handOut(_ reader: PartitionReader, atMost limit: Int) -> (fetched: FetchedRecords, count: Int)? {
    guard let segment = reader.open else { return nil }
    let first = reader.position
    let visible = visible(first..<segment.row.end, of: reader)
    guard visible.end > first else { return nil }
    let stretch: (end: UInt64, count: Int)
    do {
      stretch = try segment.stretch(from: first, atMost: limit)
    } catch {
      damaged(segment.row, of: reader, at: first, "\(error)")
      return nil
    }
    let end = min(stretch.end, visible.end)
    let blocks = segment.blocks(first..<end)
    if reader.isFreshlyFetched { counts.misses += blocks } else { counts.hits += blocks }
    reader.advance(to: end)
    demand.notify()
    let omitted = visible.omitted.filter { $0.overlaps(first..<end) }
    let fetched = FetchedRecords(
      partition: reader.partition, first: first, end: end, omitted: omitted, reader: segment.reader)
    return (fetched, stretch.count)
  }

  // MARK: Positions

  /// The next offset of each partition; nil unless the consumer runs.
  public var positions: [CommittedOffset]? {
    guard life == .started else { return nil }
    return readers.map { CommittedOffset(partition: $0.partition, offset: $0.position) }
  }

  /// What ``commit()`` says is handled: ``positions`` without the partitions that have no place to read from.
  public var positionsToCommit: [CommittedOffset] {
    readers.filter { !$0.lacksPosition }.map { CommittedOffset(partition: $0.partition, offset: $0.position) }
  }

  /// The next offset of a partition; nil for one that is not read.
  public func position(of partition: TopicPartition) -> UInt64? { reader(of: partition)?.position }

  /// As whom this consumer commits now, for positions that are stored with a transaction; nil while it is no member of a group.
  public var groupMembership: GroupMembership? { membership?.asCommitter }

  /// How many registered records lie ahead, as far as is known.
  public var lag: UInt64 { readers.reduce(0) { $0 + $1.lag } }

  /// How many registered records of a partition lie ahead, as far as is known; nil for one that is not read.
  public func lag(of partition: TopicPartition) -> UInt64? { reader(of: partition)?.lag }

  /// Goes on from another offset; what is committed next is that offset or what follows it.
  ///
  /// An offset that the log does not have shows at a later poll, see ``OffsetReset``.
  ///
  /// - Throws: ``ConsumerError/notAssigned(_:)``.
  public func seek(_ partition: TopicPartition, to offset: UInt64) throws(ConsumerError) {
    let reader = try assigned(partition)
    let from = reader.position
    reader.jump(to: offset)
    reader.handedOut = offset
    host.probe(.consumerSought)
    host.emit(
      ConsumerMoved(group: configuration.group, partition: partition, from: from, offset: offset, reason: .sought))
    beginFollowing()
  }

  /// Lets polls pass a partition over, until it is resumed.
  ///
  /// - Throws: ``ConsumerError/notAssigned(_:)``.
  public func pause(_ partition: TopicPartition) throws(ConsumerError) { try assigned(partition).isPaused = true }

  /// Lets polls hand out a partition's records again.
  ///
  /// - Throws: ``ConsumerError/notAssigned(_:)``.
  public func resume(_ partition: TopicPartition) throws(ConsumerError) {
    try assigned(partition).isPaused = false
    arrival.notify()
  }

  /// The partitions that are read now, in their turn.
  public var assignment: [TopicPartition] { readers.map(\.partition) }

  func reader(of partition: TopicPartition) -> PartitionReader? { readers.first { $0.partition == partition } }

  private func assigned(_ partition: TopicPartition) throws(ConsumerError) -> PartitionReader {
    guard let reader = reader(of: partition) else { throw .notAssigned(partition) }
    return reader
  }

  /// What polls asked for in blocks, and what the cache did.
  public func statistics() async -> ConsumerStatistics {
    ConsumerStatistics(blockHits: counts.hits, blockMisses: counts.misses, cache: await objects.statistics)
  }

  /// How many blocks polls asked for that were at hand, and how many that had to be fetched.
  public var blockCounts: (hits: UInt64, misses: UInt64) { (counts.hits, counts.misses) }
}

/// What a consumer's polls asked for, and what its cache did.
public struct ConsumerStatistics: Sendable, Hashable {
  /// Blocks that polls asked for and that were in memory or on disk.
  public var blockHits: UInt64
  /// Blocks that polls asked for and that had to be fetched.
  public var blockMisses: UInt64
  /// The cache's own figures, in objects.
  public var cache: TieredCacheStatistics
}

extension PartitionReader.OpenSegment {
  /// The offset after the last record of a stretch of at most `limit` records, and how many records that may be.
  ///
  /// - Throws: ``SegmentError`` when the segment is damaged.
  func stretch(from first: UInt64, atMost limit: Int) throws -> (end: UInt64, count: Int) {
    let offsets = row.end - first
    if row.recordCount == row.end - row.base {
      return offsets <= UInt64(limit) ? (row.end, Int(offsets)) : (first + UInt64(limit), limit)
    }
    // Offsets with gaps between them have to be counted.
    var end = row.end
    var count = 0
    try reader.forEachRecord(from: first) { record in
      if count == limit {
        end = record.offset
        return false
      }
      count += 1
      return true
    }
    return (end, count)
  }

  /// How many of the segment's blocks hold offsets of a range.
  func blocks(_ range: Range<UInt64>) -> UInt64 {
    let index = reader.index
    var count: UInt64 = 0
    for (number, entry) in index.enumerated() where entry.offset < range.upperBound {
      let end = number + 1 < index.count ? index[number + 1].offset : row.end
      if end > range.lowerBound { count += 1 }
    }
    return count
  }
}

extension Subscription {
  /// - Throws: ``ConsumerError/invalidConfiguration(_:)``.
  func validate() throws(ConsumerError) {
    switch self {
    case .topics(let names):
      if names.isEmpty { throw .invalidConfiguration("there is no topic to read: name at least one") }
      if Set(names).count != names.count { throw .invalidConfiguration("a topic is named twice: name each once") }
    case .partitions(let partitions):
      if partitions.contains(where: { $0.index < 0 }) {
        throw .invalidConfiguration("a partition's number is negative: partitions are numbered from 0")
      }
      if Set(partitions).count != partitions.count {
        throw .invalidConfiguration("a partition is named twice: name each once")
      }
    }
  }

  /// The topics that it names, each once, in order of their first mention.
  var topicNames: [String] {
    switch self {
    case .topics(let names): return names
    case .partitions(let partitions):
      var seen: Set<String> = []
      return partitions.map(\.topic).filter { seen.insert($0).inserted }
    }
  }
}
