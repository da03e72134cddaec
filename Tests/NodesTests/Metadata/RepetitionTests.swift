import Simulation
import Testing

@testable import Nodes

/// A client that got no answer sends again; the network may deliver twice. Neither does harm, whatever the request.
@Suite("A request to the metadata service")
struct RepetitionTests {
  enum Asked: String, CaseIterable, Sendable {
    case heartbeat, leaveCluster, setQuota, acquire, renew, release, fence, register, describeTopic, describePartition,
      manifest
    case commit, offsets, initialize
    case createTopic, deleteTopic, alterTopic, listTopics
    case fetchRemovals, confirmRemovals, judge, claim, complete
    case join, memberHeartbeat, leave, memberCommit
    case beginTransaction, commitTransaction, abortTransaction, registerTransactional
  }

  /// Sends a request of each kind in the state after a lease and a segment; returns what it was answered, in words.
  private static func perform(_ asked: Asked, on cluster: TestCluster, within deadline: VirtualDuration) throws
    -> String
  {
    func ask<Content: Request>(_ request: Content) throws -> String {
      "\(try cluster.ask(request, of: cluster.metadata, within: deadline))"
    }
    let lease = HeldLease(epoch: 1)
    switch asked {
    case .heartbeat: return try ask(AgentHeartbeat(zone: 0))
    case .leaveCluster: return try ask(LeaveCluster())
    case .setQuota:
      return try ask(SetQuota(subject: .topic(TopicID(rawValue: 1)), bytesPerSecond: 5_000, revision: 1))
    case .acquire: return try ask(AcquireLease(request: 9))
    case .renew: return try ask(RenewLeases(leases: [lease]))
    case .release: return try ask(ReleaseLease(lease: lease))
    case .fence: return try ask(FenceEpoch(lease: lease))
    case .register: return try ask(RegisterSegment(3..<4, epoch: 1))
    case .describeTopic: return try ask(DescribeTopic(name: "orders"))
    case .describePartition: return try ask(DescribePartition(partition: .first))
    case .manifest: return try ask(FetchManifest(partition: .first, from: 0, limit: 1, waitAtMost: .zero))
    case .commit:
      return try ask(
        CommitOffsets(group: "others", offsets: [CommittedOffset(partition: .first, offset: 2)], request: 1))
    case .offsets: return try ask(FetchOffsets(group: "readers", partitions: [.first]))
    case .initialize: return try ask(InitializeProducer(name: "billing", request: 1))
    case .createTopic: return try ask(CreateTopic(name: "t", partitions: 2, request: 1))
    case .deleteTopic: return try ask(DeleteTopic(topic: TopicID(rawValue: 1)))
    case .alterTopic: return try ask(AlterTopic(topic: TopicID(rawValue: 1), settings: TopicSettings(), request: 1))
    case .listTopics: return try ask(ListTopics())
    case .fetchRemovals: return try ask(FetchRemovals(limit: 9))
    case .confirmRemovals: return try ask(ConfirmRemovals(keys: [removed]))
    case .judge: return try ask(JudgeObjects(keys: [removed, SegmentNaming.key(.first, base: 0, epoch: 0)]))
    case .claim: return try ask(ClaimCompaction(request: 3))
    case .complete:
      return try ask(CompleteCompaction(partition: TopicPartition(index: 2), intent: 2, replacements: []))
    case .join: return try ask(JoinGroup(2))
    case .memberHeartbeat: return try ask(GroupHeartbeat(memberShare))
    case .leave: return try ask(LeaveGroup(group: "readers", member: memberShare.member))
    case .memberCommit: return try ask(CommitOffsets(2, request: 1, as: memberShare))
    case .beginTransaction: return try ask(BeginTransaction(transaction: .of(producer: 2, 1), timeout: .seconds(600)))
    case .commitTransaction:
      let positions = TransactionOffsets(group: "pipe", offsets: [CommittedOffset(partition: .first, offset: 2)])
      return try ask(
        EndTransaction(
          transaction: .of(1), outcome: .committed, sent: [SentRecords(partition: .first, count: 1)],
          positions: [positions]))
    case .abortTransaction: return try ask(EndTransaction(transaction: .of(1), outcome: .aborted))
    case .registerTransactional:
      return try ask(RegisterSegment(3..<6, epoch: 1, of: [(.of(1), 3..<4), (.of(9), 4..<5)]))
    }
  }

  /// The object whose row went by the compaction of the preparation.
  private static let removed = SegmentNaming.key(TopicPartition(index: 1), base: 0, epoch: 1)
  /// The share of the first member of a group.
  static let memberShare = GroupShare(
    member: 1, generation: 2, partitions: (0..<4).map { TopicPartition(index: $0) })

