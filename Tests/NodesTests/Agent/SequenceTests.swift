import Simulation
import Testing

@testable import Nodes

@Suite("A batch with a sequence number")
struct SequenceTests {
  let cluster: TestCluster

  init() {
    cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
  }

  private func request(_ sequence: UInt64, _ value: String, epoch: UInt32 = 0, id: UInt64 = 7) -> Produce {
    Produce(value, producer: ProducerIdentity(id: id, epoch: epoch), sequence: sequence)
  }

  private func send(_ sequence: UInt64, _ value: String, epoch: UInt32 = 0) throws -> Produce.Response {
    try cluster.ask(request(sequence, value, epoch: epoch), of: cluster.agent(0))
  }

  @Test("is taken when it is the next one of its producer")
  func next() throws {
    let answers = (0..<5).map { cluster.send(request(UInt64($0), "\($0)"), to: cluster.agent(0)) }
    cluster.run(until: "answers") { answers.allSatisfy { $0.isThere } }
    #expect(answers.compactMap { $0.value?.offset } == (0..<5).map { .final($0) })
    #expect(answers.allSatisfy { $0.value?.isDuplicate == false })
  }

  @Test("is refused when an earlier one is missing, and told which is expected")
  func gap() throws {
    #expect(throws: ProduceError.outOfSequence(expected: 0)) { try send(3, "x") }
    _ = try send(0, "a")
    #expect(throws: ProduceError.outOfSequence(expected: 1)) { try send(2, "c") }
    _ = try send(1, "b")
    #expect(cluster.values() == ["a", "b"])
    #expect(cluster.count(of: .sequenceGapRefused) == 2)
  }

