import Simulation
import Testing

@testable import Nodes

@Suite("A pool of connections")
struct ConnectionPoolTests {
  private let agent = HostID(rawValue: 7)
  private let other = HostID(rawValue: 8)

  private func pool(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionPool {
    var configuration = ConnectionConfiguration()
    change(&configuration)
    return ConnectionPool(configuration)
  }

  /// Opens a connection and has so many requests under way on it.
  private func open(_ pool: inout ConnectionPool, underWay requests: Int = 0, at time: VirtualTime = .start) throws
    -> Connection
  {
    guard case .toOpen(let connection) = pool.place(for: agent, at: time) else { throw NoAnswer() }
    pool.opened(connection, successfully: true, at: time)
    if requests > 0 { pool.sent(requests, on: connection, at: time) }
    return connection
  }

  private func reused(_ pool: inout ConnectionPool, at time: VirtualTime = .start) -> Connection? {
    if case .open(let connection) = pool.place(for: agent, at: time) { connection } else { nil }
  }

  private func isNone(_ place: ConnectionPool.Place) -> Bool { if case .none = place { true } else { false } }

  @Test("begins empty")
  func empty() {
    let pool = pool()
    #expect(pool.statistics == ConnectionStatistics())
    #expect(pool.count(to: agent) == 0)
  }

  @Test("hands the same connection out again, to one agent only")
  func reuse() throws {
    var pool = pool()
    let first = try open(&pool, underWay: 1)
    let answer1 = reused(&pool)
    #expect(answer1 === first)
    if case .open = pool.place(for: other, at: .start) { Issue.record("a connection to another agent") }
  }

  @Test("opens one connection at a time to an agent: others wait for it")
  func opening() {
    var pool = pool()
    _ = pool.place(for: agent, at: .start)
    let answer2 = isNone(pool.place(for: agent, at: .start))
    #expect(answer2)
    #expect(pool.count(to: agent) == 1)
  }

  @Test("opens another one when all are busy, up to its maximum, and then lets wait")
  func maximum() throws {
    var pool = pool {
      $0.maximumPerAgent = 3
      $0.requestsAtOnce = 2
    }
    let connections = try (0..<3).map { _ in try open(&pool, underWay: 2) }
    #expect(Set(connections.map { ObjectIdentifier($0) }).count == 3)
    let answer3 = isNone(pool.place(for: agent, at: .start))
    #expect(answer3)
    #expect(pool.count(to: agent) == 3)
    pool.answered(on: connections[1], at: .start)
    let answer4 = reused(&pool)
    #expect(answer4 === connections[1])
  }

  @Test("closes what nobody has used for its time, and not what is in use")
  func idle() throws {
    var pool = pool()
    let first = try open(&pool, underWay: 1)
    let answer5 = reused(&pool, at: .start + .seconds(100))
    #expect(answer5 === first, "a request is under way")
    pool.answered(on: first, at: .start + .seconds(100))
    let answer6 = reused(&pool, at: .start + .seconds(159))
    #expect(answer6 === first)
    let answer7 = reused(&pool, at: .start + .seconds(161))
    #expect(answer7 == nil)
    #expect(pool.statistics.closedIdle == 1)
  }

  @Test("closes a connection after so many failures in a row, and counts anew after an answer")
  func unhealthy() throws {
    var pool = pool { $0.failuresUntilUnhealthy = 2 }
    let first = try open(&pool, underWay: 5)
    let answer8 = pool.failed(on: first)
    #expect(!answer8)
    pool.answered(on: first, at: .start)
    let answer9 = pool.failed(on: first)
    #expect(!answer9)
    let answer10 = pool.failed(on: first)
    #expect(answer10)
    let answer11 = reused(&pool)
    #expect(answer11 == nil)
    #expect(pool.statistics.closedUnhealthy == 1)
    let answer12 = pool.failed(on: first)
    #expect(!answer12, "it is closed already")
  }

  @Test("closes all connections to an agent whose process is gone, and does nothing about an unknown one")
  func gone() throws {
    var pool = pool { $0.requestsAtOnce = 1 }
    _ = try open(&pool, underWay: 1)
    _ = try open(&pool, underWay: 1)
    pool.agentIsGone(other)
    #expect(pool.count(to: agent) == 2)
    pool.agentIsGone(agent)
    #expect(pool.count(to: agent) == 0)
    #expect(pool.statistics.closedUnhealthy == 2)
  }

  @Test("forgets what could not be opened")
  func failedToOpen() {
    var pool = pool()
    guard case .toOpen(let connection) = pool.place(for: agent, at: .start) else { return }
    pool.opened(connection, successfully: false, at: .start)
    #expect(pool.count(to: agent) == 0)
    #expect(pool.statistics.failedToOpen == 1)
  }

  @Test("closes everything")
  func closeAll() throws {
    var pool = pool()
    let first = try open(&pool)
    pool.closeAll()
    #expect(pool.count(to: agent) == 0)
    if case .closed = first.state {} else { Issue.record("it is open") }
  }
}

@Suite("A producer's connections")
struct ConnectionTests {
  private func cluster(_ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  private func figures(_ producer: TestProducer) throws -> ProducerStatistics {
    try cluster(of: producer).finish(on: producer.producer, of: producer.id) { $0.figures }
  }

  private func cluster(of producer: TestProducer) -> TestCluster { producer.cluster }

  @Test("cost a round trip before the first request, and none after")
  func handshake() throws {
    let cluster = cluster()
    let producer = try TestProducer(on: cluster) {
      $0.acknowledgement = .none
      $0.batchRecords = 1
    }
    try cluster.finish(on: producer.producer, of: producer.id) { try await $0.connect() }
    func timed() throws -> VirtualDuration {
      let begin = cluster.now
      try producer.append("a")
      try producer.flush()
      return cluster.now - begin
    }
    let first = try timed()
    let second = try timed()
    #expect(first - second >= .microseconds(1_900) && first - second <= .microseconds(2_200))
    let figures = try figures(producer)
    #expect(figures.connections.opened == 1)
    #expect(figures.connections.messages == 2)
    #expect(figures.connections.reused == 1)
  }

  @Test("are used again by all batches to an agent, up to the requests that one carries")
  func reuse() throws {
    let cluster = cluster { $0.partitions = 10 }
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 1
      $0.connections.requestsAtOnce = 2
      $0.connections.maximumPerAgent = 3
    }
    for round in 0..<5 {
      for partition in 0..<10 { try producer.append("\(round).\(partition)", partition: partition) }
    }
    try producer.flush()
    let figures = try figures(producer)
    #expect(figures.connections.opened >= 1 && figures.connections.opened <= 3)
    #expect(producer.outcomes.count == 50)
    #expect((0..<10).allSatisfy { cluster.values(TopicPartition(index: $0)).count == 5 })
  }

