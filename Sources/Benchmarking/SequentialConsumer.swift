import Storage

/// A consumer that reads the segments of a partition one after another, block by block, through a cache in front of an
/// object store that takes its time.
///
/// A model with a time of its own, the same in every run. Everything that happens to bytes is real: segments, ranges,
/// the cache of two tiers and its files.
public struct SequentialConsumer {
  /// What is read, and how quickly everybody is.
  public struct Options: Sendable {
    /// How many segments the consumer goes through.
    public var segmentCount = 40
    /// How many blocks a segment has, at least.
    public var blocksPerSegment = 64
    /// How long a fetch from the object store takes, in milliseconds: drawn for each.
    public var fetchMilliseconds = 20..<60
    /// How long the consumer works on a block, in milliseconds.
    public var millisecondsPerBlock = 10
    /// The most blocks that are read ahead; 0 for none.
    public var highestDepth = 8
    /// The bound of the cache's memory tier, in bytes; about 32 blocks.
    public var memoryCapacity = 64 << 10
    /// The bound of the cache's disk tier, in bytes.
    public var diskCapacity = 256 << 10

    /// Makes the options of the figures in docs/performance.md.
    public init() {}
  }

  /// What a read came to.
  public struct Outcome: Sendable {
    /// Blocks asked for, and headers and indexes that were not read ahead.
    public var requests = 0
    /// Those of them that were in memory when they were asked for.
    public var hits = 0
    /// Answers that differed from the object's bytes.
    public var wrongAnswers = 0
    /// Records that were read.
    public var records = 0
    /// Fetches from the object store.
    public var fetches = 0
    /// How long it took, in milliseconds of the model.
    public var milliseconds = 0

    /// Hits among requests, 0 to 1.
    public var hitRatio: Double { requests == 0 ? 0 : Double(hits) / Double(requests) }
  }

  private let options: Options
  private let objects: [[UInt8]]
  private var store: ModelledStore
  private var outcome = Outcome()
  /// Counts by blocks, numbered through all segments.
  private var blocksAhead: ReadAhead
  /// Counts by segments, and gets their ends and headers ready: what has to be there before blocks can be read ahead.
  private var segmentsAhead: ReadAhead
  private let buffer = SegmentReadBuffer()
  /// The number of the segment's first block.
  private var blocksBefore: UInt64 = 0
  /// The segment after the one being read, opened as soon as its end and header are there.
  private var next: RangedSegmentReader?

  /// Writes the segments.
  public init(_ options: Options = Options()) throws {
    self.options = options
    objects = try Self.write(options)
    store = ModelledStore(options, objects: objects)
    blocksAhead = ReadAhead(highestDepth: options.highestDepth)
    segmentsAhead = ReadAhead(highestDepth: min(1, options.highestDepth))
  }

  private static func write(_ options: Options) throws -> [[UInt8]] {
    var generator = LinearGenerator()
    var writer = SegmentWriter(version: .two, compression: .none, blockSizeTarget: 2000)
    var offset: UInt64 = 0
    return try (0..<options.segmentCount).map { _ in
      for _ in 0..<(options.blocksPerSegment * 20) {
        let value = (0..<100).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        try writer.append(Record(offset: offset, timestamp: offset, key: nil, value: value))
        offset += 1
      }
      return try writer.finish()
    }
  }

  /// Reads every segment from its first to its last record.
  public mutating func run() throws -> Outcome {
    for segment in objects.indices { try read(segment) }
    outcome.fetches = store.fetches
    outcome.milliseconds = store.now
    return outcome
  }

  private mutating func read(_ segment: Int) throws {
    var reader = next ?? RangedSegmentReader(length: objects[segment].count)
    next = nil
    try open(segment, &reader)
    let count = reader.index?.count ?? 0
    for block in 0..<count {
      try openNext(behind: segment)
      guard let range = reader.neededRange else { return }
      let readiness = store.cache.readiness(of: store.key(segment, range))
      // Requests before prefetches: what the consumer waits for goes first.
      let end = blocksBefore + UInt64(count + (next?.index?.count ?? 0))
      let ahead = blocksAhead.accessed(blocksBefore + UInt64(block), readiness, end: end)
      let keys = upcoming(segment, reader, through: ahead, from: block)
      let bytes = get(segment, range) { store in for key in keys { store.prefetch(key) } }
      try supply(bytes, to: &reader)
      store.advance(by: options.millisecondsPerBlock)
    }
    blocksBefore += UInt64(count)
  }

  /// Reads end and header, where that was not done ahead.
  private mutating func open(_ segment: Int, _ reader: inout RangedSegmentReader) throws {
    let tail = RangedSegmentReader(length: objects[segment].count).neededRange ?? 0..<0
    let readiness = store.cache.readiness(of: store.key(segment, tail))
    let ahead = segmentsAhead.accessed(UInt64(segment), readiness, end: UInt64(objects.count))
    while reader.index == nil, let range = reader.neededRange { try supply(get(segment, range), to: &reader) }
    for next in ahead {
      let reader = RangedSegmentReader(length: objects[Int(next)].count)
      for range in [reader.neededRange].compactMap({ $0 }) + reader.rangesAhead(1) {
        store.prefetch(store.key(Int(next), range))
      }
    }
  }

