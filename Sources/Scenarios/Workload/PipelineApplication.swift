import Nodes
import Simulation
import Storage

/// Reads records, makes one of each, and stores what it made and how far it has read in one transaction, again and again.
///
/// take the name up -> go to the stored positions -> (poll -> begin -> send -> positions -> commit | abort -> back to the stored positions) …
actor PipelineApplication {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  private let number: UInt32
  private let group: PipelineGroup
  let producer: Producer
  let consumer: Consumer
  /// Where reading begins as long as nothing is stored.
  private var beginnings: [CommittedOffset] = []
  private var randomness: RandomGenerator
  private var sent: UInt64 = 0
  private var ended: UInt64 = 0
  /// As which member of the group the open transaction's records were handed out; nil where the scenario splits the partitions.
  private var membership: GroupMembership?
  /// Behind what was handled in the open transaction.
  private var positions: [CommittedOffset] = []
  /// Whether the consumer met something that it cannot go past.
  private(set) var hasFailed = false

  private static let stream = RandomStreamName("workload.pipeline")

  /// - Parameter name: What the producer calls itself; whoever takes it up next fences this one.
  init(
    host: Host, number: UInt32, groupIndex: Int, group: PipelineGroup, name: String, partitions: [Int],
    addresses: ClusterAddresses
  ) throws {
    self.host = host
    self.number = number
    self.group = group
    randomness = host.randomness(Self.stream)
    producer = try Producer(
      host: host, name: name, topic: group.to, metadata: addresses.metadata, configuration: group.producer,
      onClose: { host.emit(WorkloadEvent.batchClosed(producer: number, $0)) },
      onDelivery: { host.emit(WorkloadEvent.batchDelivered(producer: number, $0)) })
    var reading = group.consumer
    reading.group = group.group
    reading.groupProtocol = group.subscribes ? group.membership : nil
    let subscription: Subscription =
      group.subscribes
      ? .topics([group.from]) : .partitions(partitions.map { NamedPartition(topic: group.from, index: $0) })
    consumer = try Consumer(
      host: host, subscription: subscription, addresses: addresses, configuration: reading)
    host.provideSnapshot(of: self) { $0.snapshot }
    host.emit(WorkloadEvent.producerStarted(producer: number, group: groupIndex))
    host.spawn("pipe", on: self) { try await $0.run() }
  }

  private var snapshot: Snapshot {
    .fields([
      Snapshot.Field("producer", .number(UInt64(number))),
      Snapshot.Field("sent", .number(sent)),
      Snapshot.Field("ended", .number(ended)),
      Snapshot.Field("hasFailed", .number(hasFailed ? UInt64(1) : 0)),
    ])
  }

  /// What its producer sent, and how.
  var figures: ProducerStatistics { producer.assumeIsolated { $0.figures } }

  private func run() async throws {
    try await producer.connect()
    do {
      try await consumer.start()
      beginnings = await consumer.positions ?? []
      while true {
        try await takeUpAndPipe()
        let extra = randomness.below(UInt64(group.takeoverWait.nanoseconds))
        try await host.sleep(for: group.takeoverWait + VirtualDuration(nanoseconds: Int64(extra)))
      }
    } catch let error as ConsumerError {
      hasFailed = true
      host.emit(WorkloadEvent.consumerFailed(group: group.group, error))
    }
  }

  /// Works until somebody else takes the name over, perhaps even before the answer that it is taken up.
  private func takeUpAndPipe() async throws {
    do {
      try await producer.initializeTransactions()
      // Only now: before, an earlier user of the name might still have committed positions.
      try await goToStoredPositions()
      while true {
        membership = await consumer.groupMembership
        let polled = try await poll(atMost: .seconds(1))
        if polled.isEmpty { continue }
        if await isSameMember {
          try await runTransaction(beginningWith: polled)
        } else {
          try await goToStoredPositions()
        }
      }
    } catch TransactionError.fenced {
      // Whoever follows goes on from the stored positions.
      positions = []
    }
  }

  /// One transaction, from begin to commit or abort.
  private func runTransaction(beginningWith polled: [PolledRecords]) async throws {
    let transaction = try await producer.beginTransaction()
    host.emit(PipelineEvent.began(producer: number, transaction))
    positions = []
    let commitAt = host.now + group.commitInterval
    try await handle(polled, in: transaction)
    while host.now < commitAt {
      let polled = try await poll(atMost: commitAt - host.now)
      guard await isSameMember else { break }
      try await handle(polled, in: transaction)
    }
    do {
      let isWanted = randomness.below(1_000_000) >= UInt64(group.aborts)
      guard await isSameMember, isWanted else {
        try await producer.abortTransaction()
        try await aborted(transaction)
        return
      }
      // Of just those partitions that it was handed records of: of one that it has lost meanwhile the commit is to be refused.
      try await producer.sendOffsets(positions, group: group.group, as: membership)
      try await producer.commitTransaction()
      ended += 1
      host.emit(PipelineEvent.told(producer: number, transaction, .committed))
    } catch TransactionError.aborted {
      try await aborted(transaction)
    } catch TransactionError.outcomeForgotten {
      try await goToStoredPositions()
    }
  }

  private func aborted(_ transaction: TransactionID) async throws {
    ended += 1
    host.emit(PipelineEvent.told(producer: number, transaction, .aborted))
    try await goToStoredPositions()
  }

  private func handle(_ batch: [PolledRecords], in transaction: TransactionID) async throws {
    var handled: [HandledRecord] = []
    for polled in batch {
      host.emit(WorkloadEvent.handled(group: group.group, polled.partition, end: polled.end))
      positions.removeAll { $0.partition == polled.partition }
      positions.append(CommittedOffset(partition: polled.partition, offset: polled.end))
      for record in polled.contents {
        handled.append(
          HandledRecord(
            partition: polled.partition, offset: record.offset, content: record.content,
            output: WorkloadRecord(producer: number, number: sent).identity))
        sent += 1
      }
    }
    if handled.isEmpty { return }
    host.emit(PipelineEvent.handled(producer: number, transaction, handled))
    for record in handled {
      try await producer.append(
        key: Array("key-\(record.content % 64)".utf8),
        value: WorkloadRecord(identity: record.output).value(size: group.valueBytes),
        timestamp: host.wallClockMilliseconds, tag: record.output)
    }
  }

  /// Polls, and tells the history at once what it was handed, also when nothing comes of it: what it is told later would stand behind what has happened to its partitions meanwhile.
  private func poll(atMost wait: VirtualDuration) async throws -> [PolledRecords] {
    let begun = host.now
    let batch = try await consumer.poll(atMost: wait)
    var told: [PolledRecords] = []
    for records in batch.partitions {
      var polled = try PolledRecords(records, group: group.group, group.consumer.isolation)
      polled.isHandled = false
      polled.waited = host.now - begun
      host.emit(WorkloadEvent.polled(polled))
      told.append(polled)
    }
    return told
  }

  /// Reads on behind what the last committed transaction has handled.
  private func goToStoredPositions() async throws {
    // In a group the partitions are those of the moment; one without a stored position is read from its log's start.
    let partitions = await consumer.assignment.map { CommittedOffset(partition: $0, offset: 0) }
    try await consumer.seekToStored(otherwise: group.subscribes ? partitions : beginnings)
  }

  /// Whether the group sees this pipeline as the member as which it was handed the records: else they may be another's by now, also if it owns their partitions again.
  private var isSameMember: Bool {
    get async {
      guard group.subscribes else { return true }
      let now = await consumer.groupMembership
      return now != nil && now == membership
    }
  }
}
