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
  /// The consumer's group.
  public let group: String?
  /// The partition.
  public let partition: TopicPartition
  /// The offset at which it stood.
  public let from: UInt64
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
    log.number("from", from)
    log.number("offset", offset)
    log.text("reason", reason.rawValue)
  }
}

/// A consumer's cache has answered with an object's bytes, wherever it had them from.
public struct SegmentServed: DomainEvent {
  /// The object that was asked for.
  public let key: ObjectKey
  /// The XXH3-64 of the bytes.
  public let hash: UInt64
  /// Tells of an answer.
  public init(key: ObjectKey, hash: UInt64) {
    self.key = key
    self.hash = hash
  }
  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 67, name: "segmentServed") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("hash", hash)
  }
}

/// A member of a group begins to work on partitions.
public struct ConsumerAssigned: DomainEvent {
  /// The group.
  public let group: String
  /// The generation of its share.
  public let generation: UInt64
  /// The partitions, with where it begins.
  public let positions: [CommittedOffset]
  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 61, name: "consumerAssigned") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("generation", generation)
    for position in positions {
      log.number("partition", position.partition.word)
      log.number("offset", position.offset)
    }
  }
}

/// A member of a group works on partitions no more.
public struct ConsumerRevoked: DomainEvent {
  /// The group.
  public let group: String
  /// The partitions.
  public let partitions: [TopicPartition]
  /// Whether they may be others' already; else they were given back.
  public let isLost: Bool
  /// What the network and the digest know it as.
  public var kind: EventKind { EventKind(code: 62, name: "consumerRevoked") }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("isLost", isLost ? 1 : 0)
    for partition in partitions { log.number("partition", partition.word) }
  }
}
