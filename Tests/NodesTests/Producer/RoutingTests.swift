import Storage
import Testing

@testable import Nodes
@testable import Simulation

@Suite("A producer's way to the leader")
struct RoutingTests {
  @Test("is looked for anew on every lease move: no batch is dropped, and none is sent to a guessed agent")
  func leaseMoves() throws {
    // The original's client found the agent once for each batch; when the lease had moved the batch was dropped with a line in a log.
    let cluster = TestCluster { $0.agents = 3 }
    cluster.awaitLeaders()
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.batchRecords = 1
    }
    var values: [String] = []
    for round in 0..<3 {
      let leader = try #require(cluster.leads())
      for number in 0..<5 {
        values.append("\(round).\(number)")
        try producer.append("\(round).\(number)")
      }
      cluster.crash(leader)
      values.append("\(round) after")
      try producer.append("\(round) after")
      try producer.flush()
      cluster.restart(leader)
      cluster.run(for: .seconds(3))
    }
    #expect(cluster.values() == values)
    #expect(producer.delivered.allSatisfy { if case .acknowledged = $0.outcome { true } else { false } })
    #expect(cluster.count(of: .batchReroutedToNewLeader) > 0)
  }

  @Test("is corrected by an agent that says it does not lead, without waiting for the refresh")
  func corrected() throws {
    let cluster = TestCluster {
      $0.metadata.leaseTerm = .seconds(10_000)
      $0.clients = 3
    }
    let first = try ScriptedLeader(on: cluster, client: 0)
    first.answer = { _, _ in .failure(.notLeader) }
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    _ = producer.beginAppend(["a"])
    cluster.run(for: .seconds(1))
    #expect(!first.received.isEmpty)
    try cluster.ask(ReleaseLease(lease: HeldLease(epoch: 1)), of: cluster.metadata)
    let second = try ScriptedLeader(on: cluster, client: 1)
    try producer.flush()
    #expect(second.values == [["a"]])
    #expect(producer.outcomes == [.acknowledged(.final(1))])
  }

  @Test("is refreshed when what is known is old")
  func refresh() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let producer = try TestProducer(on: cluster) { $0.routeRefreshInterval = .seconds(5) }
    func questions() -> UInt64 {
      cluster.machine(producer.id).links.link(to: cluster.metadata).sent
    }
    try producer.append("a")
    try producer.flush()
    #expect(questions() == 1)
    for _ in 0..<10 {
      cluster.run(for: .seconds(2))
      try producer.append("b")
      try producer.flush()
    }
    #expect((4...6).contains(questions()))
  }

  @Test("does not stop a producer of several topics: each has its own partitions and leaders")
  func topics() throws {
    let cluster = TestCluster {
      $0.agents = 2
      $0.partitions = 2
      $0.otherTopics = ["payments"]
    }
    cluster.awaitLeaders()
    cluster.run(for: .seconds(5))
    let producer = try TestProducer(on: cluster) { $0.isIdempotent = true }
    let order = try producer.send("order", key: "k")
    let payment = try producer.send("payment", key: "k", to: "payments")
    #expect(order.partition.topic == TopicID(rawValue: 1))
    #expect(payment.partition == TopicPartition(topic: TopicID(rawValue: 2), index: 0))
    #expect(payment.offset == .final(0))
    let summary = try producer.close()
    #expect(summary.acknowledged == 2)
    #expect(cluster.values(payment.partition) == ["payment"])
  }
}

@Suite("A compressed batch")
struct CompressedBatchTests {
  private let text = (0..<40).map { "customer \($0 % 3) has ordered the same as last week" }

  private func cluster(_ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("takes less room on the wire, and its records read back as they were")
  func smaller() throws {
    let cluster = cluster()
    let producer = try TestProducer(on: cluster)
    try producer.appendAll(text, partition: 0)
    try producer.flush()
    #expect(cluster.values() == text)
    let figures = try cluster.finish(on: producer.producer, of: producer.id) { $0.figures }
    #expect(figures.compressedBatches == 1)
    #expect(figures.encodedBytes * 4 < figures.plainBytes)
  }

  @Test("is what travels: the message is as long as the compressed bytes")
  func wireSize() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    let leader = try ScriptedLeader(on: cluster)
    for compression in BatchCompression.allCases {
      let producer = try TestProducer(on: cluster, named: compression.rawValue) { $0.compression = compression }
      try producer.appendAll(text, partition: 0)
      try producer.flush()
    }
    let sizes = leader.received.map(\.request.wireSize)
    let lengths = leader.received.map(\.request.batch.bytes.count)
    #expect(sizes == lengths.map { $0 + 96 })
    #expect(lengths.min()! * 4 < lengths.max()!)
    #expect(leader.values == [text, text])
  }

  @Test("is refused when it is larger than the agent takes, or is none")
  func refused() throws {
    let cluster = cluster { $0.agent.largestBatch = 1_000 }
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 1, key: nil, value: Array(repeating: 65, count: 5_000))
    let large = EncodedBatch(builder.finish(), compression: .lz4)
    #expect(large.bytes.count < 200)
    let bomb = EncodedBatch(compressed: [255, 255, 255, 255, 0], count: 1, estimatedSize: 17)
    for batch in [large, bomb] {
      let request = Produce(partition: .first, batch: batch, producer: nil, sequence: 0, acknowledgement: .durable)
      #expect(throws: ProduceError.invalid) { try cluster.ask(request, of: cluster.agent(0)) }
    }
    // It says that it has more records than it has.
    var wrongCount = Produce("a", producer: .seven)
    wrongCount.sequenceCount = 5
    #expect(throws: ProduceError.invalid) { try cluster.ask(wrongCount, of: cluster.agent(0)) }
    #expect(try cluster.ask(Produce("a"), of: cluster.agent(0)).offset == .final(0), "nothing of it was taken")
  }
}
