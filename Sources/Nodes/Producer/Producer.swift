import DequeModule
import Simulation
import Storage

/// Gathers records in batches and delivers those to the agents that lead their partitions.
///
/// append -> gathering batch -> lane of its partition -> message on a connection to the leader -> outcome
public actor Producer {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: ProducerConfiguration
  let metadata: HostID
  let name: String
  private let defaultTopic: String
  var topics: [String: RoutedTopic] = [:]
  /// Topics that are gone, for as long as something of theirs may be under way.
  var goneTopics: [RoutedTopic] = []
  var connections: ConnectionPool
  var randomness: RandomGenerator
  var identity: ProducerIdentity?
  /// Settled when there is an identity, or nobody wants one any more.
  var initializing: Promise<Void>?
  var identityRequests: UInt64 = 0
  var transactions = ProducerTransactions()
  private var partitioner: PartitionerState
  private(set) var bufferedBytes = 0
  private var isClosed = false
  /// Closed batches that are not settled.
  private(set) var unsettled = 0
  private(set) var summary = DeliverySummary()
  /// How many records it has taken.
  private var taken = 0
  var statistics = ProducerStatistics()
  /// Sizes of closed batches, for metrics.
  private(set) var batchBytes = MetricHistogram(MetricBounds.bytes)
  /// Batches that still take records by when their linger is over; those that were closed before are passed over.
  private var lingering: Deque<OutgoingBatch> = []
  /// Lanes to be looked at, and lanes to be looked at when their time has come.
  var marked: [Lane] = []
  var sleeping: [Lane] = []
  /// Lanes whose batches wait for a connection.
  var waitingForConnection: [Lane] = []
  /// When the sender looks again by itself.
  private var nextLook = VirtualTime.distantFuture
  private let work: Signal
  private let space: Signal
  private let settled: Signal
  private let onClose: (@Sendable (ClosedBatch) -> Void)?
  private let onDelivery: @Sendable (DeliveredBatch) -> Void

  static let stream = RandomStreamName("producer")

  /// Makes a producer; `topic` is that of records that name none.
  ///
  /// - Parameter onClose: Told of each batch before it is sent for the first time.
  /// - Parameter onDelivery: Told what became of each batch, on this producer's host.
  /// - Throws: ``ProducerError/invalidConfiguration(_:)``.
  public init(
    host: Host, name: String, topic: String, metadata: HostID, configuration: ProducerConfiguration,
    onClose: (@Sendable (ClosedBatch) -> Void)? = nil, onDelivery: @escaping @Sendable (DeliveredBatch) -> Void
  ) throws(ProducerError) {
    try configuration.validate()
    self.host = host
    self.name = name
    self.metadata = metadata
    self.configuration = configuration
    self.onClose = onClose
    self.onDelivery = onDelivery
    defaultTopic = topic
    connections = ConnectionPool(configuration.connections)
    randomness = host.randomness(Self.stream)
    partitioner = PartitionerState(configuration.partitioner)
    work = Signal(on: host, "a batch to send")
    space = Signal(on: host, "space in the producer's buffer")
    settled = Signal(on: host, "batches to be settled")
    host.spawn("send", on: self) { try await $0.sendBatches() }
  }

  // MARK: What applications call

  /// Looks the topic up, until the metadata service answers; the first `append` does it otherwise.
  ///
  /// - Throws: ``ProducerError/noSuchTopic(_:)``, ``HostCrashed``.
  public func connect() async throws { _ = try await connected(to: defaultTopic) }

  /// Takes a record and returns; waits while the buffer is full.
  ///
  /// - Parameter topic: The topic, if it is not the producer's own.
  /// - Parameter tag: The application's mark by which the producer's listeners hear of the record again.
  /// - Parameter explicit: The partition, if not the partitioner is to choose it.
  /// - Returns: The mark by which the record's offset is asked for.
  /// - Throws: ``ProducerError``, ``TransactionError/notOpen`` outside of a transaction of a producer that runs them, ``HostCrashed``.
  @discardableResult
  public func append(
    to topic: String? = nil, key: [UInt8]? = nil, value: [UInt8], timestamp: UInt64, tag: UInt64 = 0,
    partition explicit: Int? = nil
  ) async throws -> AppendedRecord {
    try checkOpen()
    let name = topic ?? defaultTopic
    let topic: RoutedTopic
    if let known = topics[name], known.id != nil { topic = known } else { topic = try await connected(to: name) }
    let size = (key?.count ?? 0) + value.count + 16
    let limit = min(configuration.batchBytes, configuration.bufferBytes)
    if size > limit { throw ProducerError.recordTooLarge(bytes: size, limit: limit) }
    if let explicit, !topic.lanes.indices.contains(explicit) {
      host.probe(.unknownPartitionRefused)
      throw ProducerError.noSuchPartition(explicit, partitions: topic.lanes.count)
    }
    while bufferedBytes + size > configuration.bufferBytes {
      host.probe(.producerBufferFull)
      try await space.wait()
    }
    // Whoever waited may find the producer closed meanwhile.
    try checkOpen()
    let lane = topic.lanes[explicit ?? partitioner.partition(forKey: key, partitionCount: topic.lanes.count)]
    bufferedBytes += size
    return put(key, value, timestamp, tag, size, into: lane)
  }

  private func checkOpen() throws {
    if isClosed { throw ProducerError.closed }
    if configuration.transactionTimeout != nil && transactions.open == nil { throw TransactionError.notOpen }
  }

  /// Takes a record and waits until it is as safe as asked for.
  ///
  /// - Returns: Among others the offset at which the record reads back.
  /// - Throws: ``ProducerError``, ``HostCrashed``.
  public func send(
    to topic: String? = nil, key: [UInt8]? = nil, value: [UInt8], timestamp: UInt64? = nil, tag: UInt64 = 0,
    partition: Int? = nil
  ) async throws -> SentRecord {
    let record = try await append(
      to: topic, key: key, value: value, timestamp: timestamp ?? host.wallClockMilliseconds, tag: tag,
      partition: partition)
    return SentRecord(partition: record.partition, offset: try await record.offset(), timestamp: record.timestamp)
  }

  /// Sends everything that was appended and returns when the outcome of each batch is known; what others append meanwhile is not waited for.
  ///
  /// - Returns: What became of the records that were still open.
  /// - Throws: ``HostCrashed``.
  @discardableResult
  public func flush() async throws -> DeliverySummary {
    var open: [OutgoingBatch] = []
    for topic in goneTopics + topics.keys.sorted().compactMap({ topics[$0] }) {
      for lane in topic.lanes {
        if flushes(lane) { close(lane) }
        open += lane.queue
      }
    }
    var summary = DeliverySummary()
    for batch in open { summary.add(try await batch.outcome(), records: batch.tags.count) }
    return summary
  }

  /// Flushes, and takes no more records.
  ///
  /// - Returns: What became of all records that this producer ever took; the same when called again.
  /// - Throws: ``HostCrashed``.
  @discardableResult
  public func close() async throws -> DeliverySummary {
    isClosed = true
    // Who waits for space learns that there is nothing to wait for.
    space.notify()
    if configuration.behaviour.closing == .original { return OriginalClient.closed(summary, ofAll: taken) }
    try await flush()
    while unsettled > 0 { try await settled.wait() }
    connections.closeAll()
    return summary
  }

  /// What was sent, and how.
  public var figures: ProducerStatistics {
    var figures = statistics
    figures.connections = connections.statistics
    return figures
  }

  // MARK: Batches

  private func put(
    _ key: [UInt8]?, _ value: [UInt8], _ timestamp: UInt64, _ tag: UInt64, _ size: Int, into lane: Lane
  ) -> AppendedRecord {
    taken += 1
    if let open = lane.gathering, open.size + size > configuration.batchBytes, mayClose(lane) { close(lane) }
    let batch = lane.gathering ?? begin(in: lane)
    let position = UInt64(batch.tags.count)
    lane.builder.append(timestamp: timestamp, key: key, value: value)
    batch.tags.append(tag)
    batch.size += size
    let isReady = batch.tags.count >= configuration.batchRecords || host.fires(.batchClosesEarly)
    if isReady && mayClose(lane) { close(lane) }
    return AppendedRecord(partition: lane.partition, timestamp: timestamp, batch: batch, position: position)
  }

  private func begin(in lane: Lane) -> OutgoingBatch {
    let batch = OutgoingBatch(lane: lane, host: host, transaction: transactions.open)
    lane.gathering = batch
    lingering.append(batch)
    look(atLatest: batch.appendedAt + configuration.linger)
    return batch
  }

  private func mayClose(_ lane: Lane) -> Bool {
    configuration.behaviour.batchGrowth == .upToItsCaps || OriginalClient.mayClose(lane)
  }

  private func flushes(_ lane: Lane) -> Bool {
    guard configuration.behaviour.closing == .original, let batch = lane.gathering else { return true }
    return OriginalClient.flushes(batch, configuration, at: host.now)
  }

  private func close(_ lane: Lane) {
    guard let batch = lane.gathering else { return }
    lane.gathering = nil
    let records = lane.builder.finish()
    let encoded = EncodedBatch(records, compression: configuration.compression)
    if configuration.compression != .none {
      host.work(.nanoseconds(configuration.compressionPicoseconds * Int64(records.bytes.count) / 1_000))
    }
    statistics.closed(records, encoded)
    batchBytes.record(Int64(records.bytes.count))
    batch.records = encoded
    batch.state = .waiting
    batch.ordinal = lane.nextOrdinal
    lane.nextOrdinal += 1
    batch.deadline = host.now + configuration.retry.deliveryTimeout
    partitioner.batchClosed()
    unsettled += 1
    onClose?(ClosedBatch(partition: lane.partition, tags: batch.tags, gathered: host.now - batch.appendedAt))
    lane.queue.append(batch)
    mark(lane)
  }

  /// A batch has come to its end.
  func settle(_ batch: OutgoingBatch, _ outcome: DeliveryOutcome) {
    let lane = batch.lane
    if lane.queue.first === batch { lane.queue.removeFirst() } else { lane.queue.removeAll { $0 === batch } }
    bufferedBytes -= batch.size
    unsettled -= 1
    summary.add(outcome, records: batch.tags.count)
    note(outcome, of: batch)
    batch.records = nil
    onDelivery(
      DeliveredBatch(
        partition: lane.partition, tags: batch.tags, outcome: outcome, attempts: batch.attempts,
        appendedAt: batch.appendedAt, agent: batch.acknowledgedBy))
    batch.settle(outcome)
    space.notify()
    settled.notify()
    if !lane.queue.isEmpty {
      mark(lane)
    } else if configuration.behaviour.batchGrowth == .original, let open = lane.gathering,
      OriginalClient.flushes(open, configuration, at: host.now)
    {
      close(lane)
    }
  }

  // MARK: The sender

  /// Something has changed for a lane: the sender looks at it.
  func mark(_ lane: Lane) {
    guard !lane.isMarked else { return }
    lane.isMarked = true
    marked.append(lane)
    work.notify()
  }

  /// Something has changed for all.
  func markAll() {
    for name in topics.keys.sorted() {
      for lane in topics[name]?.lanes ?? [] where !lane.queue.isEmpty { mark(lane) }
    }
  }

  /// The sender looks at a lane again at a time, if not before.
  func wake(_ lane: Lane, at time: VirtualTime) {
    if !lane.isSleeping { sleeping.append(lane) }
    lane.isSleeping = true
    lane.wakeAt = time
  }

  private func look(atLatest time: VirtualTime) {
    if time < nextLook { work.notify() }
  }

  private func sendBatches() async throws {
    while true {
      closeLingering()
      wakeSleeping()
      sendMarked()
      let due = earliestWake()
      nextLook = due
      try await work.wait(atMost: due == .distantFuture ? nil : due - host.now)
    }
  }

  private func closeLingering() {
    while let batch = lingering.first {
      guard case .gathering = batch.state else {
        lingering.removeFirst()
        continue
      }
      guard batch.appendedAt + configuration.linger <= host.now else { return }
      if mayClose(batch.lane) { close(batch.lane) } else { lingering.removeFirst() }
    }
  }

  private func wakeSleeping() {
    guard !sleeping.isEmpty else { return }
    let now = host.now
    sleeping.removeAll { lane in
      if let time = lane.wakeAt, time > now { return false }
      lane.isSleeping = false
      if lane.wakeAt != nil { mark(lane) }
      lane.wakeAt = nil
      return true
    }
  }

  private func earliestWake() -> VirtualTime {
    var earliest = lingering.first.map { $0.appendedAt + configuration.linger } ?? .distantFuture
    for lane in sleeping {
      if let time = lane.wakeAt, time < earliest { earliest = time }
    }
    return earliest
  }
}
