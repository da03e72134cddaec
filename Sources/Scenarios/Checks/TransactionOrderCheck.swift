import Nodes
import Simulation

/// G0, G1c and precommitted-read: committed transactions happen in an order that neither what they wrote, nor what they read, nor time contradicts.
///
/// One transaction comes before another when it ended before the other began (time), when its records stand before the other's in a partition (ww), or when the other was handed its records (wr). Of ww only what contradicts time counts: transactions that overlap may mix their records, since the protocol promises that a transaction's records appear together, not that writers wait for one another.
struct TransactionOrderCheck {
  private let transactions: TransactionHistory
  private let labels: Labels
  /// The committed ones.
  private let committed: [Int]
  private var graph: TransactionGraph
  private var writes: [(from: Int, to: Int, TopicPartition)] = []
  /// Of each partition: the transaction that began last among those whose records were passed.
  private var latest: [TopicPartition: Int] = [:]

  init(transactions: TransactionHistory, labels: Labels) {
    self.transactions = transactions
    self.labels = labels
    committed = transactions.transactions.indices.filter {
      transactions.end(of: transactions.transactions[$0].id)?.outcome == .committed
    }
    graph = TransactionGraph(count: transactions.transactions.count)
    addTime()
  }

  private func began(_ place: Int) -> UInt64 { transactions.transactions[place].began.number }
  private func ended(_ place: Int) -> UInt64 {
    transactions.end(of: transactions.transactions[place].id)?.stamp.number ?? .max
  }

  private mutating func addTime() {
    // One moment for each end, each before the next: so all that follows an end is reached from it without an edge for each pair.
    // Events are numbered in the order of time.
    let ends: [(event: UInt64, place: Int)] = committed.map { (ended($0), $0) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    var moments: [Int] = []
    for (index, end) in ends.enumerated() {
      let moment = graph.addMoment()
      graph.add(end.place, moment, .time)
      if index > 0 { graph.add(moments[index - 1], moment, .time) }
      moments.append(moment)
    }
    for place in committed {
      let before = Self.count(of: ends, before: began(place))
      if before > 0 { graph.add(moments[before - 1], place, .time) }
    }
  }

  /// How many transactions ended before an event.
  private static func count(of ends: [(event: UInt64, place: Int)], before event: UInt64) -> Int {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle].event < event { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Takes in what a partition holds, in order of its offsets.
  mutating func observe(_ contents: [ObservedRecord], of partition: TopicPartition) {
    for record in contents {
      guard let writer = transactions.writer(of: record.content), isCommitted(writer) else { continue }
      if let other = latest[partition], other != writer, began(other) > ended(writer) {
        graph.add(other, writer, .writes(partition))
      }
      if latest[partition].map({ began($0) < began(writer) }) ?? true { latest[partition] = writer }
    }
  }

  private func isCommitted(_ place: Int) -> Bool {
    transactions.end(of: transactions.transactions[place].id)?.outcome == .committed
  }

  mutating func judge(_ found: inout ViolationList, at end: VirtualTime) {
    if let cycle = graph.cycle(through: { if case .writes = $0 { true } else { false } }) {
      report(cycle, .writesFollowTime, &found, at: end)
    }
    for reader in committed {
      for record in transactions.transactions[reader].handled {
        guard let writer = transactions.writer(of: record.content) else { continue }
        if writer == reader {
          precommitted(record, reader, &found, at: end)
        } else if isCommitted(writer) {
          graph.add(writer, reader, .reads(record.partition))
        }
      }
    }
    if let cycle = graph.cycle(through: { if case .reads = $0 { true } else { false } }) {
      report(cycle, .readsAreNotCircular, &found, at: end)
    }
  }

  private func precommitted(
    _ record: HandledRecord, _ reader: Int, _ found: inout ViolationList, at end: VirtualTime
  ) {
    found.add(
      Violation(
        .ownWritesAreUnseen, at: end,
        "\(transactions.label(reader, labels)) was handed, at offset \(record.offset) of \(labels.partition(record.partition)), a record that it had sent itself",
        events: [began(reader), ended(reader)]))
  }

  private func report(
    _ cycle: [TransactionGraph.Step], _ invariant: InvariantName, _ found: inout ViolationList, at end: VirtualTime
  ) {
    let steps = cycle.map { step -> String in
      let how =
        switch step.kind {
        case .time: "ended before the beginning of"
        case .writes(let partition): "has records in \(labels.partition(partition)) before those of"
        case .reads(let partition): "wrote what, from \(labels.partition(partition)), was handed to"
        }
      return "\(transactions.label(step.from, labels)) \(how) \(transactions.label(step.to, labels))"
    }
    found.add(
      Violation(
        invariant, at: end, "transactions form a circle: " + steps.joined(separator: "; "),
        events: cycle.flatMap { [began($0.from), ended($0.from)] }))
  }
}
