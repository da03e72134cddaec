import Simulation
import Testing

@testable import Nodes

@Suite("A request for a lease that waits until it is given back")
struct LeaseWaitTests {
  /// Client 0 leads the one partition and wants to leave; client 1 is to follow.
  let cluster: TestCluster

  init() throws {
    cluster = TestCluster { $0.clients = 3 }
    cluster.run(for: .seconds(2))
    try report(0)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 0)
    try report(1)
    try report(0, isLeaving: true)
  }

  @discardableResult
  private func report(_ client: Int, isLeaving: Bool = false) throws -> AgentHeartbeat.Response {
    var report = AgentHeartbeat(zone: 0)
    report.isLeaving = isLeaving
    return try cluster.ask(report, of: cluster.metadata, as: client)
  }

  private func wait(_ client: Int = 1, request: UInt64 = 1, atMost limit: VirtualDuration = .seconds(5))
    -> Answer<AcquireLease.Response>
  {
    var acquire = AcquireLease(request: request)
    acquire.waitAtMost = limit
    let answer = cluster.send(acquire, to: cluster.metadata, as: client)
    cluster.run(for: .milliseconds(3))
    return answer
  }

  private var handovers: [HostID] {
    get throws { try report(0, isLeaving: true).handovers.map(\.successor) }
  }

  @Test("is granted in the instant in which the holder releases it, under the next epoch")
  func released() throws {
    let answer = wait()
    cluster.run(for: .seconds(1))
    #expect(!answer.isThere)
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(1))
    #expect(answer.value?.epoch == 2)
    #expect(cluster.leader() == cluster.client(1))
    #expect(cluster.count(of: .leaseHandedOver) == 1)
  }

  @Test("is granted when the holder makes its epoch final")
  func fenced() throws {
    let answer = wait()
    try cluster.ask(FenceEpoch(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(1))
    #expect(answer.value?.epoch == 3)
  }

  @Test("is granted when the lease runs out")
  func expired() throws {
    cluster.run(for: .seconds(6))
    try report(1)
    let answer = wait(atMost: .seconds(20))
    cluster.run(for: .seconds(1))
    #expect(!answer.isThere)
    cluster.run(for: .seconds(3))
    #expect(answer.value?.epoch == 2)
  }

  @Test("is granted when the holder says good-bye without having given it back")
  func leftBehind() throws {
    let answer = wait()
    try cluster.ask(LeaveCluster(), of: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(1))
    #expect(answer.value?.epoch == 2)
    #expect(cluster.count(of: .leaseOfDeadIncarnationTaken) == 1)
  }

  @Test("tells the holder that it may hand over; before and after it does not")
  func told() throws {
    #expect(try handovers.isEmpty, "nobody waits yet")
    let answer = wait(atMost: .seconds(1))
    #expect(try handovers == [cluster.client(1)])
    cluster.run(for: .seconds(1))
    #expect(answer.error as? MetadataError == .leaseHeld(by: cluster.client(0)))
    #expect(try handovers.isEmpty, "nobody waits any more")
  }

  @Test("is refused at once to an agent that the partition is not assigned to")
  func notAssigned() throws {
    let answer = wait(2)
    #expect(answer.error as? MetadataError == .leaseHeld(by: cluster.client(0)))
  }

  @Test("is refused as soon as the partition is assigned to somebody else")
  func reassigned() throws {
    let answer = wait()
    try report(2)
    try report(1, isLeaving: true)
    cluster.run(for: .milliseconds(1))
    #expect(answer.error as? MetadataError == .leaseHeld(by: cluster.client(0)))
  }

  @Test("that the network delivers twice gets one lease")
  func deliveredTwice() throws {
    cluster.hit(from: cluster.client(1), to: cluster.metadata, with: .duplicate, extra: .milliseconds(3))
    let answer = wait()
    cluster.run(for: .milliseconds(10))
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(10))
    #expect(answer.value?.epoch == 2)
    #expect(try cluster.ask(DescribePartition(partition: .first), of: cluster.metadata).description.epoch == 2)
    #expect(cluster.count(of: .acquireRepeated) == 1)
  }

  @Test("whose answer is lost can be asked again and gets the same lease")
  func answerLost() throws {
    var acquire = AcquireLease(request: 1)
    acquire.waitAtMost = .seconds(2)
    let first = cluster.send(acquire, to: cluster.metadata, as: 1, within: .seconds(1))
    cluster.run(for: .milliseconds(5))
    cluster.cut(from: cluster.metadata, to: cluster.client(1))
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    cluster.run(for: .seconds(2))
    #expect(first.error as? NetworkError == .timedOut)
    cluster.mend(from: cluster.metadata, to: cluster.client(1))
    #expect(try cluster.ask(acquire, of: cluster.metadata, as: 1).epoch == 2)
  }

  @Test("may wait a minute at the most, whatever it asks for")
  func longestWait() throws {
    // The holder renews for ever.
    let answer = wait(atMost: .seconds(100_000))
    for _ in 0..<70 {
      try report(0, isLeaving: true)
      try report(1)
      try cluster.ask(RenewLeases(leases: [HeldLease(epoch: 1)]), of: cluster.metadata, as: 0)
      cluster.run(for: .seconds(1))
    }
    #expect(answer.error as? MetadataError == .leaseHeld(by: cluster.client(0)))
  }

  @Test("of an older incarnation does not get what a newer one has")
  func olderIncarnation() throws {
    let answer = wait()
    cluster.crash(cluster.client(1))
    cluster.restart(cluster.client(1))
    let newer = wait(1, request: 1)
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(5))
    #expect(!answer.isThere)
    let epoch = try #require(newer.value?.epoch)
    #expect(try cluster.ask(DescribePartition(partition: .first), of: cluster.metadata).description.epoch == epoch)
  }
}

