import Simulation
import Testing

@testable import Nodes

/// What the service says to requests that name what is not there, ask for more than there can be, or come from somebody whom another has followed: a refusal with a name, and no change.
@Suite("The metadata service refuses")
struct RefusalTests {
  enum Senseless: String, CaseIterable, Sendable {
    case quotaOfNothing, quotaOfUnknownTopic
    case leaseOfUnknownPartition, releaseOfUnknownPartition
    case fenceOfUnknownPartition, fenceOfFutureEpoch
    case emptySegment, segmentOfUnknownPartition, segmentWithRangesOutside
    case unknownTopic, unknownPartition, identityThatNobodyHas
    case joinOfNoTopics, joinWithoutSession, heartbeatOfNobody, positionOfUnknownPartition
    case topicWithoutPartitions, topicOfTooManyPartitions, topicWithoutName, topicWithSlash
    case deletionOfUnknownTopic, alterationOfUnknownTopic, alterationToNothing
    case compactionOfUnknownPartition, compactionWithoutIntent
    case transactionOfNobody, transactionWithoutTime, transactionForTooLong, transactionNumberZero, endOfUnknown
  }

  private static let nowhere = TopicPartition(index: 99)
  private static let nothing = TopicID(rawValue: 99)

  private static func ask<Content: Request>(_ request: Content, of cluster: TestCluster, as client: Int = 0) throws {
    _ = try cluster.ask(request, of: cluster.metadata, as: client)
  }

  /// Sends a request that makes no sense; returns what the service is to answer.
  private static func perform(_ senseless: Senseless, on cluster: TestCluster) -> (
    expected: MetadataError, request: () throws -> Void
  ) {
    func asks<Content: Request>(_ request: Content) -> () throws -> Void { { try ask(request, of: cluster) } }
    let lost = HeldLease(partition: nowhere, epoch: 1)
    var row = SegmentRow(3..<4, epoch: 1)
    switch senseless {
    case .quotaOfNothing:
      return (.invalid, asks(SetQuota(subject: .client(cluster.client(0)), bytesPerSecond: 0, revision: 1)))
    case .quotaOfUnknownTopic:
      return (.noSuchTopic, asks(SetQuota(subject: .topic(nothing), bytesPerSecond: 1, revision: 1)))
    case .leaseOfUnknownPartition: return (.noSuchTopic, asks(AcquireLease(partition: nowhere, request: 9)))
    case .releaseOfUnknownPartition: return (.noSuchTopic, asks(ReleaseLease(lease: lost)))
    case .fenceOfUnknownPartition: return (.noSuchTopic, asks(FenceEpoch(lease: lost)))
    case .fenceOfFutureEpoch: return (.invalid, asks(FenceEpoch(lease: HeldLease(epoch: 2))))
    case .emptySegment: return (.invalid, asks(RegisterSegment(3..<3, epoch: 1)))
    case .segmentOfUnknownPartition:
      row.base = 0
      return (.noSuchTopic, asks(RegisterSegment(partition: nowhere, row: row, batches: [])))
    case .segmentWithRangesOutside:
      return (.invalid, asks(RegisterSegment(3..<5, epoch: 1, of: [(.of(1), 4..<6)])))
    case .unknownTopic: return (.noSuchTopic, asks(DescribeTopic(name: "nowhere")))
    case .unknownPartition: return (.noSuchTopic, asks(DescribePartition(partition: nowhere)))
    case .identityThatNobodyHas:
      return (
        .invalid,
        asks(InitializeProducer(name: "nobody", request: 9, replacing: ProducerIdentity(id: 99, epoch: 0)))
      )
    case .joinOfNoTopics:
      var join = JoinGroup(2)
      join.topics = []
      return (.invalid, asks(join))
    case .joinWithoutSession: return (.invalid, asks(JoinGroup(2, sessionTimeout: .zero)))
    case .heartbeatOfNobody:
      return (.unknownMember, asks(GroupHeartbeat(GroupShare(member: 99, generation: 2, partitions: []))))
    case .positionOfUnknownPartition:
      return (.noSuchTopic, asks(CommitOffsets(1, of: nowhere, request: 1, as: RepetitionTests.memberShare)))
    case .topicWithoutPartitions:
      return (.invalidTopic(.partitions(atMost: 10_000)), asks(CreateTopic(name: "t", partitions: 0, request: 1)))
    case .topicOfTooManyPartitions:
      return (
        .invalidTopic(.partitions(atMost: 10_000)), asks(CreateTopic(name: "t", partitions: 10_001, request: 1))
      )
    case .topicWithoutName: return (.invalidTopic(.name), asks(CreateTopic(name: "", partitions: 1, request: 1)))
    case .topicWithSlash: return (.invalidTopic(.name), asks(CreateTopic(name: "a/b", partitions: 1, request: 1)))
    case .deletionOfUnknownTopic: return (.noSuchTopic, asks(DeleteTopic(topic: nothing)))
    case .alterationOfUnknownTopic:
      return (.noSuchTopic, asks(AlterTopic(topic: nothing, settings: TopicSettings(), request: 1)))
    case .alterationToNothing:
      var settings = TopicSettings()
      settings.retentionBytes = 0
      return (
        .invalidTopic(.settings), asks(AlterTopic(topic: TopicID(rawValue: 1), settings: settings, request: 1))
      )
    case .compactionOfUnknownPartition:
      return (.noSuchTopic, asks(CompleteCompaction(partition: nowhere, intent: 2, replacements: [])))
    case .compactionWithoutIntent:
      return (.intentOver, asks(CompleteCompaction(partition: .first, intent: 99, replacements: [])))
    case .transactionOfNobody:
      return (.invalid, asks(BeginTransaction(transaction: .of(producer: 99, 1), timeout: .seconds(1))))
    case .transactionWithoutTime:
      return (.invalid, asks(BeginTransaction(transaction: .of(producer: 2, 1), timeout: .zero)))
    case .transactionForTooLong:
      return (.invalid, asks(BeginTransaction(transaction: .of(producer: 2, 1), timeout: .seconds(901))))
    case .transactionNumberZero:
      return (.invalid, asks(BeginTransaction(transaction: .of(producer: 2, 0), timeout: .seconds(1))))
    case .endOfUnknown:
      return (.invalid, asks(EndTransaction(transaction: .of(producer: 99, 1), outcome: .aborted)))
    }
  }

