import Simulation
import Testing

@testable import Nodes

/// Clients stand for workers here: 0 and 1.
@Suite("A compaction, as the metadata service sees it,")
struct CompactionRequestTests {
  let cluster: TestCluster

  init() throws {
    cluster = TestCluster {
      $0.topic.cleanup = .compact
      $0.metadata.compactionTerm = .seconds(20)
    }
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    for base in [0, 3, 6] as [UInt64] {
      try cluster.ask(RegisterSegment(base..<base + 3, epoch: 1), of: cluster.metadata)
    }
  }

  private func claim(_ request: UInt64 = 1, as client: Int = 0) throws -> CompactionClaim? {
    try cluster.ask(ClaimCompaction(request: request), of: cluster.metadata, as: client).claim
  }

  private func complete(_ claim: CompactionClaim, _ replacements: [RowReplacement], as client: Int = 0) throws {
    try cluster.ask(
      CompleteCompaction(partition: claim.partition, intent: claim.intent, replacements: replacements),
      of: cluster.metadata, as: client)
  }

  private func merged(_ claim: CompactionClaim, _ rows: Range<Int>, records: UInt64) -> RowReplacement {
    let old = Array(claim.rows[rows])
    var new = old[0]
    new.end = old.last!.end
    new.recordCount = records
    new.size = records * 10
    new.compaction = claim.intent
    new.key =
      records == 0
      ? ObjectKey("") : SegmentNaming.compactedKey(claim.partition, base: new.base, intent: claim.intent)
    return RowReplacement(old: old, new: new)
  }

  private func restart() {
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  @Test("swaps exactly the rows that it was given, and leaves their objects to be removed")
  func swap() throws {
    let claim = try #require(try claim())
    #expect(claim.rows.map(\.base) == [0, 3, 6] && claim.cleanBelow == 0)
    try complete(claim, [merged(claim, 0..<2, records: 2)])
    let rows = cluster.manifest().rows
    #expect(rows.map(\.base) == [0, 6] && rows.map(\.end) == [6, 9] && rows.map(\.recordCount) == [2, 3])
    #expect(rows[0].registeredAt == claim.rows[1].registeredAt, "as old as the youngest of the old ones")
    cluster.run(for: .milliseconds(1))
    _ = try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata)
    cluster.run(for: .seconds(61))
    #expect(try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata).keys == claim.rows[..<2].map(\.key))
  }

  @Test("can leave a row without records, which has no object")
  func emptied() throws {
    let claim = try #require(try claim())
    try complete(claim, [merged(claim, 0..<3, records: 0)])
    #expect(cluster.manifest().rows.map(\.recordCount) == [0] && cluster.watermark() == 9)
    try cluster.ask(RegisterSegment(9..<11, epoch: 1), of: cluster.metadata)
    let next = try #require(try self.claim(2))
    #expect(next.rows.map(\.recordCount) == [0, 2] && next.cleanBelow == 9)
  }

  @Test("is one worker's: nobody else gets the partition until its term is over, also across a restart")
  func oneAtATime() throws {
    let first = try #require(try claim())
    #expect(try claim(as: 1) == nil)
    restart()
    cluster.run(for: .seconds(19))
    #expect(try claim(as: 1) == nil, "the term begins anew with the service")
    cluster.run(for: .seconds(2))
    let second = try #require(try claim(2, as: 1))
    #expect(second.intent > first.intent && cluster.count(of: .compactionTakenOver) == 1)
    #expect(throws: MetadataError.intentOver) { try complete(first, [merged(first, 0..<3, records: 1)]) }
    #expect(cluster.manifest().rows.count == 3)
    try complete(second, [merged(second, 0..<3, records: 1)], as: 1)
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("that is repeated after its success is a success, and changes nothing more")
  func repeated() throws {
    let claim = try #require(try claim())
    #expect(try self.claim() == claim, "a claim whose answer was lost gets the same intent")
    try complete(claim, [merged(claim, 0..<2, records: 1)])
    restart()
    try complete(claim, [merged(claim, 0..<2, records: 1)])
    #expect(cluster.manifest().rows.map(\.base) == [0, 6])
    #expect(throws: MetadataError.staleRequest) { try self.claim() }
  }

  @Test("is refused when retention took some of its rows meanwhile, and can be begun anew")
  func retentionMeanwhile() throws {
    let claim = try #require(try claim())
    var settings = TopicSettings()
    settings.cleanup = .compact
    settings.retentionBytes = 200
    try cluster.ask(AlterTopic(topic: TopicID(rawValue: 1), settings: settings, request: 1), of: cluster.metadata)
    cluster.run(for: .seconds(6))
    #expect(cluster.manifest().logStart == 3)
    #expect(throws: MetadataError.intentOver) { try complete(claim, [merged(claim, 1..<3, records: 1)]) }
    #expect(try self.claim(2)?.rows.map(\.base) == [3, 6])
  }

  @Test("is refused when it would put something else in the place of its rows", arguments: 0..<8)
  func implausible(variant: Int) throws {
    let claim = try #require(try claim())
    var replacement = merged(claim, 0..<2, records: 2)
    switch variant {
    case 0: replacement.new.end += 1
    case 1: replacement.new.base += 1
    case 2: replacement.new.recordCount = 7
    case 3: replacement.new.key = claim.rows[0].key
    case 4: replacement.new.compaction = claim.intent + 1
    case 5: replacement.old.remove(at: 0)
    case 6: replacement.old[1].size += 1
    default: replacement.old = []
    }
    #expect(throws: MetadataError.intentOver) { try complete(claim, [replacement]) }
    #expect(cluster.manifest().rows.count == 3)
  }

  @Test("leaves a registration that is repeated later a success")
  func repeatedRegistration() throws {
    let claim = try #require(try claim())
    try complete(claim, [merged(claim, 0..<3, records: 2)])
    for base in [0, 3, 6] as [UInt64] {
      let answer = try cluster.ask(RegisterSegment(base..<base + 3, epoch: 1), of: cluster.metadata)
      #expect(answer.watermark == base + 3)
    }
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("is not due before enough bytes are new")
  func dirtiness() throws {
    let first = try #require(try claim())
    try complete(first, [])
    #expect(try claim(2) == nil)
    // Two of five segments are 40 %.
    for base in [9, 10] as [UInt64] {
      try cluster.ask(RegisterSegment(base..<base + 1, epoch: 1), of: cluster.metadata)
    }
    #expect(try claim(3) == nil)
    try cluster.ask(RegisterSegment(11..<12, epoch: 1), of: cluster.metadata)
    #expect(try claim(4)?.cleanBelow == 9)
  }

  @Test("is never due for a topic that is not compacted")
  func otherTopics() throws {
    let cluster = TestCluster()
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    #expect(try cluster.ask(ClaimCompaction(request: 1), of: cluster.metadata).claim == nil)
  }

  @Test("may drop empty values only where they are old enough, whatever rows they are in by now")
  func tombstones() throws {
    var settings = TopicSettings()
    settings.cleanup = .compact
    settings.tombstoneRetention = .seconds(30)
    try cluster.ask(AlterTopic(topic: TopicID(rawValue: 1), settings: settings, request: 1), of: cluster.metadata)
    cluster.run(for: .seconds(29))
    try cluster.ask(RegisterSegment(9..<11, epoch: 1), of: cluster.metadata)
    #expect(try claim()?.tombstonesExpireBelow == 0)
    cluster.run(for: .seconds(2))
    #expect(try claim()?.tombstonesExpireBelow == 9)
  }
}
