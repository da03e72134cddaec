import Simulation
import Testing

@testable import Nodes

@Suite("An agent's log")
struct LogHandoverTests {
  private func cluster(agents: Int = 1, _ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = agents
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  private func buffer(_ values: String..., on cluster: TestCluster, at agent: HostID? = nil) throws {
    for value in values {
      try cluster.ask(Produce(value, acknowledgement: .buffered), of: agent ?? cluster.agent(0))
    }
  }

  private func awaitHandovers(_ cluster: TestCluster) {
    cluster.run(until: "every log is handed over") {
      cluster.leads() != nil && (0..<cluster.settings.agents).allSatisfy { cluster.files(cluster.agent($0)).isEmpty }
    }
  }

  @Test("holds what is buffered until it is registered, and is then removed")
  func removedAfterRegistration() throws {
    let cluster = cluster()
    try buffer("a", on: cluster)
    #expect(cluster.files(cluster.agent(0)) == ["log/1-0-1-00000000000000000000.wal"])
    cluster.run(until: "it is registered") { cluster.watermark() == 1 }
    cluster.run(for: .milliseconds(5))
    #expect(cluster.files(cluster.agent(0)).isEmpty)
  }

  @Test("holds nothing of what waits to be durable")
  func nothingDurable() throws {
    let cluster = cluster()
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(100))
    #expect(!answer.isThere)
    #expect(cluster.files(cluster.agent(0)).isEmpty)
  }

  @Test("is handed over at a restart: what was not registered, each record once, in its order")
  func restart() throws {
    let cluster = cluster()
    try buffer("a", "b", on: cluster)
    cluster.run(until: "the first two are registered") { cluster.watermark() == 2 }
    try buffer("c", "d", "e", on: cluster)
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    awaitHandovers(cluster)
    #expect(cluster.values() == ["a", "b", "c", "d", "e"])
  }

  @Test("leaves out what its epoch had registered although the agent never heard of it")
  func registeredUnheard() throws {
    let cluster = cluster()
    try buffer("a", on: cluster)
    cluster.onEvent = { event in
      if case .segmentRegistered = event { cluster.cutOff(cluster.metadata, cluster.agent(0)) }
    }
    cluster.run(until: "it is registered") { cluster.watermark() == 1 }
    cluster.onEvent = nil
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.reconnect(cluster.metadata, cluster.agent(0))
    awaitHandovers(cluster)
    cluster.run(for: .seconds(5))
    #expect(cluster.values() == ["a"])
    #expect(cluster.count(of: .logEntrySkippedAsRegistered) == 1)
  }

  @Test(
    "is stored once also when the agent dies again in the middle of the handover",
    arguments: Array(stride(from: 5, to: 3_000, by: 121)))
  func diesAgain(milliseconds: Int) throws {
    let cluster = cluster {
      // Small segments, so that the handover takes several batches.
      $0.agent.segmentBytes = 120
      $0.agent.segmentAge = .seconds(30)
    }
    cluster.trouble("objectStoreOutage")
    let values = (0..<12).map { "value \($0)" }
    for value in values { try buffer(value, on: cluster) }
    cluster.crash(cluster.agent(0))
    cluster.trouble("objectStoreOutage", begins: false)
    for _ in 0..<3 {
      cluster.restart(cluster.agent(0))
      cluster.run(for: .milliseconds(Int64(milliseconds)))
      cluster.crash(cluster.agent(0))
    }
    cluster.restart(cluster.agent(0))
    awaitHandovers(cluster)
    #expect(cluster.values() == values)
  }

