import Simulation

extension MetadataState {
  /// What is known of one partition.
  struct Partition: Sendable {
    var logStart: UInt64
    /// The next offset after the last registered one.
    var watermark: UInt64
    /// The epoch of the latest lease; it only rises, also when nobody holds the lease.
    var epoch: Epoch = 0
    var holder: AgentIncarnation?
    /// The latest grant to each agent, by which its repeated and late requests are known. In order of the agents.
    var latestGrants: [Grant] = []
    /// In order of their bases.
    var segments: [SegmentRow] = []
    /// Which offsets each epoch registered, for ever: recovery decides by it.
    var ranges: [EpochRange] = []
    /// When offsets were registered, whatever rows they are in by now; in order.
    var ages: [AgeMark] = []
    /// In order of their identities.
    var producers: [ProducerState] = []
    /// Below it no key has two records.
    var cleanBelow: UInt64 = 0
    /// The compaction that is under way.
    var intent: CompactionIntent?
    /// The latest intent whose rows were swapped: a repeated request is known by it.
    var latestSwap: UInt64 = 0
    var transactions = PartitionTransactions()

    init(logStart: UInt64, watermark: UInt64) {
      self.logStart = logStart
      self.watermark = watermark
    }
  }

  struct Grant: Sendable, Hashable {
    var to: AgentIncarnation
    var request: UInt64
  }

  struct EpochRange: Sendable, Hashable {
    var epoch: Epoch
    var base: UInt64
    var end: UInt64
  }

  struct ProducerState: Sendable {
    var id: UInt64
    /// The latest batches, the newest last.
    var batches: [StoredBatch]
  }

  /// All offsets below an end were registered by a time of the service's running clock, in milliseconds.
  struct AgeMark: Sendable, Hashable {
    var end: UInt64
    var time: UInt64
  }

  /// How many such marks are kept; with fewer of them offsets look younger than they are, never older.
  static let mostAgeMarks = 64

  /// A compaction that a worker has begun.
  struct CompactionIntent: Sendable, Hashable {
    /// Never given again.
    var id: UInt64
    /// Who works on it, by which of its requests.
    var by: Grant
    /// The offset after the last row that it covers; it begins at the log's start.
    var end: UInt64
  }

  /// How many batches of a producer and partition are remembered.
  static let rememberedBatches = 5
}

// MARK: - Reading

extension MetadataState.Partition {
  /// The offset after the last one that an epoch registered.
  func registeredEnd(epoch: Epoch) -> UInt64? { ranges.last { $0.epoch == epoch }?.end }

  /// The offset below which everything was registered by a time, as far as the marks tell.
  func end(registeredBy time: UInt64) -> UInt64 { ages.last { $0.time <= time }?.end ?? logStart }

  /// Whether an epoch registered all offsets of a range: whatever became of the rows since.
  func hasRegistered(_ base: UInt64, _ end: UInt64, epoch: Epoch) -> Bool {
    ranges.contains { $0.epoch == epoch && $0.base <= base && end <= $0.end }
  }

  /// The offset below which every record's transaction, if it has one, is over.
  var lastStableOffset: UInt64 { transactions.lastStableOffset(watermark: watermark) }

  /// The offset up to which a kind of reader may read.
  func end(_ isolation: Isolation) -> UInt64 {
    switch isolation {
    case .readUncommitted: watermark
    case .readCommitted: lastStableOffset
    }
  }

