import Simulation
import Testing

@testable import Nodes

/// A sync of the journal takes 500 µs. Within that time a change is made but may still be lost; nobody must see it.
@Suite("The metadata service's journal")
struct JournalTests {
  let cluster = TestCluster()

  /// Lets a request arrive and be applied, but not synced.
  private func runUntilAppliedButUnsynced() { cluster.run(for: .microseconds(1_100)) }

  private func restart(keepingUnsynced kept: UInt64 = 0) {
    cluster.crash(cluster.metadata, keepingUnsynced: kept)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  @Test("answers a change only once it is synced")
  func answerAfterSync() {
    let acquire = cluster.send(AcquireLease(request: 1), to: cluster.metadata)
    runUntilAppliedButUnsynced()
    #expect(cluster.leader() == cluster.client(0), "the change is made")
    let begin = cluster.now
    cluster.run(until: "an answer") { acquire.isThere }
    #expect(cluster.now - begin >= .milliseconds(1) + .microseconds(400), "sync and way back")
  }

  @Test("says that it has changes that are not durable, from the change to its sync")
  func unsyncedChanges() throws {
    let service = try #require(cluster.metadataService)
    let host = try #require(cluster.simulation.host(cluster.metadata))
    func hasUnsynced() -> Bool { host.inspect(service) { $0.hasUnsyncedChanges } }
    #expect(!hasUnsynced())
    let acquire = cluster.send(AcquireLease(request: 1), to: cluster.metadata)
    runUntilAppliedButUnsynced()
    #expect(hasUnsynced())
    cluster.run(until: "an answer") { acquire.isThere }
    #expect(!hasUnsynced())
  }

  @Test("lets a read wait that would show a change which is not synced")
  func readWaits() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    let register = cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata)
    cluster.run(for: .microseconds(100))
    let reads = (
      cluster.send(DescribePartition(partition: .first), to: cluster.metadata, as: 1),
      cluster.send(DescribeTopic(name: "orders"), to: cluster.metadata, as: 1),
      cluster.send(FetchManifest(partition: .first, from: 0, limit: 9, waitAtMost: .zero), to: cluster.metadata, as: 1)
    )
    cluster.run(until: "answers") { register.isThere && reads.0.isThere && reads.1.isThere && reads.2.isThere }
    #expect(reads.0.value?.description.watermark == 3)
    #expect(reads.1.value?.partitions.first?.watermark == 3)
    #expect(reads.2.value?.rows.count == 1)
    let synced = try #require(cluster.events.last { $0.event is ClusterEvent }).stamp.time
    for time in [reads.0.time, reads.1.time, reads.2.time] {
      #expect(try #require(time) >= synced + .milliseconds(1), "they left after the sync")
    }
  }

  @Test("loses what a crash finds unsynced, and nobody has seen it: neither its sender nor a reader")
  func crashBeforeSync() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    let register = cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata, within: .seconds(2))
    let read = cluster.send(
      FetchManifest(partition: .first, from: 0, limit: 9, waitAtMost: .seconds(1)), to: cluster.metadata, as: 1,
      within: .seconds(2))
    runUntilAppliedButUnsynced()
    #expect(cluster.watermark() == 3)
    restart()
    #expect(cluster.watermark() == 0)
    cluster.run(for: .seconds(3))
    #expect(register.error is NetworkError && read.error is NetworkError)
    #expect(!cluster.clusterEvents.contains { if case .segmentRegistered = $0 { true } else { false } })
  }

  @Test("lets a refusal wait, too, that would show a change which is not synced")
  func refusalWaits() throws {
    // The first client holds the lease under epoch 1; its own next request moves the epoch, not yet synced.
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    cluster.send(AcquireLease(request: 2), to: cluster.metadata, within: .seconds(2))
    cluster.run(for: .microseconds(50))
    let register = cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata, as: 1, within: .seconds(2))
    let acquire = cluster.send(AcquireLease(request: 1), to: cluster.metadata, as: 1, within: .seconds(2))
    cluster.run(for: .microseconds(1_200))
    restart()
    cluster.run(for: .seconds(3))
    #expect(register.error as? NetworkError == .timedOut, "a refusal by an epoch that never was would be a lie")
    #expect(acquire.error as? NetworkError == .timedOut)
    #expect(try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata).watermark == 3)
  }

  @Test("gathers what arrives during a sync for the next one")
  func groups() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    let before = cluster.syncs(cluster.metadata)
    let answers = (0..<50).map { number in
      cluster.send(
        CommitOffsets(group: "g\(number)", offsets: [CommittedOffset(partition: .first, offset: 1)], request: 1),
        to: cluster.metadata)
    }
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    #expect(cluster.syncs(cluster.metadata) - before <= 4)
  }

  @Test("that ends in a torn entry is cut there: what is appended later survives the next restart", arguments: 0...40)
  func tornTail(kept: Int) throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata, within: .seconds(1))
    runUntilAppliedButUnsynced()
    cluster.run(for: .microseconds(30))
    restart(keepingUnsynced: UInt64(kept))
    #expect(cluster.count(of: .journalTornTailCut) == (kept > 0 ? 1 : 0))
    try cluster.ask(RegisterSegment(0..<2, epoch: 1), of: cluster.metadata)
    restart()
    #expect(cluster.manifest().rows.undated == [SegmentRow(0..<2, epoch: 1)])
    try cluster.ask(RegisterSegment(2..<4, epoch: 1), of: cluster.metadata)
    restart()
    #expect(cluster.watermark() == 4)
  }

  @Test("whose unsynced end survives whole has it: the repeated request is a repetition")
  func survivingTail() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata, within: .seconds(1))
    runUntilAppliedButUnsynced()
    cluster.run(for: .microseconds(30))
    restart(keepingUnsynced: .max)
    #expect(cluster.watermark() == 3)
    #expect(try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata).watermark == 3)
    #expect(cluster.count(of: .registrationRepeated) == 1)
  }

  @Test("brings everything back after a crash")
  func everythingComesBack() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    try cluster.ask(
      CommitOffsets(group: "g", offsets: [CommittedOffset(partition: .first, offset: 2)], request: 1),
      of: cluster.metadata)
    try cluster.ask(AcquireLease(request: 2), of: cluster.metadata)
    try cluster.ask(FenceEpoch(lease: HeldLease(epoch: 2)), of: cluster.metadata)
    let before = cluster.simulation.snapshots().first { $0.host == "metadata" }?.snapshot
    restart()
    #expect(cluster.simulation.snapshots().first { $0.host == "metadata" }?.snapshot == before)
    #expect(cluster.count(of: .metadataRecovered) == 1)
  }
}
