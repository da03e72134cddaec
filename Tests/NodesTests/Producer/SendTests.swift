import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("Sending a record and waiting for it")
struct SendTests {
  private func readyCluster(agents: Int = 1, partitions: Int = 1, seed: UInt64 = 1, drawsOrder: Bool = false)
    -> TestCluster
  {
    let cluster = TestCluster {
      $0.agents = agents
      $0.partitions = partitions
      $0.seed = seed
      $0.drawsOrder = drawsOrder
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("returns partition, timestamp and the offset at which the record reads back")
  func offset() throws {
    let cluster = readyCluster(partitions: 3)
    let producer = try TestProducer(on: cluster)
    for number in 0..<3 {
      let record = try producer.send("\(number)", partition: 2)
      #expect(record.partition == TopicPartition(index: 2))
      #expect(record.offset == .final(UInt64(number)))
      #expect(record.timestamp > 1_000_000_000_000, "milliseconds since the epoch")
    }
    #expect(cluster.values(TopicPartition(index: 2)) == ["0", "1", "2"])
  }

  @Test("returns a provisional offset where the batch is only logged")
  func provisional() throws {
    let cluster = readyCluster()
    let producer = try TestProducer(on: cluster) { $0.acknowledgement = .buffered }
    #expect(try producer.send("a").offset == .provisional(0))
    #expect(try producer.send("b").offset == .provisional(1))
  }

  @Test(
    "gives each of many that send at the same time the offset of its own record, whatever is retried",
    arguments: 1...6 as ClosedRange<UInt64>)
  func concurrent(seed: UInt64) throws {
    // In the original the record went into the batch under one lock and its waiter into a queue under another: two who sent at once were told each other's offset, and after a flush in between all who followed were shifted for ever.
    let cluster = readyCluster(agents: 2, seed: seed, drawsOrder: true)
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.batchRecords = 4
      $0.linger = .milliseconds(20)
      $0.retry.requestTimeout = .seconds(1)
    }
    let everybody = ["producer", "agent-0", "agent-1"]
    cluster.simulation.load(
      FaultScript(entries: [
        FaultEntry(
          at: cluster.now, lasts: .seconds(20),
          fault: .messages(.drop, from: everybody, to: everybody, partsPerMillion: 100_000, extra: .zero))
      ]))
    var answers: [(value: String, answer: Answer<SentRecord>)] = []
    for round in 0..<10 {
      for sender in 0..<9 {
        let value = "\(round).\(sender)"
        answers.append((value, producer.beginSend(value)))
      }
      if round % 3 == 0 { _ = cluster.begin(on: producer.producer, of: producer.id) { _ = try await $0.flush() } }
      cluster.run(for: .milliseconds(15))
    }
    cluster.run(until: "all are answered", within: .seconds(120)) { answers.allSatisfy { $0.answer.isThere } }
    let values = cluster.values()
    for (value, answer) in answers {
      let number = try #require(answer.value?.offset.number, "seed \(seed)")
      #expect(values[Int(number)] == value, "seed \(seed)")
    }
    #expect(values.count == answers.count)
  }

  @Test("fails with `notStored` when no leader took it, and with `outcomeUnknown` when one may have")
  func failure() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    let leader = try ScriptedLeader(on: cluster)
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.retry.deliveryTimeout = .seconds(5)
      $0.retry.requestTimeout = .seconds(1)
    }
    leader.answer = { _, _ in .failure(.invalid) }
    #expect(throws: ProducerError.notStored) { try producer.send("a") }
    leader.answer = { _, _ in nil }
    #expect(throws: ProducerError.outcomeUnknown) { try producer.send("b") }
    leader.answer = { _, _ in .success(.final(41)) }
    #expect(try producer.send("c").offset == .final(41))
  }

  @Test("tells an offset that is not known any more from a failure")
  func forgotten() throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { _, _ in .success(.unknown) }
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    #expect(try producer.send("a").offset == .unknown)
  }

  @Test("may be asked for later, and more than once, by the mark that `append` returns")
  func mark() throws {
    let cluster = readyCluster()
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 5 }
    let marks = try cluster.finish(on: producer.producer, of: producer.id) { producer in
      var marks: [AppendedRecord] = []
      for number in 0..<12 {
        marks.append(try await producer.append(value: [UInt8(number)], timestamp: 1))
      }
      return marks
    }
    for _ in 0..<2 {
      let offsets = try cluster.finish(on: producer.producer, of: producer.id) { _ in
        var offsets: [AcknowledgedOffset] = []
        for mark in marks { offsets.append(try await mark.offset()) }
        return offsets
      }
      #expect(offsets == (0..<12).map { .final($0) })
    }
  }

  @Test("chooses partitions and refuses bad ones and unknown topics with errors that name them")
  func badArguments() throws {
    let cluster = readyCluster(partitions: 3)
    let producer = try TestProducer(on: cluster)
    #expect(throws: ProducerError.noSuchPartition(7, partitions: 3)) { try producer.send("a", partition: 7) }
    #expect(throws: ProducerError.noSuchPartition(-1, partitions: 3)) { try producer.send("a", partition: -1) }
    #expect(throws: ProducerError.noSuchTopic("payments")) { try producer.send("a", to: "payments") }
    #expect(try producer.send("a", partition: 2).partition == TopicPartition(index: 2))
    let first = try producer.send("b", key: "user")
    #expect(try producer.send("c", key: "user").partition == first.partition)
  }
}

