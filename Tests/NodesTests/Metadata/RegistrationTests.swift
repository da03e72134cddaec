import Simulation
import Testing

@testable import Nodes

@Suite("A registration")
struct RegistrationTests {
  let cluster = TestCluster()

  init() throws { try acquire(1) }

  private func acquire(_ request: UInt64) throws {
    try cluster.ask(AcquireLease(request: request), of: cluster.metadata)
  }

  @discardableResult
  private func register(_ range: Range<UInt64>, epoch: Epoch, batches: [StoredBatch] = []) throws -> UInt64 {
    try cluster.ask(RegisterSegment(range, epoch: epoch, batches: batches), of: cluster.metadata).watermark
  }

  @Test("moves the watermark to its end and appears in the manifest")
  func success() throws {
    #expect(try register(0..<3, epoch: 1) == 3)
    #expect(try register(3..<4, epoch: 1) == 4)
    let manifest = try cluster.ask(
      FetchManifest(partition: .first, from: 0, limit: 10, waitAtMost: .zero), of: cluster.metadata)
    #expect(manifest.rows.undated == [SegmentRow(0..<3, epoch: 1), SegmentRow(3..<4, epoch: 1)])
    #expect(manifest.watermark == 4)
  }

  @Test("is refused under any epoch but the current one")
  func wrongEpoch() throws {
    try acquire(2)
    #expect(throws: MetadataError.fenced(current: 2)) { try register(0..<3, epoch: 1) }
    #expect(throws: MetadataError.fenced(current: 2)) { try register(0..<3, epoch: 3) }
    #expect(cluster.watermark() == 0)
  }

  @Test("is refused anywhere but at the watermark", arguments: [1..<3, 4..<5] as [Range<UInt64>])
  func wrongBase(range: Range<UInt64>) throws {
    try register(0..<3, epoch: 1)
    #expect(throws: MetadataError.notAtWatermark(3)) { try register(range, epoch: 1) }
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("of no offsets makes no sense")
  func emptyRange() {
    #expect(throws: MetadataError.invalid) { try register(0..<0, epoch: 1) }
  }

  @Test("of an unknown partition is refused")
  func unknownPartition() {
    let row = SegmentRow(0..<1, epoch: 1)
    for partition in [TopicPartition(index: 1), TopicPartition(topic: TopicID(rawValue: 9), index: 0)] {
      #expect(throws: MetadataError.noSuchTopic) {
        try cluster.ask(RegisterSegment(partition: partition, row: row, batches: []), of: cluster.metadata)
      }
    }
  }

  @Test("that is repeated succeeds and changes nothing, also after others followed and the epoch moved")
  func repetition() throws {
    try register(0..<3, epoch: 1)
    #expect(try register(0..<3, epoch: 1) == 3)
    try register(3..<4, epoch: 1)
    try acquire(2)
    #expect(try register(0..<3, epoch: 1) == 3)
    #expect(try register(3..<4, epoch: 1) == 4)
    #expect(cluster.manifest().rows.count == 2)
    #expect(cluster.watermark() == 4)
    #expect(cluster.count(of: .registrationRepeated) == 3)
  }

  @Test("whose base another epoch's segment has taken is refused, and is no repetition")
  func foreignBase() throws {
    try acquire(2)
    try register(0..<3, epoch: 2)
    #expect(throws: MetadataError.fenced(current: 2)) { try register(0..<3, epoch: 1) }
    #expect(cluster.manifest().rows.undated == [SegmentRow(0..<3, epoch: 2)])
  }

  @Test("at a base where this epoch's segment ends elsewhere is no repetition")
  func otherEnd() throws {
    try register(0..<3, epoch: 1)
    #expect(throws: MetadataError.self) { try register(0..<5, epoch: 1) }
    #expect(cluster.watermark() == 3)
  }

  @Test("leaves behind for ever which offsets each epoch has registered")
  func rangesOfEpochs() throws {
    try register(0..<3, epoch: 1)
    try register(3..<4, epoch: 1)
    try acquire(2)
    try acquire(3)
    try register(4..<9, epoch: 3)
    func end(_ epoch: Epoch) throws -> UInt64? {
      try cluster.ask(FenceEpoch(lease: HeldLease(epoch: epoch)), of: cluster.metadata).registeredEnd
    }
    for _ in 0..<2 {
      #expect(try end(1) == 4)
      #expect(try end(2) == nil)
      #expect(try end(3) == 9)
      cluster.crash(cluster.metadata)
      cluster.restart(cluster.metadata)
      cluster.run(for: .milliseconds(20))
    }
  }

  @Test("keeps the five latest batches of each producer, those of its newest epoch only")
  func rememberedBatches() throws {
    func batch(_ number: UInt64, id: UInt64 = 7, epoch: UInt32 = 0) -> StoredBatch {
      StoredBatch(producer: ProducerIdentity(id: id, epoch: epoch), sequence: number, count: 1, offset: number)
    }
    try register(0..<7, epoch: 1, batches: (0..<7).map { batch($0) })
    try register(7..<8, epoch: 1, batches: [batch(0, id: 3)])
    try acquire(2)
    var remembered = try cluster.ask(AcquireLease(request: 2), of: cluster.metadata).batches
    #expect(remembered == [batch(0, id: 3)] + (2..<7).map { batch($0) })
    try register(8..<9, epoch: 2, batches: [batch(0, epoch: 1)])
    try acquire(3)
    remembered = try cluster.ask(AcquireLease(request: 3), of: cluster.metadata).batches
    #expect(remembered == [batch(0, id: 3), batch(0, epoch: 1)])
  }

  @Test("wakes a manifest request that waits for its offset")
  func wakesManifest() throws {
    let waiting = cluster.send(
      FetchManifest(partition: .first, from: 0, limit: 10, waitAtMost: .seconds(5)), to: cluster.metadata, as: 1)
    cluster.run(for: .seconds(1))
    #expect(!waiting.isThere)
    try register(0..<3, epoch: 1)
    cluster.run(for: .milliseconds(5))
    #expect(waiting.value?.rows.undated == [SegmentRow(0..<3, epoch: 1)])
  }

  @Test("that nobody waits for: a manifest request is answered empty when its wait is over")
  func manifestWaitIsOver() {
    let waiting = cluster.send(
      FetchManifest(partition: .first, from: 0, limit: 10, waitAtMost: .seconds(5)), to: cluster.metadata, as: 1)
    cluster.run(for: .milliseconds(5_010))
    #expect(waiting.value?.rows.isEmpty == true)
  }

  @Test("is listed from the row that holds the offset asked for, a page at a time")
  func manifestPages() throws {
    for base in stride(from: 0, to: 30, by: 3) { try register(UInt64(base)..<UInt64(base + 3), epoch: 1) }
    func bases(from: UInt64, limit: Int) throws -> [UInt64] {
      try cluster.ask(
        FetchManifest(partition: .first, from: from, limit: limit, waitAtMost: .zero), of: cluster.metadata
      ).rows.map(\.base)
    }
    #expect(try bases(from: 4, limit: 3) == [3, 6, 9])
    #expect(try bases(from: 12, limit: 2) == [12, 15])
    #expect(try bases(from: 29, limit: 9) == [27])
    #expect(try bases(from: 30, limit: 9).isEmpty)
  }
}