  static func prepared() throws -> TestCluster {
    let cluster = TestCluster {
      $0.topic.cleanup = .compact
      $0.partitions = 4
    }
    // So long that the service has begun to assign partitions.
    cluster.run(for: .seconds(2))
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try #require(try cluster.ask(JoinGroup(1), of: cluster.metadata) == memberShare)
    try cluster.take("pipe", request: 1, as: 1)
    try cluster.take("other pipe", request: 2, as: 1)
    try cluster.begin(.of(1), timeout: .seconds(600))
    try cluster.ask(RegisterSegment(0..<3, epoch: 1, of: [(.of(1), 1..<2)]), of: cluster.metadata)
    try prepareCompactions(cluster)
    return cluster
  }

  /// One compaction is done, one is under way, and another partition waits for one.
  private static func prepareCompactions(_ cluster: TestCluster) throws {
    for index in 1...3 {
      let partition = TopicPartition(index: index)
      try cluster.ask(AcquireLease(partition: partition, request: UInt64(index + 1)), of: cluster.metadata)
      let row = SegmentRow(
        base: 0, end: 2, recordCount: 2, size: 50, epoch: 1, key: SegmentNaming.key(partition, base: 0, epoch: 1))
      try cluster.ask(RegisterSegment(partition: partition, row: row, batches: []), of: cluster.metadata)
    }
    let claim = try #require(try cluster.ask(ClaimCompaction(request: 1), of: cluster.metadata).claim)
    var row = claim.rows[0]
    row.compaction = claim.intent
    row.key = SegmentNaming.compactedKey(claim.partition, base: 0, intent: claim.intent)
    try cluster.ask(
      CompleteCompaction(
        partition: claim.partition, intent: claim.intent, replacements: [RowReplacement(old: claim.rows, new: row)]),
      of: cluster.metadata)
    #expect(try cluster.ask(ClaimCompaction(request: 2), of: cluster.metadata).claim?.intent == 2)
  }

  /// The service's state in words.
  static func state(_ cluster: TestCluster) -> String {
    cluster.simulation.snapshots().first { $0.host == "metadata" }?.snapshot.json ?? ""
  }

  /// What one undisturbed request answers and leaves behind.
  private static func undisturbed(_ asked: Asked) throws -> (answer: String, state: String) {
    let cluster = try prepared()
    let answer = try perform(asked, on: cluster, within: .seconds(5))
    return (answer, state(cluster))
  }

  @Test("that the network delivers twice does no more than once", arguments: Asked.allCases)
  func deliveredTwice(asked: Asked) throws {
    let expected = try Self.undisturbed(asked)
    let cluster = try Self.prepared()
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .duplicate, extra: .milliseconds(3))
    #expect(try Self.perform(asked, on: cluster, within: .seconds(5)) == expected.answer)
    cluster.run(for: .seconds(1))
    #expect(Self.state(cluster) == expected.state)
  }

  @Test("whose answer is lost can be sent again, with the same answer", arguments: Asked.allCases)
  func answerLost(asked: Asked) throws {
    let expected = try Self.undisturbed(asked)
    let cluster = try Self.prepared()
    cluster.hit(from: cluster.metadata, to: cluster.client(0), with: .drop)
    #expect(throws: NetworkError.timedOut) { try Self.perform(asked, on: cluster, within: .seconds(1)) }
    #expect(try Self.perform(asked, on: cluster, within: .seconds(5)) == expected.answer)
    #expect(Self.state(cluster) == expected.state)
  }

  @Test(
    "whose answer is lost because the service dies can be sent again to its next incarnation", arguments: Asked.allCases
  )
  func serviceDies(asked: Asked) throws {
    let expected = try Self.undisturbed(asked)
    let cluster = try Self.prepared()
    cluster.hit(from: cluster.metadata, to: cluster.client(0), with: .drop)
    #expect(throws: NetworkError.timedOut) { try Self.perform(asked, on: cluster, within: .milliseconds(100)) }
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(try Self.perform(asked, on: cluster, within: .seconds(5)) == expected.answer)
    #expect(Self.state(cluster) == expected.state)
  }

  @Test("is refused while the service recovers, and answered once it has")
  func recovering() throws {
    let cluster = try Self.prepared()
    cluster.crash(cluster.metadata)
    let early = cluster.send(DescribePartition(partition: .first), to: cluster.metadata)
    cluster.run(for: .microseconds(940))
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(5))
    #expect(early.error as? MetadataError == .recovering)
    #expect(try cluster.ask(DescribePartition(partition: .first), of: cluster.metadata).description.watermark == 3)
  }
}
