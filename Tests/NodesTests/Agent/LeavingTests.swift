import Simulation
import Testing

@testable import Nodes

@Suite("An agent that is told to leave")
struct AgentLeavingTests {
  private func cluster(
    agents: Int = 2, partitions: Int = 2, _ change: (inout ClusterSettings) -> Void = { _ in }
  ) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = agents
      $0.partitions = partitions
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  private func awaitEnd(_ agent: HostID, of cluster: TestCluster, within limit: VirtualDuration = .seconds(30)) {
    cluster.run(until: "it has ended", within: limit) { cluster.simulation.host(agent) == nil }
  }

  private func led(by agent: HostID, in cluster: TestCluster) -> [TopicPartition] {
    (0..<cluster.settings.partitions).map { TopicPartition(index: $0) }.filter { cluster.leader($0) == agent }
  }

  @Test("hands each partition to its successor in the instant in which it gives it back, and ends")
  func noGap() throws {
    let cluster = cluster()
    let (old, new) = (cluster.agent(0), cluster.agent(1))
    let moved = led(by: old, in: cluster)
    #expect(moved.count == 1)
    cluster.tellToLeave(old)
    awaitEnd(old, of: cluster)
    for partition in moved {
      #expect(cluster.leader(partition) == new)
      let frozen = try #require(
        cluster.time(of: { if case .leadershipFrozen(partition, _, new)? = $0 as? AgentEvent { true } else { false } }))
      let began = try #require(
        cluster.lastTime(of: {
          if case .leadershipBegan(partition, _, _)? = $0 as? ClusterEvent { true } else { false }
        }))
      #expect(began - frozen < .milliseconds(20), "nothing was left to store: two requests and a sync")
    }
    #expect(cluster.count(of: .leaseHandedOver) == 1)
    #expect(cluster.count(of: .drainFinished) == 1)
    #expect(cluster.simulation.isAbsent(old))
  }

  @Test("takes batches until its successor waits for the lease, however long that takes")
  func waitsForSuccessor() throws {
    let cluster = cluster { $0.agent.leavingPatience = .seconds(100) }
    let (old, new) = (cluster.agent(0), cluster.agent(1))
    let partition = try #require(led(by: old, in: cluster).first)
    cluster.cut(from: new, to: cluster.metadata)
    cluster.run(for: .milliseconds(500))
    cluster.tellToLeave(old)
    for _ in 0..<4 {
      try cluster.ask(Produce(to: partition, "a", acknowledgement: .buffered), of: old)
      cluster.run(for: .milliseconds(500))
    }
    #expect(cluster.leader(partition) == old)
    cluster.mend(from: new, to: cluster.metadata)
    awaitEnd(old, of: cluster)
    #expect(cluster.leader(partition) == new)
  }

  @Test("stores whatever it has taken, in whatever way it was acknowledged, once")
  func storesEverything() throws {
    let cluster = cluster()
    let old = cluster.agent(0)
    let partition = try #require(led(by: old, in: cluster).first)
    let answers = Acknowledgement.allCases.flatMap { acknowledgement in
      (0..<3).map {
        cluster.send(Produce(to: partition, "\(acknowledgement) \($0)", acknowledgement: acknowledgement), to: old)
      }
    }
    cluster.run(for: .milliseconds(2))
    cluster.tellToLeave(old)
    awaitEnd(old, of: cluster)
    #expect(answers.allSatisfy { $0.value != nil })
    #expect(cluster.values(partition).count == 9)
    #expect(Set(cluster.values(partition)).count == 9)
    #expect(cluster.files(old).isEmpty)
    #expect(cluster.count(of: .handoverCutShort) == 0)
  }

  @Test("passes on what the object store does not take in time: by the sender, where one waits, else from its log")
  func cutShort() throws {
    let cluster = cluster()
    let (old, new) = (cluster.agent(0), cluster.agent(1))
    let partition = try #require(led(by: old, in: cluster).first)
    cluster.trouble("objectStoreOutage")
    try cluster.ask(Produce(to: partition, "in memory", acknowledgement: .none), of: old)
    try cluster.ask(Produce(to: partition, "logged", acknowledgement: .buffered), of: old)
    let durable = cluster.send(Produce(to: partition, "waits"), to: old)
    cluster.run(for: .milliseconds(10))
    cluster.tellToLeave(old)
    cluster.run(until: "the other one leads") { cluster.leads(partition) == new }
    cluster.run(for: .milliseconds(10))
    #expect(durable.error as? ProduceError == .moved(to: new))
    let frozen = try #require(
      cluster.time(of: { if case .leadershipFrozen(partition, _, _)? = $0 as? AgentEvent { true } else { false } }))
    #expect(cluster.now - frozen < cluster.settings.agent.handoverPatience + .milliseconds(50))
    #expect(cluster.simulation.host(old) != nil, "its log is not safe yet")
    cluster.trouble("objectStoreOutage", begins: false)
    awaitEnd(old, of: cluster)
    #expect(cluster.values(partition) == ["in memory", "logged"])
    #expect(cluster.files(old).isEmpty)
    #expect(cluster.count(of: .handoverCutShort) == 1)
  }

  @Test("and made its epoch final does not register anything later, though its upload ends well")
  func finalEpoch() throws {
    let cluster = cluster()
    let (old, new) = (cluster.agent(0), cluster.agent(1))
    let partition = try #require(led(by: old, in: cluster).first)
    // Uploads take five seconds.
    cluster.trouble("objectStoreSlow", [5_000])
    let durable = cluster.send(Produce(to: partition, "a"), to: old)
    cluster.run(for: .milliseconds(50))
    cluster.tellToLeave(old)
    cluster.run(until: "an answer") { durable.isThere }
    #expect(durable.error as? ProduceError == .moved(to: new))
    cluster.trouble("objectStoreSlow", [5_000], begins: false)
    try cluster.ask(Produce(to: partition, "a"), of: new)
    cluster.run(for: .seconds(20))
    #expect(cluster.values(partition) == ["a"], "a batch that was certainly not taken can be sent again")
  }

  @Test("with nobody to succeed it waits a while, then stores what it has, gives its leases back and ends")
  func alone() throws {
    let cluster = cluster(agents: 1, partitions: 1)
    let old = cluster.agent(0)
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: old)
    let begin = cluster.now
    cluster.tellToLeave(old)
    cluster.run(for: .seconds(3))
    try cluster.ask(Produce("b", acknowledgement: .buffered), of: old)
    awaitEnd(old, of: cluster)
    #expect(cluster.now - begin >= cluster.settings.agent.leavingPatience)
    #expect(cluster.values() == ["a", "b"])
    #expect(cluster.leader() == nil)
    #expect(cluster.count(of: .leftWithoutSuccessor) == 1)
  }

  @Test("does not let the breaker rest for long: others wait for what it has to store")
  func shortRest() throws {
    let cluster = cluster(agents: 1, partitions: 1)
    let old = cluster.agent(0)
    cluster.trouble("objectStoreOutage")
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: old)
    cluster.run(until: "the breaker is open") { cluster.count(of: .breakerOpened) == 1 }
    let begin = cluster.now
    cluster.tellToLeave(old)
    cluster.trouble("objectStoreOutage", begins: false)
    awaitEnd(old, of: cluster)
    #expect(cluster.values() == ["a"])
    let agent = cluster.settings.agent
    #expect(cluster.now - begin < agent.leavingPatience + agent.handoverPreparation + .seconds(1))
    #expect(agent.breaker.rest > cluster.now - begin)
  }

  @Test("gives a lease to whoever comes while it waits for the object store with nobody to succeed it")
  func lateSuccessor() throws {
    let cluster = cluster(agents: 2, partitions: 1)
    let old = try #require(cluster.leads())
    let new = old == cluster.agent(0) ? cluster.agent(1) : cluster.agent(0)
    cluster.crash(new)
    cluster.run(for: .seconds(5))
    cluster.trouble("objectStoreOutage")
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: old)
    cluster.tellToLeave(old)
    cluster.run(until: "it takes no more batches") {
      cluster.time(of: { if case .leadershipFrozen? = $0 as? AgentEvent { true } else { false } }) != nil
    }
    cluster.run(for: .seconds(5))
    #expect(cluster.leader() == old, "nobody else is there")
    cluster.restart(new)
    cluster.run(until: "the other one leads", within: .seconds(3)) { cluster.leads() == new }
    cluster.trouble("objectStoreOutage", begins: false)
    awaitEnd(old, of: cluster, within: .seconds(60))
    #expect(cluster.values() == ["a"])
  }

  @Test("and has a log for a partition that nobody leads brings it to safety itself when nobody stays")
  func ownLog() throws {
    let cluster = cluster(agents: 2, partitions: 1)
    for agent in [cluster.agent(0), cluster.agent(1)] {
      let leader = try #require(cluster.leads())
      cluster.trouble("objectStoreOutage")
      try cluster.ask(Produce("of \(cluster.name(agent))", acknowledgement: .buffered), of: leader)
      cluster.crash(leader)
      cluster.trouble("objectStoreOutage", begins: false)
      if agent == cluster.agent(0) {
        cluster.run(until: "the other one leads") { cluster.leads().map { $0 != leader } ?? false }
      }
    }
    // Both come back with a log each, and leave before they lead anything.
    for agent in [cluster.agent(0), cluster.agent(1)] {
      cluster.restart(agent)
      cluster.tellToLeave(agent)
    }
    for agent in [cluster.agent(0), cluster.agent(1)] { awaitEnd(agent, of: cluster, within: .seconds(60)) }
    #expect(cluster.values().sorted() == ["of agent-0", "of agent-1"])
    #expect(cluster.leader() == nil)
  }

  @Test("takes no new partitions")
  func takesNothing() throws {
    let cluster = cluster(agents: 3, partitions: 6)
    let (leaving, dying) = (cluster.agent(0), cluster.agent(1))
    cluster.trouble("objectStoreOutage")
    for partition in led(by: leaving, in: cluster) {
      try cluster.ask(Produce(to: partition, "a", acknowledgement: .buffered), of: leaving)
    }
    cluster.tellToLeave(leaving)
    cluster.crash(dying)
    cluster.run(for: .seconds(20))
    #expect((0..<6).allSatisfy { cluster.leader(TopicPartition(index: $0)) == cluster.agent(2) })
    cluster.trouble("objectStoreOutage", begins: false)
    awaitEnd(leaving, of: cluster)
  }

  @Test("is not taken for one that stays when an older heartbeat of it comes late")
  func lateHeartbeat() throws {
    let cluster = cluster(partitions: 4)
    let old = cluster.agent(0)
    // The heartbeat before the announcement comes once more, after it.
    cluster.hit(from: old, to: cluster.metadata, with: .duplicate, extra: .milliseconds(1_500))
    cluster.run(for: .seconds(1))
    cluster.tellToLeave(old)
    awaitEnd(old, of: cluster)
    cluster.run(for: .seconds(5))
    #expect((0..<4).allSatisfy { cluster.leads(TopicPartition(index: $0)) == cluster.agent(1) })
  }

  @Test("leaves all the same when the metadata service forgets it in a restart")
  func serviceRestarts() throws {
    let cluster = cluster(partitions: 4)
    let old = cluster.agent(0)
    cluster.tellToLeave(old)
    cluster.crash(cluster.metadata)
    cluster.run(for: .milliseconds(300))
    cluster.restart(cluster.metadata)
    awaitEnd(old, of: cluster, within: .seconds(60))
    cluster.run(for: .seconds(5))
    #expect((0..<4).allSatisfy { cluster.leads(TopicPartition(index: $0)) == cluster.agent(1) })
  }

  @Test("can be followed by one agent after the other, each back before the next, without a send that fails")
  func rolling() throws {
    let cluster = cluster(agents: 3, partitions: 6)
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    var sent = 0
    for index in 0..<3 {
      let agent = cluster.agent(index)
      cluster.tellToLeave(agent, forAnother: .milliseconds(200))
      for _ in 0..<60 {
        _ = producer.beginAppend(["\(sent)"])
        sent += 1
        cluster.run(for: .milliseconds(100))
      }
      #expect(cluster.simulation.host(agent)?.incarnation == 2)
    }
    try producer.flush()
    #expect(producer.outcomes.count == sent)
    #expect(producer.outcomes.allSatisfy { if case .acknowledged = $0 { true } else { false } })
  }
}
