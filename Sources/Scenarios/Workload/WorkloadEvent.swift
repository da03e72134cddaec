import Nodes
import Simulation

/// What the applications of a workload did and were told: the history that checks judge.
enum WorkloadEvent: DomainEvent {
  /// A producer began, under this number.
  case producerStarted(producer: UInt32, group: Int)
  /// Records were gathered in a batch that is about to be sent.
  case batchClosed(producer: UInt32, ClosedBatch)
  /// A batch came to its end.
  case batchDelivered(producer: UInt32, DeliveredBatch)
  /// An application is about to send a record to a topic and partition that it names.
  case recordAimed(producer: UInt32, record: UInt64, Aim)
  /// A record was refused.
  case recordRefused(producer: UInt32, record: UInt64, ProducerError)
  /// An application that waited for one record was told its offset.
  case recordTold(producer: UInt32, record: UInt64, TopicPartition, AcknowledgedOffset)
  /// A producer was closed after its application had handed it so many records, and told what became of them.
  case producerClosed(producer: UInt32, sent: UInt64, DeliverySummary)
  /// A producer has sent all it had to.
  case producerFinished(producer: UInt32)
  /// An application was handed records.
  case polled(PolledRecords)
  /// An application has handled what it was handed of a partition.
  case handled(group: String?, TopicPartition, end: UInt64)
  /// An application stores by hand where its consumer stands.
  case commitAsked(group: String, [CommittedOffset])
  /// An application was told that this is stored.
  case commitTold(group: String)
  /// An application has paused a partition, or lets it go on.
  case partitionPaused(TopicPartition, Bool)
  /// An application was told of records that cannot be read, and tries again later.
  case unreadable(group: String?, ConsumerError)
  /// A consumer cannot go on.
  case consumerFailed(group: String?, ConsumerError)

  var kind: EventKind {
    switch self {
    case .producerStarted: EventKind(code: 50, name: "producerStarted")
    case .batchClosed: EventKind(code: 51, name: "batchClosed")
    case .batchDelivered: EventKind(code: 52, name: "batchDelivered")
    case .recordTold: EventKind(code: 57, name: "recordTold")
    case .producerClosed: EventKind(code: 79, name: "producerClosed")
    case .producerFinished: EventKind(code: 53, name: "producerFinished")
    case .polled: EventKind(code: 54, name: "polled")
    case .handled: EventKind(code: 56, name: "handled")
    case .recordAimed: EventKind(code: 58, name: "recordAimed")
    case .recordRefused: EventKind(code: 59, name: "recordRefused")
    case .commitAsked: EventKind(code: 78, name: "commitAsked")
    case .commitTold: EventKind(code: 88, name: "commitTold")
    case .partitionPaused: EventKind(code: 69, name: "partitionPaused")
    case .unreadable: EventKind(code: 77, name: "unreadable")
    case .consumerFailed: EventKind(code: 55, name: "consumerFailed")
    }
  }

  func describe(into log: EventLog) {
    switch self {
    case .producerStarted(let producer, let group):
      log.number("producer", UInt64(producer))
      log.number("group", group)
    case .batchClosed(let producer, let batch):
      log.number("producer", UInt64(producer))
      log.number("topic", UInt64(batch.partition.topic.rawValue))
      log.number("partition", UInt64(batch.partition.index))
      log.number("records", batch.tags.count)
      log.number("first", batch.tags.first ?? 0)
    case .batchDelivered(let producer, let batch):
      log.number("producer", UInt64(producer))
      log.number("partition", batch.partition.word)
      log.number("records", batch.tags.count)
      log.number("first", batch.tags.first ?? 0)
      log.number("attempts", batch.attempts)
      switch batch.outcome {
      case .acknowledged(let offset): log.number("offset", offset.number ?? .max)
      case .failed: log.number("failed", 1)
      case .unknown: log.number("unknown", 1)
      }
    case .recordTold(let producer, let record, let partition, let offset):
      log.number("producer", UInt64(producer))
      log.number("record", record)
      log.number("partition", partition.word)
      log.number("offset", offset.number ?? .max)
    case .producerClosed(let producer, let sent, let told):
      log.number("producer", UInt64(producer))
      log.number("sent", sent)
      log.number("acknowledged", told.acknowledged)
      log.number("failed", told.failed)
      log.number("unknown", told.unknown)
    case .producerFinished(let producer): log.number("producer", UInt64(producer))
    case .polled(let records):
      log.number("topic", UInt64(records.partition.topic.rawValue))
      log.number("partition", UInt64(records.partition.index))
      log.number("first", records.first)
      log.number("end", records.end)
      log.number("records", records.contents.count)
    case .handled(_, let partition, let end):
      log.number("partition", partition.word)
      log.number("end", end)
    case .recordAimed(let producer, let record, let aim):
      log.number("producer", UInt64(producer))
      log.number("record", record)
      log.text("topic", aim.topic)
      if let partition = aim.partition { log.text("partition", "\(partition)") }
    case .recordRefused(let producer, let record, let error):
      log.number("producer", UInt64(producer))
      log.number("record", record)
      log.text("error", "\(error)")
    case .commitAsked(let group, let positions):
      log.text("group", group)
      for position in positions {
        log.number("partition", position.partition.word)
        log.number("offset", position.offset)
      }
    case .commitTold(let group): log.text("group", group)
    case .partitionPaused(let partition, let isPaused):
      log.number("partition", partition.word)
      log.number("isPaused", isPaused ? 1 : 0)
    case .unreadable(_, let error), .consumerFailed(_, let error): log.text("error", "\(error)")
    }
  }
}

/// Records as an application was handed them.
struct PolledRecords: Sendable {
  let group: String?
  let partition: TopicPartition
  /// The offset from which the poll read.
  let first: UInt64
  /// The offset after the last.
  let end: UInt64
  /// What each offset held.
  let contents: [ObservedRecord]
  /// Offsets in between that were not for this reader.
  var omitted: [Range<UInt64>] = []
  /// Whether the application has handled them by now; else it says so later.
  var isHandled = true
  /// What the reader sees of transactions.
  var isolation = Isolation.readUncommitted
  /// How long before they were handed out the poll had begun, by the consumer's clock.
  var waited = VirtualDuration.zero
}

/// What an offset was seen to hold.
struct ObservedRecord: Sendable, Hashable {
  let offset: UInt64
  /// A workload record's identity, or the hash of any other record with the topmost bit set.
  let content: UInt64
}
