import Simulation
import Testing

@testable import Nodes

@Suite("What a producer says of a batch")
struct DeliveryTests {
  let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }

  private func producer(_ change: (inout ProducerConfiguration) -> Void = { _ in }) throws -> TestProducer {
    try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.retry.deliveryTimeout = .seconds(10)
      $0.retry.requestTimeout = .seconds(3)
      change(&$0)
    }
  }

  @Test("is the offset that the leader gave, final or provisional as the acknowledgement asked for")
  func acknowledged() throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { _, request in
      .success(request.acknowledgement == .durable ? .final(7) : .provisional(7))
    }
    for acknowledgement in Acknowledgement.allCases {
      let producer = try TestProducer(on: cluster, named: acknowledgement.rawValue) {
        $0.acknowledgement = acknowledgement
      }
      try producer.append("a")
      try producer.flush()
      #expect(producer.outcomes == [.acknowledged(acknowledgement == .durable ? .final(7) : .provisional(7))])
      #expect(leader.received.last?.request.acknowledgement == acknowledgement)
    }
  }

  @Test(
    "is `failed` when every try was certainly refused",
    arguments: [ProduceError.notLeader, .overloaded(retryAfter: .seconds(1)), .outOfSequence(expected: 5)])
  func refused(error: ProduceError) throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { _, _ in .failure(error) }
    let producer = try producer()
    try producer.append("a")
    let begin = cluster.now
    try producer.flush()
    #expect(producer.outcomes == [.failed])
    #expect(cluster.now - begin >= .seconds(9), "it was tried until the delivery timeout")
    #expect(leader.received.count > 2)
  }

  @Test("is `unknown` when one try of many was not answered")
  func silence() throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number == 2 ? nil : .failure(.notLeader) }
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(producer.outcomes == [.unknown])
  }

  @Test("is `unknown` when the leader itself could not say")
  func leaderDoesNotKnow() throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in .failure(number == 1 ? .outcomeUnknown : .notLeader) }
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(producer.outcomes == [.unknown])
  }

  @Test(
    "is `failed` at once when it makes no sense or its producer is fenced",
    arguments: [ProduceError.invalid, .producerFenced])
  func never(error: ProduceError) throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { _, _ in .failure(error) }
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(producer.outcomes == [.failed])
    #expect(leader.received.count == 1)
  }

  @Test("is `failed` when there was never a leader to send it to, or its machine refused")
  func noLeader() throws {
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    _ = try ScriptedLeader(on: cluster)
    cluster.crash(cluster.client(0))
    try producer.append("b")
    try producer.flush()
    #expect(producer.outcomes == [.failed, .failed])
  }

  @Test("is `failed` for those that waited behind another until their time was over: they are not sent any more")
  func waitedTooLong() throws {
    let leader = try ScriptedLeader(on: cluster)
    let producer = try producer { $0.isIdempotent = true }
    // The first is never answered; the others come too early as long as it is missing.
    leader.answer = { _, request in request.sequence == 0 ? nil : .failure(.outOfSequence(expected: 0)) }
    try producer.append("a", "b", "c")
    let begin = cluster.now
    try producer.flush()
    cluster.run(for: .seconds(20))
    #expect(producer.outcome(of: "a") == .unknown)
    #expect(producer.outcome(of: "b") == .failed)
    #expect(producer.outcome(of: "c") == .failed)
    #expect(leader.received.count { $0.time > begin + .seconds(10) } == 0)
  }

  @Test("comes for each batch once, with the marks of its records in their order")
  func marks() throws {
    _ = try ScriptedLeader(on: cluster)
    let producer = try producer { $0.batchRecords = 4 }
    try producer.append("a", "b", "c", "d", "e")
    try producer.flush()
    #expect(producer.delivered.map(\.tags) == [[0, 1, 2, 3], [4]])
    #expect(producer.delivered.map(\.attempts) == [1, 1])
  }

  @Test("comes when the delivery timeout is over, also while the metadata service is down")
  func metadataDown() throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number == 1 ? .success(.final(0)) : .failure(.notLeader) }
    let producer = try producer {
      $0.isIdempotent = true
      $0.acknowledgement = .durable
    }
    try producer.append("a")
    try producer.flush()
    cluster.crash(cluster.metadata)
    try producer.append("b")
    cluster.run(for: .seconds(13))
    #expect(producer.outcome(of: "b") == .failed)
  }

  @Test("is tried again after waits that double")
  func waits() throws {
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number < 8 ? .failure(.outOfSequence(expected: 9)) : .success(.final(0)) }
    let producer = try producer { $0.retry.deliveryTimeout = .seconds(60) }
    try producer.append("a")
    try producer.flush()
    let times = leader.received.map(\.time)
    for (number, base) in ([100, 200, 400, 800, 1_600, 2_000, 2_000] as [Int64]).enumerated() {
      let wait = times[number + 1] - times[number] - .milliseconds(2)
      #expect(.milliseconds(base * 3 / 4)...(.milliseconds(base * 5 / 4)) ~= wait)
    }
    #expect(producer.delivered.map(\.attempts) == [8])
  }
}
