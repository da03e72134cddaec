import Simulation
import Testing

@testable import Nodes

@Suite("A producer that writes with idempotence")
struct IdempotenceTests {
  private func producer(
    on cluster: TestCluster, named name: String = "producer", machine: String? = nil,
    _ change: (inout ProducerConfiguration) -> Void = { _ in }
  ) throws -> TestProducer {
    try TestProducer(on: cluster, named: name, machine: machine) {
      $0.isIdempotent = true
      $0.batchRecords = 1
      $0.retry.requestTimeout = .seconds(2)
      change(&$0)
    }
  }

  @Test("numbers its records without gaps and has up to five batches in flight")
  func numbers() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(1_000) }
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { _, _ in nil }
    let producer = try producer(on: cluster) { $0.batchRecords = 2 }
    try producer.appendAll((0..<20).map { "\($0)" })
    cluster.run(for: .milliseconds(100))
    #expect(leader.received.map(\.request.sequence) == [0, 2, 4, 6, 8])
    #expect(Set(leader.received.map(\.request.producer)).count == 1)
  }

  @Test("has each record stored once, in order, although answers are lost")
  func lostAnswers() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try producer(on: cluster)
    var values: [String] = []
    for round in 0..<6 {
      let new = (0..<4).map { "\(round).\($0)" }
      values += new
      try producer.appendAll(new)
      if round % 2 == 0 { cluster.cut(from: cluster.agent(0), to: producer.id) }
      cluster.run(for: .seconds(3))
      if round % 2 == 0 { cluster.mend(from: cluster.agent(0), to: producer.id) }
    }
    try producer.flush()
    #expect(cluster.values() == values)
    #expect(cluster.count(of: .batchRetried) > 0)
    for (place, value) in values.enumerated() {
      #expect(producer.outcome(of: value) == .acknowledged(.final(UInt64(place))))
    }
  }

  @Test(
    "has each record stored once, in order, although its messages are lost, doubled and delayed",
    arguments: 1...6 as ClosedRange<UInt64>, [false, true])
  func badNetwork(seed: UInt64, drawsOrder: Bool) throws {
    let cluster = TestCluster {
      $0.agents = 2
      $0.seed = seed
      $0.drawsOrder = drawsOrder
    }
    cluster.awaitLeaders()
    let producer = try producer(on: cluster)
    let everybody = ["producer", "agent-0", "agent-1", "metadata", "store"]
    cluster.simulation.load(
      FaultScript(
        entries: [
          FaultEntry(
            at: cluster.now, lasts: .seconds(20),
            fault: .messages(.drop, from: everybody, to: everybody, partsPerMillion: 150_000, extra: .zero)),
          FaultEntry(
            at: cluster.now, lasts: .seconds(20),
            fault: .messages(
              .duplicate, from: everybody, to: everybody, partsPerMillion: 150_000, extra: .milliseconds(300))),
          FaultEntry(
            at: cluster.now, lasts: .seconds(20),
            fault: .messages(
              .delay, from: everybody, to: everybody, partsPerMillion: 150_000, extra: .milliseconds(300))),
        ]))
    let values = (0..<60).map { "value \($0)" }
    for value in values {
      try producer.append(value)
      cluster.run(for: .milliseconds(200))
    }
    try producer.flush()
    #expect(cluster.values() == values, "seed \(seed)")
    #expect(producer.delivered.allSatisfy { if case .acknowledged = $0.outcome { true } else { false } })
  }

  @Test("keeps the order while the partition's lease moves to another agent")
  func leaseMoves() throws {
    let cluster = TestCluster { $0.agents = 2 }
    cluster.awaitLeaders()
    let old = try #require(cluster.leads())
    let producer = try producer(on: cluster)
    let values = (0..<200).map { "value \($0)" }
    for (number, value) in values.enumerated() {
      if number == 50 { cluster.crash(old) }
      _ = producer.beginAppend([value])
      cluster.run(for: .milliseconds(100))
    }
    try producer.flush()
    #expect(cluster.leads() != old)
    #expect(cluster.values() == values)
    #expect(cluster.count(of: .batchReroutedToNewLeader) > 0)
  }

  @Test(
    "gives up a batch whose time is over, numbers anew, and has later ones stored in their order",
    arguments: 0...8 as ClosedRange<UInt64>)
  func givesUp(seed: UInt64) throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.seed = seed
      $0.drawsOrder = seed > 0
    }
    cluster.awaitLeaders()
    let producer = try producer(on: cluster) {
      $0.retry.deliveryTimeout = .seconds(5)
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("stored")
    try producer.flush()
    // Nobody leads: batches wait, and the first one's time is over before the others'.
    cluster.crash(cluster.agent(0))
    cluster.run(for: .seconds(15))
    try producer.append("too old")
    cluster.run(for: .seconds(3))
    let young = (0..<12).map { "young \($0)" }
    try producer.appendAll(young)
    cluster.run(for: .milliseconds(2_500))
    cluster.restart(cluster.agent(0))
    try producer.flush()
    #expect(producer.outcome(of: "too old") == .failed)
    #expect(cluster.values() == ["stored"] + young)
    try producer.append("later")
    try producer.flush()
    #expect(cluster.values().last == "later")
    #expect(cluster.count(of: .producerIdentityRenewed) > 0)
  }

  @Test("numbers anew after a batch that was refused for good")
  func refusedForGood() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(1_000) }
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number == 2 ? .failure(.invalid) : .success(.final(UInt64(number))) }
    let producer = try producer(on: cluster)
    for value in ["a", "b", "c"] {
      try producer.append(value)
      try producer.flush()
    }
    #expect(producer.outcome(of: "b") == .failed)
    #expect(leader.received.map(\.request.sequence) == [0, 1, 0])
    #expect(leader.received.map(\.request.producer?.epoch) == [0, 0, 1])
  }

  @Test("does not send a batch again under a new number that may be stored under the old one")
  func mayBeStored() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try producer(on: cluster) {
      $0.retry.deliveryTimeout = .seconds(4)
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("a")
    try producer.flush()
    // The agent hears the producer, but the producer not the agent; what it sent is stored.
    cluster.cut(from: cluster.agent(0), to: producer.id)
    try producer.append("b", "c")
    cluster.run(for: .seconds(3))
    try producer.append("d")
    cluster.run(for: .milliseconds(1_500))
    cluster.mend(from: cluster.agent(0), to: producer.id)
    try producer.flush()
    let values = cluster.values()
    #expect(Set(values).count == values.count, "nothing is stored twice")
    for value in ["b", "c", "d"] where !values.contains(value) {
      #expect(producer.outcome(of: value) == .failed || producer.outcome(of: value) == .unknown)
    }
    #expect(producer.delivered.allSatisfy { $0.outcome != .failed || !values.contains(producer.values(of: $0)[0]) })
    try producer.append("e")
    try producer.flush()
    #expect(cluster.values().last == "e")
  }

  @Test("is fenced by a later producer of the same name")
  func fenced() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let zombie = try producer(on: cluster, named: "billing", machine: "old machine")
    try zombie.append("a")
    try zombie.flush()
    let successor = try producer(on: cluster, named: "billing", machine: "new machine")
    try successor.append("b")
    try successor.flush()
    try zombie.append("c")
    try zombie.flush()
    #expect(zombie.outcome(of: "c") == .failed)
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("goes on after a restart of the metadata service and after a death of its agent")
  func restarts() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try producer(on: cluster)
    var values: [String] = []
    for round in 0..<8 {
      let new = (0..<3).map { "\(round).\($0)" }
      values += new
      _ = producer.beginAppend(new)
      cluster.run(for: .milliseconds(90))
      let victim = round % 2 == 0 ? cluster.metadata : cluster.agent(0)
      cluster.crash(victim)
      cluster.run(for: .milliseconds(150))
      cluster.restart(victim)
      cluster.run(for: .milliseconds(700))
    }
    try producer.flush()
    #expect(cluster.values() == values)
  }
}