  @Test("what names something that is not there or asks for what cannot be", arguments: Senseless.allCases)
  func senseless(senseless: Senseless) throws {
    let cluster = try RepetitionTests.prepared()
    let before = RepetitionTests.state(cluster)
    let (expected, request) = Self.perform(senseless, on: cluster)
    #expect(throws: expected) { try request() }
    #expect(RepetitionTests.state(cluster) == before)
  }

  @Test("nothing of a question that names what is not there beside what is: it answers what there is")
  func partly() throws {
    let cluster = try RepetitionTests.prepared()
    let before = RepetitionTests.state(cluster)
    let renewed = try cluster.ask(
      RenewLeases(leases: [HeldLease(partition: Self.nowhere, epoch: 1), HeldLease(epoch: 1)]), of: cluster.metadata)
    #expect(renewed.lost == [HeldLease(partition: Self.nowhere, epoch: 1)])
    let offsets = try cluster.ask(FetchOffsets(group: "readers", partitions: [Self.nowhere]), of: cluster.metadata)
    #expect(offsets.offsets.isEmpty)
    let manifest = try cluster.ask(
      FetchManifest(partition: Self.nowhere, from: 0, limit: 0, waitAtMost: .seconds(60)), of: cluster.metadata)
    #expect(manifest.partitions.isEmpty, "and does not wait for what will never come")
    try cluster.ask(LeaveGroup(group: "nobody's", member: 99), of: cluster.metadata)
    try cluster.ask(ConfirmRemovals(keys: [ObjectKey("nobody's")]), of: cluster.metadata)
    #expect(try cluster.ask(JudgeObjects(keys: [ObjectKey("nobody's")]), of: cluster.metadata).orphans.isEmpty)
    #expect(RepetitionTests.state(cluster) == before)
  }

  @Test("no limit out of range: it takes the nearest one that makes sense", arguments: [Int.min, -1, 0])
  func limits(limit: Int) throws {
    let cluster = try RepetitionTests.prepared()
    var topics = ListTopics()
    topics.limit = limit
    #expect(try cluster.ask(topics, of: cluster.metadata).topics.count == 1)
    #expect(try cluster.ask(FetchRemovals(limit: limit), of: cluster.metadata).keys.count <= 1)
    let manifest = FetchManifest(partition: .first, from: 0, limit: limit, waitAtMost: .zero)
    #expect(try cluster.ask(manifest, of: cluster.metadata).rows.count == 1)
  }

