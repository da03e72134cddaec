import Simulation

/// What nodes tell the world about transactions.
public enum TransactionEvent: Sendable, Hashable {
  /// A transaction was begun, durably; after that time it is aborted.
  case began(TransactionID, timeout: VirtualDuration)
  /// A transaction ended, durably.
  case ended(TransactionID, TransactionOutcome, TransactionEnd)
  /// A segment was registered with records of a transaction, durably; those of one that is not open count as aborted.
  case rangeRegistered(TopicPartition, TransactionRange, isAborted: Bool)
  /// The metadata service has read its journal and knows how these transactions ended: what it had no time to tell, too.
  case recovered([EndedTransaction])

  /// What the network and the digest know it as.
  public var kind: EventKind {
    switch self {
    case .began: EventKind(code: 70, name: "transactionBegan")
    case .ended: EventKind(code: 71, name: "transactionEnded")
    case .rangeRegistered: EventKind(code: 72, name: "transactionRangeRegistered")
    case .recovered: EventKind(code: 73, name: "transactionsRecovered")
    }
  }

  func describe(into log: EventLog) {
    switch self {
    case .began(let transaction, let timeout):
      log.transaction(transaction)
      log.number("timeout", UInt64(timeout.nanoseconds))
    case .ended(let transaction, let outcome, let reason):
      log.transaction(transaction)
      log.text("outcome", outcome.rawValue)
      log.text("reason", reason.rawValue)
    case .rangeRegistered(let partition, let range, let isAborted):
      log.partition(partition)
      log.transaction(range.transaction)
      log.number("first", range.offsets.first)
      log.number("end", range.offsets.end)
      log.number("aborted", isAborted ? 1 : 0)
    case .recovered(let ended):
      for ended in ended {
        log.transaction(ended.transaction)
        log.text("outcome", ended.outcome.rawValue)
      }
    }
  }
}

/// A transaction that is over.
public struct EndedTransaction: Sendable, Hashable {
  /// The transaction.
  public let transaction: TransactionID
  /// How it ended.
  public let outcome: TransactionOutcome

  /// Makes one.
  public init(_ transaction: TransactionID, _ outcome: TransactionOutcome) {
    self.transaction = transaction
    self.outcome = outcome
  }
}

/// Why a transaction ended.
public enum TransactionEnd: String, Sendable, Hashable {
  /// Its producer said so.
  case asAsked
  /// Its time was over.
  case timedOut
  /// A later user of its producer's name has followed.
  case fenced
  /// Its commit was refused.
  case commitRefused
}
