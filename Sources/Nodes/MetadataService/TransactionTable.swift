import Simulation

/// The transactions that the metadata service knows: the open one of each producer, and how its latest ones ended.
struct TransactionTable: StatePart {
  static let tag: UInt8 = 30

  struct Open: Sendable {
    var id: TransactionID
    var timeout: VirtualDuration
    /// How many records of it are registered, in order of the partitions.
    var registered: [SentRecords] = []
  }

  struct Producer: Sendable {
    var id: UInt64
    var open: Open?
    /// The latest transaction of each epoch that had any, the newest last.
    var ended: [EndedTransaction] = []
  }

  /// What is known of a transaction.
  enum Status {
    case open(Open)
    case ended(TransactionOutcome)
    /// It never began, or ended so long ago that it is forgotten.
    case unknown
  }

  /// How many epochs of a producer are remembered: whoever asks for an outcome of an older one was fenced as often since.
  static let rememberedEpochs = 16

  /// In order of their identities.
  private(set) var producers: [Producer] = []

  init() {}

  /// The open transactions, in order of their producers.
  var open: [Open] { producers.compactMap(\.open) }

  /// How the latest transactions ended.
  var ended: [EndedTransaction] { producers.flatMap(\.ended) }

  func status(_ transaction: TransactionID) -> Status {
    guard let producer = producer(transaction.producer.id) else { return .unknown }
    if let open = producer.open, open.id == transaction { return .open(open) }
    let ended = producer.ended.last { $0.transaction == transaction }
    return ended.map { .ended($0.outcome) } ?? .unknown
  }

  /// The open transaction of a producer.
  func open(of producer: UInt64) -> Open? { self.producer(producer)?.open }

  /// The highest number that a transaction of this identity had; 0 before the first.
  func latestNumber(of identity: ProducerIdentity) -> UInt64 {
    guard let producer = producer(identity.id) else { return 0 }
    let open = producer.open.flatMap { $0.id.producer == identity ? $0.id.number : nil } ?? 0
    let ended = producer.ended.last { $0.transaction.producer == identity }?.transaction.number ?? 0
    return max(open, ended)
  }

  // MARK: Changes

  mutating func begin(_ transaction: TransactionID, timeout: VirtualDuration) {
    change(transaction.producer.id) { $0.open = Open(id: transaction, timeout: timeout) }
  }

  mutating func count(_ records: UInt64, of transaction: TransactionID, in partition: TopicPartition) {
    change(transaction.producer.id) { producer in
      guard var open = producer.open, open.id == transaction else { return }
      let place = open.registered.firstIndex { !($0.partition < partition) } ?? open.registered.count
      if place < open.registered.count, open.registered[place].partition == partition {
        open.registered[place].count += records
      } else {
        open.registered.insert(SentRecords(partition: partition, count: records), at: place)
      }
      producer.open = open
    }
  }

  /// Ends a transaction; returns the partitions that hold records of it.
  mutating func end(_ transaction: TransactionID, _ outcome: TransactionOutcome) -> [TopicPartition] {
    var partitions: [TopicPartition] = []
    change(transaction.producer.id) { producer in
      if let open = producer.open, open.id == transaction {
        partitions = open.registered.map(\.partition)
        producer.open = nil
      }
      producer.ended.removeAll { $0.transaction.producer == transaction.producer }
      producer.ended.append(EndedTransaction(transaction, outcome))
      if producer.ended.count > Self.rememberedEpochs { producer.ended.removeFirst() }
    }
    return partitions
  }

  // MARK: Finding

  private func producer(_ id: UInt64) -> Producer? {
    let place = self.place(of: id)
    return place < producers.count && producers[place].id == id ? producers[place] : nil
  }

  private mutating func change(_ id: UInt64, _ body: (inout Producer) -> Void) {
    let place = self.place(of: id)
    if place == producers.count || producers[place].id != id { producers.insert(Producer(id: id), at: place) }
    body(&producers[place])
  }

  private func place(of id: UInt64) -> Int {
    var low = 0
    var high = producers.count
    while low < high {
      let middle = (low + high) / 2
      if producers[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(producers) { writer, producer in
      writer.integer(producer.id)
      writer.optional(producer.open) { writer, open in
        writer.transaction(open.id)
        writer.integer(open.timeout.nanoseconds)
        writer.list(open.registered) { writer, records in
          writer.partition(records.partition)
          writer.integer(records.count)
        }
      }
      writer.list(producer.ended) { writer, ended in
        writer.transaction(ended.transaction)
        writer.outcome(ended.outcome)
      }
    }
  }

  init?(from reader: inout JournalReader) {
    let producers = reader.list { reader -> Producer? in
      guard let id = reader.integer(UInt64.self), let open = reader.optional({ Self.open(from: &$0) }),
        let ended = reader.list({ Self.ended(from: &$0) })
      else { return nil }
      return Producer(id: id, open: open, ended: ended)
    }
    guard let producers else { return nil }
    self.producers = producers
  }

  private static func open(from reader: inout JournalReader) -> Open? {
    let id = reader.transaction()
    let timeout = reader.integer(Int64.self)
    let registered = reader.list { reader -> SentRecords? in
      guard let partition = reader.partition(), let count = reader.integer(UInt64.self) else { return nil }
      return SentRecords(partition: partition, count: count)
    }
    guard let id, let timeout, let registered else { return nil }
    return Open(id: id, timeout: .nanoseconds(timeout), registered: registered)
  }

  private static func ended(from reader: inout JournalReader) -> EndedTransaction? {
    guard let transaction = reader.transaction(), let outcome = reader.outcome() else { return nil }
    return EndedTransaction(transaction, outcome)
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "transactions",
      .list(
        producers.map { producer in
          .fields([
            Snapshot.Field("producer", .number(producer.id)),
            Snapshot.Field("open", .text(producer.open?.words ?? "")),
            Snapshot.Field("ended", .list(producer.ended.map { .text("\($0.transaction) \($0.outcome.rawValue)") })),
          ])
        }))
  }
}

extension TransactionTable.Open {
  fileprivate var words: String {
    let records = registered.map { ", \($0.count) records in \($0.partition)" }.joined()
    return "\(id), \(timeout)\(records)"
  }
}
