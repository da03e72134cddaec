import Storage
import Testing

@testable import Nodes
@testable import Simulation

@Suite("A producer's retries")
struct RetryPolicyTests {
  let cluster: TestCluster
  let leader: ScriptedLeader

  init() throws {
    cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    leader = try ScriptedLeader(on: cluster)
  }

  private func producer(retries: Int? = 3) throws -> TestProducer {
    try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.retry.maximumRetries = retries
      $0.retry.requestTimeout = .seconds(1)
    }
  }

  @Test("wait as the original's do: 100 ms, doubled each time, at most 30 s; ours at most 2 s")
  func waits() {
    let original = ProducerConfiguration.original.retry
    #expect((0..<5).map { original.wait(beforeRetry: $0) } == [100, 200, 400, 800, 1_600].map { .milliseconds($0) })
    #expect(original.wait(beforeRetry: 8) == .milliseconds(25_600))
    #expect(original.wait(beforeRetry: 9) == .seconds(30))
    #expect(original.wait(beforeRetry: .max) == .seconds(30), "no number is too large")
    #expect(RetryPolicy().wait(beforeRetry: 9) == .seconds(2))
    #expect(original.maximumRetries == 3)
    #expect(RetryPolicy().maximumRetries == nil)
  }

  @Test("are spread over three quarters to five quarters of the wait, after the cap")
  func jitter() {
    var generator = RandomGenerator(state: 5)
    let policy = RetryPolicy()
    let waits = (0..<2_000).map { _ in policy.spreadWait(beforeRetry: 20, &generator) }
    #expect(waits.allSatisfy { .milliseconds(1_500) <= $0 && $0 < .milliseconds(2_500) })
    #expect(waits.contains { $0 < .milliseconds(1_520) } && waits.contains { $0 > .milliseconds(2_480) })
  }

  @Test("are made after what may pass, and not after what never will")
  func table() {
    let retriable: [ProduceError] = [
      .notLeader, .overloaded(retryAfter: .zero), .outOfSequence(expected: 0), .outcomeUnknown,
    ]
    #expect(retriable.filter(\.isRetriable) == retriable)
    #expect(![ProduceError.producerFenced, .invalid, .transactionOver].contains { $0.isRetriable })
  }

  @Test("are none when the first try succeeds")
  func first() throws {
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(leader.received.count == 1)
    #expect(producer.delivered.map(\.attempts) == [1])
  }

  @Test("lead to success when the third try does")
  func third() throws {
    leader.answer = { number, _ in number < 3 ? .failure(.overloaded(retryAfter: .zero)) : .success(.final(0)) }
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(producer.outcomes == [.acknowledged(.final(0))])
    #expect(leader.received.count == 3)
  }

  @Test("end after the number that is allowed: retries and one are the tries", arguments: [0, 1, 3])
  func exhausted(retries: Int) throws {
    leader.answer = { _, _ in .failure(.overloaded(retryAfter: .zero)) }
    let producer = try producer(retries: retries)
    try producer.append("a")
    try producer.flush()
    #expect(leader.received.count == retries + 1)
    #expect(producer.outcomes == [.failed])
  }

  @Test("that run out after a try without an answer leave the outcome unknown")
  func unknown() throws {
    leader.answer = { _, _ in nil }
    let producer = try producer(retries: 1)
    try producer.append("a")
    try producer.flush()
    #expect(leader.received.count == 2)
    #expect(producer.outcomes == [.unknown])
  }

  @Test("are none after a refusal for good")
  func forGood() throws {
    leader.answer = { _, _ in .failure(.invalid) }
    let producer = try producer()
    try producer.append("a")
    try producer.flush()
    #expect(leader.received.count == 1)
  }

  @Test("do not stop what follows: an idempotent producer numbers anew and goes on")
  func wedged() throws {
    // In the original the sequence advanced although the batch was lost: every later one was a gap, for ever.
    leader.answer = { _, request in
      request.batch.values == ["b"] ? .failure(.overloaded(retryAfter: .zero)) : .success(.final(request.sequence))
    }
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.isIdempotent = true
      $0.inFlight = 1
      $0.retry.maximumRetries = 2
    }
    try producer.append("a", "b", "c", "d")
    try producer.flush()
    #expect(producer.outcome(of: "b") == .failed)
    #expect(["a", "c", "d"].allSatisfy { if case .acknowledged = producer.outcome(of: $0) { true } else { false } })
    let later = leader.received.filter { $0.request.batch.values != ["b"] }.map(\.request)
    #expect(later.map(\.sequence) == [0, 0, 1])
    #expect(later.map(\.producer?.epoch) == [0, 1, 1])
  }
}

@Suite("A producer's builder")
struct ProducerBuilderTests {
  @Test("begins with the original's figures, and changes what it is told")
  func defaults() throws {
    let configuration = ProducerConfiguration.original
    #expect(configuration.batchRecords == 100)
    #expect(configuration.batchBytes == 1_048_576)
    #expect(configuration.linger == .milliseconds(100))
    #expect(configuration.compression == .lz4)
    #expect(configuration.acknowledgement == .buffered)
    #expect(configuration.routeRefreshInterval == .seconds(30))
    #expect(configuration.connections.maximumPerAgent == 10)
    #expect(configuration.connections.idleTimeout == .seconds(60))
    #expect(!configuration.isIdempotent)
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let box = Box()
    cluster.addMachine("built") { host in
      box.producer = try? ProducerBuilder(host: host, name: "built", metadata: cluster.metadata)
        .topic("orders").batch(records: 2, bytes: 1_000, linger: .milliseconds(5)).idempotent(inFlight: 3)
        .compression(.none).partitioner(.roundRobin).buffer(bytes: 5_000).retry(RetryPolicy())
        .connections(ConnectionConfiguration()).acknowledgement(.durable).build()
    }
    let producer = try #require(box.producer)
    let id = try #require(cluster.simulation.machine(named: "built")?.id)
    let built = try cluster.finish(on: producer, of: id) { $0.configuration }
    #expect(built.batchRecords == 2 && built.batchBytes == 1_000 && built.linger == .milliseconds(5))
    #expect(built.isIdempotent && built.inFlight == 3 && built.compression == .none && built.bufferBytes == 5_000)
    let sent = try cluster.finish(on: producer, of: id) { try await $0.send(value: [65]) }
    #expect(sent.offset == .final(0))
  }

  @Test("says what is missing or does not fit")
  func mistakes() {
    let cluster = TestCluster()
    cluster.addMachine("mistaken") { host in
      let builder = ProducerBuilder(host: host, name: "mistaken", metadata: cluster.metadata)
      #expect(throws: ProducerError.invalidConfiguration("a producer needs a topic")) { _ = try builder.build() }
      let bad: [ProducerBuilder] = [
        builder.topic("orders").idempotent().acknowledgement(.buffered),
        builder.topic("orders").idempotent(inFlight: 6),
        builder.topic("orders").batch(records: 0), builder.topic("orders").batch(bytes: 0),
        builder.topic("orders").buffer(bytes: 0),
      ]
      for builder in bad { #expect(throws: ProducerError.self) { _ = try builder.build() } }
    }
  }

  private final class Box: @unchecked Sendable { var producer: Producer? }
}
