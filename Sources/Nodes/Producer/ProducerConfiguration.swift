import Simulation
import Storage

/// The figures of a producer.
public struct ProducerConfiguration: Sendable, Hashable {
  /// How many records a batch holds at the most.
  public var batchRecords = 100
  /// How large a batch gets at the most, by the estimated size of its records, in bytes.
  public var batchBytes = 1_048_576
  /// How long after its first record a batch is sent at the latest.
  public var linger = VirtualDuration.milliseconds(100)
  /// When a batch counts as safe.
  public var acknowledgement = Acknowledgement.durable
  /// Whether each record is stored once, whatever is retried; requires durable acknowledgement.
  public var isIdempotent = false
  /// After how long the metadata service aborts a transaction of this producer; nil for a producer that runs none. Requires idempotence.
  public var transactionTimeout: VirtualDuration?
  /// How many batches of a partition an idempotent producer has in flight, at most five; others have one, to keep the order.
  public var inFlight = 5
  /// How long one try may take.
  public var requestTimeout = VirtualDuration.seconds(10)
  /// How long after its closing a batch is given up.
  public var deliveryTimeout = VirtualDuration.seconds(60)
  /// The first wait before a batch is tried again; it doubles up to `retryBackoffLimit`.
  public var retryBackoff = VirtualDuration.milliseconds(100)
  /// The longest such wait.
  public var retryBackoffLimit = VirtualDuration.seconds(2)
  /// How many bytes may wait in the producer before `append` waits.
  public var bufferBytes = 32 * 1_048_576
  /// How records find their partitions.
  public var partitioner = Partitioner.keyHash

  /// Makes the default producer, with the original's figures for batches.
  public init() {}
}

/// What became of a batch.
public enum DeliveryOutcome: Sendable, Hashable {
  /// It is as safe as asked for; the offset is that of its first record.
  case acknowledged(AcknowledgedOffset)
  /// It is certainly not stored.
  case failed
  /// It may be stored or not.
  case unknown
}

/// A batch that has come to its end, as its application hears of it.
public struct DeliveredBatch: Sendable {
  /// The partition.
  public let partition: TopicPartition
  /// The marks that the application gave the records, in the order of the batch.
  public let tags: [UInt64]
  /// What became of them.
  public let outcome: DeliveryOutcome
  /// How often the batch was sent.
  public let attempts: Int
  /// When the first record was appended, by the producer's clock.
  public let appendedAt: VirtualTime
}

/// A batch that is about to be sent for the first time.
public struct ClosedBatch: Sendable {
  /// The partition.
  public let partition: TopicPartition
  /// The marks of the records, in the order of the batch.
  public let tags: [UInt64]
  /// How long it was open for records.
  public let gathered: VirtualDuration
}

/// Why a record was not taken.
public enum ProducerError: Error, Sendable, Hashable {
  /// There is no such topic.
  case noSuchTopic(String)
  /// The topic has no such partition.
  case noSuchPartition(Int, partitions: Int)
  /// The record is larger than a batch or the whole buffer may be.
  case recordTooLarge(bytes: Int, limit: Int)
  /// The configuration contradicts itself.
  case invalidConfiguration(String)
  /// The producer is closed.
  case closed
}
