import Simulation
import Testing

@testable import Nodes

/// What goes wrong in the original StreamHouse when a batch is sent again, and does not here.
@Suite("A batch of an idempotent producer that is sent again")
struct ExactlyOnceSendTests {
  private func send(_ values: String..., sequence: UInt64) -> Produce {
    var request = Produce("", producer: .seven, sequence: sequence)
    request.batch = .of(values)
    request.sequenceCount = UInt64(values.count)
    return request
  }

  // The original records the number before it appends: what failed in between is answered as a duplicate, and is nowhere.
  @Test("after its agent died with it unregistered is stored, and told its true offset")
  func diedBeforeRegistration() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    try cluster.ask(send("a", sequence: 0), of: cluster.agent(0))
    let lost = cluster.send(send("b", sequence: 1), to: cluster.agent(0), within: .seconds(1))
    cluster.run(for: .milliseconds(50))
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.run(until: "a leader") { cluster.leads() != nil }
    #expect(lost.value == nil)
    try cluster.ask(Produce("other"), of: cluster.agent(0))
    let again = try cluster.ask(send("b", sequence: 1), of: cluster.agent(0))
    #expect(again.offset == .final(2) && !again.isDuplicate)
    #expect(cluster.values() == ["a", "other", "b"])
  }

  @Test("after its leader's segment was refused is stored by the next leader, once")
  func leaseMoves() throws {
    let cluster = TestCluster { $0.agents = 2 }
    cluster.awaitLeaders()
    let old = try #require(cluster.leads())
    try cluster.ask(send("a", sequence: 0), of: old)
    cluster.cutOff(old, cluster.metadata)
    let stuck = cluster.send(send("b", sequence: 1), to: old)
    cluster.run(until: "another leads") { cluster.leads() != old && cluster.leads() != nil }
    let new = try #require(cluster.leads())
    let again = try cluster.ask(send("b", sequence: 1), of: new)
    #expect(again.offset == .final(1) && !again.isDuplicate)
    cluster.reconnect(old, cluster.metadata)
    cluster.run(until: "the old leader's answer") { stuck.isThere }
    #expect(stuck.error as? ProduceError == .outcomeUnknown)
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("after its registration's answer was lost and its agent died is answered with its offset by the next leader")
  func registeredUnheard() throws {
    let cluster = TestCluster { $0.agents = 2 }
    cluster.awaitLeaders()
    let old = try #require(cluster.leads())
    let lost = cluster.send(send("a", sequence: 0), to: old, within: .seconds(30))
    cluster.run(for: .milliseconds(100))
    cluster.cut(from: cluster.metadata, to: old)
    cluster.run(until: "it is registered") { cluster.watermark() == 1 }
    cluster.crash(old)
    cluster.run(until: "another leads") { cluster.leads() != old && cluster.leads() != nil }
    let again = try cluster.ask(send("a", sequence: 0), of: try #require(cluster.leads()))
    #expect(again.offset == .final(0) && again.isDuplicate)
    #expect(cluster.values() == ["a"])
    #expect(lost.value == nil)
  }

  // In the original both read the same last number, and both are stored.
  @Test("while its first delivery is under way is stored once, however many come at the same time")
  func concurrently() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.clients = 6
    }
    cluster.awaitLeaders()
    let answers = (0..<6).map { cluster.send(send("a", "b", sequence: 0), to: cluster.agent(0), as: $0) }
    cluster.run(until: "answers") { answers.allSatisfy(\.isThere) }
    #expect(answers.allSatisfy { $0.value?.offset == .final(0) })
    #expect(answers.filter { $0.value?.isDuplicate == false }.count == 1)
    #expect(cluster.values() == ["a", "b"])
  }

  // In the original a batch that overlaps what is stored counts as a duplicate, and its new tail is dropped.
  @Test("with more records than are stored is not taken for a duplicate: nothing of it is dropped without a word")
  func overlap() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    try cluster.ask(send("a", "b", sequence: 0), of: cluster.agent(0))
    #expect(throws: ProduceError.outOfSequence(expected: 2)) {
      try cluster.ask(send("a", "b", "c", sequence: 0), of: cluster.agent(0))
    }
    try cluster.ask(send("c", sequence: 2), of: cluster.agent(0))
    #expect(cluster.values() == ["a", "b", "c"])
  }

  // In the original the number advances although the send failed: every later batch is a gap, for ever.
  @Test("and fails for good does not keep its producer from sending what follows")
  func failsForGood() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.batchRecords = 1
      $0.retry.deliveryTimeout = .seconds(3)
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("a")
    try producer.flush()
    cluster.crash(cluster.agent(0))
    try producer.append("b")
    try producer.flush()
    if case .acknowledged = producer.outcome(of: "b") { Issue.record("nobody was there to take it") }
    cluster.restart(cluster.agent(0))
    cluster.run(until: "a leader") { cluster.leads() != nil }
    for value in ["c", "d", "e"] { try producer.append(value) }
    try producer.flush()
    #expect(cluster.values() == ["a", "c", "d", "e"])
    #expect(["c", "d", "e"].allSatisfy { if case .acknowledged = producer.outcome(of: $0) { true } else { false } })
  }
}
