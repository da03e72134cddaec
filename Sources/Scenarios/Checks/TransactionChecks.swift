import Nodes
import Simulation

/// The checks of transactions: J and G1a, each record once through a pipeline, and the order of transactions.
struct TransactionChecks {
  private(set) var transactions = TransactionHistory()
  private var visibility = VisibilityCheck()

  mutating func observe(_ event: PipelineEvent, _ stamp: EventStamp) { transactions.observe(event, stamp) }

  mutating func observe(
    _ event: TransactionEvent, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    for id in transactions.observe(event, stamp) {
      found.add(
        Violation(
          .committedIsVisible, at: stamp.time, "\(id) ended at \(stamp.time) otherwise than it had ended before",
          events: [stamp.number]))
    }
  }

  mutating func polled(
    _ records: PolledRecords, _ stamp: EventStamp, _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    visibility.polled(records, stamp, history, transactions, labels, &found)
  }

  /// What the end of a run is judged by.
  struct End {
    var pipelines: [ExactlyOnceCheck.Pipeline]
    var readers: [VisibilityCheck.Reader]
    var at: VirtualTime
    var isAtRest: Bool
    var networkDuplicates: Bool
  }

  /// Judges everything; `contents` calls its body with what each partition holds, in order.
  mutating func finish(
    _ end: End, _ history: History, _ labels: Labels, _ found: inout ViolationList,
    contents: ((TopicPartition, [ObservedRecord]) -> Void) -> Void
  ) {
    var exactlyOnce = ExactlyOnceCheck(
      pipelines: end.pipelines, history: history, transactions: transactions, labels: labels, end: end.at)
    var order = TransactionOrderCheck(transactions: transactions, labels: labels)
    var violations = found
    contents { partition, records in
      exactlyOnce.observe(records, of: partition)
      order.observe(records, of: partition)
      if end.isAtRest {
        visibility.judgeAll(
          records, of: partition, readers: end.readers, at: end.at, history, transactions, labels, &violations)
      }
    }
    found = violations
    visibility.judgeEnds(transactions, labels, &found)
    visibility.judgeFailed(history, networkDuplicates: end.networkDuplicates, labels, &found)
    exactlyOnce.judge(&found, isAtRest: end.isAtRest)
    order.judge(&found, at: end.at)
  }
}
