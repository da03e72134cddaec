import DequeModule
import Simulation
import Storage

/// Reads the segments of partitions straight from the object store, through a cache, and stores its positions with the metadata service.
public actor Consumer {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: ConsumerConfiguration
  let addresses: ClusterAddresses
  let topicName: String
  private let wanted: [Int]?
  private var readers: [PartitionReader] = []
  private var turn = 0
  private var cache: SegmentCache
  private var randomness: RandomGenerator
  private var lastCommit = VirtualTime.start
  private var isCommitting = false
  private var hasStarted = false
  private let arrival: Signal

  static let stream = RandomStreamName("consumer")

  /// Makes a consumer of a topic's partitions; nil takes all of them.
  public init(
    host: Host, topic: String, partitions: [Int]?, addresses: ClusterAddresses, configuration: ConsumerConfiguration
  ) {
    self.host = host
    self.configuration = configuration
    self.addresses = addresses
    topicName = topic
    wanted = partitions
    cache = SegmentCache(capacity: configuration.cacheBytes)
    randomness = host.randomness(Self.stream)
    arrival = Signal(on: host, "new segments")
  }

  // MARK: What applications call

  /// Looks the topic and the stored positions up, and begins to follow the partitions.
  ///
  /// - Throws: ``ConsumerError/noSuchTopic(_:)``, ``HostCrashed``.
  public func start() async throws {
    let description = try await persistently { [self] in
      try await host.call(DescribeTopic(name: topicName), to: addresses.metadata, deadline: .seconds(2))
    }
    let indices = wanted ?? Array(description.partitions.indices)
    let partitions = indices.filter(description.partitions.indices.contains).map {
      TopicPartition(topic: description.topic, index: UInt32($0))
    }
    let stored = try await storedPositions(partitions)
    for partition in partitions {
      let row = description.partitions[Int(partition.index)]
      let begin = configuration.offsetReset == .earliest ? row.logStart : row.watermark
      let reader = PartitionReader(partition: partition, position: stored[partition] ?? begin)
      reader.committed = stored[partition]
      readers.append(reader)
      host.spawn("follow", on: self) { try await $0.follow(reader) }
    }
    lastCommit = host.now
    hasStarted = true
    host.emit(ConsumerStarted(positions: readers.map { CommittedOffset(partition: $0.partition, offset: $0.position) }))
  }

  /// The next records of some partition, taking partitions in turn; empty when none came within the wait.
  ///
  /// - Throws: ``ConsumerError``, ``HostCrashed``.
  public func poll(atMost wait: VirtualDuration) async throws -> FetchedRecords? {
    for reader in readers { reader.handedOut = reader.position }
    try await commitIfDue()
    if let records = try await next() { return records }
    try await arrival.wait(atMost: wait)
    return try await next()
  }

  /// Stores the positions behind what earlier polls have handed out.
  ///
  /// - Throws: ``HostCrashed``. A service that does not answer is no error: the positions are stored with a later commit.
  public func commit() async throws {
    guard let group = configuration.group, !isCommitting else { return }
    let due = readers.filter { $0.handedOut != $0.committed }
    guard !due.isEmpty else { return }
    isCommitting = true
    let offsets = due.map { CommittedOffset(partition: $0.partition, offset: $0.handedOut) }
    do {
      _ = try await host.call(
        CommitOffsets(group: group, offsets: offsets), to: addresses.metadata, deadline: .seconds(2))
      for (reader, offset) in zip(due, offsets) { reader.committed = offset.offset }
    } catch is MetadataError {
    } catch is NetworkError {
    }
    isCommitting = false
  }

  /// The next offset of each partition; nil before the consumer has started.
  public var positions: [CommittedOffset]? {
    guard hasStarted else { return nil }
    return readers.map { CommittedOffset(partition: $0.partition, offset: $0.position) }
  }

  /// How many registered records lie ahead, as far as is known.
  public var lag: UInt64 {
    readers.reduce(0) { $0 + ($1.watermark > $1.position ? $1.watermark - $1.position : 0) }
  }

  /// What the cache was asked and what it had.
  public var cacheStatistics: CacheStatistics { cache.statistics }

  // MARK: Polling

  private func commitIfDue() async throws {
    guard let interval = configuration.autoCommitInterval, host.now - lastCommit >= interval else { return }
    lastCommit = host.now
    try await commit()
  }

  private func next() async throws -> FetchedRecords? {
    for _ in readers.indices {
      turn = (turn + 1) % readers.count
      if let records = try await records(of: readers[turn]) { return records }
    }
    return nil
  }

  private func records(of reader: PartitionReader) async throws -> FetchedRecords? {
    guard let row = reader.row else {
      if let ahead = reader.ahead.first {
        throw ConsumerError.hole(
          reader.partition, offset: reader.position,
          detail: "the next segment begins at \(ahead.base), epoch \(ahead.epoch)")
      }
      return nil
    }
    let segment = try await open(row, of: reader)
    let first = reader.position
    let end = try self.end(of: segment, row, from: first, of: reader)
    reader.position = end
    return FetchedRecords(partition: reader.partition, first: first, end: end, reader: segment)
  }

  /// The offset after the last record that a poll may hand out of a segment.
  private func end(
    of segment: SegmentReader, _ row: SegmentRow, from first: UInt64, of reader: PartitionReader
  ) throws -> UInt64 {
    let limit = UInt64(configuration.pollRecords)
    if row.end - first <= limit { return row.end }
    if row.recordCount == row.end - row.base { return first + limit }
    // Offsets with gaps between them have to be counted.
    var end = row.end
    var count: UInt64 = 0
    do {
      try segment.forEachRecord(from: first) { record in
        if count == limit { end = record.offset }
        count += 1
        return count <= limit
      }
    } catch let error as SegmentError {
      throw ConsumerError.damaged(reader.partition, offset: first, detail: error.description)
    }
    return end
  }

  /// Opens a segment, from the cache if it is there, and checks that it is what its row says.
  private func open(_ row: SegmentRow, of reader: PartitionReader) async throws -> SegmentReader {
    let key = CacheKey(object: row.key.bytes, version: row.size)
    let cached = cache.lookup(key)
    if cached != nil {
      host.probe(.segmentServedByCache)
      if let current = reader.current, current.row == row { return current.reader }
    }
    let body: [UInt8]
    if let cached {
      body = cached
    } else {
      body = try await fetch(row, of: reader)
      cache.insert(key, bytes: body)
    }
    do {
      let segment = try SegmentReader(body)
      guard row.describes(segment.header) else {
        throw ConsumerError.damaged(
          reader.partition, offset: row.base,
          detail:
            "the row says \(row.base)..<\(row.end) with \(row.recordCount) records, the object \(segment.header.baseOffset)...\(segment.header.endOffset) with \(segment.header.recordCount)"
        )
      }
      reader.current = (row, segment)
      return segment
    } catch let error as SegmentError {
      throw ConsumerError.damaged(reader.partition, offset: row.base, detail: error.description)
    }
  }

  private func fetch(_ row: SegmentRow, of reader: PartitionReader) async throws -> [UInt8] {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    var missing = 0
    while true {
      do {
        return try await host.call(
          GetObject(key: row.key, range: .whole), to: addresses.objectStore, deadline: configuration.requestTimeout
        ).body
      } catch ObjectStoreError.noSuchKey {
        // A row may have gone since it was read: only after looking again is it a hole.
        missing += 1
        if missing > 1 {
          throw ConsumerError.hole(reader.partition, offset: row.base, detail: "no object \(row.key)")
        }
      } catch is ObjectStoreError {
      } catch is NetworkError {
      }
      host.probe(.fetchRetried)
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  // MARK: Following

  /// Keeps the list of segments ahead of one partition up to date: one waiting request, whether or not anyone polls.
  private func follow(_ reader: PartitionReader) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        let answer = try await host.call(
          FetchManifest(
            partition: reader.partition, from: reader.knownEnd, limit: 32, waitAtMost: configuration.fetchWait),
          to: addresses.metadata, deadline: configuration.fetchWait + .seconds(2))
        reader.learn(answer)
        if !answer.rows.isEmpty { arrival.notify() }
        backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
        if answer.rows.count >= 32 || reader.ahead.count < 256 { continue }
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  private func storedPositions(_ partitions: [TopicPartition]) async throws -> [TopicPartition: UInt64] {
    guard let group = configuration.group else { return [:] }
    let answer = try await persistently { [self] in
      try await host.call(
        FetchOffsets(group: group, partitions: partitions), to: addresses.metadata, deadline: .seconds(2))
    }
    if !answer.offsets.isEmpty { host.probe(.consumerResumedFromCommit) }
    return Dictionary(answer.offsets.map { ($0.partition, $0.offset) }, uniquingKeysWith: { _, last in last })
  }

  /// Repeats a request until it is answered.
  private func persistently<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      do {
        return try await request()
      } catch MetadataError.noSuchTopic {
        throw ConsumerError.noSuchTopic(topicName)
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }
}

extension SegmentRow {
  /// Whether an object with this header can be what the row says: all its records, none outside of the row's range. Only where offsets have gaps between them may the object begin later or end sooner.
  fileprivate func describes(_ header: SegmentHeader) -> Bool {
    guard recordCount == UInt64(header.recordCount), base <= header.baseOffset, header.endOffset < end else {
      return false
    }
    return recordCount < end - base || (header.baseOffset == base && header.endOffset == end - 1)
  }
}

/// A consumer knows where it begins.
public struct ConsumerStarted: DomainEvent {
  /// Its positions.
  public let positions: [CommittedOffset]
  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 44, name: "consumerStarted") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    for position in positions {
      log.number("partition", position.partition.word)
      log.number("offset", position.offset)
    }
  }
}
