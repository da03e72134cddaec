import Simulation

/// A consumer knows where it begins.
public struct ConsumerStarted: DomainEvent {
  /// Its positions.
  public let positions: [CommittedOffset]
  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 44, name: "consumerStarted") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    for position in positions {
      log.number("partition", position.partition.word)
      log.number("offset", position.offset)
    }
  }
}

/// A consumer goes on from another offset than the one that it had come to by reading.
public struct ConsumerMoved: DomainEvent {
  /// The partition.
  public let partition: TopicPartition
  /// The next offset.
  public let offset: UInt64
  /// Why.
  public let reason: Reason

  /// Why a consumer goes on elsewhere.
  public enum Reason: String, Sendable, Hashable {
    /// The application asked for it.
    case sought
    /// The position was not in the log, and the configuration says where to go then.
    case reset
  }

  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 60, name: "consumerMoved") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("offset", offset)
    log.text("reason", reason.rawValue)
  }
}