  @Test("are closed when they were idle for their time, and opened again")
  func idle() throws {
    let cluster = cluster()
    let producer = try TestProducer(on: cluster) { $0.connections.idleTimeout = .seconds(20) }
    try producer.append("a")
    try producer.flush()
    cluster.run(for: .seconds(30))
    try producer.append("b")
    try producer.flush()
    let connections = try figures(producer).connections
    #expect(connections.opened == 2 && connections.closedIdle == 1)
  }

  @Test("are closed after a request without an answer, and opened again")
  func unhealthy() throws {
    let cluster = cluster()
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("a")
    try producer.flush()
    cluster.cut(from: cluster.agent(0), to: producer.id)
    try producer.append("b")
    cluster.run(for: .seconds(2))
    cluster.mend(from: cluster.agent(0), to: producer.id)
    try producer.flush()
    let connections = try figures(producer).connections
    #expect(connections.closedUnhealthy == 1)
    #expect(connections.opened == 2)
    #expect(cluster.count(of: .connectionUnhealthy) == 1)
    #expect(cluster.values() == ["a", "b"])
  }

  @Test("that cannot be opened leave a batch certainly not stored")
  func notOpened() throws {
    let cluster = cluster { $0.metadata.leaseTerm = .seconds(1_000) }
    let producer = try TestProducer(on: cluster) {
      $0.retry.deliveryTimeout = .seconds(8)
      $0.connections.openTimeout = .seconds(1)
    }
    cluster.cutOff(cluster.agent(0), producer.id)
    try producer.append("a")
    try producer.flush()
    #expect(producer.outcomes == [.failed])
    #expect(cluster.count(of: .connectionNotOpened) > 1)
    #expect(try figures(producer).connections.failedToOpen > 1)
    cluster.reconnect(cluster.agent(0), producer.id)
    try producer.append("b")
    try producer.flush()
    #expect(producer.outcome(of: "b") == .acknowledged(.final(0)))
  }