@Suite("A producer without idempotence")
struct PlainProducerTests {
  @Test("keeps the order: one batch of a partition is in flight at a time")
  func order() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(1_000) }
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number % 3 == 0 ? .success(.final(0)) : .failure(.overloaded(retryAfter: .zero)) }
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    try producer.append("a", "b", "c")
    try producer.flush()
    #expect(leader.values == ["a", "a", "a", "b", "b", "b", "c", "c", "c"].map { [$0] })
    #expect(leader.received.allSatisfy { $0.request.producer == nil })
  }

  @Test("delivers to partitions independently of one another")
  func partitions() throws {
    let cluster = TestCluster {
      $0.metadata.leaseTerm = .seconds(1_000)
      $0.partitions = 2
    }
    let stuck = try ScriptedLeader(on: cluster, client: 0, partition: TopicPartition(index: 0))
    stuck.answer = { _, _ in nil }
    _ = try ScriptedLeader(on: cluster, client: 1, partition: TopicPartition(index: 1))
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    try producer.append("a", partition: 0)
    try producer.append("b", "c", partition: 1)
    cluster.run(for: .seconds(1))
    #expect(producer.delivered.map { producer.values(of: $0) } == [["b"], ["c"]])
  }

  @Test("may have a record stored twice when an answer is lost: that is what idempotence is for")
  func duplicates() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("a")
    try producer.flush()
    try producer.append("b")
    cluster.cut(from: cluster.agent(0), to: producer.id)
    cluster.run(for: .seconds(1))
    cluster.mend(from: cluster.agent(0), to: producer.id)
    try producer.flush()
    #expect(cluster.values() == ["a", "b", "b"])
  }
}
