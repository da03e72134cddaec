import DequeModule
import Simulation
import Storage

/// A batch from its first record until its outcome is known. Sendable because it never leaves its host.
final class OutgoingBatch: @unchecked Sendable {
  enum State {
    /// Still takes records.
    case gathering
    /// Closed, and to be sent as soon as may be.
    case waiting
    /// On its way to an agent.
    case sent
    /// Come to its end.
    case settled(DeliveryOutcome)
  }

  unowned let lane: Lane
  let appendedAt: VirtualTime
  var state = State.gathering
  /// Its place among the closed batches of its partition.
  var ordinal: UInt64 = 0
  var tags: [UInt64] = []
  /// The records, once the batch is closed.
  var records: EncodedBatch?
  /// What it takes up in the producer's buffer.
  var size = 0
  /// When it is given up, and before when it is not to be sent; by the producer's clock.
  var deadline = VirtualTime.distantFuture
  var notBefore = VirtualTime.start
  var identity: ProducerIdentity?
  var sequence: UInt64 = 0
  var attempts = 0
  /// How often in a row it was sent on to a successor.
  var redirects = 0
  /// The transaction that it belongs to.
  var transaction: OpenTransaction?
  /// How often it could not be sent or was not taken.
  var failures = 0
  /// Whether some try may have been stored although nobody said so.
  var mayBeStored = false
  /// Whether a try has failed: those behind it in its partition wait until it is settled.
  var isRetrying = false
  var latestLeader: HostID?
  /// The agent whose acknowledgement settled it.
  var acknowledgedBy: HostID?
  private let host: Host
  private var promise: Promise<DeliveryOutcome>?

  init(lane: Lane, host: Host, transaction: OpenTransaction?) {
    self.lane = lane
    self.transaction = transaction
    self.host = host
    appendedAt = host.now
  }

  /// What becomes of it, when that is known.
  ///
  /// - Throws: ``HostCrashed``.
  func outcome() async throws -> DeliveryOutcome {
    if case .settled(let outcome) = state, !host.isCrashed { return outcome }
    let promise = promise ?? Promise(on: host, "a batch's outcome")
    self.promise = promise
    return try await promise.value
  }

  func settle(_ outcome: DeliveryOutcome) {
    state = .settled(outcome)
    promise?.succeed(outcome)
  }
}

/// What waits for one partition. Sendable because it never leaves its host.
final class Lane: @unchecked Sendable {
  let partition: TopicPartition
  unowned let topic: RoutedTopic
  /// The batch that takes records.
  var gathering: OutgoingBatch?
  var builder = RecordBatchBuilder()
  /// Closed batches that are not settled, in order.
  var queue: Deque<OutgoingBatch> = []
  var nextSequence: UInt64 = 0
  var nextOrdinal: UInt64 = 0
  /// Whether it is in the list of those to be looked at.
  var isMarked = false
  /// Whether it is in the list of those that are woken by time.
  var isSleeping = false
  /// When it has to be looked at again although nothing happens; nil when it need not be.
  var wakeAt: VirtualTime?

  init(partition: TopicPartition, topic: RoutedTopic) {
    self.partition = partition
    self.topic = topic
  }

  /// The agent that leads it, as far as is known.
  var leader: HostID? {
    get { topic.leaders[Int(partition.index)] }
    set { topic.leaders[Int(partition.index)] = newValue }
  }
}
