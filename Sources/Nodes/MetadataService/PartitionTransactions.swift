import Simulation

/// What a partition keeps of transactions: which of its offsets belong to open ones, and which to aborted ones.
struct PartitionTransactions: Sendable {
  /// In order of their offsets.
  private(set) var open: [TransactionRange] = []
  /// In order; ranges that touch are one.
  private(set) var aborted: [OffsetRange] = []

  init() {}

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

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.list(open) { $0.range($1) }
    writer.list(aborted) { $0.offsets($1) }
  }

  init?(from reader: inout JournalReader) {
    guard let open = reader.list({ $0.range() }), let aborted = reader.list({ $0.offsets() }) else { return nil }
    self.open = open
    self.aborted = aborted
  }

  var picture: Snapshot {
    .fields([
      Snapshot.Field(
        "open", .list(open.map { .text("\($0.offsets.first)..<\($0.offsets.end) \($0.transaction)") })),
      Snapshot.Field("aborted", .list(aborted.map { .text("\($0.first)..<\($0.end)") })),
    ])
  }
}