  // MARK: Fenced callers

  enum Fenced: String, CaseIterable, Sendable {
    case acquire, register, join, memberHeartbeat, memberCommit, claim, complete, initialize
    case createTopic, alterTopic, beginTransaction, commitTransaction
  }

  /// Lets another follow in every role that the client of ``RepetitionTests/prepared()`` has.
  private static func followed() throws -> TestCluster {
    let cluster = try RepetitionTests.prepared()
    // A newer request of the same process has been answered meanwhile: the older ones are late.
    try ask(CreateTopic(name: "newer", partitions: 1, request: 7), of: cluster)
    try ask(JoinGroup(7), of: cluster)
    try ask(ClaimCompaction(request: 7), of: cluster)
    // Another agent has the lease, another process the producers' names.
    try ask(FenceEpoch(lease: HeldLease(epoch: 1)), of: cluster, as: 1)
    try ask(AcquireLease(request: 1), of: cluster, as: 1)
    try cluster.take("pipe", request: 9, as: 0)
    try cluster.take("other pipe", request: 9, as: 0)
    return cluster
  }

  private static func late(_ fenced: Fenced, on cluster: TestCluster) -> (
    expected: MetadataError, request: () throws -> Void
  ) {
    func asks<Content: Request>(_ request: Content, as client: Int = 0) -> () throws -> Void {
      { try ask(request, of: cluster, as: client) }
    }
    switch fenced {
    case .acquire: return (.staleRequest, asks(AcquireLease(request: 1)))
    case .register: return (.fenced(current: 3), asks(RegisterSegment(3..<4, epoch: 1)))
    case .join: return (.staleRequest, asks(JoinGroup(1)))
    case .memberHeartbeat: return (.unknownMember, asks(GroupHeartbeat(RepetitionTests.memberShare), as: 1))
    case .memberCommit:
      return (.unknownMember, asks(CommitOffsets(2, request: 1, as: RepetitionTests.memberShare), as: 1))
    case .claim: return (.staleRequest, asks(ClaimCompaction(request: 1)))
    case .complete:
      let partition = TopicPartition(index: 2)
      return (.intentOver, asks(CompleteCompaction(partition: partition, intent: 2, replacements: []), as: 1))
    case .initialize: return (.producerFenced(current: 1), asks(InitializeProducer(name: "pipe", request: 1), as: 1))
    case .createTopic: return (.staleRequest, asks(CreateTopic(name: "t", partitions: 2, request: 1)))
    case .alterTopic:
      return (
        .staleRequest, asks(AlterTopic(topic: TopicID(rawValue: 1), settings: TopicSettings(), request: 1))
      )
    case .beginTransaction:
      return (
        .producerFenced(current: 1), asks(BeginTransaction(transaction: .of(producer: 2, 1), timeout: .seconds(1)))
      )
    case .commitTransaction:
      return (.transactionOver(.aborted), asks(EndTransaction(transaction: .of(1), outcome: .committed)))
    }
  }

  @Test("who has been followed by another, or by a newer request of its own", arguments: Fenced.allCases)
  func fenced(fenced: Fenced) throws {
    let cluster = try Self.followed()
    let before = RepetitionTests.state(cluster)
    let (expected, request) = Self.late(fenced, on: cluster)
    #expect(throws: expected) { try request() }
    #expect(RepetitionTests.state(cluster) == before)
  }

  @Test("nothing of what no longer concerns a caller that was followed: it is told so, or nothing happens")
  func fencedWithoutError() throws {
    let cluster = try Self.followed()
    let before = RepetitionTests.state(cluster)
    #expect(
      try cluster.ask(RenewLeases(leases: [HeldLease(epoch: 1)]), of: cluster.metadata).lost == [HeldLease(epoch: 1)])
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata)
    #expect(try cluster.ask(FenceEpoch(lease: HeldLease(epoch: 1)), of: cluster.metadata).registeredEnd == 3)
    try cluster.ask(
      LeaveGroup(group: "readers", member: RepetitionTests.memberShare.member), of: cluster.metadata, as: 1)
    #expect(RepetitionTests.state(cluster) == before, "the lease is the other's")
  }
}
