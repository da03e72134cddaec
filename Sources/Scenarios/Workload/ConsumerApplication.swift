import Nodes
import Simulation
import Storage

/// Polls, handles what it is handed, and tells the history what it saw.
actor ConsumerApplication {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let group: ConsumerGroup
  let stop: VirtualTime
  let consumer: Consumer
  var randomness: RandomGenerator
  /// Whether the consumer met something that it cannot go past.
  private(set) var hasFailed = false
  /// When it is sent elsewhere next.
  var nextSeek = VirtualTime.distantFuture
  /// When a partition is paused next.
  var nextPause = VirtualTime.distantFuture
  /// Which partitions are paused, and until when, in the order in which they were.
  var paused: [PausedPartition] = []

  private static let stream = RandomStreamName("workload.consumer")

  /// Makes a consumer of a group and starts it.
  ///
  /// - Parameter partitions: Its share, unless the group shares its partitions itself.
  init(
    host: Host, group: ConsumerGroup, partitions: [Int], addresses: ClusterAddresses, stop: VirtualTime
  ) throws(ConsumerError) {
    self.host = host
    self.group = group
    self.stop = stop
    randomness = host.randomness(Self.stream)
    consumer = try group.builder(of: host.name, partitions: partitions).build(on: host, addresses)
    host.provideSnapshot(of: self) { $0.snapshot }
    host.spawn("consume", on: self) { try await $0.run() }
  }

  private var snapshot: Snapshot {
    let positions = consumer.assumeIsolated { $0.positions } ?? []
    return .fields([
      Snapshot.Field("group", .text(group.client.group ?? "")),
      Snapshot.Field(
        "positions",
        .list(
          positions.map {
            .fields([
              Snapshot.Field("partition", .number(UInt64($0.partition.index))),
              Snapshot.Field("offset", .number($0.offset)),
            ])
          })),
      Snapshot.Field("hasFailed", .number(hasFailed ? UInt64(1) : 0)),
    ])
  }

  private func run() async throws {
    do {
      if let stays = group.stays {
        while host.now < stop {
          try await start()
          let end = host.now + randomness.duration(in: stays)
          while host.now < min(end, stop) { try await pollOnce(atMost: min(end, stop) - host.now) }
          if host.now >= stop { break }
          try await consumer.close()
          // What is assigned anew is not paused.
          paused = []
          try await host.sleep(for: min(randomness.duration(in: group.away), stop - host.now))
        }
      }
      try await start()
      while true { try await pollOnce(atMost: .seconds(1)) }
    } catch let error as ConsumerError {
      hasFailed = true
      host.emit(WorkloadEvent.consumerFailed(group: group.client.group, error))
    }
  }

  private func start() async throws {
    try await consumer.start()
    planNextActs()
  }

  private func pollOnce(atMost wait: VirtualDuration) async throws {
    try await act()
    let begin = host.now
    let batch: PolledBatch
    do {
      batch = try await consumer.poll(atMost: max(min(wait, .seconds(1), nextAct - begin), .zero))
    } catch ConsumerError.noGroup {
      // A commit that a poll makes by itself failed: the application goes on with the next poll.
      return try await host.sleep(for: .milliseconds(10))
    } catch let error as ConsumerError {
      return try await leaveAlone(error)
    }
    // All of it was handed out now, however long it takes to handle: meanwhile a partition may be lost and come back.
    let polled = try batch.partitions.map { try tellPolled($0, from: begin) }
    for records in polled { try await handle(records) }
    if !batch.isEmpty { try await commitByHand() }
  }

  /// Stores positions, where that is the application's to do. What is not stored is stored the next time, or read again.
  func commitByHand() async throws {
    guard group.commits == .manual, let name = group.client.group else { return }
    host.emit(WorkloadEvent.commitAsked(group: name, await consumer.positionsToCommit))
    do {
      try await consumer.commit()
      host.emit(WorkloadEvent.commitTold(group: name))
    } catch ConsumerError.commitRefused {
    } catch ConsumerError.commitUnanswered {
    }
  }

  /// Tells the history what a poll handed out.
  private func tellPolled(_ records: FetchedRecords, from begin: VirtualTime) throws(ConsumerError) -> PolledRecords {
    var polled = try PolledRecords(records, group: group.client.group, group.client.isolation)
    polled.isHandled = group.processingTime.nanoseconds <= 0
    polled.waited = host.now - begin
    host.emit(WorkloadEvent.polled(polled))
    return polled
  }

  private func handle(_ records: PolledRecords) async throws {
    guard !records.isHandled else { return }
    try await host.sleep(for: group.processingTime * Int64(records.contents.count))
    host.emit(WorkloadEvent.handled(group: group.client.group, records.partition, end: records.end))
  }
}

extension PolledRecords {
  /// What a poll handed out.
  ///
  /// - Throws: ``ConsumerError`` when the segment is damaged.
  init(_ records: FetchedRecords, group: String?, _ isolation: Isolation) throws(ConsumerError) {
    var contents: [ObservedRecord] = []
    do {
      try records.forEach { contents.append(ObservedRecord($0)) }
    } catch {
      throw ConsumerError.damaged(records.partition, offset: records.first, detail: "\(error)")
    }
    self.init(
      group: group, partition: records.partition, first: records.first, end: records.end, contents: contents,
      omitted: records.omitted, isolation: isolation)
  }
}

extension ObservedRecord {
  /// What a record is, for comparing: the identity of a workload record, else a hash of key, value and timestamp.
  init(_ record: RecordView) {
    if let known = WorkloadRecord.identify(record.value) {
      self.init(offset: record.offset, content: known.identity)
    } else {
      self.init(
        offset: record.offset,
        content: Self.contentHash(timestamp: record.timestamp, key: record.key, value: record.value))
    }
  }

  static func contentHash(
    timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer
  ) -> UInt64 {
    var hash = Hashing.xxh3(value, seed: timestamp)
    if let key { hash = Hashing.xxh3(key, seed: hash) }
    return hash | 1 << 63
  }
}
