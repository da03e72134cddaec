import DequeModule
import Simulation
import Storage

/// Gathers records in batches and delivers those to the agents that lead their partitions.
public actor Producer {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: ProducerConfiguration
  let metadata: HostID
  let name: String
  let routes: Routes
  var lanes: [Lane] = []
  var randomness: RandomGenerator
  var identity: ProducerIdentity?
  var initializing: Promise<Void>?
  var requests: UInt64 = 0
  var transactions = ProducerTransactions()
  private var partitioner: PartitionerState
  private var bufferedBytes = 0
  private var unsettled = 0
  private var isClosed = false
  /// When the task that sends by linger looks again; a batch that is due later need not wake it.
  private var nextLinger = VirtualTime.start
  private let clock: Signal
  private let space: Signal
  /// Rung when a batch is settled, and when one gets its number.
  let settled: Signal
  private let onClose: (@Sendable (ClosedBatch) -> Void)?
  private let onDelivery: @Sendable (DeliveredBatch) -> Void

  static let stream = RandomStreamName("producer")

  /// What waits for one partition.
  struct Lane {
    var gathering = GatheringBatch()
    var waiting: Deque<OutgoingBatch> = []
    /// Batches that were sent and are not settled, in order.
    var inFlight: [OutgoingBatch] = []
    var nextSequence: UInt64 = 0
  }

  /// Makes a producer for one topic.
  ///
  /// - Parameter onClose: Told of each batch before it is sent for the first time.
  /// - Parameter onDelivery: Told what became of each batch, on this producer's host.
  /// - Throws: ``ProducerError/invalidConfiguration(_:)``.
  public init(
    host: Host, name: String, topic: String, metadata: HostID, configuration: ProducerConfiguration,
    onClose: (@Sendable (ClosedBatch) -> Void)? = nil, onDelivery: @escaping @Sendable (DeliveredBatch) -> Void
  ) throws(ProducerError) {
    if configuration.isIdempotent && configuration.acknowledgement != .durable {
      throw .invalidConfiguration("an idempotent producer needs durable acknowledgement")
    }
    if configuration.transactionTimeout != nil && !configuration.isIdempotent {
      throw .invalidConfiguration("a transactional producer is idempotent")
    }
    if !(1...SequenceTracker.window).contains(configuration.inFlight) {
      throw .invalidConfiguration("1 to \(SequenceTracker.window) batches may be in flight")
    }
    self.host = host
    self.name = name
    self.metadata = metadata
    self.configuration = configuration
    self.onClose = onClose
    self.onDelivery = onDelivery
    routes = Routes(host: host, metadata: metadata, topic: topic)
    randomness = host.randomness(Self.stream)
    partitioner = PartitionerState(configuration.partitioner)
    clock = Signal(on: host, "a batch to send")
    space = Signal(on: host, "space in the producer's buffer")
    settled = Signal(on: host, "batches to be settled")
    host.spawn("linger", on: self) { try await $0.sendByLinger() }
  }

  // MARK: What applications call

  /// Looks the topic up, until the metadata service answers.
  ///
  /// - Throws: ``ProducerError/noSuchTopic(_:)``, ``HostCrashed``.
  public func connect() async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while true {
      try await routes.refresh()
      if routes.partitionCount > 0 { break }
      try await host.sleep(for: backoff.wait(&randomness))
    }
    if lanes.isEmpty { lanes = Array(repeating: Lane(), count: routes.partitionCount) }
  }

  /// Takes a record; waits while the buffer is full. `tag` is the application's mark by which it hears of the record again.
  ///
  /// - Throws: ``ProducerError``, ``TransactionError/notOpen`` outside of a transaction of a producer that runs them, ``HostCrashed``.
  public func append(
    key: [UInt8]?, value: [UInt8], timestamp: UInt64, tag: UInt64, partition explicit: Int? = nil
  ) async throws {
    if isClosed { throw ProducerError.closed }
    if configuration.transactionTimeout != nil && transactions.open == nil { throw TransactionError.notOpen }
    if lanes.isEmpty { try await connect() }
    let size = (key?.count ?? 0) + value.count + 16
    let limit = min(configuration.batchBytes, configuration.bufferBytes)
    if size > limit { throw ProducerError.recordTooLarge(bytes: size, limit: limit) }
    if let explicit, !lanes.indices.contains(explicit) {
      throw ProducerError.noSuchPartition(explicit, partitions: lanes.count)
    }
    while bufferedBytes + size > configuration.bufferBytes { try await space.wait() }
    // Whoever waited may find the producer closed meanwhile.
    if isClosed { throw ProducerError.closed }
    if configuration.transactionTimeout != nil && transactions.open == nil { throw TransactionError.notOpen }
    let index = explicit ?? partitioner.partition(forKey: key, partitionCount: lanes.count)
    if lanes[index].gathering.builder.estimatedSize + size > configuration.batchBytes { close(index) }
    if lanes[index].gathering.isEmpty {
      lanes[index].gathering.firstAppendedAt = host.now
      if host.now + configuration.linger < nextLinger { clock.notify() }
    }
    lanes[index].gathering.builder.append(timestamp: timestamp, key: key, value: value)
    lanes[index].gathering.tags.append(tag)
    bufferedBytes += size
    if lanes[index].gathering.tags.count >= configuration.batchRecords { close(index) }
  }

  /// Sends everything that was appended and returns when the outcome of each batch is known.
  ///
  /// - Throws: ``HostCrashed``.
  public func flush() async throws {
    for index in lanes.indices { close(index) }
    while unsettled > 0 { try await settled.wait() }
  }

  /// Flushes, and takes no more records.
  ///
  /// - Throws: ``HostCrashed``.
  public func close() async throws {
    isClosed = true
    try await flush()
  }

  // MARK: Batches

  private func close(_ index: Int) {
    guard !lanes[index].gathering.isEmpty, let topic = routes.topic else { return }
    let batch = OutgoingBatch(
      partition: TopicPartition(topic: topic, index: UInt32(index)), records: lanes[index].gathering.builder.finish(),
      tags: lanes[index].gathering.tags, appendedAt: lanes[index].gathering.firstAppendedAt,
      deadline: host.now + configuration.deliveryTimeout)
    batch.transaction = transactions.open
    lanes[index].gathering.tags = []
    partitioner.batchClosed()
    unsettled += 1
    onClose?(ClosedBatch(partition: batch.partition, tags: batch.tags, gathered: host.now - batch.appendedAt))
    lanes[index].waiting.append(batch)
    pump(index)
  }

  /// Sends what waits, as far as the limit in flight allows.
  private func pump(_ index: Int) {
    let limit = configuration.isIdempotent ? configuration.inFlight : 1
    while lanes[index].inFlight.count < limit, let batch = lanes[index].waiting.popFirst() {
      lanes[index].inFlight.append(batch)
      host.spawn("deliver", on: self) { producer in
        let outcome = try await producer.deliver(batch)
        producer.settle(batch, outcome)
      }
    }
  }

  private func settle(_ batch: OutgoingBatch, _ outcome: DeliveryOutcome) {
    let index = Int(batch.partition.index)
    lanes[index].inFlight.removeAll { $0 === batch }
    bufferedBytes -= batch.records.estimatedSize
    unsettled -= 1
    note(outcome, of: batch)
    onDelivery(
      DeliveredBatch(
        partition: batch.partition, tags: batch.tags, outcome: outcome, attempts: batch.attempts,
        appendedAt: batch.appendedAt))
    space.notify()
    settled.notify()
    pump(index)
  }

  private func sendByLinger() async throws {
    while true {
      var earliest: VirtualTime?
      for index in lanes.indices where !lanes[index].gathering.isEmpty {
        let due = lanes[index].gathering.firstAppendedAt + configuration.linger
        if due <= host.now {
          close(index)
        } else if due < earliest ?? .distantFuture {
          earliest = due
        }
      }
      nextLinger = earliest ?? .distantFuture
      try await clock.wait(atMost: earliest.map { $0 - host.now })
    }
  }
}
