import Nodes
import Simulation

/// What transactions did, and how they ended: by what the metadata service made durable, and by what their producers were told.
struct TransactionHistory {
  /// A transaction as its application ran it.
  struct Transaction {
    let id: TransactionID
    /// The number by which the application sends.
    let producer: UInt32
    let host: HostID
    let began: EventStamp
    var handled: [HandledRecord] = []
    var told: (outcome: TransactionOutcome, stamp: EventStamp)?
  }

  struct End {
    let outcome: TransactionOutcome
    /// When that was durable, or known to be.
    let stamp: EventStamp
  }

  /// In the order in which they began.
  private(set) var transactions: [Transaction] = []
  private var places: [TransactionID: Int] = [:]
  private var ends: [TransactionID: End] = [:]
  /// By the records that they sent.
  private var writers: [UInt64: Int] = [:]

  /// Takes in what an application did.
  mutating func observe(_ event: PipelineEvent, _ stamp: EventStamp) {
    switch event {
    case .began(let producer, let id):
      places[id] = transactions.count
      transactions.append(Transaction(id: id, producer: producer, host: stamp.host, began: stamp))
    case .handled(_, let id, let records):
      guard let place = places[id] else { return }
      transactions[place].handled += records
      for record in records { writers[record.output] = place }
    case .told(_, let id, let outcome):
      guard let place = places[id] else { return }
      transactions[place].told = (outcome, stamp)
    }
  }

  /// Takes in what the metadata service made durable; returns the transactions that had ended otherwise before.
  mutating func observe(_ event: TransactionEvent, _ stamp: EventStamp) -> [TransactionID] {
    switch event {
    case .ended(let id, let outcome, _): return end(id, outcome, stamp) ? [] : [id]
    case .recovered(let ended): return ended.filter { !end($0.transaction, $0.outcome, stamp) }.map(\.transaction)
    case .began, .rangeRegistered: return []
    }
  }

  private mutating func end(_ id: TransactionID, _ outcome: TransactionOutcome, _ stamp: EventStamp) -> Bool {
    if let known = ends[id] { return known.outcome == outcome }
    ends[id] = End(outcome: outcome, stamp: stamp)
    return true
  }

  /// How a transaction ended; nil while it is open.
  func end(of id: TransactionID) -> End? { ends[id] }

  /// The transaction that sent a record, by its place; nil for a record of none.
  func writer(of content: UInt64) -> Int? { writers[content] }

  /// Whether a reader of committed records is to see a record.
  func isVisible(_ content: UInt64) -> Bool {
    guard let writer = writers[content] else { return true }
    return ends[transactions[writer].id]?.outcome == .committed
  }

  /// For example `transaction 3 of pipeline-1 (epoch 2)`.
  func label(_ place: Int, _ labels: Labels) -> String {
    let transaction = transactions[place]
    return
      "transaction \(transaction.id.number) of \(labels.host(transaction.host)) (epoch \(transaction.id.producer.epoch))"
  }
}

/// Marks workload records, a bit each.
struct RecordMarks {
  /// By producer, 64 records a word.
  private var words: [[UInt64]] = []

  mutating func insert(_ record: WorkloadRecord) {
    let producer = Int(record.producer)
    let word = Int(record.number / 64)
    while words.count <= producer { words.append([]) }
    if words[producer].count <= word {
      words[producer].append(contentsOf: repeatElement(0, count: word + 1 - words[producer].count))
    }
    words[producer][word] |= 1 << (record.number % 64)
  }

  func contains(_ record: WorkloadRecord) -> Bool {
    let producer = Int(record.producer)
    let word = Int(record.number / 64)
    guard words.indices.contains(producer), words[producer].indices.contains(word) else { return false }
    return words[producer][word] >> (record.number % 64) & 1 == 1
  }
}
