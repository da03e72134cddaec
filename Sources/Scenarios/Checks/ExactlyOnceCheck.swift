import Nodes
import Simulation

/// Each record that a pipeline reads is made into one record, once, whatever dies on the way.
struct ExactlyOnceCheck {
  /// A pipeline, by what it reads.
  struct Pipeline {
    var group: String
    var from: TopicID
    var to: TopicID
  }

  private struct Place: Hashable {
    var partition: TopicPartition
    var offset: UInt64
  }

  private let pipelines: [Pipeline]
  private let history: History
  private let transactions: TransactionHistory
  private let labels: Labels
  private let end: VirtualTime
  /// How often each record is stored.
  private var stored: [UInt64: Int] = [:]
  /// What is there to be read by pipelines.
  private var inputs: [(place: Place, content: UInt64)] = []

  init(
    pipelines: [Pipeline], history: History, transactions: TransactionHistory, labels: Labels, end: VirtualTime
  ) {
    self.pipelines = pipelines
    self.history = history
    self.transactions = transactions
    self.labels = labels
    self.end = end
  }

  /// Takes in what a partition holds.
  mutating func observe(_ contents: [ObservedRecord], of partition: TopicPartition) {
    let isInput = pipelines.contains { $0.from == partition.topic }
    let isOutput = pipelines.contains { $0.to == partition.topic }
    for record in contents {
      if isInput && transactions.isVisible(record.content) {
        inputs.append((Place(partition: partition, offset: record.offset), record.content))
      }
      if isOutput && transactions.writer(of: record.content) != nil { stored[record.content, default: 0] += 1 }
    }
  }

  /// Judges every record; what was not handled yet is a violation only in a run that came to rest.
  func judge(_ found: inout ViolationList, isAtRest: Bool) {
    guard !pipelines.isEmpty else { return }
    var handled: [Place: [(transaction: Int, output: UInt64)]] = [:]
    for (index, transaction) in transactions.transactions.enumerated() {
      guard transactions.end(of: transaction.id)?.outcome == .committed else { continue }
      for record in transaction.handled {
        handled[Place(partition: record.partition, offset: record.offset), default: []].append((index, record.output))
        judge(output: record.output, of: index, &found)
      }
    }
    for (place, content) in inputs {
      let made = handled[place] ?? []
      // Each pipeline that reads the topic makes one.
      let expected = pipelines.filter { $0.from == place.partition.topic }.count
      if made.count > expected { tooOften(place, content, made.map(\.transaction), &found) }
      if made.count < expected && isAtRest { never(place, content, made.count, &found) }
    }
  }

  private func judge(output: UInt64, of transaction: Int, _ found: inout ViolationList) {
    let count = stored[output] ?? 0
    guard count != 1 else { return }
    let name = labels.record(WorkloadRecord(identity: output), history)
    found.add(
      Violation(
        .exactlyOnce, at: end,
        "record \(name) of \(transactions.label(transaction, labels)), which was committed, is stored \(count) times",
        events: events(of: [transaction]), records: [name]))
  }

  private func tooOften(_ place: Place, _ content: UInt64, _ by: [Int], _ found: inout ViolationList) {
    let who = by.map { transactions.label($0, labels) }.joined(separator: " and ")
    found.add(
      Violation(
        .exactlyOnce, at: end,
        "\(labels.content(content, history)) at offset \(place.offset) of \(labels.partition(place.partition)) was handled \(by.count) times: by \(who), all of them committed",
        events: events(of: by)))
  }

  private func never(_ place: Place, _ content: UInt64, _ count: Int, _ found: inout ViolationList) {
    let often = count == 0 ? "by no committed transaction" : "by only \(count) pipelines"
    found.add(
      Violation(
        .exactlyOnce, at: end,
        "\(labels.content(content, history)) at offset \(place.offset) of \(labels.partition(place.partition)) was handled \(often)"
      ))
  }

  private func events(of places: [Int]) -> [UInt64] {
    places.flatMap { place -> [UInt64] in
      let transaction = transactions.transactions[place]
      return [transaction.began.number, transactions.end(of: transaction.id)?.stamp.number].compactMap { $0 }
    }
  }
}
