import Simulation
import Testing

@testable import Nodes

@Suite("A transaction at the metadata service")
struct TransactionRequestTests {
  let cluster = TestCluster { $0.partitions = 2 }

  init() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.take("billing")
  }

  private func restartMetadata() {
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  // MARK: What readers see

  @Test("a partition without transactions is stable up to its watermark, so that committed readers see all of it")
  func withoutTransactions() throws {
    try cluster.register(0..<5)
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == 5 && manifest.watermark == 5)
    #expect(manifest.rows.map(\.end) == [5] && manifest.aborted.isEmpty)
  }

  @Test("its records are visible to committed readers once it is committed, and not before")
  func commit() throws {
    try cluster.register(0..<2)
    try cluster.begin(.of(1))
    try cluster.register(2..<5, of: .of(1))
    try cluster.register(5..<9)
    #expect(try cluster.committedManifest().lastStableOffset == 2)
    #expect(try cluster.committedManifest().rows.map(\.end) == [2])
    try cluster.commit(.of(1), records: 3)
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == 9)
    #expect(manifest.rows.map(\.end) == [2, 5, 9] && manifest.aborted.isEmpty)
  }

  @Test("its records are never visible to committed readers when it is aborted, and uncommitted readers see them")
  func abort() throws {
    try cluster.begin(.of(1))
    try cluster.ask(RegisterSegment(0..<9, epoch: 1, of: [(.of(1), 2..<4), (.of(1), 6..<7)]), of: cluster.metadata)
    try cluster.abort(.of(1))
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == 9)
    #expect(manifest.aborted == [OffsetRange(first: 2, end: 4), OffsetRange(first: 6, end: 7)])
    let all = try cluster.ask(
      FetchManifest(partition: .first, from: 0, limit: 10, waitAtMost: .zero), of: cluster.metadata)
    #expect(all.rows.map(\.end) == [9] && all.aborted.isEmpty && all.lastStableOffset == 9)
  }

  @Test("the commit of one leaves the last stable offset where an earlier one is still open")
  func overlapping() throws {
    try cluster.take("shipping", request: 2)
    try cluster.begin(.of(1))
    try cluster.begin(.of(producer: 2, 1))
    try cluster.register(0..<10, of: .of(1))
    try cluster.register(10..<20, of: .of(producer: 2, 1))
    try cluster.commit(.of(producer: 2, 1), records: 10)
    #expect(try cluster.committedManifest().lastStableOffset == 0, "the first one's records are not visible")
    try cluster.abort(.of(1))
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == 20)
    #expect(manifest.aborted == [OffsetRange(first: 0, end: 10)])
  }

  @Test("a reader that waits for committed records is answered when the transaction ends")
  func waitingReader() throws {
    try cluster.begin(.of(1))
    try cluster.register(0..<3, of: .of(1))
    var request = FetchManifest(partition: .first, from: 0, limit: 10, waitAtMost: .seconds(30))
    request.isolation = .readCommitted
    let answer = cluster.send(request, to: cluster.metadata)
    cluster.run(for: .seconds(2))
    #expect(!answer.isThere)
    try cluster.commit(.of(1), records: 3)
    cluster.run(for: .milliseconds(10))
    #expect(answer.value?.rows.map(\.end) == [3])
  }

  @Test("aborted offsets are told as far as a manifest's rows go, from the offset that was asked for")
  func abortedOffsets() throws {
    for number: UInt64 in 1...4 {
      try cluster.begin(.of(number))
      try cluster.register((number * 10 - 10)..<(number * 10), of: .of(number))
      if number == 3 { try cluster.commit(.of(number), records: 10) } else { try cluster.abort(.of(number)) }
    }
    let whole = try cluster.committedManifest()
    #expect(whole.aborted == [OffsetRange(first: 0, end: 20), OffsetRange(first: 30, end: 40)])
    var request = FetchManifest(partition: .first, from: 5, limit: 1, waitAtMost: .zero)
    request.isolation = .readCommitted
    let first = try cluster.ask(request, of: cluster.metadata)
    #expect(first.rows.map(\.end) == [10] && first.aborted == [OffsetRange(first: 5, end: 10)])
  }

  // MARK: Late records

  @Test("records that are registered after it ended count as aborted, however it ended", arguments: [true, false])
  func lateRecords(commits: Bool) throws {
    try cluster.begin(.of(1))
    if commits { try cluster.commit(.of(1)) } else { try cluster.abort(.of(1)) }
    let answer = try cluster.register(0..<3, of: .of(1))
    // Of a committed one its producer cannot have sent more: it is not told that it was aborted.
    #expect(answer.aborted == (commits ? [] : [.of(1)]))
    #expect(try cluster.committedManifest().aborted == [OffsetRange(first: 0, end: 3)])
    #expect(cluster.count(of: .rangeRecordedAsAborted) == 1)
  }

  @Test("records of one that never began count as aborted")
  func neverBegun() throws {
    #expect(try cluster.register(0..<3, of: .of(7)).aborted == [.of(7)])
    #expect(try cluster.register(3..<4, of: .of(producer: 99, 1)).aborted == [.of(producer: 99, 1)])
    #expect(try cluster.committedManifest().aborted == [OffsetRange(first: 0, end: 4)])
  }

  @Test("a registration that is repeated judges its records as it did, and counts them once")
  func repeatedRegistration() throws {
    try cluster.begin(.of(1))
    try cluster.register(0..<3, of: .of(1))
    try cluster.register(0..<3, of: .of(1))
    try cluster.commit(.of(1), records: 3)
    #expect(try cluster.register(0..<3, of: .of(1)).aborted.isEmpty)
    #expect(try cluster.committedManifest().aborted.isEmpty)
  }

  @Test(
    "ranges that are empty, out of order, overlap or leave their segment are refused",
    arguments: [[2..<2], [3..<5, 1..<2], [0..<3, 2..<4], [8..<11]] as [[Range<UInt64>]])
  func wrongRanges(ranges: [Range<UInt64>]) throws {
    try cluster.begin(.of(1))
    let request = RegisterSegment(0..<10, epoch: 1, of: ranges.map { (.of(1), $0) })
    #expect(throws: MetadataError.invalid) { try cluster.ask(request, of: cluster.metadata) }
    #expect(cluster.watermark() == 0)
  }

  // MARK: Commits

  @Test("positions are stored with its commit, and not when it is aborted")
  func positions() throws {
    let positions = [
      TransactionOffsets(group: "pipe", offsets: [CommittedOffset(partition: TopicPartition(index: 1), offset: 7)])
    ]
    try cluster.begin(.of(1))
    #expect(try cluster.position(of: "pipe", TopicPartition(index: 1)) == nil)
    try cluster.commit(.of(1), positions)
    #expect(try cluster.position(of: "pipe", TopicPartition(index: 1)) == 7)
    restartMetadata()
    #expect(try cluster.position(of: "pipe", TopicPartition(index: 1)) == 7)
  }

  @Test(
    "a commit that names other records than are registered is refused, and aborts", arguments: [0, 2, 4] as [UInt64])
  func incomplete(records: UInt64) throws {
    try cluster.begin(.of(1))
    try cluster.register(0..<3, of: .of(1))
    #expect(throws: MetadataError.transactionIncomplete) { try cluster.commit(.of(1), records: records) }
    #expect(try cluster.committedManifest().aborted == [OffsetRange(first: 0, end: 3)])
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(1), records: 3) }
    #expect(cluster.transactionEnds == ["1 aborted commitRefused"])
  }

  @Test("a commit with positions of a partition that does not exist is refused, and aborts")
  func positionsOfNothing() throws {
    try cluster.begin(.of(1))
    let positions = [
      TransactionOffsets(
        group: "pipe",
        offsets: [
          CommittedOffset(partition: .first, offset: 1),
          CommittedOffset(partition: TopicPartition(index: 9), offset: 1),
        ])
    ]
    #expect(throws: MetadataError.noSuchTopic) { try cluster.commit(.of(1), positions) }
    #expect(try cluster.position(of: "pipe") == nil)
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(1)) }
  }

  @Test("a commit with positions of who is no member of the group is refused, and aborts")
  func notAMember() throws {
    try cluster.ask(
      JoinGroup(
        group: "pipe", request: 1, topics: ["orders"], instance: nil, assignor: .sticky, sessionTimeout: .seconds(60)),
      of: cluster.metadata, as: 1)
    try cluster.begin(.of(1))
    try cluster.register(0..<3, of: .of(1))
    let positions = [
      TransactionOffsets(
        group: "pipe", offsets: [CommittedOffset(partition: .first, offset: 7)],
        membership: GroupMembership(member: 99, generation: 1))
    ]
    #expect(throws: MetadataError.unknownMember) { try cluster.commit(.of(1), records: 3, positions) }
    #expect(try cluster.position(of: "pipe") == nil)
    #expect(try cluster.committedManifest().aborted == [OffsetRange(first: 0, end: 3)])
    #expect(cluster.transactionEnds == ["1 aborted commitRefused"])
  }

  @Test("a repeated commit or abort is answered as before; the other one is refused with how it ended")
  func repeatedEnds() throws {
    try cluster.begin(.of(1))
    try cluster.commit(.of(1))
    try cluster.commit(.of(1))
    #expect(throws: MetadataError.transactionOver(.committed)) { try cluster.abort(.of(1)) }
    try cluster.begin(.of(2))
    try cluster.abort(.of(2))
    try cluster.abort(.of(2))
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(2)) }
    #expect(cluster.count(of: .transactionEndRepeated) == 2)
    restartMetadata()
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(2)) }
  }

  // MARK: Beginning

  @Test("begins with a number higher than those before; a late repetition of an older beginning is refused")
  func numbers() throws {
    try cluster.begin(.of(1))
    try cluster.begin(.of(1))
    #expect(throws: MetadataError.invalid, "one is open") { try cluster.begin(.of(2)) }
    try cluster.commit(.of(1))
    #expect(throws: MetadataError.transactionOver(.committed)) { try cluster.begin(.of(1)) }
    try cluster.begin(.of(5))
    #expect(throws: MetadataError.staleRequest) { try cluster.begin(.of(3)) }
    try cluster.commit(.of(5))
    #expect(throws: MetadataError.staleRequest) { try cluster.begin(.of(1)) }
    #expect(throws: MetadataError.staleRequest, "its outcome is forgotten") { try cluster.commit(.of(1)) }
  }

  @Test(
    "is refused without a time, with too long a one, with number 0, for a producer that does not exist, for a log",
    arguments: [
      (TransactionID.of(1), VirtualDuration.zero), (.of(1), .seconds(-1)), (.of(1), .seconds(901)),
      (.of(0), .seconds(1)), (.of(producer: 2, 1), .seconds(1)), (.of(producer: 0, 1), .seconds(1)),
      (.of(epoch: 1, 1), .seconds(1)),
      (TransactionID(producer: .log(of: HostID(rawValue: 2), epoch: 1), number: 1), .seconds(1)),
    ])
  func wrongBeginnings(transaction: TransactionID, timeout: VirtualDuration) throws {
    #expect(throws: MetadataError.invalid) { try cluster.begin(transaction, timeout: timeout) }
  }

  @Test("that never began can be neither committed nor aborted")
  func endOfNothing() throws {
    #expect(throws: MetadataError.invalid) { try cluster.commit(.of(1)) }
    #expect(throws: MetadataError.invalid) { try cluster.abort(.of(1)) }
    #expect(throws: MetadataError.invalid) { try cluster.commit(.of(producer: 5, 1)) }
  }

  // MARK: Fencing

  @Test("is aborted when somebody takes its producer's name up, and its producer can do nothing any more")
  func fenced() throws {
    try cluster.begin(.of(1))
    try cluster.register(0..<3, of: .of(1))
    #expect(try cluster.take("billing", as: 1).epoch == 1)
    #expect(try cluster.committedManifest().lastStableOffset == 3)
    #expect(try cluster.committedManifest().aborted == [OffsetRange(first: 0, end: 3)])
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(1), records: 3) }
    #expect(throws: MetadataError.producerFenced(current: 1)) { try cluster.begin(.of(2)) }
    #expect(try cluster.register(3..<4, of: .of(1)).aborted == [.of(1)])
    #expect(throws: MetadataError.producerFenced(current: 1)) { try cluster.commit(.of(2)) }
    try cluster.begin(.of(epoch: 1, 1))
    #expect(cluster.transactionEnds == ["1 aborted fenced"])
    #expect(cluster.count(of: .zombieCommitRefused) == 2)
  }

  @Test("that was committed stays so when its producer is fenced, and the zombie is told so")
  func committedBeforeFencing() throws {
    try cluster.begin(.of(1))
    try cluster.commit(.of(1))
    for request: UInt64 in 1...15 { try cluster.take("billing", request: request, as: 1) }
    try cluster.commit(.of(1))
    // Of so many later epochs each had a transaction: the outcome is forgotten, and no other is made up.
    for request: UInt64 in 16...32 {
      let identity = try cluster.take("billing", request: request, as: 1)
      try cluster.begin(TransactionID(producer: identity, number: 1))
    }
    #expect(throws: MetadataError.producerFenced(current: 32)) { try cluster.commit(.of(1)) }
  }

  @Test("a producer that wants its identity renewed is refused when somebody else has it by now")
  func renewal() throws {
    let mine = ProducerIdentity(id: 1, epoch: 0)
    let renewed = try cluster.ask(
      InitializeProducer(name: "billing", request: 2, replacing: mine), of: cluster.metadata)
    #expect(renewed.identity.epoch == 1)
    try cluster.take("billing", as: 1)
    #expect(throws: MetadataError.producerFenced(current: 2)) {
      try cluster.ask(
        InitializeProducer(name: "billing", request: 3, replacing: renewed.identity), of: cluster.metadata)
    }
    #expect(throws: MetadataError.invalid) {
      try cluster.ask(InitializeProducer(name: "unknown", request: 1, replacing: mine), of: cluster.metadata)
    }
  }

  @Test("a late repetition of an earlier taking up does not fence who followed")
  func lateTakingUp() throws {
    try cluster.take("billing", as: 1)
    #expect(throws: MetadataError.producerFenced(current: 1)) { try cluster.take("billing") }
    try cluster.begin(.of(epoch: 1, 1))
    restartMetadata()
    #expect(throws: MetadataError.producerFenced(current: 1)) { try cluster.take("billing") }
    try cluster.commit(.of(epoch: 1, 1))
  }

  // MARK: Time

  @Test("is aborted when its time is over")
  func timeout() throws {
    try cluster.begin(.of(1), timeout: .seconds(5))
    try cluster.register(0..<3, of: .of(1))
    cluster.run(for: .milliseconds(4_900))
    #expect(cluster.transactionEnds.isEmpty)
    cluster.run(for: .milliseconds(200))
    #expect(cluster.transactionEnds == ["1 aborted timedOut"])
    #expect(try cluster.committedManifest().lastStableOffset == 3)
    #expect(throws: MetadataError.transactionOver(.aborted)) { try cluster.commit(.of(1), records: 3) }
    // Its producer was not fenced: it was only too slow.
    try cluster.begin(.of(2), timeout: .seconds(5))
    try cluster.commit(.of(2))
    cluster.run(for: .seconds(10))
    #expect(cluster.transactionEnds == ["1 aborted timedOut", "2 committed asAsked"])
  }

  @Test("has its full time again after a restart of the service")
  func timeoutAfterRestart() throws {
    try cluster.begin(.of(1), timeout: .seconds(5))
    cluster.run(for: .seconds(4))
    restartMetadata()
    cluster.run(for: .milliseconds(4_900))
    #expect(cluster.transactionEnds.isEmpty)
    cluster.run(for: .milliseconds(200))
    #expect(cluster.transactionEnds == ["1 aborted timedOut"])
  }

  // MARK: Recovery

  @Test("is open, committed or aborted after a restart as it was before, its records with it")
  func recovery() throws {
    try cluster.take("shipping", request: 2)
    try cluster.take("returns", request: 3)
    for producer: UInt64 in 1...3 { try cluster.begin(.of(producer: producer, 1)) }
    try cluster.register(0..<3, of: .of(1))
    try cluster.register(3..<6, of: .of(producer: 2, 1))
    try cluster.register(6..<9, of: .of(producer: 3, 1))
    try cluster.commit(.of(1), records: 3)
    try cluster.abort(.of(producer: 2, 1))
    restartMetadata()
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == 6 && manifest.aborted == [OffsetRange(first: 3, end: 6)])
    try cluster.commit(.of(producer: 3, 1), records: 3)
    #expect(try cluster.committedManifest().lastStableOffset == 9)
    #expect(
      cluster.clusterEvents.contains(
        .recovered([EndedTransaction(.of(1), .committed), EndedTransaction(.of(producer: 2, 1), .aborted)])))
  }
}

extension [ClusterEvent] {
  fileprivate func contains(_ event: TransactionEvent) -> Bool {
    contains { if case .transaction(event) = $0 { true } else { false } }
  }
}
