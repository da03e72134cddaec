import Simulation
import Storage

/// Appends a batch to a partition, at the agent that leads it.
public struct Produce: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 40, name: "Produce")
  /// The partition.
  public var partition: TopicPartition
  /// The records, compressed or not.
  public var batch: EncodedBatch
  /// Who writes with idempotence; nil without.
  public var producer: ProducerIdentity?
  /// The sequence number of the first record, for idempotent producers.
  public var sequence: UInt64
  /// How many sequence numbers the batch takes: its records; for an agent's log, whose sequences are its offsets, those of the range that it covers.
  public var sequenceCount: UInt64
  /// When to answer.
  public var acknowledgement: Acknowledgement
  /// Whether it follows another one in the same message, which bears the message's own costs.
  public var continuesMessage = false
  /// The number of the producer's transaction that the records belong to; nil for none.
  public var transaction: UInt64?

  /// Makes a request of a client, with a sequence number for each record.
  public init(
    partition: TopicPartition, batch: EncodedBatch, producer: ProducerIdentity?, sequence: UInt64,
    acknowledgement: Acknowledgement
  ) {
    self.partition = partition
    self.batch = batch
    self.producer = producer
    self.sequence = sequence
    sequenceCount = UInt64(batch.count)
    self.acknowledgement = acknowledgement
  }

  /// Where the batch is.
  public struct Response: Payload {
    /// The offset of the batch's first record.
    public var offset: AcknowledgedOffset
    /// Whether an earlier try had stored the batch.
    public var isDuplicate: Bool
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      switch offset {
      case .final(let offset): log.number("offset", offset)
      case .provisional(let offset): log.number("provisional", offset)
      case .unknown: log.number("unknown", 1)
      }
      log.number("duplicate", isDuplicate ? 1 : 0)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { (continuesMessage ? 0 : messageOverhead) + 32 + batch.bytes.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("records", batch.count)
    log.bytes("batch", batch.bytes)
    if let producer {
      log.number("producer", producer.id)
      log.number("sequence", sequence)
    }
    if let transaction { log.number("transaction", transaction) }
  }
}

/// Why an agent did not acknowledge a batch.
public enum ProduceError: ReplyError, Hashable {
  /// This agent does not lead the partition; the batch was not taken.
  case notLeader
  /// This agent no longer leads the partition; the batch was not taken, and can go to this one at once.
  case moved(to: HostID)
  /// The agent holds as much as it may; the batch was not taken. Come back after a while.
  case overloaded(retryAfter: VirtualDuration)
  /// The client or the topic has had its bytes; the batch was not taken. Come back after a while.
  case quotaExceeded(retryAfter: VirtualDuration)
  /// The batch does not begin where this producer's last one ended: an earlier one is missing, or a part of it is stored already. It was not taken.
  case outOfSequence(expected: UInt64)
  /// A newer user of this producer's name has followed; the batch was not taken.
  case producerFenced
  /// The request makes no sense, and never will; the batch was not taken.
  case invalid
  /// The agent took the batch and cannot say whether it is or will be stored.
  case outcomeUnknown
  /// The batch is stored, but its transaction was over by then: nobody will see it as committed.
  case transactionOver

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .notLeader: log.number("error", 1)
    case .overloaded(let wait):
      log.number("error", 2)
      log.number("retryAfter", UInt64(wait.nanoseconds))
    case .outOfSequence(let expected):
      log.number("error", 3)
      log.number("expected", expected)
    case .producerFenced: log.number("error", 4)
    case .invalid: log.number("error", 5)
    case .outcomeUnknown: log.number("error", 6)
    case .moved(let successor):
      log.number("error", 80)
      log.number("to", UInt64(successor.rawValue))
    case .quotaExceeded(let wait):
      log.number("error", 81)
      log.number("retryAfter", UInt64(wait.nanoseconds))
    case .transactionOver: log.number("error", 30)
    }
  }

  /// Whether the batch was certainly not taken.
  public var isRefusal: Bool { self != .outcomeUnknown && self != .transactionOver }
}
