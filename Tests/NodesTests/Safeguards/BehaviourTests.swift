import Simulation
import Testing

@testable import Nodes

/// The protocol's own behaviour, and the original's in its place.
@Suite("As the original does it")
struct BehaviourTests {
  private func cluster(_ change: (inout AgentConfiguration) -> Void) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      change(&$0.agent)
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("a key does not tell who wrote the object", arguments: [true, false])
  func keyNaming(isOriginal: Bool) throws {
    let cluster = cluster { if isOriginal { $0.behaviour.keyNaming = .original } }
    try cluster.ask(Produce("a"), of: cluster.agent(0))
    let key = cluster.manifest().rows[0].key.description
    #expect(key.contains("-") == !isOriginal)
  }

  @Test("a buffered batch is acknowledged before it is on disk, and a crash loses it", arguments: [true, false])
  func acknowledgedBeforeSync(isOriginal: Bool) throws {
    let cluster = cluster { if isOriginal { $0.behaviour.acknowledgesBuffered = .original } }
    let answer = cluster.send(Produce("a", acknowledgement: .buffered), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .microseconds(1_300))
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.run(for: .seconds(15))
    #expect((answer.value != nil) == isOriginal)
    #expect(cluster.values().isEmpty)
  }

  @Test("a log is stored again although it was registered", arguments: [true, false])
  func replay(isOriginal: Bool) throws {
    let cluster = cluster { if isOriginal { $0.behaviour.logReplay = .original } }
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: cluster.agent(0))
    cluster.onEvent = { event in
      if case .segmentRegistered = event { cluster.cutOff(cluster.metadata, cluster.agent(0)) }
    }
    cluster.run(until: "it is registered") { cluster.watermark() == 1 }
    cluster.onEvent = nil
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.reconnect(cluster.metadata, cluster.agent(0))
    cluster.run(for: .seconds(15))
    #expect(cluster.values() == (isOriginal ? ["a", "a"] : ["a"]))
  }

  @Test(
    "a segment whose upload failed three times is forgotten, with what was acknowledged of it",
    arguments: [true, false])
  func failedUpload(isOriginal: Bool) throws {
    let cluster = cluster { if isOriginal { $0.behaviour.failedUpload = .original } }
    cluster.trouble("objectStoreOutage")
    try cluster.ask(Produce("a", acknowledgement: .buffered), of: cluster.agent(0))
    cluster.run(for: .seconds(10))
    cluster.trouble("objectStoreOutage", begins: false)
    cluster.run(for: .seconds(30))
    #expect(cluster.values() == (isOriginal ? [] : ["a"]))
    #expect(cluster.files(cluster.agent(0)).isEmpty)
  }

  @Test("an agent that forgot a segment has room for others again")
  func roomAgain() throws {
    let cluster = cluster {
      $0.behaviour.failedUpload = .original
      $0.unregisteredBytes = 10
      $0.segmentBytes = 1
    }
    cluster.trouble("objectStoreOutage")
    try cluster.ask(Produce("a", acknowledgement: .none), of: cluster.agent(0))
    cluster.run(for: .seconds(10))
    try cluster.ask(Produce("b", acknowledgement: .none), of: cluster.agent(0))
  }
}
