import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("A producer's batch")
struct BatchingTests {
  let cluster: TestCluster
  let leader: ScriptedLeader

  init() throws {
    cluster = TestCluster {
      $0.partitions = 5
      $0.metadata.leaseTerm = .seconds(10_000)
    }
    leader = try ScriptedLeader(on: cluster)
  }

  private func producer(_ change: (inout ProducerConfiguration) -> Void = { _ in }) throws -> TestProducer {
    try TestProducer(on: cluster, change)
  }

  @Test("is sent as soon as it has its number of records, and never has more")
  func records() throws {
    let producer = try producer { $0.batchRecords = 3 }
    try producer.append("a", "b", "c", "d", "e", "f", "g", partition: 0)
    #expect(producer.closed.map { producer.values(of: $0.batch) } == [["a", "b", "c"], ["d", "e", "f"]])
    try producer.flush()
    #expect(leader.values == [["a", "b", "c"], ["d", "e", "f"], ["g"]])
  }

  @Test("never has more bytes than allowed")
  func bytes() throws {
    // A record weighs 17 bytes: three are 51, four 68.
    let producer = try producer { $0.batchBytes = 60 }
    try producer.append("a", "b", "c", "d", "e", "f", "g", partition: 0)
    try producer.append(String(repeating: "h", count: 44), partition: 0)
    try producer.flush()
    #expect(leader.values.map(\.count) == [3, 3, 1, 1])
    #expect(leader.received.allSatisfy { $0.request.batch.estimatedSize <= 60 })
  }

  @Test("is sent a linger after its first record, whatever came later")
  func linger() throws {
    let producer = try producer { $0.linger = .milliseconds(100) }
    try producer.append("warm up", partition: 0)
    try producer.flush()
    let begin = cluster.now
    try producer.append("a", partition: 0)
    cluster.run(for: .milliseconds(60))
    try producer.append("b", partition: 0)
    cluster.run(for: .milliseconds(60))
    let closed = try #require(producer.closed.last)
    #expect(producer.values(of: closed.batch) == ["a", "b"])
    #expect(closed.time == begin + .milliseconds(100))
    #expect(closed.batch.gathered == .milliseconds(100))
  }

  @Test("has a linger of its own, also after one that was full before its time")
  func lingerAfterFullBatch() throws {
    let producer = try producer {
      $0.linger = .milliseconds(100)
      $0.batchRecords = 2
    }
    try producer.append("warm up", partition: 0)
    try producer.flush()
    try producer.append("a", partition: 0)
    cluster.run(for: .milliseconds(80))
    let begin = cluster.now
    try producer.append("b", "c", partition: 0)
    cluster.run(for: .milliseconds(90))
    #expect(producer.closed.count == 2, "the second batch is still open")
    cluster.run(for: .milliseconds(20))
    #expect(producer.closed.last?.time == begin + .milliseconds(100))
  }

  @Test("lingers for itself in each partition")
  func lingerPerPartition() throws {
    let producer = try producer { $0.linger = .milliseconds(100) }
    try producer.append("warm up", partition: 0)
    try producer.flush()
    let begin = cluster.now
    for partition in 0..<5 {
      try producer.append("\(partition)", partition: partition)
      cluster.run(for: begin + .milliseconds(Int64(partition + 1) * 10) - cluster.now)
    }
    cluster.run(for: .seconds(1))
    let times = producer.closed.dropFirst().map { $0.time }
    #expect(times == (0..<5).map { begin + .milliseconds(100 + $0 * 10) })
  }

  @Test("holds the records of a key's partition: its SipHash modulo the partitions, as the original's client has it")
  func keys() throws {
    let producer = try producer()
    for number in 0..<50 {
      let key = "customer \(number)"
      for _ in 0..<2 { try producer.append("\(number)", key: key) }
    }
    cluster.run(for: .milliseconds(200))
    for (batch, _) in producer.closed {
      for value in producer.values(of: batch) {
        let hash = SipHash.hash24(Array("customer \(value)".utf8))
        #expect(batch.partition == TopicPartition(index: Int(hash % 5)))
      }
    }
    #expect(producer.closed.reduce(0) { $0 + $1.batch.tags.count } == 100)
  }

  @Test("goes to the partitions in turn when its records have no key")
  func roundRobin() throws {
    let producer = try producer { $0.batchRecords = 1 }
    try producer.append("a", "b", "c", "d", "e", "f")
    #expect(producer.closed.map { Int($0.batch.partition.index) } == [0, 1, 2, 3, 4, 0])
  }

