import Simulation
import Storage

/// Makes a producer, setting by setting.
///
/// ```swift
/// let producer = try ProducerBuilder(host: host, name: "billing", metadata: metadata)
///   .topic("orders")
///   .batch(records: 500, linger: .milliseconds(10))
///   .idempotent()
///   .build()
/// let record = try await producer.send(value: Array("paid".utf8))
/// ```
public struct ProducerBuilder: Sendable {
  private let host: Host
  private let name: String
  private let metadata: HostID
  private var topic: String?
  private var configuration: ProducerConfiguration
  private var onClose: (@Sendable (ClosedBatch) -> Void)?
  private var onDelivery: (@Sendable (DeliveredBatch) -> Void)?

  /// Begins with a configuration, by default the producer's own.
  public init(
    host: Host, name: String, metadata: HostID, configuration: ProducerConfiguration = ProducerConfiguration()
  ) {
    self.host = host
    self.name = name
    self.metadata = metadata
    self.configuration = configuration
  }

  private func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }

  /// The topic of records that name none.
  public func topic(_ name: String) -> Self { with { $0.topic = name } }

  /// How large batches get, and how long the first record of one waits for others.
  public func batch(records: Int? = nil, bytes: Int? = nil, linger: VirtualDuration? = nil) -> Self {
    with {
      if let records { $0.configuration.batchRecords = records }
      if let bytes { $0.configuration.batchBytes = bytes }
      if let linger { $0.configuration.linger = linger }
    }
  }

  /// When a batch counts as safe.
  public func acknowledgement(_ acknowledgement: Acknowledgement) -> Self {
    with { $0.configuration.acknowledgement = acknowledgement }
  }

  /// Stores each record once, whatever is retried, with so many batches of a partition in flight.
  public func idempotent(inFlight: Int = 5) -> Self {
    with {
      $0.configuration.isIdempotent = true
      $0.configuration.inFlight = inFlight
    }
  }

  /// How batches are compressed for the way to the agent.
  public func compression(_ compression: BatchCompression) -> Self {
    with { $0.configuration.compression = compression }
  }

  /// How records find their partitions.
  public func partitioner(_ partitioner: Partitioner) -> Self { with { $0.configuration.partitioner = partitioner } }

  /// When a batch is sent again, and when it is given up.
  public func retry(_ policy: RetryPolicy) -> Self { with { $0.configuration.retry = policy } }

  /// How many connections to agents are kept, and for how long.
  public func connections(_ connections: ConnectionConfiguration) -> Self {
    with { $0.configuration.connections = connections }
  }

  /// How many bytes may wait in the producer before `append` waits.
  public func buffer(bytes: Int) -> Self { with { $0.configuration.bufferBytes = bytes } }

  /// Told of each batch before it is sent for the first time.
  public func onClose(_ body: @escaping @Sendable (ClosedBatch) -> Void) -> Self { with { $0.onClose = body } }

  /// Told what became of each batch, on the producer's host.
  public func onDelivery(_ body: @escaping @Sendable (DeliveredBatch) -> Void) -> Self {
    with { $0.onDelivery = body }
  }

  /// Makes the producer and starts it.
  ///
  /// - Throws: ``ProducerError/invalidConfiguration(_:)``.
  public func build() throws(ProducerError) -> Producer {
    guard let topic else { throw .invalidConfiguration("a producer needs a topic") }
    return try Producer(
      host: host, name: name, topic: topic, metadata: metadata, configuration: configuration, onClose: onClose,
      onDelivery: onDelivery ?? { _ in })
  }
}
