import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("An agent's upload")
struct UploadTests {
  let cluster: TestCluster

  init() {
    cluster = TestCluster {
      $0.agents = 1
      // Every batch is a segment of its own.
      $0.agent.segmentBytes = 1
    }
    cluster.awaitLeaders()
  }

  private func keys() throws -> [ObjectKey] {
    try cluster.ask(ListObjects(prefix: "data/", after: nil, limit: 100), of: cluster.store, as: 1).objects.map(\.key)
  }

  private var registered: [UInt64] {
    cluster.clusterEvents.compactMap { if case .segmentRegistered(_, let row) = $0 { row.base } else { nil } }
  }

  private func leadershipEnds() -> [LeadershipEnd] {
    cluster.clusterEvents.compactMap { if case .leadershipEnded(_, _, let reason) = $0 { reason } else { nil } }
  }

  @Test("may overtake another, its registration may not")
  func registrationInOrder() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .unavailable])
    let answers = ["a", "b", "c"].map { cluster.send(Produce($0), to: cluster.agent(0)) }
    cluster.run(for: .milliseconds(20))
    #expect(try keys().count == 2, "the second and the third are there")
    #expect(cluster.watermark() == 0, "and wait for the first")
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    #expect(registered == [0, 1, 2])
    #expect(answers.compactMap { $0.value?.offset } == [.final(0), .final(1), .final(2)])
    #expect(cluster.values() == ["a", "b", "c"])
  }

  @Test("runs beside others, up to a limit")
  func inFlight() throws {
    let limit = cluster.settings.agent.uploadsInFlight
    cluster.trouble("objectStoreSlow", [100])
    for number in 0..<(limit + 3) { cluster.send(Produce("\(number)"), to: cluster.agent(0)) }
    cluster.run(for: .milliseconds(150))
    #expect(cluster.usage.put == UInt64(limit))
    cluster.run(until: "everything is stored") { self.cluster.watermark() == UInt64(limit + 3) }
    #expect(cluster.usage.put == UInt64(limit + 3))
  }

  @Test("that fails is tried again with the same bytes under the same key, whatever came meanwhile")
  func retry() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .unavailable, 3: .internalError, 4: .badGateway])
    let first = cluster.send(Produce("a", "b"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(15))
    try cluster.ask(Produce("c"), of: cluster.agent(0))
    #expect(first.value?.offset == .final(0))
    #expect(try keys().count == 2)
    #expect(cluster.values() == ["a", "b", "c"])
    let attempts = cluster.clusterEvents.compactMap { event -> Int? in
      if case .uploadFailed(_, 0, 1, let attempt) = event { attempt } else { nil }
    }
    #expect(attempts == [1, 2, 3])
  }

  @Test("whose answer is an error although it was stored finds its own object and succeeds")
  func ownObject() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .appliedThenError])
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.count(of: .uploadFoundItsOwnObject) == 1)
    #expect(cluster.values() == ["a"])
    #expect(leadershipEnds().isEmpty)
  }

  @Test("whose answer never comes although it was stored finds its own object and succeeds")
  func ownObjectAfterSilence() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .appliedThenSilence])
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.count(of: .uploadFoundItsOwnObject) == 1)
    #expect(cluster.values() == ["a"])
    #expect(leadershipEnds().isEmpty)
  }

  @Test("that is not answered for a while is asked for a second time beside the first, and the first success counts")
  func hedged() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .neverApplied])
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: cluster.settings.agent.hedgeDelay + .milliseconds(100))
    #expect(answer.value?.offset == .final(0))
    #expect(cluster.count(of: .uploadHedged) == 1)
    #expect(cluster.values() == ["a"])
  }

  @Test("is asked for a second time in a small share of all cases only: a store that is slow as a whole gets no more")
  func hedgesAreFew() throws {
    cluster.trouble("objectStoreSlow", [1_000])
    for number in 0..<40 { cluster.send(Produce("\(number)"), to: cluster.agent(0)) }
    cluster.run(until: "everything is stored", within: .seconds(600)) { self.cluster.watermark() == 40 }
    #expect(cluster.count(of: .uploadHedged) == 5, "four at first, and one for twenty")
    #expect(cluster.values().count == 40)
  }

  @Test("whose look at what stands in its place fails as well is tried again")
  func headFails() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .appliedThenError, 3: .unavailable])
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.values() == ["a"])
  }

  @Test("that is stored half a minute late, after its second try, does no harm")
  func appliedLate() throws {
    cluster.failRequests(of: cluster.agent(0), [1: .appliedLate])
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0))
    cluster.run(for: .seconds(40))
    #expect(cluster.values() == ["a"])
    #expect(try keys().count == 1)
  }

  @Test(
    "that finds another writer's object in its place ends the leadership; the next epoch goes on",
    arguments: [true, false])
  func foreignObject(sameBytes: Bool) throws {
    // Another's object is another's even if it holds the same bytes: the mark of the upload differs.
    let body = sameBytes ? try segmentFile([(0, "a")]) : [1, 2, 3]
    let key = SegmentNaming.key(.first, base: 0, epoch: 1)
    try cluster.ask(PutObject(key: key, body: body, condition: .none, attempt: 1), of: cluster.store)
    #expect(throws: ProduceError.outcomeUnknown) { try cluster.ask(Produce("a"), of: cluster.agent(0)) }
    #expect(cluster.object(key) == body)
    #expect(leadershipEnds() == [.objectTaken])
    cluster.run(for: .seconds(2))
    #expect(try cluster.ask(Produce("b"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.manifest().rows.map(\.epoch) == [2])
  }

  @Test("goes on through an outage of the store until it is over")
  func outage() throws {
    cluster.trouble("objectStoreOutage")
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .seconds(60))
    #expect(!answer.isThere)
    cluster.trouble("objectStoreOutage", begins: false)
    cluster.run(for: .seconds(4))
    #expect(answer.value?.offset == .final(0))
  }
}