  @Test("that is sent again while it is in flight waits with the first and is stored once")
  func joins() throws {
    let first = cluster.send(request(0, "a"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(50))
    let second = cluster.send(request(0, "a"), to: cluster.agent(0), as: 1)
    cluster.run(until: "answers") { first.isThere && second.isThere }
    #expect(first.value?.offset == .final(0) && second.value?.offset == .final(0))
    #expect(second.value?.isDuplicate == true)
    #expect(cluster.values() == ["a"])
    #expect(cluster.count(of: .duplicateJoinedInFlight) == 1)
  }

  @Test("that was stored is answered with its offset, also by the next leader")
  func duplicate() throws {
    try cluster.ask(Produce("other"), of: cluster.agent(0))
    _ = try send(0, "a")
    let again = try send(0, "a")
    #expect(again.offset == .final(1) && again.isDuplicate)
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.run(for: .seconds(3))
    let later = try send(0, "a")
    #expect(later.offset == .final(1) && later.isDuplicate)
    _ = try send(1, "b")
    #expect(cluster.values() == ["other", "a", "b"])
  }

  @Test("that was stored long ago is answered as a duplicate whose offset is forgotten")
  func oldDuplicate() throws {
    for sequence in 0..<7 { _ = try send(UInt64(sequence), "\(sequence)") }
    let oldest = try send(1, "1")
    #expect(oldest.offset == .unknown && oldest.isDuplicate)
    #expect(try send(2, "2").offset == .final(2))
    #expect(cluster.values().count == 7)
  }

  @Test("of a newer epoch begins anew at 0, and fences those of the older one")
  func epochs() throws {
    _ = try send(0, "a")
    #expect(throws: ProduceError.outOfSequence(expected: 0)) { try send(1, "x", epoch: 1) }
    _ = try send(0, "b", epoch: 1)
    #expect(throws: ProduceError.producerFenced) { try send(1, "x") }
    #expect(throws: ProduceError.producerFenced) { try send(0, "a") }
    cluster.crash(cluster.agent(0))
    cluster.restart(cluster.agent(0))
    cluster.run(for: .seconds(3))
    #expect(throws: ProduceError.producerFenced) { try send(1, "x") }
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("is not taken for a duplicate of another producer's")
  func otherProducers() throws {
    _ = try send(0, "a")
    try cluster.ask(request(0, "b", id: 8), of: cluster.agent(0))
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("that holds a part of what is stored is refused, and told where to go on")
  func partialOverlap() throws {
    try cluster.ask(Produce("a", "b", producer: .seven, sequence: 0), of: cluster.agent(0))
    #expect(throws: ProduceError.outOfSequence(expected: 2)) {
      try cluster.ask(Produce("b", "c", producer: .seven, sequence: 1), of: cluster.agent(0))
    }
    #expect(throws: ProduceError.outOfSequence(expected: 2)) {
      try cluster.ask(Produce("a", "b", "c", producer: .seven, sequence: 0), of: cluster.agent(0))
    }
  }

  @Test("of an agent's log may begin anywhere and leave gaps, but is stored once")
  func logIdentity() throws {
    let log = ProducerIdentity.log(of: HostID(rawValue: 99), epoch: 4)
    func handOver(_ values: [String], from sequence: UInt64, count: UInt64) throws -> Produce.Response {
      var request = Produce(
        partition: .first, batch: .of(values), producer: log, sequence: sequence, acknowledgement: .durable)
      request.sequenceCount = count
      return try cluster.ask(request, of: cluster.agent(0))
    }
    #expect(try handOver(["a", "b"], from: 100, count: 5).offset == .final(0))
    #expect(try handOver(["c"], from: 120, count: 1).offset == .final(2))
    #expect(try handOver(["a", "b"], from: 100, count: 5).isDuplicate)
    #expect(throws: ProduceError.outOfSequence(expected: 121)) { try handOver(["c", "d"], from: 120, count: 2) }
    #expect(try handOver(["d"], from: 121, count: 1).offset == .final(3))
    #expect(cluster.values() == ["a", "b", "c", "d"])
  }

  private func logBatch(_ values: [String], from sequence: UInt64, count: UInt64) -> Produce {
    var request = Produce(
      partition: .first, batch: .of(values), producer: .log(of: HostID(rawValue: 99), epoch: 4), sequence: sequence,
      acknowledgement: .durable)
    request.sequenceCount = count
    return request
  }

  @Test("of an agent's log that holds a part of one in flight is confirmed no sooner than that one")
  func logWithinOneInFlight() {
    let first = cluster.send(logBatch(["a", "b", "c"], from: 100, count: 5), to: cluster.agent(0))
    cluster.run(for: .milliseconds(50))
    // The entry of the first record is lost meanwhile.
    let second = cluster.send(logBatch(["b", "c"], from: 102, count: 3), to: cluster.agent(0), as: 1)
    cluster.run(for: .milliseconds(20))
    #expect(!first.isThere && !second.isThere)
    cluster.run(until: "answers") { first.isThere && second.isThere }
    #expect(second.value?.isDuplicate == true)
    #expect(cluster.values() == ["a", "b", "c"])
  }

  @Test("of an agent's log that goes beyond one in flight hears where to go on no sooner than that one is safe")
  func logBeyondOneInFlight() {
    let first = cluster.send(logBatch(["a", "b"], from: 100, count: 5), to: cluster.agent(0))
    cluster.run(for: .milliseconds(50))
    let second = cluster.send(logBatch(["b", "c"], from: 104, count: 2), to: cluster.agent(0), as: 1)
    cluster.run(for: .milliseconds(20))
    #expect(!first.isThere && !second.isThere)
    cluster.run(until: "answers") { first.isThere && second.isThere }
    #expect(second.error as? ProduceError == .outOfSequence(expected: 105))
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("of an agent's log that holds a part of one in flight is not confirmed when that one is never stored")
  func logWithinOneThatIsNeverStored() throws {
    let cluster = TestCluster { $0.agents = 2 }
    cluster.awaitLeaders()
    let old = try #require(cluster.leads())
    let new = old == cluster.agent(0) ? cluster.agent(1) : cluster.agent(0)
    cluster.cutOff(old, cluster.store)
    cluster.cutOff(old, cluster.metadata)
    let first = cluster.send(logBatch(["a", "b", "c"], from: 100, count: 5), to: old)
    cluster.run(for: .milliseconds(50))
    let within = cluster.send(logBatch(["b", "c"], from: 102, count: 3), to: old, as: 1)
    let beyond = cluster.send(logBatch(["c", "d"], from: 104, count: 2), to: old, as: 1)
    cluster.run(until: "the other one leads") { cluster.leads() == new }
    cluster.reconnect(old, cluster.store)
    cluster.reconnect(old, cluster.metadata)
    cluster.run(until: "answers") { first.isThere && within.isThere && beyond.isThere }
    #expect(first.error != nil)
    #expect(within.error != nil)
    #expect(beyond.error != nil && beyond.error as? ProduceError != .outOfSequence(expected: 105))
    #expect(cluster.values().isEmpty)
  }
}
