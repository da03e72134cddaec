import Storage
import Testing

@testable import Nodes
@testable import Simulation

@Suite("An agent's acknowledgement")
struct AcknowledgementTests {
  let cluster: TestCluster

  init() {
    cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
  }

  private func crashAndRecover() {
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.run(for: .seconds(15))
  }

  /// When the leader stops to hold its lease by its own clock.
  private func leaseEnd() throws -> VirtualTime {
    let host = try #require(cluster.simulation.host(cluster.agent(0)))
    let agent = try #require(cluster.agents[0])
    return try #require(host.inspect(agent) { $0.leaders[.first]?.assumeIsolated { $0.leaseEnd } })
  }

  @Test("`none` comes as soon as the batch is in memory, and a crash may lose it")
  func none() throws {
    let begin = cluster.now
    let answer = try cluster.ask(Produce("a", acknowledgement: .none), of: cluster.agent(0))
    #expect(answer.offset == .provisional(0))
    #expect(cluster.now - begin < .microseconds(2_300), "two ways and no sync")
    crashAndRecover()
    #expect(cluster.values().isEmpty)
  }

  @Test("`buffered` comes when the log is synced, and survives a crash right after")
  func buffered() throws {
    let begin = cluster.now
    let answer = try cluster.ask(Produce("a", "b", acknowledgement: .buffered), of: cluster.agent(0))
    #expect(answer.offset == .provisional(0))
    #expect(cluster.now - begin >= .microseconds(2_500), "two ways and a sync")
    #expect(cluster.watermark() == 0)
    crashAndRecover()
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("`buffered` does not come when a crash is faster than the sync, and the batch is not stored")
  func bufferedTooLate() {
    let answer = cluster.send(
      Produce("a", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .microseconds(1_300))
    crashAndRecover()
    #expect(answer.error as? NetworkError == .timedOut)
    #expect(cluster.values().isEmpty)
  }

  @Test("`buffered` does not come from a full disk: the outcome is unknown")
  func fullDisk() {
    cluster.machine(cluster.agent(0)).disk.trouble.isFull = true
    let answer = cluster.send(Produce("a", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .milliseconds(100))
    #expect(answer.error as? ProduceError == .outcomeUnknown)
    #expect(cluster.count(of: .logWriteFailed) == 1)
    crashAndRecover()
    #expect(cluster.values().isEmpty)
  }

  @Test("`buffered` does not come when the sync fails, also when a later one of the same log succeeds")
  func failedSync() {
    cluster.machine(cluster.agent(0)).disk.trouble.syncErrors = 1_000_000
    let lost = cluster.send(Produce("a", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .milliseconds(100))
    #expect(lost.error as? ProduceError == .outcomeUnknown)
    cluster.machine(cluster.agent(0)).disk.trouble.syncErrors = 0
    let kept = cluster.send(Produce("b", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .milliseconds(100))
    #expect(kept.value?.offset == .provisional(1))
    crashAndRecover()
    #expect(cluster.values() == ["b"], "what the failed sync left out is gone with the process")
  }

  @Test("`durable` needs no log: it comes from a full disk, too")
  func durableFromAFullDisk() throws {
    cluster.machine(cluster.agent(0)).disk.trouble.isFull = true
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
  }

  @Test("`durable` comes when the segment is registered, and survives everything")
  func durable() throws {
    var watermarkAtRegistration: UInt64?
    cluster.onEvent = { event in
      if case .segmentRegistered(_, let row) = event { watermarkAtRegistration = row.end }
    }
    let answer = try cluster.ask(Produce("a", "b"), of: cluster.agent(0))
    #expect(answer.offset == .final(0))
    #expect(watermarkAtRegistration == 2)
    crashAndRecover()
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("`durable` does not come when a crash is faster than the registration")
  func durableTooLate() {
    let answer = cluster.send(Produce("a"), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .milliseconds(150))
    crashAndRecover()
    #expect(answer.error as? NetworkError == .timedOut)
    #expect(cluster.values().isEmpty)
  }

  @Test("is refused to what makes no sense")
  func invalid() throws {
    var headers = RecordBatchBuilder()
    headers.append(timestamp: 1, key: nil, value: [1], headers: [RecordHeader(name: [1], value: [2])])
    var withHeaders = Produce("a")
    withHeaders.batch = EncodedBatch(headers.finish())
    let requests = [
      Produce(partition: .first, batch: .of([]), producer: nil, sequence: 0, acknowledgement: .durable), withHeaders,
      Produce("a", acknowledgement: .buffered, producer: .seven),
      Produce("a", producer: .seven, sequence: .max),
    ]
    for request in requests {
      #expect(throws: ProduceError.invalid) { try cluster.ask(request, of: cluster.agent(0)) }
    }
    #expect(throws: ProduceError.notLeader) {
      try cluster.ask(Produce(to: TopicPartition(index: 5), "a"), of: cluster.agent(0))
    }
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0), "and none of them was taken")
  }

  @Test("is refused once the lease has run out by the agent's own clock, before it does at the service")
  func leaseOver() throws {
    cluster.run(for: .seconds(2))
    cluster.cutOff(cluster.agent(0), cluster.metadata)
    let end = try leaseEnd()
    cluster.run(for: end - cluster.now - .milliseconds(10))
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: cluster.agent(0))
    cluster.run(for: .milliseconds(10))
    for acknowledgement in Acknowledgement.allCases {
      #expect(throws: ProduceError.notLeader) {
        try cluster.ask(Produce("b", acknowledgement: acknowledgement), of: cluster.agent(0))
      }
    }
    #expect(cluster.leader() == cluster.agent(0), "the service still counts it as the holder")
  }

  @Test(
    "is refused before the service frees the lease, also by an agent whose clock is slow or fast",
    arguments: [-50_000, 50_000])
  func drift(partsPerMillion: Int64) throws {
    let cluster = TestCluster { $0.agents = 2 }
    cluster.awaitLeaders()
    let old = try #require(cluster.leads())
    cluster.simulation.load(
      FaultScript(entries: [
        FaultEntry(
          at: cluster.now, lasts: nil, fault: .clockDrift(host: cluster.name(old), partsPerMillion: partsPerMillion))
      ]))
    cluster.run(for: .seconds(7))
    cluster.cutOff(old, cluster.metadata)
    var lastTaken: VirtualTime?
    while cluster.leader() == old {
      let answer = cluster.send(Produce("a", acknowledgement: .none), to: old)
      cluster.run(for: .milliseconds(50))
      if answer.value != nil { lastTaken = answer.time }
    }
    #expect(try #require(lastTaken) < cluster.now - .milliseconds(400))
  }

  @Test("of a logged batch is withheld when the lease ran out during the sync")
  func leaseOverDuringSync() throws {
    cluster.run(for: .seconds(2))
    cluster.cutOff(cluster.agent(0), cluster.metadata)
    cluster.run(for: try leaseEnd() - cluster.now - .microseconds(1_200))
    #expect(throws: ProduceError.outcomeUnknown) {
      try cluster.ask(Produce("a", acknowledgement: .buffered), of: cluster.agent(0))
    }
    #expect(cluster.count(of: .acknowledgementWithheld) == 1)
  }

