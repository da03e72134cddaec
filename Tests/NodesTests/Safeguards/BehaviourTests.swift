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

  @Test("whoever waits for a forgotten segment is told that it is durable", arguments: [true, false])
  func forgottenSenders(isOriginal: Bool) throws {
    let cluster = cluster {
      $0.behaviour.failedUpload = .original
      if isOriginal { $0.behaviour.forgottenSenders = .original }
    }
    cluster.trouble("objectStoreOutage")
    let answer = cluster.send(Produce("a"), to: cluster.agent(0), within: .seconds(60))
    cluster.run(until: "an answer") { answer.isThere }
    #expect(answer.error as? ProduceError == (isOriginal ? nil : .outcomeUnknown))
    #expect(cluster.watermark() == 0)
  }

  @Test("a repetition is told offset 0 at once", arguments: [true, false])
  func repetition(isOriginal: Bool) throws {
    let cluster = cluster { if isOriginal { $0.behaviour.repetition = .original } }
    try cluster.ask(Produce("x", "y"), of: cluster.agent(0))
    let batch = Produce("a", producer: .seven, sequence: 0)
    let first = try cluster.ask(batch, of: cluster.agent(0))
    let again = try cluster.ask(batch, of: cluster.agent(0))
    #expect(first.offset == .final(2))
    #expect(again.offset == .final(isOriginal ? 0 : 2))
  }

  @Test("an epoch begins at 1 again when the lease was given back", arguments: [true, false])
  func epochs(isOriginal: Bool) throws {
    let cluster = TestCluster {
      $0.agents = 0
      if isOriginal { $0.metadata.behaviour.epochs = .original }
    }
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 0)
    try cluster.ask(
      ReleaseLease(lease: HeldLease(partition: .first, epoch: 1)), of: cluster.metadata, as: 0)
    let next = try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 1)
    #expect(next.epoch == (isOriginal ? 1 : 2))
  }

  @Test("a lease has run out for whoever's clock says so", arguments: [true, false])
  func leaseClock(isOriginal: Bool) throws {
    let cluster = TestCluster { $0.agents = 0 }
    func request(at seconds: Int64) -> AcquireLease {
      var request = AcquireLease(request: 1)
      if isOriginal { request.clock = .start + .seconds(seconds) }
      return request
    }
    try cluster.ask(request(at: 0), of: cluster.metadata, as: 0)
    let hasty = cluster.send(request(at: 60), to: cluster.metadata, as: 1)
    cluster.run(until: "an answer") { hasty.isThere }
    #expect((hasty.error == nil) == isOriginal)
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