@Suite("What agents report")
struct HeartbeatTests {
  let cluster = TestCluster { $0.clients = 3 }

  private func report(_ client: Int, isLeaving: Bool = false) throws -> AgentHeartbeat.Response {
    var report = AgentHeartbeat(zone: 0)
    report.isLeaving = isLeaving
    return try cluster.ask(report, of: cluster.metadata, as: client)
  }

  @Test("counts them: those that live, leaving or not, but not those that have left")
  func counted() throws {
    #expect(try report(0).liveAgents == 1)
    #expect(try report(1).liveAgents == 2)
    #expect(try report(1, isLeaving: true).liveAgents == 2)
    try cluster.ask(LeaveCluster(), of: cluster.metadata, as: 1)
    #expect(try report(0).liveAgents == 1)
    cluster.run(for: .seconds(4))
    #expect(try report(2).liveAgents == 1, "who has not reported for three seconds is not counted")
  }

  @Test("that they leave holds for the incarnation, whatever comes later of it")
  func leavingStays() throws {
    cluster.run(for: .seconds(2))
    _ = try report(1)
    #expect(try report(0, isLeaving: true).assigned.isEmpty)
    #expect(try report(0).assigned.isEmpty, "an older report that comes late")
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    _ = try report(1, isLeaving: true)
    #expect(try report(0).assigned == [.first], "its next incarnation stays")
  }

  @Test("by an incarnation that has died changes nothing when it comes late")
  func lateReport() throws {
    cluster.run(for: .seconds(2))
    var leaving = AgentHeartbeat(zone: 0)
    leaving.isLeaving = true
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .delay, extra: .milliseconds(500))
    let late = cluster.send(leaving, to: cluster.metadata)
    cluster.run(for: .milliseconds(1))
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    #expect(try report(0).assigned == [.first])
    _ = try report(1)
    cluster.run(for: .seconds(1))
    #expect(!late.isThere)
    #expect(try report(0).assigned == [.first], "the one that is there now stays")
  }

  @Test("comes to nothing once they have left, and that they left twice, or before they came, does no harm")
  func leftIsLeft() throws {
    cluster.run(for: .seconds(2))
    try cluster.ask(LeaveCluster(), of: cluster.metadata, as: 2)
    _ = try report(0)
    _ = try report(1)
    try cluster.ask(LeaveCluster(), of: cluster.metadata, as: 1)
    try cluster.ask(LeaveCluster(), of: cluster.metadata, as: 1)
    #expect(try report(1).liveAgents == 1)
    #expect(try report(1).assigned.isEmpty)
    #expect(try report(0).assigned == [.first])
  }

  @Test("where all leave, keeps the partitions with those that have them")
  func allLeave() throws {
    cluster.run(for: .seconds(2))
    #expect(try report(0).assigned == [.first])
    _ = try report(1)
    _ = try report(1, isLeaving: true)
    #expect(try report(0, isLeaving: true).assigned == [.first])
  }

  @Test("of loads is taken from a partition's holder only")
  func loads() throws {
    var report = AgentHeartbeat(zone: 0)
    report.loads = [
      PartitionLoad(partition: .first, records: .max, bytes: .max),
      PartitionLoad(partition: TopicPartition(index: 99), records: 1, bytes: 1),
    ]
    _ = try cluster.ask(report, of: cluster.metadata, as: 0)
    #expect(cluster.reportedLoad() == nil)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 0)
    _ = try cluster.ask(report, of: cluster.metadata, as: 0)
    #expect(cluster.reportedLoad() == .max)
    _ = try cluster.ask(report, of: cluster.metadata, as: 1)
  }
}

extension TestCluster {
  fileprivate func reportedLoad() -> UInt64? {
    guard let host = simulation.host(metadata), let metadataService else { return nil }
    return host.inspect(metadataService) { $0.loads[.first] }
  }
}
