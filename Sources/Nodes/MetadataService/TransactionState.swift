import Simulation

/// The transactions that the metadata service knows: the open one of each producer, and how its latest ones ended.
struct TransactionTable: Sendable {
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

  var snapshot: Snapshot {
    .list(
      producers.map { producer in
        .fields([
          Snapshot.Field("producer", .number(producer.id)),
          Snapshot.Field("open", .text(producer.open.map { "\($0.id)" } ?? "")),
          Snapshot.Field("ended", .list(producer.ended.map { .text("\($0.transaction) \($0.outcome.rawValue)") })),
        ])
      })
  }
}

/// What a partition keeps of transactions: which of its offsets belong to open ones, and which to aborted ones.
struct PartitionTransactions: Sendable {
  /// In order of their offsets.
  private(set) var open: [TransactionRange] = []
  /// In order; ranges that touch are one.
  private(set) var aborted: [OffsetRange] = []

  /// The offset below which every record's transaction, if it has one, is over: the watermark where none is open.
  ///
  /// It never falls: a range begins at or behind the watermark at which it is registered, and an open range only goes away.
  func lastStableOffset(watermark: UInt64) -> UInt64 { open.first?.offsets.first ?? watermark }

  /// The aborted offsets within a range of offsets.
  func aborted(within range: OffsetRange) -> [OffsetRange] {
    var result: [OffsetRange] = []
    var place = firstAborted(endingAfter: range.first)
    while place < aborted.count, aborted[place].first < range.end {
      let found = aborted[place]
      result.append(OffsetRange(first: max(found.first, range.first), end: min(found.end, range.end)))
      place += 1
    }
    return result
  }

  /// Takes in a registered range, behind all others.
  mutating func add(_ range: TransactionRange, isAborted: Bool) {
    if isAborted {
      abort(range.offsets)
    } else if let last = open.indices.last, open[last].transaction == range.transaction,
      open[last].offsets.end == range.offsets.first
    {
      open[last].offsets.end = range.offsets.end
    } else {
      open.append(range)
    }
  }

  mutating func end(_ transaction: TransactionID, _ outcome: TransactionOutcome) {
    if outcome == .aborted {
      for range in open where range.transaction == transaction { abort(range.offsets) }
    }
    open.removeAll { $0.transaction == transaction }
  }

  /// Forgets aborted offsets that no segment holds any more.
  mutating func forget(below logStart: UInt64) {
    let place = firstAborted(endingAfter: logStart)
    aborted.removeFirst(place)
  }

  private mutating func abort(_ range: OffsetRange) {
    var place = firstAborted(endingAfter: range.first)
    var merged = range
    if place > 0, aborted[place - 1].end == range.first {
      place -= 1
      merged.first = aborted[place].first
      aborted.remove(at: place)
    }
    if place < aborted.count, aborted[place].first == range.end {
      merged.end = aborted[place].end
      aborted.remove(at: place)
    }
    aborted.insert(merged, at: place)
  }

  private func firstAborted(endingAfter offset: UInt64) -> Int {
    var low = 0
    var high = aborted.count
    while low < high {
      let middle = (low + high) / 2
      if aborted[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  var snapshot: Snapshot {
    .fields([
      Snapshot.Field(
        "open", .list(open.map { .text("\($0.offsets.first)..<\($0.offsets.end) \($0.transaction)") })),
      Snapshot.Field("aborted", .list(aborted.map { .text("\($0.first)..<\($0.end)") })),
    ])
  }
}

/// A range as it was judged when its segment was registered.
struct JudgedRange: Sendable, Hashable {
  var range: TransactionRange
  /// Whether its transaction was not open: nobody is ever to see it as committed.
  var isAborted: Bool
}

/// One change of what is known of transactions, as the journal holds it.
enum TransactionEffect: Sendable {
  case began(TransactionID, timeout: VirtualDuration)
  case ended(TransactionID, TransactionOutcome, [GroupPositions])
  /// A registration with its ranges, in one entry: a segment that is there without them would show what was never committed.
  case segmentRegistered(TopicPartition, SegmentRow, [StoredBatch], [JudgedRange])
}
