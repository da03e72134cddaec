import Simulation
import Testing

@testable import Nodes

@Suite("A lease")
struct LeaseTests {
  let cluster = TestCluster()

  private func acquire(request: UInt64, as client: Int = 0) throws -> AcquireLease.Response {
    try cluster.ask(AcquireLease(request: request), of: cluster.metadata, as: client)
  }

  private func release(_ epoch: Epoch, as client: Int = 0) throws {
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: epoch)), of: cluster.metadata, as: client)
  }

  private func renew(_ epoch: Epoch, as client: Int = 0) throws -> [HeldLease] {
    try cluster.ask(RenewLeases(leases: [HeldLease(epoch: epoch)]), of: cluster.metadata, as: client).lost
  }

  @Test("raises the epoch with each grant, whoever gets it")
  func grantRaisesEpoch() throws {
    #expect(try acquire(request: 1).epoch == 1)
    try release(1)
    #expect(try acquire(request: 1, as: 1).epoch == 2)
    try release(2, as: 1)
    #expect(try acquire(request: 2).epoch == 3)
    #expect(try acquire(request: 3).epoch == 4, "also when its own holder asks anew")
  }

  @Test("keeps its epoch in the partition's row through release, crash and restart of the service")
  func epochNeverFalls() throws {
    _ = try acquire(request: 1)
    try release(1)
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(try acquire(request: 2).epoch == 2)
  }

  @Test("is the same lease for a repeated request, also after a restart of the service")
  func repeatedRequest() throws {
    #expect(try acquire(request: 5).epoch == 1)
    #expect(try acquire(request: 5).epoch == 1)
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(try acquire(request: 5).epoch == 1)
    #expect(cluster.count(of: .acquireRepeated) == 2)
  }

  @Test("is not given to a request that is older than one already granted")
  func staleRequest() throws {
    _ = try acquire(request: 5)
    #expect(throws: MetadataError.staleRequest) { try acquire(request: 4) }
    try release(1)
    #expect(throws: MetadataError.staleRequest, "a late duplicate of the grant that was given back") {
      try acquire(request: 5)
    }
    #expect(cluster.leader() == nil)
  }

  @Test("is not given to a late request of an incarnation that has died")
  func requestOfDeadIncarnation() throws {
    // The first incarnation's second request is under way for a second, and the agent dies meanwhile.
    _ = try acquire(request: 1)
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .delay, extra: .seconds(1))
    cluster.send(AcquireLease(request: 2), to: cluster.metadata)
    cluster.run(for: .milliseconds(1))
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    #expect(try acquire(request: 1).epoch == 2, "the new incarnation takes over at once")
    cluster.run(for: .seconds(2))
    #expect(try renew(2).isEmpty, "and the old one's request has changed nothing")
  }

  @Test("is not given to a duplicate that comes when others have held it since")
  func lateDuplicate() throws {
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .duplicate, extra: .seconds(5))
    _ = try acquire(request: 1)
    try release(1)
    _ = try acquire(request: 1, as: 1)
    try release(2, as: 1)
    cluster.run(for: .seconds(10))
    #expect(cluster.leader() == nil)
    #expect(try acquire(request: 2, as: 1).epoch == 3)
  }

  @Test("is refused while another holds it, and free once its term is over")
  func heldAndExpired() throws {
    let term = cluster.settings.metadata.leaseTerm
    _ = try acquire(request: 1)
    cluster.run(for: term - .milliseconds(100))
    #expect(throws: MetadataError.leaseHeld(by: cluster.client(0))) { try acquire(request: 1, as: 1) }
    cluster.run(for: .milliseconds(200))
    #expect(cluster.leader() == nil, "nobody is told of a leader whose lease is over")
    #expect(try acquire(request: 1, as: 1).epoch == 2)
    #expect(try renew(1) == [HeldLease(epoch: 1)])
    #expect(cluster.count(of: .leaseMoved) == 1)
  }

  @Test("lasts a full term from each renewal on, and keeps its epoch")
  func renewal() throws {
    let term = cluster.settings.metadata.leaseTerm
    _ = try acquire(request: 1)
    for _ in 0..<3 {
      cluster.run(for: term - .milliseconds(100))
      #expect(try renew(1).isEmpty)
    }
    #expect(throws: MetadataError.leaseHeld(by: cluster.client(0))) { try acquire(request: 1, as: 1) }
    #expect(try acquire(request: 1).epoch == 1)
  }

  @Test("is renewed only by its holder, under its epoch")
  func renewalOfOthers() throws {
    _ = try acquire(request: 1)
    #expect(try renew(1, as: 1) == [HeldLease(epoch: 1)])
    #expect(try renew(2) == [HeldLease(epoch: 2)])
    #expect(try renew(0) == [HeldLease(epoch: 0)])
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    #expect(try renew(1) == [HeldLease(epoch: 1)], "the incarnation that held it is dead")
  }

  @Test("that ran out and that nobody took can be renewed, and still registers")
  func expiredButUntaken() throws {
    _ = try acquire(request: 1)
    cluster.run(for: .seconds(15))
    let answer = try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    #expect(answer.watermark == 3)
    #expect(try renew(1).isEmpty)
    #expect(cluster.leader() == cluster.client(0))
    #expect(cluster.count(of: .registrationWhileLeaseExpired) == 1)
    #expect(cluster.count(of: .leaseRenewedAfterExpiry) == 1)
  }

  @Test("gets its full term again when the service recovers")
  func fullTermAfterRestart() throws {
    _ = try acquire(request: 1)
    cluster.run(for: .seconds(9))
    cluster.crash(cluster.metadata)
    cluster.run(for: .seconds(30))
    cluster.restart(cluster.metadata)
    cluster.run(for: .seconds(9))
    #expect(throws: MetadataError.leaseHeld(by: cluster.client(0))) { try acquire(request: 1, as: 1) }
    cluster.run(for: .seconds(2))
    #expect(try acquire(request: 1, as: 1).epoch == 2)
  }

  @Test("is not given back by who does not hold it")
  func foreignRelease() throws {
    _ = try acquire(request: 1)
    try release(1, as: 1)
    try release(7)
    #expect(cluster.leader() == cluster.client(0))
    try release(1)
    #expect(cluster.leader() == nil)
  }

  @Test("hands its holder the watermark and the producers' latest batches of the transaction that granted it")
  func grantCarriesState() throws {
    _ = try acquire(request: 1)
    let batch = StoredBatch(producer: .seven, sequence: 0, count: 3, offset: 0)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1, batches: [batch]), of: cluster.metadata)
    try release(1)
    let next = try acquire(request: 1, as: 1)
    #expect(next.watermark == 3)
    #expect(next.batches == [batch])
  }
}

