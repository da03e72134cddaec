import Simulation
import Testing

@testable import Nodes

@Suite("A cluster whose agents and topics come and go")
struct ScalingTests {
  private func cluster(agents: Int, partitions: Int, _ change: (inout ClusterSettings) -> Void = { _ in })
    -> TestCluster
  {
    let cluster = TestCluster {
      $0.agents = agents
      $0.partitions = partitions
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  private func holders(_ cluster: TestCluster) -> [HostID?] {
    (0..<cluster.settings.partitions).map { cluster.leader(TopicPartition(index: $0)) }
  }

  private func endedLeaderships(_ cluster: TestCluster) -> Int {
    cluster.clusterEvents.count { if case .leadershipEnded = $0 { true } else { false } }
  }

  @Test("gives a newcomer its share, from hand to hand, and leaves no partition without a leader")
  func scaleOut() throws {
    let cluster = cluster(agents: 2, partitions: 6)
    let newcomer = cluster.addAgent("agent-late")
    cluster.run(until: "it leads its share", within: .seconds(10)) {
      self.holders(cluster).count { $0 == newcomer } == 2
    }
    for partition in (0..<6).map({ TopicPartition(index: $0) }) where cluster.leader(partition) == newcomer {
      let frozen = try #require(
        cluster.lastTime(of: {
          if case .leadershipFrozen(partition, _, newcomer)? = $0 as? AgentEvent { true } else { false }
        }))
      let began = try #require(
        cluster.lastTime(of: {
          if case .leadershipBegan(partition, _, _)? = $0 as? ClusterEvent { true } else { false }
        }))
      #expect(began - frozen < .milliseconds(20))
    }
    cluster.run(for: .seconds(30))
    #expect(holders(cluster).allSatisfy { $0 != nil })
    #expect(holders(cluster).count { $0 == newcomer } == 2, "and keeps it")
  }

  @Test("finds leaders after a crash although the dead agent's leases outlive its reports")
  func crash() {
    let cluster = cluster(agents: 3, partitions: 6) { $0.metadata.leaseTerm = .seconds(30) }
    cluster.crash(cluster.agent(0))
    cluster.run(for: .seconds(10))
    #expect(holders(cluster).contains(cluster.agent(0)), "dead for the service, but its leases still hold")
    cluster.run(until: "others lead", within: .seconds(25)) {
      self.holders(cluster).allSatisfy { $0 == cluster.agent(1) || $0 == cluster.agent(2) }
    }
  }

  @Test("does not take partitions from an agent that is not heard of but renews, and gives them away once it does not")
  func renewsButDoesNotReport() throws {
    let cluster = TestCluster { $0.agents = 1 }
    let holder = cluster.client(0)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    for _ in 0..<30 {
      cluster.run(for: .seconds(1))
      let answer = try cluster.ask(RenewLeases(leases: [HeldLease(epoch: 1)]), of: cluster.metadata)
      #expect(answer.lost.isEmpty)
      #expect(cluster.leader() == holder)
      #expect(cluster.leads() == nil, "the other one does not take itself for the leader")
    }
    cluster.run(until: "the other one leads", within: cluster.settings.metadata.leaseTerm + .seconds(2)) {
      cluster.leads() == cluster.agent(0)
    }
  }

  @Test("leaves everything where it is when a topic comes whose name sorts first")
  func newTopic() throws {
    let cluster = cluster(agents: 2, partitions: 4)
    let before = holders(cluster)
    try cluster.ask(CreateTopic(name: "aaa", partitions: 2, request: 1), of: cluster.metadata)
    cluster.run(for: .seconds(15))
    #expect(holders(cluster) == before)
    #expect(endedLeaderships(cluster) == 0)
    let topic = try cluster.ask(DescribeTopic(name: "aaa"), of: cluster.metadata)
    #expect(Set(topic.partitions.compactMap(\.leader)).count == 2, "the new one is shared out")
  }

  @Test("takes batches while the object store is slow: for other partitions, for new ones, and for the same")
  func slowStore() throws {
    let cluster = cluster(agents: 1, partitions: 3)
    cluster.trouble("objectStoreSlow", [5_000])
    let slow = cluster.send(Produce(to: TopicPartition(index: 0), "slow"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(300))
    for index in [1, 2, 0] {
      let begin = cluster.now
      try cluster.ask(
        Produce(to: TopicPartition(index: index), "a", acknowledgement: .buffered), of: cluster.agent(0))
      #expect(cluster.now - begin < .milliseconds(10))
    }
    #expect(!slow.isThere)
  }
}