  /// Opens the next segment without waiting, if what that takes is in memory.
  private mutating func openNext(behind segment: Int) throws {
    guard segment + 1 < objects.count, next?.index == nil, options.highestDepth > 0 else { return }
    var reader = next ?? RangedSegmentReader(length: objects[segment + 1].count)
    while reader.index == nil, let range = reader.neededRange,
      store.cache.readiness(of: store.key(segment + 1, range)) == .ready
    {
      let bytes = store.get(store.key(segment + 1, range))
      if bytes != Array(objects[segment + 1][range]) { outcome.wrongAnswers += 1 }
      try supply(bytes, to: &reader)
    }
    next = reader
  }

  private mutating func supply(_ bytes: [UInt8], to reader: inout RangedSegmentReader) throws {
    var count = 0
    try reader.supply(bytes, buffer: buffer) { _ in
      count += 1
      return true
    }
    outcome.records += count
  }

  /// Asks for bytes, does `meanwhile`, and waits for them.
  private mutating func get(
    _ segment: Int, _ range: Range<Int>, meanwhile: (inout ModelledStore) -> Void = { _ in }
  ) -> [UInt8] {
    outcome.requests += 1
    let key = store.key(segment, range)
    if store.cache.readiness(of: key) == .ready { outcome.hits += 1 }
    let bytes = store.get(key, meanwhile: meanwhile)
    if bytes != Array(objects[segment][range]) { outcome.wrongAnswers += 1 }
    return bytes
  }

  /// The keys of blocks by their numbers over all segments, when the reader is at `block` of its segment.
  private func upcoming(
    _ segment: Int, _ reader: RangedSegmentReader, through ordinals: Range<UInt64>, from block: Int
  ) -> [CacheKey] {
    guard let last = ordinals.last else { return [] }
    let first = blocksBefore + UInt64(block)
    let depth = Int(last - first) + 1
    func keys(_ segment: Int, _ reader: RangedSegmentReader) -> [CacheKey] {
      ([reader.neededRange].compactMap { $0 } + reader.rangesAhead(depth)).map { store.key(segment, $0) }
    }
    let all = keys(segment, reader) + (next.map { keys(segment + 1, $0) } ?? [])
    return ordinals.map { all[Int($0 - first)] }
  }
}

/// The cache, the object store behind it and the disk beside it, in a time that only moves forward.
private struct ModelledStore {
  var cache: TieredCache
  private(set) var now = 0
  private(set) var fetches = 0
  private let options: SequentialConsumer.Options
  private let objects: [[UInt8]]
  private var generator = LinearGenerator()
  private var files: [String: [UInt8]] = [:]
  /// Fetches and reads under way, and when they end.
  private var underWay: [(end: Int, action: TieredCache.Action)] = []
  private var answers: [UInt64: [UInt8]] = [:]
  private var ticket: UInt64 = 0
  private static let diskMilliseconds = 1

  init(_ options: SequentialConsumer.Options, objects: [[UInt8]]) {
    self.options = options
    self.objects = objects
    cache = TieredCache(
      memoryCapacity: options.memoryCapacity, diskCapacity: options.diskCapacity, policy: .s3FIFO)
  }

  func key(_ segment: Int, _ range: Range<Int>) -> CacheKey {
    CacheKey(object: Array("segment \(segment)".utf8), version: 1, range: range)
  }

  mutating func prefetch(_ key: CacheKey) { perform(cache.prefetch(key)) }

  /// Asks for bytes, does `meanwhile`, and waits for them.
  mutating func get(_ key: CacheKey, meanwhile: (inout ModelledStore) -> Void = { _ in }) -> [UInt8] {
    ticket += 1
    perform(cache.request(key, ticket: ticket))
    meanwhile(&self)
    while answers[ticket] == nil, let end = underWay.map(\.end).min() { advance(by: max(0, end - now)) }
    return answers.removeValue(forKey: ticket) ?? []
  }

  /// Lets time pass, and what ends meanwhile end in order.
  mutating func advance(by milliseconds: Int) {
    let target = now + milliseconds
    while let next = underWay.indices.min(by: { underWay[$0].end < underWay[$1].end }),
      underWay[next].end <= target
    {
      let (end, action) = underWay.remove(at: next)
      now = max(now, end)
      finish(action)
    }
    now = target
  }

  private mutating func perform(_ actions: [TieredCache.Action]) {
    for action in actions {
      switch action {
      case .deliver(let ticket, let bytes): answers[ticket] = bytes
      case .fail(let ticket): answers[ticket] = []
      case .fetch:
        fetches += 1
        let range = options.fetchMilliseconds
        underWay.append((now + range.lowerBound + generator.below(range.count), action))
      case .readFile: underWay.append((now + Self.diskMilliseconds, action))
      case .writeFile(let name, let bytes, let key):
        files[name] = bytes
        perform(cache.fileWritten(key, .written))
      case .renameFile(let from, let to, let key):
        files[to] = files.removeValue(forKey: from)
        perform(cache.fileRenamed(key, succeeded: true))
      case .removeFile(let name): files[name] = nil
      }
    }
  }

  private mutating func finish(_ action: TieredCache.Action) {
    switch action {
    case .fetch(let key):
      let number = objects.indices.first { self.key($0, 0..<0).object == key.object }
      guard let number, let range = key.range else { return perform(cache.fetchFailed(key)) }
      perform(cache.fetched(key, bytes: Array(objects[number][range])))
    case .readFile(let name, let key): perform(cache.diskRead(key, file: files[name]))
    default: break
    }
  }
}