  @Test("are gone with their agent's process: the next one is opened to whoever leads then")
  func agentDies() throws {
    let cluster = cluster { $0.agents = 2 }
    let old = try #require(cluster.leads())
    let producer = try TestProducer(on: cluster) { $0.isIdempotent = true }
    try producer.append("a")
    try producer.flush()
    cluster.crash(old)
    try producer.append("b")
    try producer.flush()
    #expect(cluster.leads() != old)
    #expect(cluster.values() == ["a", "b"])
    #expect(cluster.count(of: .batchReroutedToNewLeader) == 1)
  }
}

@Suite("Batches of several partitions that are ready for one agent")
struct SharedMessageTests {
  private func cluster(partitions: Int = 4, seed: UInt64 = 1, drawsOrder: Bool = false) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      $0.partitions = partitions
      $0.seed = seed
      $0.drawsOrder = drawsOrder
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("leave in one message, and each gets its own offset")
  func together() throws {
    let cluster = cluster()
    let producer = try TestProducer(on: cluster) { $0.linger = .seconds(100) }
    for partition in 0..<4 { try producer.append("\(partition)", "more", partition: partition) }
    try producer.flush()
    let figures = try cluster.finish(on: producer.producer, of: producer.id) { $0.figures }
    #expect(figures.batches == 4 && figures.tries == 4 && figures.messages == 1)
    #expect(producer.outcomes == Array(repeating: .acknowledged(.final(0)), count: 4))
    #expect((0..<4).allSatisfy { cluster.values(TopicPartition(index: $0)) == ["\($0)", "more"] })
    #expect(cluster.count(of: .batchesSharedMessage) == 1)
  }

  @Test("are answered one by one: a slow partition does not hold the others back")
  func answeredSeparately() throws {
    let cluster = TestCluster {
      $0.partitions = 2
      $0.metadata.leaseTerm = .seconds(10_000)
    }
    let leader = try ScriptedLeader(on: cluster, partition: TopicPartition(index: 0))
    try cluster.ask(AcquireLease(partition: TopicPartition(index: 1), request: 2), of: cluster.metadata)
    leader.answer = { _, request in request.partition.index == 0 ? nil : .success(.final(3)) }
    let producer = try TestProducer(on: cluster) {
      $0.linger = .seconds(100)
      $0.retry.deliveryTimeout = .seconds(5)
    }
    try producer.append("slow", partition: 0)
    try producer.append("quick", partition: 1)
    let flush = cluster.begin(on: producer.producer, of: producer.id) { try await $0.flush() }
    cluster.run(for: .milliseconds(20))
    #expect(producer.outcome(of: "quick") == .acknowledged(.final(3)))
    #expect(producer.outcome(of: "slow") == nil)
    cluster.run(for: .seconds(6))
    #expect(producer.outcome(of: "slow") == .unknown)
    #expect(flush.value?.unknown == 1)
  }

  @Test(
    "keep their order, each record once, whatever is lost and doubled",
    arguments: 1...8 as ClosedRange<UInt64>, [false, true])
  func order(seed: UInt64, drawsOrder: Bool) throws {
    let cluster = cluster(partitions: 3, seed: seed, drawsOrder: drawsOrder)
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.batchRecords = 2
      $0.retry.requestTimeout = .seconds(1)
    }
    let everybody = ["producer", "agent-0"]
    cluster.simulation.load(
      FaultScript(entries: [
        FaultEntry(
          at: cluster.now, lasts: .seconds(20),
          fault: .messages(.drop, from: everybody, to: everybody, partsPerMillion: 150_000, extra: .zero)),
        FaultEntry(
          at: cluster.now, lasts: .seconds(20),
          fault: .messages(
            .duplicate, from: everybody, to: everybody, partsPerMillion: 150_000, extra: .milliseconds(300))),
      ]))
    var expected: [[String]] = [[], [], []]
    for round in 0..<12 {
      for partition in 0..<3 {
        let values = (0..<5).map { "\(round).\(partition).\($0)" }
        expected[partition] += values
        _ = producer.beginAppend(values, partition: partition)
      }
      cluster.run(for: .milliseconds(150))
    }
    try producer.flush()
    for partition in 0..<3 {
      #expect(cluster.values(TopicPartition(index: partition)) == expected[partition], "seed \(seed)")
    }
    #expect(cluster.count(of: .batchesSharedMessage) > 0)
    #expect(cluster.count(of: .batchRetried) > 0)
  }

  @Test(
    "of one partition that are sent again go together and in order, also where jobs run in a drawn order",
    arguments: 1...6 as ClosedRange<UInt64>)
  func resent(seed: UInt64) throws {
    let cluster = cluster(partitions: 1, seed: seed, drawsOrder: true)
    let producer = try TestProducer(on: cluster) {
      $0.isIdempotent = true
      $0.batchRecords = 1
      $0.retry.requestTimeout = .seconds(1)
    }
    try producer.append("warm up")
    try producer.flush()
    // The first message is lost, and with it all five batches.
    cluster.hit(from: producer.id, to: cluster.agent(0), with: .drop)
    let begin = cluster.now
    try producer.append("a", "b", "c", "d", "e")
    try producer.flush()
    #expect(cluster.values() == ["warm up", "a", "b", "c", "d", "e"])
    #expect(cluster.now - begin < .milliseconds(1_500), "one more round for all of them, not one for each")
    #expect(cluster.count(of: .sequenceGapRefused) == 0)
  }
}
