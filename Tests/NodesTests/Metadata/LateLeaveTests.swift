import Simulation
import Testing

@testable import Nodes

@Suite("An agent's word that it leaves")
struct LateLeaveTests {
  /// Clients 0 and 1 are agents.
  let cluster = TestCluster {
    $0.clients = 2
    $0.partitions = 4
  }

  init() throws {
    cluster.run(for: .seconds(2))
    try report(0)
    try report(1)
  }

  @discardableResult
  private func report(_ client: Int) throws -> AgentHeartbeat.Response {
    try cluster.ask(AgentHeartbeat(zone: 0), of: cluster.metadata, as: client)
  }

  /// Client 0 says that it leaves and dies; its word arrives three seconds later.
  private func sayLate() {
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .delay, extra: .seconds(3))
    cluster.send(LeaveCluster(), to: cluster.metadata, as: 0)
    cluster.run(for: .milliseconds(1))
    cluster.crash(cluster.client(0))
    cluster.run(for: .seconds(1))
    cluster.restart(cluster.client(0))
  }

  @Test("does not take its next incarnation out, when it comes late")
  func late() throws {
    sayLate()
    let before = try report(0)
    #expect(before.liveAgents == 2 && before.assigned.count == 2)
    try cluster.ask(AcquireLease(partition: before.assigned[0], request: 1), of: cluster.metadata, as: 0)
    // Both go on reporting while it arrives.
    for _ in 0..<3 {
      cluster.run(for: .seconds(1))
      #expect(try report(1).liveAgents == 2)
      let after = try report(0)
      #expect(after.liveAgents == 2)
      #expect(after.assigned == before.assigned)
      #expect(after.handovers.isEmpty)
    }
    #expect(cluster.leader(before.assigned[0]) == cluster.client(0))
    #expect(throws: MetadataError.self) {
      try cluster.ask(AcquireLease(partition: before.assigned[0], request: 1), of: cluster.metadata, as: 1)
    }
  }

  @Test("is over with the next incarnation, when it comes before that reports")
  func early() throws {
    sayLate()
    cluster.run(for: .seconds(3))
    #expect(try report(1).liveAgents == 1)
    let again = try report(0)
    #expect(again.liveAgents == 2 && again.assigned.count == 2)
  }

  @Test("does not come back when the service has died and knows neither incarnation")
  func afterARestart() throws {
    sayLate()
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .seconds(3))
    #expect(try report(0).liveAgents == 1)
    #expect(try report(1).liveAgents == 2)
    #expect(try report(0).assigned.count == 2)
  }
}