@Suite("Closing a producer")
struct ClosingTests {
  let cluster: TestCluster
  let leader: ScriptedLeader

  init() throws {
    cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    leader = try ScriptedLeader(on: cluster)
  }

  @Test("says how many records are safe, how many are certainly not stored, and of how many nobody knows")
  func summary() throws {
    // The original's `close` aborted what was in flight, logged errors and returned success.
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 2
      $0.linger = .seconds(100)
      $0.retry.deliveryTimeout = .seconds(5)
      $0.retry.requestTimeout = .seconds(1)
    }
    leader.answer = { _, request in
      switch request.batch.values.first {
      case "lost": nil
      case "bad": .failure(.invalid)
      default: .success(.final(0))
      }
    }
    try producer.append("a", "b", "bad", "bad too", "c", "d", "lost")
    let summary = try producer.close()
    #expect(summary.acknowledged == 4)
    #expect(summary.unknown == 1)
    #expect(summary.failed == 2)
    #expect(!summary.isComplete)
    #expect(try producer.close() == summary, "said again when asked again")
    #expect(producer.delivered.count == 4, "each batch was told of")
  }

  @Test("waits for what is in flight and tells its offsets")
  func inFlight() throws {
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    leader.answer = { number, _ in number < 4 ? .failure(.overloaded(retryAfter: .seconds(1))) : .success(.final(9)) }
    let sending = producer.beginSend("a")
    cluster.run(for: .milliseconds(500))
    let summary = try producer.close()
    #expect(summary.acknowledged == 1 && summary.isComplete)
    #expect(sending.value?.offset == .final(9))
  }

  @Test("is not what a flush does: it says what became of what was open, and the producer goes on")
  func flush() throws {
    let producer = try TestProducer(on: cluster) { $0.linger = .seconds(100) }
    try producer.append("a", "b")
    #expect(try producer.flush().acknowledged == 2, "a young batch is sent too")
    #expect(try producer.flush() == DeliverySummary(), "nothing was open")
    try producer.append("c")
    #expect(try producer.flush().acknowledged == 1)
    #expect(try producer.close().acknowledged == 3)
  }

  @Test("is not held up for ever by a flush while others go on to append")
  func flushWhileOthersAppend() throws {
    let producer = try TestProducer(on: cluster) { $0.batchRecords = 1 }
    let endless = cluster.begin(on: producer.producer, of: producer.id) { producer in
      for number in 0..<100_000 {
        try await producer.append(value: [1], timestamp: UInt64(number))
        try await producer.host.sleep(for: .milliseconds(1))
      }
    }
    cluster.run(for: .milliseconds(50))
    try producer.flush()
    #expect(!endless.isThere)
    try producer.close()
  }
}
