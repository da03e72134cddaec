import Nodes
import Simulation
import Storage

/// Makes a topic, writes and reads it, deletes it while it is written, and makes it again under the same name.
///
/// (make -> write and read -> delete, still writing -> wait) …; the last topic stays.
actor LifecycleApplication {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let number: UInt32
  private let group: LifecycleGroup
  private let topic: String
  private let addresses: ClusterAddresses
  private let stop: VirtualTime
  private var randomness: RandomGenerator
  private var requests: UInt64 = 0
  private var sent: UInt64 = 0
  private var lives = 0
  private var isDeleted = false
  private(set) var isFinished = false

  private static let stream = RandomStreamName("workload.lifecycle")

  init(
    host: Host, number: UInt32, groupIndex: Int, group: LifecycleGroup, topic: String, addresses: ClusterAddresses,
    stop: VirtualTime
  ) {
    self.host = host
    self.number = number
    self.group = group
    self.topic = topic
    self.addresses = addresses
    self.stop = stop
    randomness = host.randomness(Self.stream)
    host.provideSnapshot(of: self) { $0.snapshot }
    host.emit(WorkloadEvent.producerStarted(producer: number, group: groupIndex))
    host.spawn("administrate", on: self) { try await $0.run() }
  }

  private var snapshot: Snapshot {
    .fields([
      Snapshot.Field("lives", .number(Int64(lives))), Snapshot.Field("sent", .number(sent)),
      Snapshot.Field("isFinished", .number(isFinished ? UInt64(1) : 0)),
    ])
  }

  private func run() async throws {
    while true {
      let id = try await create()
      lives += 1
      isDeleted = false
      let producer = try Producer(
        host: host, name: host.name, topic: topic, metadata: addresses.metadata, configuration: group.client,
        onClose: { [host, number] in host.emit(WorkloadEvent.batchClosed(producer: number, $0)) },
        onDelivery: { [host, number] in host.emit(WorkloadEvent.batchDelivered(producer: number, $0)) })
      try await producer.connect()
      let reading = Promise<Void>(on: host, "the reader's end")
      host.spawn("read", on: self) { application in
        try await application.read()
        reading.succeed(())
      }
      let end = host.now + group.lasts
      try await send(by: producer) { $0.host.now < end && $0.host.now < $0.stop }
      guard host.now < stop else {
        try await producer.close()
        break
      }
      host.spawn("delete", on: self) { application in
        try await application.delete(id)
        application.isDeleted = true
      }
      try await send(by: producer) { !$0.isDeleted }
      try await producer.close()
      // One that still looked for its topic by name would find the next one, beside that one's own reader.
      try await reading.value
      try await host.sleep(for: group.pause)
    }
    isFinished = true
    host.emit(WorkloadEvent.producerFinished(producer: number))
  }

  private func send(by producer: Producer, while goesOn: (isolated LifecycleApplication) -> Bool) async throws {
    let period = VirtualDuration(nanoseconds: Int64(group.rate.periodNanoseconds / max(group.rate.count, 1)))
    while goesOn(self) {
      let record = WorkloadRecord(producer: number, number: sent)
      sent += 1
      do {
        try await producer.append(
          key: nil, value: record.value(size: 100), timestamp: host.wallClockMilliseconds, tag: record.identity)
      } catch ProducerError.noSuchTopic {
        // The deletion has come about before its answer: nothing more can be written.
        return
      }
      try await host.sleep(for: max(period, .milliseconds(1)))
    }
  }

  // MARK: Administration

  /// Makes the topic; one that an earlier incarnation left is deleted first.
  private func create() async throws -> TopicID {
    requests += 1
    while true {
      do {
        let request = CreateTopic(name: topic, partitions: group.partitions, request: requests)
        return try await host.call(request, to: addresses.metadata, deadline: .seconds(2)).topic
      } catch MetadataError.topicExists(let left) {
        try await delete(left)
        requests += 1
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await backOff()
    }
  }

  private func delete(_ id: TopicID) async throws {
    while true {
      do {
        _ = try await host.call(DeleteTopic(topic: id), to: addresses.metadata, deadline: .seconds(2))
        return
      } catch is MetadataError {
      } catch is NetworkError {
      }
      try await backOff()
    }
  }

  private func backOff() async throws {
    try await host.sleep(for: .milliseconds(100 + Int64(randomness.below(200))))
  }

  // MARK: Reading

  /// Reads the topic from its start until it is gone.
  private func read() async throws {
    var configuration = ConsumerConfiguration()
    configuration.offsetReset = .earliest
    configuration.autoCommitInterval = nil
    do {
      let consumer = try Consumer(
        host: host, subscription: .topics([topic]), addresses: addresses, configuration: configuration)
      try await consumer.start()
      while true {
        for records in try await consumer.poll(atMost: .seconds(1)).partitions {
          host.emit(WorkloadEvent.polled(try PolledRecords(records, group: nil, .readUncommitted)))
        }
      }
    } catch let error as ConsumerError {
      switch error {
      case .partitionGone, .noSuchTopic: break
      default: host.emit(WorkloadEvent.consumerFailed(group: nil, error))
      }
    }
  }
}