  /// The place of the first row that ends after an offset.
  func firstSegment(endingAfter offset: UInt64) -> Int {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// MARK: - Changes

extension MetadataState.Partition {
  mutating func grant(_ epoch: Epoch, to holder: AgentIncarnation, request: UInt64) {
    self.epoch = epoch
    self.holder = holder
    let grant = MetadataState.Grant(to: holder, request: request)
    let place = latestGrants.firstIndex { $0.to.agent >= holder.agent } ?? latestGrants.count
    if place < latestGrants.count, latestGrants[place].to.agent == holder.agent {
      latestGrants[place] = grant
    } else {
      latestGrants.insert(grant, at: place)
    }
  }

  mutating func register(_ row: SegmentRow, _ batches: [StoredBatch]) {
    let place = segments.lastIndex { $0.base < row.base }.map { $0 + 1 } ?? 0
    segments.insert(row, at: place)
    watermark = row.end
    if let last = ranges.indices.last, ranges[last].epoch == row.epoch {
      ranges[last].end = row.end
    } else {
      ranges.append(MetadataState.EpochRange(epoch: row.epoch, base: row.base, end: row.end))
    }
    ages.append(MetadataState.AgeMark(end: row.end, time: row.registeredAt))
    if ages.count > MetadataState.mostAgeMarks { thinAges() }
    for batch in batches { remember(batch) }
  }

  private mutating func thinAges() {
    ages = ages.enumerated().filter { $0.offset % 2 == 1 || $0.offset == ages.count - 1 }.map(\.element)
  }

  /// Drops the rows below an offset; returns the keys of their objects.
  mutating func raiseLogStart(to offset: UInt64) -> [ObjectKey] {
    let count = firstSegment(endingAfter: offset)
    let keys = segments[..<count].filter { $0.recordCount > 0 }.map(\.key)
    segments.removeFirst(count)
    logStart = max(logStart, offset)
    transactions.forget(below: logStart)
    // The rows that a compaction has begun with are not all there any more.
    if count > 0 { intent = nil }
    return keys
  }

  /// Puts compacted rows in the place of others; returns the keys of the objects that no row has any more.
  mutating func swap(_ replacements: [RowReplacement], intent id: UInt64) -> [ObjectKey] {
    var keys: [ObjectKey] = []
    for replacement in replacements {
      guard let place = segments.firstIndex(where: { $0.base == replacement.old.first?.base }) else { continue }
      keys += replacement.old.filter { $0.recordCount > 0 }.map(\.key)
      // Without the check that the rows stand there so, there may be fewer of them.
      let end = min(place + replacement.old.count, segments.count)
      segments.replaceSubrange(place..<end, with: [replacement.new])
    }
    if let intent, intent.id == id {
      cleanBelow = max(cleanBelow, intent.end)
      self.intent = nil
    }
    latestSwap = max(latestSwap, id)
    return keys
  }

  private mutating func remember(_ batch: StoredBatch) {
    let place = producers.firstIndex { $0.id >= batch.producer.id } ?? producers.count
    if place < producers.count, producers[place].id == batch.producer.id {
      var batches = producers[place].batches.filter { $0.producer.epoch == batch.producer.epoch }
      batches.append(batch)
      producers[place].batches = batches.suffix(MetadataState.rememberedBatches)
    } else {
      producers.insert(MetadataState.ProducerState(id: batch.producer.id, batches: [batch]), at: place)
    }
  }
}

// MARK: - Snapshot

extension MetadataState.Partition {
  func encode(into writer: inout JournalWriter) {
    for number in [logStart, watermark, epoch, cleanBelow, latestSwap] { writer.integer(number) }
    writer.optional(intent) { $0.intent($1) }
    writer.optional(holder) { $0.incarnation($1) }
    writer.list(latestGrants) { $0.grant($1) }
    writer.list(segments) { $0.row($1) }
    writer.list(ranges) { writer, range in
      for number in [range.epoch, range.base, range.end] { writer.integer(number) }
    }
    writer.list(ages) { writer, mark in
      writer.integer(mark.end)
      writer.integer(mark.time)
    }
    writer.list(producers) { writer, producer in
      writer.integer(producer.id)
      writer.list(producer.batches) { $0.batch($1) }
    }
    transactions.encode(into: &writer)
  }

  init?(from reader: inout JournalReader) {
    guard let logStart = reader.integer(UInt64.self), let watermark = reader.integer(UInt64.self),
      let epoch = reader.integer(UInt64.self), let cleanBelow = reader.integer(UInt64.self),
      let latestSwap = reader.integer(UInt64.self), let intent = reader.optional({ $0.intent() }),
      let holder = reader.optional({ $0.incarnation() }),
      let grants = reader.list({ $0.grant() }), let segments = reader.list({ $0.row() }),
      let ranges = reader.list({ Self.range(from: &$0) }), let ages = reader.list({ Self.ageMark(from: &$0) }),
      let producers = reader.list({ Self.producer(from: &$0) }),
      let transactions = PartitionTransactions(from: &reader)
    else { return nil }
    self.init(logStart: logStart, watermark: watermark)
    self.epoch = epoch
    self.cleanBelow = cleanBelow
    self.latestSwap = latestSwap
    self.intent = intent
    self.holder = holder
    latestGrants = grants
    self.segments = segments
    self.ranges = ranges
    self.ages = ages
    self.producers = producers
    self.transactions = transactions
  }

  private static func ageMark(from reader: inout JournalReader) -> MetadataState.AgeMark? {
    guard let end = reader.integer(UInt64.self), let time = reader.integer(UInt64.self) else { return nil }
    return MetadataState.AgeMark(end: end, time: time)
  }

  private static func range(from reader: inout JournalReader) -> MetadataState.EpochRange? {
    guard let epoch = reader.integer(UInt64.self), let base = reader.integer(UInt64.self),
      let end = reader.integer(UInt64.self)
    else { return nil }
    return MetadataState.EpochRange(epoch: epoch, base: base, end: end)
  }

  private static func producer(from reader: inout JournalReader) -> MetadataState.ProducerState? {
    guard let id = reader.integer(UInt64.self), let batches = reader.list({ $0.batch() }) else { return nil }
    return MetadataState.ProducerState(id: id, batches: batches)
  }

  var picture: Snapshot {
    .fields([
      Snapshot.Field("epoch", .number(epoch)),
      Snapshot.Field("holder", .number(Int64(holder.map { Int64($0.agent.rawValue) } ?? -1))),
      Snapshot.Field("holderIncarnation", .number(Int64(holder?.incarnation ?? 0))),
      Snapshot.Field("logStart", .number(logStart)),
      Snapshot.Field("watermark", .number(watermark)),
      Snapshot.Field("cleanBelow", .number(cleanBelow)),
      Snapshot.Field("intent", .text(intent.map { "\($0.id) up to \($0.end)" } ?? "none")),
      Snapshot.Field("latestSwap", .number(latestSwap)),
      Snapshot.Field("segments", .list(segments.map { .text($0.words) })),
      Snapshot.Field(
        "grants",
        .list(
          latestGrants.map { .text("request \($0.request) of \($0.to.agent.rawValue).\($0.to.incarnation)") })),
      Snapshot.Field("ages", .list(ages.map { .text("below \($0.end) by \($0.time)") })),
      Snapshot.Field("ranges", .list(ranges.map { .text("\($0.base)..<\($0.end) epoch \($0.epoch)") })),
      Snapshot.Field(
        "producers",
        .list(
          producers.map { producer in
            .fields([
              Snapshot.Field("id", .number(producer.id)),
              Snapshot.Field("batches", .list(producer.batches.map { .text($0.words) })),
            ])
          })),
      Snapshot.Field("lastStableOffset", .number(lastStableOffset)),
      Snapshot.Field("transactions", transactions.picture),
    ])
  }
}

extension SegmentRow {
  fileprivate var words: String {
    "\(base)..<\(end) epoch \(epoch), \(recordCount) records, \(size) bytes, at \(registeredAt), \(key)"
  }
}

extension StoredBatch {
  fileprivate var words: String { "\(sequence)+\(count) epoch \(producer.epoch) at \(offset)" }
}
