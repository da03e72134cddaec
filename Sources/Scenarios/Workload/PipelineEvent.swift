import Nodes
import Simulation

/// What a pipeline did in its transactions and was told of them.
enum PipelineEvent: DomainEvent {
  /// It began a transaction; what it sends carries this producer's number.
  case began(producer: UInt32, TransactionID)
  /// It was handed records within the transaction, and made one of each.
  case handled(producer: UInt32, TransactionID, [HandledRecord])
  /// It knows how the transaction ended.
  case told(producer: UInt32, TransactionID, TransactionOutcome)

  var kind: EventKind {
    switch self {
    case .began: EventKind(code: 74, name: "pipelineBegan")
    case .handled: EventKind(code: 75, name: "pipelineHandled")
    case .told: EventKind(code: 76, name: "pipelineTold")
    }
  }

  func describe(into log: EventLog) {
    switch self {
    case .began(let producer, let transaction): describe(producer, transaction, into: log)
    case .handled(let producer, let transaction, let records):
      describe(producer, transaction, into: log)
      for record in records {
        log.number("partition", record.partition.word)
        log.number("offset", record.offset)
        log.number("output", record.output)
      }
    case .told(let producer, let transaction, let outcome):
      describe(producer, transaction, into: log)
      log.text("outcome", outcome.rawValue)
    }
  }

  private func describe(_ producer: UInt32, _ transaction: TransactionID, into log: EventLog) {
    log.number("producer", UInt64(producer))
    log.number("epoch", UInt64(transaction.producer.epoch))
    log.number("transaction", transaction.number)
  }
}

/// A record that a pipeline was handed, and the one that it made of it.
struct HandledRecord: Sendable, Hashable {
  let partition: TopicPartition
  let offset: UInt64
  /// What the record held.
  let content: UInt64
  /// The identity of what was made of it.
  let output: UInt64
}
