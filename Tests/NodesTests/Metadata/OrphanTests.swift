import Simulation
import Testing

@testable import Nodes

/// An object is an orphan when no row has it and none ever can. Anything else is spared.
@Suite("An object that is listed")
struct OrphanTests {
  let cluster = TestCluster { $0.topic.cleanup = .compact }

  private func isOrphan(_ key: ObjectKey) throws -> Bool {
    try cluster.ask(JudgeObjects(keys: [key]), of: cluster.metadata).orphans == [key]
  }

  private func key(_ base: UInt64, _ epoch: Epoch) -> ObjectKey { SegmentNaming.key(.first, base: base, epoch: epoch) }

  private func acquire(_ request: UInt64) throws {
    try cluster.ask(AcquireLease(request: request), of: cluster.metadata)
  }

  @Test("is spared while it may still be registered, and is an orphan once its epoch is over")
  func epochs() throws {
    try acquire(1)
    #expect(try !isOrphan(key(0, 1)) && !isOrphan(key(90, 1)), "uploads may run ahead of the watermark")
    #expect(cluster.count(of: .unregisteredObjectSpared) == 2)
    // Late, but still under the current epoch: a lease that ran out and that nobody took.
    cluster.run(for: .seconds(100))
    #expect(try !isOrphan(key(0, 1)))
    try acquire(2)
    #expect(try isOrphan(key(0, 1)) && !isOrphan(key(0, 2)))
    #expect(throws: MetadataError.fenced(current: 2)) {
      try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    }
  }

  @Test("is spared once a row has it, and is an orphan when another one stands at its place")
  func rows() throws {
    try acquire(1)
    try acquire(2)
    try cluster.ask(RegisterSegment(0..<3, epoch: 2), of: cluster.metadata)
    try acquire(3)
    #expect(try !isOrphan(key(0, 2)))
    #expect(try isOrphan(key(0, 1)) && isOrphan(key(1, 1)))
    #expect(try isOrphan(key(1, 3)), "below the watermark nothing is ever registered")
    #expect(try !isOrphan(key(3, 3)))
  }

  @Test("is spared while it waits to be removed, and is an orphan when it comes back after that")
  func removals() throws {
    try acquire(1)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    let claim = try #require(try cluster.ask(ClaimCompaction(request: 1), of: cluster.metadata).claim)
    var new = claim.rows[0]
    new.recordCount = 0
    new.key = ObjectKey("")
    new.compaction = claim.intent
    try cluster.ask(
      CompleteCompaction(
        partition: .first, intent: claim.intent, replacements: [RowReplacement(old: claim.rows, new: new)]),
      of: cluster.metadata)
    #expect(try !isOrphan(key(0, 1)), "its readers have their grace")
    try cluster.ask(ConfirmRemovals(keys: [key(0, 1)]), of: cluster.metadata)
    #expect(try isOrphan(key(0, 1)), "put there once more by a request that was applied late")
  }

  @Test("is spared while the compaction that makes it is under way, and is an orphan once another one has begun")
  func compactions() throws {
    try acquire(1)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    let first = try #require(try cluster.ask(ClaimCompaction(request: 1), of: cluster.metadata).claim)
    let key = SegmentNaming.compactedKey(.first, base: 0, intent: first.intent)
    #expect(try !isOrphan(key))
    cluster.run(for: .seconds(100))
    #expect(try !isOrphan(key), "late, but it may still be completed")
    _ = try cluster.ask(ClaimCompaction(request: 2), of: cluster.metadata)
    #expect(try isOrphan(key))
  }

  @Test("of a deleted topic is an orphan, unless it is one of those that wait to be removed")
  func deletedTopics() throws {
    try acquire(1)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 1)), of: cluster.metadata)
    #expect(try !isOrphan(key(0, 1)) && isOrphan(key(3, 1)))
  }

  @Test(
    "that this cluster cannot have made is nobody's to delete",
    arguments: [
      "data/1/0/x.seg", "data/1/0/00000000000000000000.seg", "other/1/0/00000000000000000000-00000000000000000000.seg",
      "data/1/9/00000000000000000000-00000000000000000000.seg",
      "data/7/0/00000000000000000000-00000000000000000001.seg",
      "data/01/0/00000000000000000000-00000000000000000000.seg", "data/1/0/0-0.seg", "", "data/1/0/-.seg",
      "data/1/0/00000000000000000000-c00000000000000000009.seg",
      "data/1/0/00000000000000000000-00000000000000000000.bin",
    ])
  func foreign(key: String) throws {
    try acquire(1)
    #expect(try !isOrphan(ObjectKey(key)))
  }

  @Test("tells by its key who made it")
  func parsing() throws {
    for base in [0, 7, .max] as [UInt64] {
      let segment = try #require(SegmentNaming.parse(SegmentNaming.key(.first, base: base, epoch: 9)))
      #expect(segment.partition == .first && segment.base == base && segment.origin == .epoch(9))
      let compacted = try #require(SegmentNaming.parse(SegmentNaming.compactedKey(.first, base: base, intent: 5)))
      #expect(compacted.partition == .first && compacted.base == base && compacted.origin == .intent(5))
    }
  }
}