@Suite("A fenced epoch")
struct FenceTests {
  let cluster = TestCluster()

  private func fence(_ epoch: Epoch, as client: Int = 0) throws -> UInt64? {
    try cluster.ask(FenceEpoch(lease: HeldLease(epoch: epoch)), of: cluster.metadata, as: client).registeredEnd
  }

  @Test("is over for good: it registers nothing more, and what it registered is final")
  func isFinal() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    #expect(try fence(1) == 3)
    #expect(throws: MetadataError.fenced(current: 2)) {
      try cluster.ask(RegisterSegment(3..<5, epoch: 1), of: cluster.metadata)
    }
    #expect(try cluster.ask(RenewLeases(leases: [HeldLease(epoch: 1)]), of: cluster.metadata).lost.count == 1)
    #expect(try fence(1) == 3)
    #expect(try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 1).epoch == 3)
  }

  @Test("that registered nothing says so")
  func nothingRegistered() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    #expect(try fence(1) == nil)
  }

  @Test("leaves the epoch after it alone")
  func olderEpoch() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    try cluster.ask(AcquireLease(request: 2), of: cluster.metadata)
    #expect(try fence(1) == 3)
    try cluster.ask(RegisterSegment(3..<4, epoch: 2), of: cluster.metadata)
    #expect(cluster.leader() == cluster.client(0))
    #expect(throws: MetadataError.invalid, "nobody was ever given that epoch") { try fence(9) }
  }
}