  @Test("of a logged batch is withheld by a process that was stalled until its lease was over")
  func stalled() throws {
    cluster.run(for: .seconds(2))
    let answer = cluster.send(Produce("a", acknowledgement: .buffered), to: cluster.agent(0))
    cluster.run(for: .microseconds(1_200))
    cluster.pause(cluster.agent(0))
    cluster.run(for: .seconds(20))
    cluster.resume(cluster.agent(0))
    cluster.run(until: "an answer") { answer.isThere }
    #expect(answer.error as? ProduceError == .outcomeUnknown)
  }

  @Test("comes again once the lease is renewed")
  func leaseRenewed() throws {
    cluster.cutOff(cluster.agent(0), cluster.metadata)
    cluster.run(for: .seconds(12))
    #expect(throws: ProduceError.notLeader) { try cluster.ask(Produce("a"), of: cluster.agent(0)) }
    cluster.reconnect(cluster.agent(0), cluster.metadata)
    cluster.run(for: .seconds(5))
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.manifest().rows.map(\.epoch) == [1], "nobody else had taken it")
  }

  @Test("is refused with a time to come back when too much of the partition is unregistered")
  func overload() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.agent.unregisteredBytes = 50
      $0.agent.segmentBytes = 1
    }
    cluster.awaitLeaders()
    cluster.trouble("objectStoreOutage")
    for value in ["a", "b", "c"] {
      try cluster.ask(Produce(value, acknowledgement: .none), of: cluster.agent(0))
    }
    let retryAfter = cluster.settings.agent.durableLinger * 2
    #expect(throws: ProduceError.overloaded(retryAfter: retryAfter)) {
      try cluster.ask(Produce("d", acknowledgement: .none), of: cluster.agent(0))
    }
    cluster.trouble("objectStoreOutage", begins: false)
    cluster.run(for: .seconds(5))
    try cluster.ask(Produce("e"), of: cluster.agent(0))
    #expect(cluster.values() == ["a", "b", "c", "e"], "what was refused was not taken")
  }
}
