import Nodes
import Simulation

/// J and G1a: readers of committed records see the committed transactions' records, all of them, and no others; and what certainly was not sent is seen by nobody.
struct VisibilityCheck {
  private struct GroupTopic: Hashable {
    var group: String
    var topic: TopicID
  }

  /// Who reads a topic from its start, and sees committed records only.
  struct Reader {
    var group: String
    var topic: TopicID
  }

  /// What groups of committed readers were handed.
  private var seen: [GroupTopic: RecordMarks] = [:]
  /// What anybody was handed.
  private var polled = RecordMarks()

  // MARK: J

  mutating func polled(
    _ records: PolledRecords, _ stamp: EventStamp, _ history: History, _ transactions: TransactionHistory,
    _ labels: Labels, _ found: inout ViolationList
  ) {
    let key = records.group.map { GroupTopic(group: $0, topic: records.partition.topic) }
    // Taken out and put back, so that its arrays are changed in place.
    var marks = key.flatMap { seen.removeValue(forKey: $0) } ?? RecordMarks()
    for record in records.contents where record.content >> 63 == 0 {
      let name = WorkloadRecord(identity: record.content)
      polled.insert(name)
      guard records.isolation == .readCommitted else { continue }
      marks.insert(name)
      if !transactions.isVisible(record.content) {
        notCommitted(record, records.partition, stamp, history, transactions, labels, &found)
      }
    }
    if let key { seen[key] = marks }
  }

  private func notCommitted(
    _ record: ObservedRecord, _ partition: TopicPartition, _ stamp: EventStamp, _ history: History,
    _ transactions: TransactionHistory, _ labels: Labels, _ found: inout ViolationList
  ) {
    guard let writer = transactions.writer(of: record.content) else { return }
    let transaction = transactions.transactions[writer]
    let end = transactions.end(of: transaction.id)
    let state = end.map { "was \($0.outcome.rawValue) at \($0.stamp.time)" } ?? "is open"
    let name = labels.record(WorkloadRecord(identity: record.content), history)
    found.add(
      Violation(
        .committedIsVisible, at: stamp.time,
        "\(labels.host(stamp.host)), which reads committed records, was handed \(name) at offset \(record.offset) of \(labels.partition(partition)) at \(stamp.time), but \(transactions.label(writer, labels)) \(state)",
        events: [transaction.began.number, end?.stamp.number, stamp.number].compactMap { $0 }, records: [name]))
  }

  /// A transaction cannot end twice, and its producer is told how it ended.
  func judgeEnds(_ transactions: TransactionHistory, _ labels: Labels, _ found: inout ViolationList) {
    for (place, transaction) in transactions.transactions.enumerated() {
      guard let told = transaction.told, let end = transactions.end(of: transaction.id), end.outcome != told.outcome
      else { continue }
      found.add(
        Violation(
          .committedIsVisible, at: told.stamp.time,
          "\(labels.host(transaction.host)) was told at \(told.stamp.time) that \(transactions.label(place, labels)) was \(told.outcome.rawValue), but it was \(end.outcome.rawValue) at \(end.stamp.time)",
          events: [end.stamp.number, told.stamp.number]))
    }
  }

  /// Whether every group of committed readers has been handed what a partition holds for it.
  func judgeAll(
    _ contents: [ObservedRecord], of partition: TopicPartition, readers: [Reader], at end: VirtualTime,
    _ history: History, _ transactions: TransactionHistory, _ labels: Labels, _ found: inout ViolationList
  ) {
    for reader in readers where reader.topic == partition.topic {
      let marks = seen[GroupTopic(group: reader.group, topic: reader.topic)] ?? RecordMarks()
      for record in contents where record.content >> 63 == 0 && transactions.isVisible(record.content) {
        let name = WorkloadRecord(identity: record.content)
        if marks.contains(name) { continue }
        let whose = transactions.writer(of: record.content).map { "of \(transactions.label($0, labels))" }
        let label = labels.record(name, history)
        found.add(
          Violation(
            .committedIsVisible, at: end,
            "group \(reader.group), which reads committed records, was never handed \(label) \(whose ?? "of no transaction") at offset \(record.offset) of \(labels.partition(partition))",
            records: [label]))
      }
    }
  }

  // MARK: G1a

  /// What certainly was not sent must not have been handed to anybody; a network that delivers twice makes certain of nothing that was sent at all.
  func judgeFailed(_ history: History, networkDuplicates: Bool, _ labels: Labels, _ found: inout ViolationList) {
    for (index, producer) in history.producers.enumerated() {
      for (number, place) in producer.records.enumerated() where place.batch != .max {
        let record = WorkloadRecord(producer: UInt32(index + 1), number: UInt64(number))
        let batch = history.batches[Int(place.batch)]
        guard batch.outcome == .failed, polled.contains(record) else { continue }
        if networkDuplicates && batch.attempts > 0 { continue }
        let name = labels.record(record, history)
        found.add(
          Violation(
            .failedIsUnseen, at: batch.deliveredAt,
            "record \(name) of \(labels.partition(batch.partition)) was polled, although its sender was told at \(batch.deliveredAt) (event \(batch.deliveredEvent)) that it certainly is not stored",
            events: [batch.closedEvent, batch.deliveredEvent], records: [name]))
      }
    }
  }
}
