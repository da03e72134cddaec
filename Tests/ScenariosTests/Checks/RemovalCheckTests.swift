import Simulation
import Storage
import Testing

@testable import Nodes
@testable import Scenarios

/// A bucket and a metadata service told by hand, and what the check of removals makes of it.
private final class RemovalStory {
  static let partition = Story.orders
  var objects: [ObjectKey: [UInt8]] = [:]
  var view: RemovalCheck.View?
  private(set) var found = ViolationList()
  private(set) var event: UInt64 = 0
  lazy var check = RemovalCheck(
    eyes: RemovalCheck.Eyes(object: { [unowned self] in objects[$0] }, view: { [unowned self] _ in view }),
    manifestLifetime: .seconds(10), slack: .seconds(1))

  /// A record by offset, key and value; an empty value is a tombstone.
  typealias Told = (offset: UInt64, key: String?, value: String)

  init(_ change: (inout TopicSettings) -> Void) {
    var settings = TopicSettings()
    change(&settings)
    tell(0, .topicCreated(TopicID(rawValue: 1), name: "orders", logStarts: [0]))
    tell(0, .topicConfigured(TopicID(rawValue: 1), settings))
  }

  func tell(_ seconds: Int64, _ event: ClusterEvent, on host: String = "metadata") {
    self.event += 1
    check.observe(event, .told(self.event, seconds, on: host), Story.labels, &found)
  }

  func finish(_ seconds: Int64) {
    event += 1
    check.finish(.told(event, seconds, on: "metadata"), Story.labels, &found)
  }

  func row(_ range: Range<UInt64>, _ records: [Told], compaction: UInt64 = 0) throws -> SegmentRow {
    let key =
      records.isEmpty ? ObjectKey("") : ObjectKey("object-\(range.lowerBound)-\(range.upperBound)-\(compaction)")
    if !records.isEmpty {
      var writer = SegmentWriter(compression: .none)
      for record in records {
        try writer.append(
          Record(
            offset: record.offset, timestamp: 1, key: record.key.map { Array($0.utf8) }, value: Array(record.value.utf8)
          ))
      }
      objects[key] = try writer.finish()
    }
    var row = SegmentRow(
      base: range.lowerBound, end: range.upperBound, recordCount: UInt64(records.count), size: 100, epoch: 1, key: key)
    row.compaction = compaction
    return row
  }

  @discardableResult
  func register(_ seconds: Int64, _ range: Range<UInt64>, _ records: [Told]) throws -> SegmentRow {
    let row = try row(range, records)
    tell(seconds, .segmentRegistered(Self.partition, row))
    return row
  }

  func swap(_ seconds: Int64, _ old: [SegmentRow], _ new: SegmentRow) {
    tell(seconds, .rowsSwapped(Self.partition, intent: new.compaction, [RowReplacement(old: old, new: new)]))
  }

  func raise(_ seconds: Int64, to offset: UInt64) {
    tell(seconds, .logStartRaised(Self.partition, from: 0, to: offset))
  }

  var broken: [InvariantName] { found.broken }
  var removedOffsets: [UInt64] { check.removed.flatMap { $0.records.map(\.offset) }.sorted() }
}

@Suite("The check of what is removed")
struct RemovalCheckTests {
  // MARK: Retention

  @Test("takes a segment that retention removed at its time for read, with all that it held")
  func retentionByTime() throws {
    let story = RemovalStory { $0.retentionTime = .seconds(20) }
    try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    try story.register(15, 2..<3, [(2, nil, "c")])
    story.raise(21, to: 2)
    #expect(story.broken.isEmpty && story.removedOffsets == [0, 1])
  }

  @Test("finds a segment that retention removed too early")
  func retentionTooEarly() throws {
    let story = RemovalStory { $0.retentionTime = .seconds(20) }
    try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    story.raise(18, to: 2)
    #expect(story.broken == [.acknowledgedIsStored])
    #expect(story.found.all.first?.summary.contains("17s after their registration") == true)
  }

