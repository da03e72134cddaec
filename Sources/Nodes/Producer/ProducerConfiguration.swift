import Simulation
import Storage

/// The figures of a producer.
///
/// The defaults are the original's, but for three: it acknowledges as buffered, tries a batch four times in all, and waits up to 30 s between two tries. See `docs/decisions/0021-a-producers-defaults.md`; ``original`` has them as the original does.
public struct ProducerConfiguration: Sendable, Hashable {
  /// How many records a batch holds at the most.
  public var batchRecords = 100
  /// How large a batch gets at the most, by the estimated size of its records, in bytes.
  public var batchBytes = 1_048_576
  /// How long after its first record a batch is sent at the latest.
  public var linger = VirtualDuration.milliseconds(100)
  /// How batches are compressed for the way to the agent.
  public var compression = BatchCompression.lz4
  /// What a byte costs the CPU to compress, in picoseconds; LZ4's own figure for one core is about 750 MB/s.
  public var compressionPicoseconds: Int64 = 1_300
  /// When a batch counts as safe.
  public var acknowledgement = Acknowledgement.durable
  /// Whether each record is stored once, whatever is retried; requires durable acknowledgement.
  public var isIdempotent = false
  /// After how long the metadata service aborts a transaction of this producer; nil for a producer that runs none. Requires idempotence.
  public var transactionTimeout: VirtualDuration?
  /// How many batches of a partition an idempotent producer has in flight, at most five; others have one, to keep the order.
  public var inFlight = 5
  /// When a batch is sent again, and when it is given up.
  public var retry = RetryPolicy()
  /// How many connections to agents are kept, and for how long.
  public var connections = ConnectionConfiguration()
  /// How old what is known of the partitions' leaders may get before it is asked for again.
  public var routeRefreshInterval = VirtualDuration.seconds(30)
  /// How many bytes may wait in the producer before `append` waits.
  public var bufferBytes = 32 * 1_048_576
  /// How records find their partitions.
  public var partitioner = Partitioner.keyHash
  /// The checks in force.
  public var safeguards = Safeguards.all
  /// The chosen behaviours.
  public var behaviour = ProducerBehaviour()

  /// Makes the default producer.
  public init() {}

  /// The figures of the original's client.
  public static var original: ProducerConfiguration {
    var configuration = ProducerConfiguration()
    configuration.acknowledgement = .buffered
    configuration.retry.maximumRetries = 3
    configuration.retry.longestWait = .seconds(30)
    return configuration
  }

  /// Checks that the figures agree with one another.
  ///
  /// - Throws: ``ProducerError/invalidConfiguration(_:)``.
  public func validate() throws(ProducerError) {
    if isIdempotent && acknowledgement != .durable {
      throw .invalidConfiguration("an idempotent producer needs durable acknowledgement")
    }
    if transactionTimeout != nil && !isIdempotent {
      throw .invalidConfiguration("a transactional producer is idempotent")
    }
    if !(1...SequenceTracker.window).contains(inFlight) {
      throw .invalidConfiguration("1 to \(SequenceTracker.window) batches may be in flight, not \(inFlight)")
    }
    if batchRecords < 1 { throw .invalidConfiguration("a batch holds one record at least, not \(batchRecords)") }
    if batchBytes < 1 || bufferBytes < 1 {
      throw .invalidConfiguration("batches and the buffer need room for one byte at least")
    }
    if linger < .zero { throw .invalidConfiguration("a linger is no negative length of time") }
    if retry.maximumRetries ?? 0 < 0 {
      throw .invalidConfiguration("a batch cannot be sent again \(retry.maximumRetries ?? 0) times")
    }
    if retry.requestTimeout <= .zero || retry.deliveryTimeout <= .zero {
      throw .invalidConfiguration("a try and a delivery need some time")
    }
    if connections.maximumPerAgent < 1 || connections.requestsAtOnce < 1 {
      throw .invalidConfiguration("one connection to an agent with one request at once is the least")
    }
  }
}