@Suite("Uploads that wait for a breaker and for a rate")
struct UploadGateTests {
  @Test("do not hand a half open breaker's only permit to each other while the rate lets none of them go")
  func halfOpenAndLimited() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.agent.segmentBytes = 1
      $0.agent.breaker.failures = 1
      $0.agent.breaker.rest = .milliseconds(50)
      ($0.agent.storeRate.rate, $0.agent.storeRate.lowest, $0.agent.storeRate.burst) = (1, 1, 1)
    }
    cluster.awaitLeaders()
    cluster.failRequests(of: cluster.agent(0), [1: .unavailable])
    let answers = ["a", "b", "c"].map { cluster.send(Produce($0), to: cluster.agent(0)) }
    cluster.run(until: "answers", within: .seconds(60)) { answers.allSatisfy { $0.isThere } }
    #expect(cluster.values() == ["a", "b", "c"])
    #expect(cluster.count(of: .breakerOpened) == 1 && cluster.count(of: .uploadLimitedByRate) > 0)
  }
}

@Suite("An agent's registration")
struct AgentRegistrationTests {
  private func cluster() -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      $0.agent.segmentBytes = 1
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("whose answer is lost is sent again, and counts once")
  func answerLost() throws {
    let cluster = cluster()
    cluster.onEvent = { event in
      guard case .segmentRegistered = event, cluster.count(of: .registrationRetried) == 0 else { return }
      cluster.cut(from: cluster.metadata, to: cluster.agent(0))
    }
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .seconds(1))
    #expect(cluster.watermark() == 1 && !answer.isThere)
    cluster.onEvent = nil
    cluster.mend(from: cluster.metadata, to: cluster.agent(0))
    cluster.run(until: "an answer") { answer.isThere }
    #expect(answer.value?.offset == .final(0))
    #expect(cluster.count(of: .registrationRepeated) == 1)
    #expect(cluster.manifest().rows.count == 1)
  }

  @Test("is sent again until the metadata service is back")
  func serviceDown() throws {
    let cluster = cluster()
    cluster.crash(cluster.metadata)
    let answer = cluster.send(Produce("a"), to: cluster.agent(0))
    cluster.run(for: .seconds(5))
    #expect(!answer.isThere)
    cluster.restart(cluster.metadata)
    cluster.run(until: "an answer", within: .seconds(5)) { answer.isThere }
    #expect(answer.value?.offset == .final(0))
    #expect(cluster.values() == ["a"])
  }

  @Test("that a newer epoch refuses ends the leadership, and those behind it with it")
  func fenced() throws {
    let cluster = cluster()
    cluster.trouble("objectStoreSlow", [200])
    let answers = ["a", "b"].map { cluster.send(Produce($0), to: cluster.agent(0)) }
    cluster.run(for: .milliseconds(50))
    try cluster.ask(FenceEpoch(lease: HeldLease(epoch: 1)), of: cluster.metadata, as: 1)
    cluster.trouble("objectStoreSlow", [200], begins: false)
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    #expect(answers.compactMap { $0.error as? ProduceError } == [.outcomeUnknown, .outcomeUnknown])
    #expect(cluster.watermark() == 0)
    cluster.run(for: .seconds(2))
    #expect(try cluster.ask(Produce("c"), of: cluster.agent(0)).offset == .final(0))
    #expect(cluster.values() == ["c"])
  }
}
