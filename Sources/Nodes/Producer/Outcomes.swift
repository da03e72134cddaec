import Simulation

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
  /// The agent that acknowledged it; nil for what was not acknowledged.
  public var agent: HostID?
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

/// What became of the records that a producer took.
public struct DeliverySummary: Sendable, Hashable {
  /// As safe as asked for.
  public var acknowledged = 0
  /// Certainly not stored.
  public var failed = 0
  /// Stored or not.
  public var unknown = 0

  /// Makes the summary of nothing.
  public init() {}

  /// Whether every record is known to be safe.
  public var isComplete: Bool { failed == 0 && unknown == 0 }

  /// Counts records whose batch has come to its end.
  public mutating func add(_ outcome: DeliveryOutcome, records: Int) {
    switch outcome {
    case .acknowledged: acknowledged += records
    case .failed: failed += records
    case .unknown: unknown += records
    }
  }
}

/// A record that a producer took, as a mark by which its outcome is asked for.
///
/// It belongs to one batch and one place in it from the moment it was taken, so that no other record's offset can be told for it.
public struct AppendedRecord: Sendable {
  /// The partition.
  public let partition: TopicPartition
  /// The record's timestamp in milliseconds.
  public let timestamp: UInt64
  let batch: OutgoingBatch
  let position: UInt64

  /// The offset at which the record reads back, once its batch is as safe as asked for; provisional or unknown as the agent said.
  ///
  /// - Throws: ``ProducerError/notStored``, ``ProducerError/outcomeUnknown``, ``HostCrashed``.
  public func offset() async throws -> AcknowledgedOffset {
    switch try await batch.outcome() {
    case .acknowledged(let first): return first.advanced(by: position)
    case .failed: throw ProducerError.notStored
    case .unknown: throw ProducerError.outcomeUnknown
    }
  }
}

/// A record that is as safe as asked for.
public struct SentRecord: Sendable, Hashable {
  /// The partition.
  public let partition: TopicPartition
  /// The offset at which it reads back.
  public let offset: AcknowledgedOffset
  /// Its timestamp in milliseconds.
  public let timestamp: UInt64
}

extension AcknowledgedOffset {
  func advanced(by distance: UInt64) -> AcknowledgedOffset {
    switch self {
    case .final(let offset): .final(offset + distance)
    case .provisional(let offset): .provisional(offset + distance)
    case .unknown: .unknown
    }
  }
}

/// Why a record was not taken, or did not become safe.
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
  /// The record was taken, and is certainly not stored: refused for good, or not taken by any leader in time.
  case notStored
  /// The record was taken, and may be stored or not: a try was not answered, or its agent could not say.
  case outcomeUnknown
}
