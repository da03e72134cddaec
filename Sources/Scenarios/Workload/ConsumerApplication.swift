import Nodes
import Simulation
import Storage

/// Polls, handles what it is handed, and tells the history what it saw.
actor ConsumerApplication {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let group: ConsumerGroup
  let consumer: Consumer
  /// Whether the consumer met something that it cannot go past.
  private(set) var hasFailed = false

  init(
    host: Host, group: ConsumerGroup, partitions: [Int], addresses: ClusterAddresses
  ) throws(ConsumerError) {
    self.host = host
    self.group = group
    consumer = try Consumer(
      host: host, subscription: .partitions(partitions.map { NamedPartition(topic: group.topic, index: $0) }),
      addresses: addresses, configuration: group.configuration)
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
      try await consumer.start()
      while true {
        for records in try await consumer.poll(atMost: .seconds(1)).partitions { try handle(records) }
      }
    } catch let error as ConsumerError {
      hasFailed = true
      host.emit(WorkloadEvent.consumerFailed(group: group.client.group, error))
    }
  }

  private func handle(_ records: FetchedRecords) throws {
    var contents: [ObservedRecord] = []
    do {
      try records.forEach { contents.append(ObservedRecord($0)) }
    } catch let error as SegmentError {
      throw ConsumerError.damaged(records.partition, offset: records.first, detail: error.description)
    }
    host.emit(
      WorkloadEvent.polled(
        PolledRecords(
          group: group.client.group, partition: records.partition, first: records.first, end: records.end,
          contents: contents, omitted: records.omitted, isolation: group.client.isolation)))
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