  @Test("that ends in a torn entry is handed over up to it", arguments: [1, 10, 30])
  func tornEnd(kept: UInt64) throws {
    let cluster = cluster()
    try buffer("a", on: cluster)
    cluster.send(Produce("b", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(1))
    cluster.run(for: .microseconds(1_300))
    cluster.crash(cluster.agent(0), keepingUnsynced: kept)
    cluster.restart(cluster.agent(0))
    awaitHandovers(cluster)
    #expect(cluster.values() == ["a"])
    #expect(cluster.count(of: .logTornTailDropped) == 1)
  }

  @Test("goes to whoever leads now, under the old agent's name, when the agent comes back too late")
  func toAnotherLeader() throws {
    let cluster = cluster(agents: 2)
    let old = try #require(cluster.leads())
    let new = old == cluster.agent(0) ? cluster.agent(1) : cluster.agent(0)
    try buffer("a", "b", on: cluster, at: old)
    cluster.crash(old)
    cluster.run(until: "the other one leads") { cluster.leads() == new }
    try cluster.ask(Produce("c"), of: new)
    cluster.restart(old)
    awaitHandovers(cluster)
    #expect(cluster.values() == ["c", "a", "b"])
  }

  @Test("of a leadership that was lost is handed over by an agent that lives")
  func lostLeadership() throws {
    let cluster = cluster(agents: 2)
    let old = try #require(cluster.leads())
    let new = old == cluster.agent(0) ? cluster.agent(1) : cluster.agent(0)
    cluster.cutOff(old, cluster.store)
    cluster.cutOff(old, cluster.metadata)
    try buffer("a", "b", on: cluster, at: old)
    cluster.run(until: "the other one leads") { cluster.leads() == new }
    try cluster.ask(Produce("c"), of: new)
    cluster.reconnect(old, cluster.store)
    cluster.reconnect(old, cluster.metadata)
    awaitHandovers(cluster)
    #expect(cluster.values() == ["c", "a", "b"])
    let ends = cluster.clusterEvents.compactMap { event -> LeadershipEnd? in
      if case .leadershipEnded(.first, 1, let reason) = event { reason } else { nil }
    }
    #expect(ends.count == 1 && ends.allSatisfy { $0 == .leaseLost || $0 == .fenced })
  }

  @Test("of a process that slept through the end of its lease is stored once")
  func stalledLeader() throws {
    let cluster = cluster(agents: 2)
    let old = try #require(cluster.leads())
    let new = old == cluster.agent(0) ? cluster.agent(1) : cluster.agent(0)
    try buffer("a", "b", on: cluster, at: old)
    cluster.pause(old)
    cluster.run(until: "the other one leads") { cluster.leads() == new }
    try cluster.ask(Produce("c"), of: new)
    cluster.resume(old)
    awaitHandovers(cluster)
    cluster.run(for: .seconds(3))
    #expect(cluster.values() == ["c", "a", "b"])
  }

  @Test("is not touched by other agents")
  func ownLogOnly() throws {
    let cluster = cluster(agents: 2)
    let old = try #require(cluster.leads())
    try buffer("a", on: cluster, at: old)
    let files = cluster.files(old)
    cluster.crash(old)
    cluster.run(for: .seconds(30))
    #expect(cluster.files(old) == files)
  }
}

@Suite("An agent that gives a partition back")
struct HandBackTests {
  @Test("stores what it has first, and only then releases the lease")
  func drainsFirst() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.partitions = 2
    }
    cluster.awaitLeaders()
    // Records wait in both partitions, buffered and durable ones, when a second agent joins.
    var answers: [Answer<Produce.Response>] = []
    let second = cluster.addAgent("agent-new")
    for number in 0..<40 {
      for index in 0..<2 {
        answers.append(
          cluster.send(
            Produce(
              to: TopicPartition(index: index), "\(number)", acknowledgement: number % 2 == 0 ? .buffered : .durable),
            to: cluster.agent(0), within: .seconds(20)))
      }
      cluster.run(for: .milliseconds(100))
    }
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    let moved = try #require((0..<2).map { TopicPartition(index: $0) }.first { cluster.leader($0) == second })
    #expect(answers.allSatisfy { $0.value != nil || $0.error as? ProduceError == .moved(to: second) })
    #expect(answers.contains { $0.error as? ProduceError == .moved(to: second) })
    cluster.run(for: .seconds(5))
    let stored = cluster.values(moved).count + cluster.values(TopicPartition(index: 1 - Int(moved.index))).count
    #expect(stored == answers.count { $0.value != nil }, "what was acknowledged is stored, once")
    #expect(cluster.clusterEvents.allSatisfy { if case .logHandedOver = $0 { false } else { true } })
    let end = try #require(
      cluster.position { if case .leadershipEnded(moved, _, .handedBack) = $0 { true } else { false } })
    let release = try #require(cluster.position { if case .leaseReleased(moved, _) = $0 { true } else { false } })
    let last = try #require(
      cluster.clusterEvents.lastIndex { if case .segmentRegistered(moved, _) = $0 { true } else { false } })
    #expect(last < release && release < end)
  }
}
