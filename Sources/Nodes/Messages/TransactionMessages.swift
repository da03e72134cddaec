import Simulation

/// A transaction: who runs it, and which of its transactions it is.
///
/// The identity's epoch is part of it, so that what an earlier user of the name began is never taken for a later one's.
public struct TransactionID: Sendable, Hashable {
  /// The transactional producer.
  public let producer: ProducerIdentity
  /// Rises with each transaction of an epoch; the first is 1.
  public let number: UInt64

  /// Names a transaction.
  public init(producer: ProducerIdentity, number: UInt64) {
    self.producer = producer
    self.number = number
  }
}

extension TransactionID: CustomStringConvertible {
  /// For example `transaction 3 of producer 1, epoch 0`.
  public var description: String { "transaction \(number) of producer \(producer.id), epoch \(producer.epoch)" }
}

/// How a transaction ended.
public enum TransactionOutcome: String, Sendable, Hashable, CaseIterable {
  /// All of it counts: its records are visible, its positions are stored.
  case committed
  /// Nothing of it counts.
  case aborted
}

/// Offsets of a partition, from the first to the one after the last.
public struct OffsetRange: Sendable, Hashable {
  /// The first offset.
  public var first: UInt64
  /// The offset after the last one.
  public var end: UInt64

  /// Makes a range.
  public init(first: UInt64, end: UInt64) {
    self.first = first
    self.end = end
  }

  /// Whether an offset lies in it.
  public func contains(_ offset: UInt64) -> Bool { first <= offset && offset < end }
}

/// Offsets of a segment that belong to a transaction. Segments of format version 1 have no room for it: the registration tells it.
public struct TransactionRange: Sendable, Hashable {
  /// The transaction.
  public var transaction: TransactionID
  /// The offsets.
  public var offsets: OffsetRange

  /// Makes a range.
  public init(_ transaction: TransactionID, _ offsets: OffsetRange) {
    self.transaction = transaction
    self.offsets = offsets
  }
}

/// How many records of a transaction went to a partition.
public struct SentRecords: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// How many records were acknowledged as durable.
  public var count: UInt64

  /// Makes a count.
  public init(partition: TopicPartition, count: UInt64) {
    self.partition = partition
    self.count = count
  }
}

/// Positions of a group that a transaction stores with its records.
public struct TransactionOffsets: Sendable, Hashable {
  /// The group.
  public var group: String
  /// The positions.
  public var offsets: [CommittedOffset]
  /// As which member they are stored: checked again in the step that commits, and kept nowhere. Nil for a group without members.
  public var membership: GroupMembership?

  /// Makes positions of a group.
  public init(group: String, offsets: [CommittedOffset], membership: GroupMembership? = nil) {
    self.group = group
    self.offsets = offsets
    self.membership = membership
  }
}

/// What a reader wants to see of transactions.
public enum Isolation: String, Sendable, Hashable, CaseIterable {
  /// Every registered record, also those of transactions that are open or were aborted.
  case readUncommitted
  /// Records of committed transactions and of none, up to the first one of an open transaction.
  case readCommitted
}

/// Begins a transaction. Its time counts from here, by the metadata service's clock.
public struct BeginTransaction: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 60, name: "BeginTransaction")
  /// The transaction; its number must be higher than those before it of the same epoch.
  public var transaction: TransactionID
  /// After how long the service aborts it.
  public var timeout: VirtualDuration

  /// Nothing but success; also when it was begun already and is still open.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + 32 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.transaction(transaction)
    log.number("timeout", UInt64(max(timeout.nanoseconds, 0)))
  }
}

/// Commits or aborts a transaction: state, last stable offsets and positions change in one step.
public struct EndTransaction: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 61, name: "EndTransaction")
  /// The transaction.
  public var transaction: TransactionID
  /// How it is to end.
  public var outcome: TransactionOutcome
  /// For a commit: what the producer sent, all of it acknowledged as durable, a partition each.
  public var sent: [SentRecords] = []
  /// For a commit: the positions to store.
  public var positions: [TransactionOffsets] = []

  /// Nothing but success: it ended so, now or before.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int {
    messageOverhead + 32 + sent.count * 16
      + positions.reduce(0) { $0 + $1.group.utf8.count + 16 + $1.offsets.count * 16 }
  }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.transaction(transaction)
    log.text("outcome", outcome.rawValue)
    for records in sent {
      log.number("partition", records.partition.word)
      log.number("records", records.count)
    }
    for group in positions {
      log.text("group", group.group)
      for offset in group.offsets {
        log.number("partition", offset.partition.word)
        log.number("offset", offset.offset)
      }
    }
  }
}

extension EventLog {
  /// Adds a transaction to the event being written.
  func transaction(_ transaction: TransactionID) {
    number("producer", transaction.producer.id)
    number("producerEpoch", UInt64(transaction.producer.epoch))
    number("transaction", transaction.number)
  }
}