  @Test("knows how many bytes retention has to leave")
  func retentionByBytes() throws {
    for (count, broken) in [(1, []), (2, [InvariantName.acknowledgedIsStored])] as [(UInt64, [InvariantName])] {
      let story = RemovalStory { $0.retentionBytes = 200 }
      for base in 0..<3 as Range<UInt64> { try story.register(1, base..<base + 1, [(base, nil, "a")]) }
      story.raise(2, to: count)
      #expect(story.broken == broken)
    }
  }

  @Test("finds retention in a topic without a limit, and a start in the middle of a segment")
  func retentionWithoutLimit() throws {
    let story = RemovalStory { _ in }
    try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    story.raise(100, to: 2)
    #expect(story.broken == [.acknowledgedIsStored])
    let other = RemovalStory { $0.retentionTime = .seconds(1) }
    try other.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    other.raise(100, to: 1)
    #expect(other.broken == [.noHoles])
  }

  // MARK: Compaction

  private func compacted(
    _ seconds: Int64, _ records: [RemovalStory.Told], leaving rest: [RemovalStory.Told],
    tombstoneRetention: VirtualDuration = .seconds(50)
  ) throws -> RemovalStory {
    let story = RemovalStory {
      $0.cleanup = .compact
      $0.tombstoneRetention = tombstoneRetention
    }
    let end = records.last!.offset + 1
    let old = try story.register(1, 0..<end, records)
    story.swap(seconds, [old], try story.row(0..<end, rest, compaction: 1))
    return story
  }

  @Test("lets a compaction drop what a newer record of its key supersedes")
  func superseded() throws {
    let story = try compacted(
      2, [(0, "k", "old"), (1, nil, "x"), (2, "k", "new")], leaving: [(1, nil, "x"), (2, "k", "new")])
    #expect(story.broken.isEmpty && story.removedOffsets == [0])
  }