  @Test("goes where the application says, if there is such a partition")
  func explicitPartition() throws {
    let producer = try producer { $0.batchRecords = 1 }
    try producer.append("a", key: "any", partition: 3)
    #expect(producer.closed.map(\.batch.partition) == [TopicPartition(index: 3)])
    for partition in [5, -1] {
      #expect(throws: ProducerError.noSuchPartition(partition, partitions: 5)) {
        try producer.append("b", partition: partition)
      }
    }
  }

  @Test("takes no record that is larger than a batch may be")
  func tooLarge() throws {
    let producer = try producer { $0.batchBytes = 60 }
    try producer.append(String(repeating: "x", count: 44), partition: 0)
    #expect(throws: ProducerError.recordTooLarge(bytes: 61, limit: 60)) {
      try producer.append(String(repeating: "x", count: 45), partition: 0)
    }
  }

  @Test("takes no record that is larger than the whole buffer: it would wait for ever")
  func largerThanBuffer() throws {
    let producer = try producer { $0.bufferBytes = 50 }
    let answer = producer.beginAppend([String(repeating: "x", count: 45)], partition: 0)
    cluster.run(for: .seconds(5))
    #expect(answer.error as? ProducerError == .recordTooLarge(bytes: 61, limit: 50))
  }

  @Test("is sent by a flush, however young, and the flush waits for its outcome")
  func flush() throws {
    let producer = try producer { $0.linger = .seconds(100) }
    leader.answer = { number, _ in number == 1 ? .failure(.overloaded(retryAfter: .seconds(3))) : .success(.final(0)) }
    let begin = cluster.now
    try producer.append("a", partition: 0)
    try producer.flush()
    #expect(producer.outcomes == [.acknowledged(.final(0))])
    #expect(cluster.now - begin > .seconds(3))
    try producer.flush()
  }

  @Test("is sent by a close, and no record is taken afterwards")
  func close() throws {
    let producer = try producer { $0.linger = .seconds(100) }
    try producer.append("a", partition: 0)
    try producer.close()
    #expect(producer.outcome(of: "a") == .acknowledged(.final(1)))
    #expect(throws: ProducerError.closed) { try producer.append("b", partition: 0) }
  }

  @Test("is waited for by the application while the buffer is full")
  func backPressure() throws {
    let producer = try producer {
      $0.bufferBytes = 50
      $0.batchRecords = 1
    }
    leader.answer = { _, _ in nil }
    try producer.append("a", "b", partition: 0)
    let third = producer.beginAppend(["c"], partition: 0)
    cluster.run(for: .seconds(5))
    #expect(!third.isThere)
    leader.answer = { number, _ in .success(.final(UInt64(number))) }
    cluster.run(until: "there is space") { third.isThere }
    try producer.flush()
    #expect(producer.delivered.map { producer.values(of: $0) } == [["a"], ["b"], ["c"]])
  }

  @Test("takes no record that still waited for space when the producer was closed")
  func closedWhileWaiting() throws {
    let producer = try producer {
      $0.bufferBytes = 30
      $0.batchRecords = 1
    }
    leader.answer = { number, _ in number == 1 ? nil : .success(.final(0)) }
    try producer.append("a", partition: 0)
    let second = producer.beginAppend(["b"], partition: 0)
    cluster.run(for: .seconds(1))
    try producer.close()
    cluster.run(for: .seconds(1))
    #expect(second.error as? ProducerError == .closed)
    #expect(leader.values.flatMap { $0 }.contains("b") == false)
  }
}

@Suite("A producer")
struct ProducerSetUpTests {
  @Test("refuses a configuration that contradicts itself")
  func configuration() {
    let cluster = TestCluster()
    #expect(throws: ProducerError.self) {
      _ = try TestProducer(on: cluster, named: "one") {
        $0.isIdempotent = true
        $0.acknowledgement = .buffered
      }
    }
    for (number, inFlight) in [0, 6].enumerated() {
      #expect(throws: ProducerError.self) {
        _ = try TestProducer(on: cluster, named: "window \(number)") { $0.inFlight = inFlight }
      }
    }
  }

  @Test("says that there is no such topic")
  func unknownTopic() throws {
    let cluster = TestCluster()
    let producer = try TestProducer(on: cluster, topic: "other")
    #expect(throws: ProducerError.noSuchTopic("other")) { try producer.append("a") }
  }

  @Test("waits for a metadata service that is down")
  func metadataDown() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    cluster.crash(cluster.metadata)
    let producer = try TestProducer(on: cluster)
    let append = producer.beginAppend(["a"])
    cluster.run(for: .seconds(5))
    #expect(!append.isThere)
    cluster.restart(cluster.metadata)
    cluster.run(until: "it is taken") { append.isThere }
    try producer.flush()
    #expect(cluster.values() == ["a"])
  }
}
