import Simulation
import Testing

@testable import Nodes

@Suite("The assignment of partitions")
struct AssignmentTests {
  private func hosts(_ numbers: ClosedRange<UInt32>) -> [AssignableAgent] {
    numbers.map { AssignableAgent(host: HostID(rawValue: $0), zone: 0) }
  }
  private func partitions(_ count: Int) -> [TopicPartition] { (0..<count).map { TopicPartition(index: $0) } }
  private func loads(_ assignment: Assignment, _ agents: [AssignableAgent]) -> [Int] {
    agents.map { assignment.partitions(of: $0.host).count }
  }

  @Test("gives every partition to one agent, balanced to within one partition", arguments: 1...7, 1...12)
  func balanced(agentCount: Int, partitionCount: Int) {
    var assignment = Assignment()
    let agents = hosts(1...UInt32(agentCount))
    assignment.balance(partitions(partitionCount), among: agents) { _ in nil }
    let loads = loads(assignment, agents)
    #expect(loads.reduce(0, +) == partitionCount)
    #expect(loads.max()! - loads.min()! <= 1)
  }

  @Test("stays balanced as agents come and go, and moves no more than it must")
  func comingAndGoing() {
    var random = RandomGenerator(state: 3)
    for _ in 0..<50 {
      let all = partitions(Int(random.below(20)) + 1)
      var assignment = Assignment()
      var agents: [AssignableAgent] = []
      for _ in 0..<20 {
        let before = assignment.owners
        let agent = AssignableAgent(host: HostID(rawValue: UInt32(random.below(8))), zone: 0)
        if let place = agents.firstIndex(of: agent) { agents.remove(at: place) } else { agents.append(agent) }
        assignment.balance(all, among: agents) { _ in nil }
        guard !agents.isEmpty else { continue }
        let loads = loads(assignment, agents)
        #expect(loads.reduce(0, +) == all.count)
        #expect(loads.max()! - loads.min()! <= 1)
        let moved = all.count { before[$0] != assignment.owners[$0] }
        let orphans = all.count { partition in
          !(before[partition].map { owner in agents.contains { $0.host == owner } } ?? false)
        }
        // Either somebody left, and what it had finds new owners; or somebody came, and gets its share.
        #expect(moved <= max(orphans, (all.count + agents.count - 1) / agents.count))
      }
    }
  }

  @Test("does not change while nobody comes or goes")
  func sticky() {
    var assignment = Assignment()
    assignment.balance(partitions(10), among: hosts(1...3)) { _ in nil }
    let before = assignment.owners
    for _ in 0..<5 { assignment.balance(partitions(10), among: hosts(1...3)) { _ in nil } }
    #expect(assignment.owners == before)
  }

  @Test("begins with who holds the leases")
  func beginsWithHolders() {
    var assignment = Assignment()
    assignment.balance(partitions(4), among: hosts(1...2)) { HostID(rawValue: $0.index % 2 == 0 ? 2 : 1) }
    #expect(assignment.partitions(of: HostID(rawValue: 2)) == [TopicPartition(index: 0), TopicPartition(index: 2)])
  }
}

@Suite("A cluster's assignment")
struct ClusterAssignmentTests {
  private func holders(_ cluster: TestCluster) -> [HostID?] {
    (0..<cluster.settings.partitions).map { cluster.leader(TopicPartition(index: $0)) }
  }

  private func endedLeaderships(_ cluster: TestCluster) -> Int {
    cluster.clusterEvents.count { if case .leadershipEnded = $0 { true } else { false } }
  }

  @Test("shares the partitions out among the agents that report")
  func shares() {
    let cluster = TestCluster {
      $0.agents = 3
      $0.partitions = 7
    }
    cluster.awaitLeaders()
    let counts = (0..<3).map { agent in holders(cluster).count { $0 == cluster.agent(agent) } }
    #expect(counts.sorted() == [2, 2, 3])
  }

  @Test("gives a dead agent's partitions to the living, and a share back when it returns")
  func deathAndReturn() {
    let cluster = TestCluster {
      $0.agents = 2
      $0.partitions = 4
    }
    cluster.awaitLeaders()
    cluster.crash(cluster.agent(0))
    cluster.run(until: "one agent leads everything", within: .seconds(20)) {
      self.holders(cluster).allSatisfy { $0 == cluster.agent(1) }
    }
    cluster.restart(cluster.agent(0))
    cluster.run(until: "each leads two", within: .seconds(10)) {
      self.holders(cluster).count { $0 == cluster.agent(0) } == 2 && self.holders(cluster).allSatisfy { $0 != nil }
    }
  }

  @Test("is not disturbed by a restart of the metadata service")
  func restartOfService() {
    let cluster = TestCluster {
      $0.agents = 2
      $0.partitions = 4
    }
    cluster.awaitLeaders()
    let before = holders(cluster)
    cluster.crash(cluster.metadata)
    cluster.run(for: .milliseconds(300))
    cluster.restart(cluster.metadata)
    cluster.run(for: .seconds(10))
    #expect(holders(cluster) == before)
    #expect(endedLeaderships(cluster) == 0, "nobody had to give a partition back")
  }

  @Test("is not disturbed by one lost heartbeat")
  func lostHeartbeat() {
    let cluster = TestCluster {
      $0.agents = 2
      $0.partitions = 2
    }
    cluster.awaitLeaders()
    cluster.run(for: .seconds(5))
    cluster.hit(from: cluster.agent(0), to: cluster.metadata, with: .drop)
    cluster.run(for: .seconds(10))
    #expect(endedLeaderships(cluster) == 0)
  }
}