  @Test("finds a compaction that dropped the newest record of a key, or one without a key")
  func newestDropped() throws {
    #expect(
      try compacted(2, [(0, "k", "old"), (1, "k", "new")], leaving: [(0, "k", "old")]).broken == [.acknowledgedIsStored]
    )
    #expect(
      try compacted(2, [(0, nil, "x"), (1, "k", "new")], leaving: [(1, "k", "new")]).broken == [.acknowledgedIsStored])
  }

  @Test("finds a compaction that changed a record or made one up")
  func changed() throws {
    let story = try compacted(2, [(0, "k", "a"), (1, "l", "b")], leaving: [(0, "k", "a"), (1, "l", "other")])
    #expect(story.broken.contains(.offsetsAreImmutable))
    let other = try compacted(
      2, [(0, "k", "a"), (2, "l", "b")], leaving: [(0, "k", "a"), (1, "m", "c"), (2, "l", "b")])
    #expect(other.broken.contains(.offsetsAreImmutable))
  }

  @Test("lets an empty value go once it was kept for long enough, with all that its key had before")
  func expiredTombstone() throws {
    #expect(try compacted(52, [(0, "k", "a"), (1, "k", "")], leaving: []).broken.isEmpty)
    #expect(try compacted(20, [(0, "k", "a"), (1, "k", "")], leaving: []).broken == [.acknowledgedIsStored])
    #expect(
      try compacted(52, [(0, "k", "a"), (1, "k", "")], leaving: [(0, "k", "a")]).broken == [.acknowledgedIsStored])
  }

  @Test("finds a compaction that replaced other rows than those that were there")
  func otherRows() throws {
    let story = RemovalStory { $0.cleanup = .compact }
    let first = try story.register(1, 0..<1, [(0, "k", "a")])
    let second = try story.register(1, 1..<2, [(1, "k", "b")])
    var strange = first
    strange.key = ObjectKey("another")
    story.swap(2, [strange, second], try story.row(0..<2, [(1, "k", "b")], compaction: 1))
    #expect(story.broken == [.rowsMatchObjects])
  }

  @Test("finds a compacted object that is not what its row says")
  func wrongObject() throws {
    let story = RemovalStory { $0.cleanup = .compact }
    let old = try story.register(1, 0..<2, [(0, "k", "a"), (1, "k", "b")])
    var new = try story.row(0..<2, [(1, "k", "b")], compaction: 1)
    story.objects[new.key] = nil
    story.swap(2, [old], new)
    #expect(story.broken == [.rowsMatchObjects])
    new.recordCount = 2
  }

  // MARK: Recoveries

  @Test("judges by the recovered state what the service had no time to tell")
  func recovery() throws {
    let story = RemovalStory { $0.retentionTime = .seconds(20) }
    try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    let rows = [try story.row(2..<3, [(2, nil, "c")])]
    var settings = TopicSettings()
    settings.retentionTime = .seconds(20)
    story.view = RemovalCheck.View(settings: settings, logStart: 2, rows: rows)
    story.tell(10, .metadataRecovered(watermarks: [], epochs: []))
    #expect(story.broken == [.acknowledgedIsStored], "too early, told or not")
    #expect(story.check.states[RemovalStory.partition]?.rows.map(\.row) == rows)
  }

  @Test("takes in at the end what the service decided and had no time to tell, and nothing from one that is down")
  func undeclaredEnd() throws {
    let story = RemovalStory { $0.retentionTime = .seconds(5) }
    let rows = [
      try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")]), try story.register(8, 2..<3, [(2, nil, "c")]),
    ]
    story.finish(10)
    #expect(story.check.removed.isEmpty && story.check.deletedTopics.isEmpty, "it shows nothing")
    var settings = TopicSettings()
    settings.retentionTime = .seconds(5)
    story.view = RemovalCheck.View(settings: settings, logStart: 2, rows: [rows[1]])
    story.finish(10)
    #expect(story.check.removed.flatMap(\.records).map(\.offset) == [0, 1])
    #expect(story.broken.isEmpty)
  }

  // MARK: M

  @Test(
    "finds an object that is gone under a young manifest, and none under an old one",
    arguments: [(5, true), (11, false)])
  func manifests(age: Int64, isBroken: Bool) {
    let story = RemovalStory { _ in }
    story.tell(
      20, .objectMissing(RemovalStory.partition, key: ObjectKey("x"), manifestAge: .seconds(age)), on: "consumer-1")
    #expect(story.broken == (isBroken ? [.manifestsHold] : []))
  }

  @Test("does not answer for an object that a fault took")
  func lost() {
    let story = RemovalStory { _ in }
    story.check.lost = [ObjectKey("x")]
    for key in ["x", "y"] {
      story.tell(
        20, .objectMissing(RemovalStory.partition, key: ObjectKey(key), manifestAge: .seconds(5)), on: "consumer-1")
      #expect(story.broken == (key == "x" ? [] : [.manifestsHold]))
    }
  }

  // MARK: What others ask

  @Test("lets positions pass what retention took and rows without records, and nothing else")
  func passable() throws {
    let story = RemovalStory {
      $0.retentionTime = .seconds(5)
      $0.cleanup = .compact
      $0.tombstoneRetention = .zero
    }
    for base in 0..<3 as Range<UInt64> { try story.register(1, base..<base + 1, [(base, "k", "")]) }
    story.raise(10, to: 1)
    let rows = story.check.states[RemovalStory.partition]?.rows.map(\.row) ?? []
    story.swap(11, [rows[0]], try story.row(1..<2, [], compaction: 1))
    #expect(story.broken.isEmpty)
    #expect(story.check.passable(RemovalStory.partition, from: 0) == 2)
    #expect(story.check.passable(RemovalStory.partition, from: 2) == 2)
  }

  @Test("takes what a deleted topic held for read")
  func deletion() throws {
    let story = RemovalStory { _ in }
    try story.register(1, 0..<2, [(0, nil, "a"), (1, nil, "b")])
    story.tell(2, .topicDeleted(TopicID(rawValue: 1)))
    #expect(story.broken.isEmpty && story.removedOffsets == [0, 1])
    #expect(story.check.deletedTopics == [TopicID(rawValue: 1)])
  }
}
