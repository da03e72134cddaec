import Simulation
import Storage
import Testing

@testable import Nodes

/// Each safeguard in force, and left out: what it keeps from happening does happen without it.
@Suite("Without the safeguard")
struct SafeguardTests {
  private func cluster(
    without safeguard: Safeguards?, agents: Int = 0, _ change: (inout ClusterSettings) -> Void = { _ in }
  ) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = agents
      if let safeguard {
        $0.metadata.safeguards.subtract(safeguard)
        $0.agent.safeguards.subtract(safeguard)
      }
      change(&$0)
    }
    if agents > 0 { cluster.awaitLeaders() }
    return cluster
  }

  @Test(
    "`epochIsCurrent` a zombie registers under an epoch that is over, after the next holder has begun to write",
    arguments: [true, false])
  func epochIsCurrent(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .epochIsCurrent)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 0)
    cluster.run(for: .seconds(11))
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 1)
    try cluster.ask(RegisterSegment(0..<3, epoch: 2), of: cluster.metadata, as: 1)
    let zombie = cluster.send(RegisterSegment(3..<5, epoch: 1), to: cluster.metadata, as: 0)
    cluster.run(until: "an answer") { zombie.isThere }
    #expect(zombie.error as? MetadataError == (isInForce ? .fenced(current: 2) : nil))
    #expect(cluster.manifest().rows.map(\.epoch) == (isInForce ? [2] : [2, 1]))
  }

  @Test(
    "`baseIsWatermark` a segment is registered beyond a hole, or over offsets that are taken", arguments: [true, false])
  func baseIsWatermark(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .baseIsWatermark)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    for range in [5..<7, 1..<2] as [Range<UInt64>] {
      let answer = cluster.send(RegisterSegment(range, epoch: 1), to: cluster.metadata)
      cluster.run(until: "an answer") { answer.isThere }
      #expect((answer.error == nil) == !isInForce)
    }
    let rows = cluster.manifest().rows
    let isContiguous = zip(rows, rows.dropFirst()).allSatisfy { $0.end == $1.base }
    #expect(isContiguous == isInForce)
  }

  @Test("`putIsConditional` a segment is put over another writer's object", arguments: [true, false])
  func putIsConditional(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .putIsConditional, agents: 1)
    let key = SegmentNaming.key(.first, base: 0, epoch: 1)
    try cluster.ask(PutObject(key: key, body: [1, 2, 3], condition: .none, attempt: 0), of: cluster.store)
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(until: "an answer") { answer.isThere }
    #expect((cluster.object(key) == [1, 2, 3]) == isInForce)
  }

  @Test("`leaseHoldsBeforeAppend` an agent takes batches while another leads", arguments: [true, false])
  func leaseHoldsBeforeAppend(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .leaseHoldsBeforeAppend, agents: 2)
    let old = try #require(cluster.leads())
    cluster.cutOff(old, cluster.metadata)
    cluster.run(until: "another leads") { cluster.leads() != old && cluster.leads() != nil }
    let stale = cluster.send(Produce("a", acknowledgement: .none), to: old)
    cluster.run(until: "an answer") { stale.isThere }
    #expect(stale.error as? ProduceError == (isInForce ? .notLeader : nil))
    #expect((stale.value == nil) == isInForce, "told that it is taken, and it will never be stored")
  }

  @Test(
    "`leaseHoldsBeforeAcknowledgement` a process that slept acknowledges what another leader knows nothing of",
    arguments: [true, false])
  func leaseHoldsBeforeAcknowledgement(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .leaseHoldsBeforeAcknowledgement, agents: 2)
    let old = try #require(cluster.leads())
    let answer = cluster.send(Produce("a", acknowledgement: .buffered), to: old)
    cluster.run(for: .microseconds(1_200))
    cluster.pause(old)
    cluster.run(until: "another leads") { cluster.leads() != old && cluster.leads() != nil }
    cluster.resume(old)
    cluster.run(until: "an answer") { answer.isThere }
    #expect(answer.error as? ProduceError == (isInForce ? .outcomeUnknown : nil))
    #expect((answer.value == nil) == isInForce)
  }

  @Test("`writerEndsWithLease` an agent that lost its lease goes on to put segments", arguments: [true, false])
  func writerEndsWithLease(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .writerEndsWithLease, agents: 2) {
      $0.agent.segmentAge = .seconds(60)
    }
    let old = try #require(cluster.leads())
    try cluster.ask(Produce("a", acknowledgement: .none), of: old)
    cluster.cutOff(old, cluster.metadata)
    cluster.run(until: "another leads") { cluster.leads() != old && cluster.leads() != nil }
    cluster.reconnect(old, cluster.metadata)
    cluster.run(for: .seconds(10))
    let isWritten = cluster.object(SegmentNaming.key(.first, base: 0, epoch: 1)) != nil
    #expect(isWritten == !isInForce)
  }

  @Test("`sequenceIsNext` a batch is taken out of order, and a repeated one is stored twice", arguments: [true, false])
  func sequenceIsNext(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .sequenceIsNext, agents: 1)
    for (sequence, value) in [(0, "a"), (2, "c"), (1, "b"), (1, "b")] as [(UInt64, String)] {
      let answer = cluster.send(Produce(value, producer: .seven, sequence: sequence), to: cluster.agent(0))
      cluster.run(until: "an answer") { answer.isThere }
    }
    #expect(cluster.values() == (isInForce ? ["a", "b"] : ["a", "c", "b", "b"]))
  }

  @Test(
    "`batchesInFlightCount` a batch and its repetition are both stored, when the second comes before the first is",
    arguments: [true, false])
  func batchesInFlightCount(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .batchesInFlightCount, agents: 1)
    let answers = (0..<2).map { _ in cluster.send(Produce("a", producer: .seven, sequence: 0), to: cluster.agent(0)) }
    cluster.run(until: "answers") { answers.allSatisfy(\.isThere) }
    #expect(answers.allSatisfy { $0.error == nil })
    #expect(cluster.values() == (isInForce ? ["a"] : ["a", "a"]))
  }

  @Test("`releaserHoldsLease` a lease is given back by one that had it before", arguments: [true, false])
  func releaserHoldsLease(isInForce: Bool) throws {
    let cluster = cluster(without: isInForce ? nil : .releaserHoldsLease)
    for holder in 0..<2 {
      try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: holder)
      try cluster.ask(ReleaseLease(lease: HeldLease(epoch: Epoch(holder + 1))), of: cluster.metadata, as: holder)
    }
    let third = try cluster.ask(AcquireLease(request: 2), of: cluster.metadata, as: 0)
    #expect(third.epoch == 3)
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 0)
    let next = cluster.send(AcquireLease(request: 2), to: cluster.metadata, as: 1)
    cluster.run(until: "an answer") { next.isThere }
    #expect((next.error == nil) == !isInForce)
    #expect(next.value?.epoch == (isInForce ? nil : 3), "the number that the third holder has")
  }
}
