import Simulation
import Testing

@testable import Nodes

@Suite("A transactional producer")
struct TransactionalProducerTests {
  private func producer(
    on cluster: TestCluster, named name: String = "pipe", machine: String? = nil,
    _ change: (inout ProducerConfiguration) -> Void = { _ in }
  ) throws -> TestProducer {
    let producer = try TestProducer(on: cluster, named: name, machine: machine) {
      $0.isIdempotent = true
      $0.transactionTimeout = .seconds(30)
      $0.batchRecords = 2
      $0.retry.requestTimeout = .seconds(2)
      change(&$0)
    }
    try producer.initialize()
    return producer
  }

  private func cluster(agents: Int = 1, partitions: Int = 1, seed: UInt64 = 1) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = agents
      $0.partitions = partitions
      $0.seed = seed
    }
    cluster.awaitLeaders()
    return cluster
  }

  // MARK: Commit and abort

  @Test("has the records of several partitions and the positions of a group become visible together")
  func commit() throws {
    let cluster = cluster(partitions: 2)
    let producer = try producer(on: cluster)
    try producer.begin()
    try producer.append("a", "b", "c", partition: 0)
    try producer.append("d", partition: 1)
    try producer.sendOffsets([0: 3, 1: 1], group: "pipe")
    try producer.sendOffsets([0: 5], group: "pipe")
    cluster.run(for: .seconds(5))
    #expect(cluster.values() == ["a", "b", "c"])
    #expect(try cluster.committedValues().isEmpty)
    #expect(try cluster.position(of: "pipe") == nil)
    try producer.commit()
    #expect(try cluster.committedValues() == ["a", "b", "c"])
    #expect(try cluster.committedValues(TopicPartition(index: 1)) == ["d"])
    #expect(try cluster.position(of: "pipe") == 5)
    #expect(try cluster.position(of: "pipe", TopicPartition(index: 1)) == 1)
  }

  @Test("has nothing of an aborted transaction become visible, and goes on with the next one")
  func abort() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    try producer.begin()
    try producer.append("a", "b")
    try producer.sendOffsets([0: 3], group: "pipe")
    cluster.run(for: .seconds(1))
    try producer.append("c")
    try producer.abort()
    #expect(producer.outcome(of: "c") == .failed, "it was never sent")
    try producer.run("d")
    #expect(cluster.values() == ["a", "b", "d"])
    #expect(try cluster.committedValues() == ["d"])
    #expect(try cluster.position(of: "pipe") == nil)
    // Nothing that had a number was given up: the identity stays.
    #expect(cluster.count(of: .producerIdentityRenewed) == 0)
  }

  @Test("that aborts while batches are under way numbers anew, so that what arrives late harms nothing")
  func abortUnderWay() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    try producer.run("a")
    try producer.begin()
    // The agent hears the producer, but the producer not the agent.
    cluster.cut(from: cluster.agent(0), to: producer.id)
    try producer.append("b", "c")
    cluster.run(for: .milliseconds(100))
    try producer.abort()
    cluster.mend(from: cluster.agent(0), to: producer.id)
    #expect(producer.outcome(of: "b") == .unknown)
    try producer.run("d")
    #expect(try cluster.committedValues() == ["a", "d"])
    #expect(cluster.values() == ["a", "b", "c", "d"])
    #expect(cluster.count(of: .producerIdentityRenewed) == 1)
  }

  @Test("commits a transaction that sent nothing")
  func empty() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    try producer.begin()
    try producer.sendOffsets([0: 9], group: "pipe")
    try producer.commit()
    #expect(try cluster.position(of: "pipe") == 9)
    #expect(cluster.transactionEnds == ["1 committed asAsked"])
  }

  @Test("does not commit when a record was not acknowledged")
  func failedSend() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster) { $0.retry.deliveryTimeout = .seconds(3) }
    try producer.begin()
    try producer.append("a", "b")
    cluster.run(for: .seconds(1))
    cluster.crash(cluster.agent(0))
    try producer.append("c", "d")
    #expect(throws: TransactionError.aborted(.sendFailed(.first))) { try producer.commit() }
    cluster.restart(cluster.agent(0))
    cluster.run(until: "a leader is back") { cluster.leads() != nil }
    #expect(try cluster.committedValues().isEmpty)
    try producer.run("e")
    #expect(try cluster.committedValues() == ["e"])
  }

  // MARK: Lost answers

  @Test("asks again for the outcome of a commit whose answer is lost, and learns it")
  func lostAnswer() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    try producer.begin()
    try producer.append("a", "b")
    cluster.run(for: .seconds(1))
    cluster.hit(from: cluster.metadata, to: producer.id, with: .drop)
    try producer.commit()
    #expect(try cluster.committedValues() == ["a", "b"])
    #expect(cluster.count(of: .transactionEndRepeated) == 1)
    #expect(cluster.transactionEnds == ["1 committed asAsked"])
  }

  @Test(
    "learns the outcome of a commit from a metadata service that died over it", arguments: 0...12 as ClosedRange<Int64>)
  func serviceDies(quarterMilliseconds: Int64) throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    try producer.begin()
    try producer.append("a", "b")
    try producer.sendOffsets([0: 3], group: "pipe")
    cluster.run(for: .seconds(1))
    let answer = producer.beginCommit()
    cluster.run(for: .microseconds(quarterMilliseconds * 250))
    cluster.crash(cluster.metadata)
    cluster.run(for: .seconds(1))
    cluster.restart(cluster.metadata)
    cluster.run(until: "the commit has an outcome") { answer.isThere }
    #expect(answer.error == nil)
    #expect(try cluster.committedValues() == ["a", "b"])
    #expect(try cluster.position(of: "pipe") == 3)
  }

  @Test("begins again when the answer to its beginning was lost for so long that the transaction timed out")
  func lostBeginning() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster) { $0.transactionTimeout = .seconds(1) }
    cluster.hit(from: cluster.metadata, to: producer.id, with: .drop)
    try producer.run("a")
    #expect(try cluster.committedValues() == ["a"])
    #expect(cluster.transactionEnds == ["1 aborted timedOut", "2 committed asAsked"])
  }

  // MARK: Crashes

  @Test("commits across the death of an agent, with each record once")
  func agentDies() throws {
    let cluster = cluster(agents: 2)
    let old = try #require(cluster.leads())
    let producer = try producer(on: cluster)
    try producer.begin()
    for number in 0..<40 {
      if number == 20 { cluster.crash(old) }
      _ = producer.beginAppend(["value \(number)"])
      cluster.run(for: .milliseconds(50))
    }
    try producer.commit()
    #expect(cluster.leads() != old)
    #expect(try cluster.committedValues() == (0..<40).map { "value \($0)" })
  }

  @Test("that died leaves nothing visible of what it had open to who takes its name up")
  func producerDies() throws {
    let cluster = cluster()
    let first = try producer(on: cluster)
    try first.run("a")
    try first.begin()
    try first.append("b", "c")
    cluster.run(for: .seconds(1))
    cluster.crash(first.id)
    let second = try producer(on: cluster, machine: "other machine")
    try second.run("d")
    #expect(try cluster.committedValues() == ["a", "d"])
    #expect(cluster.transactionEnds == ["1 committed asAsked", "2 aborted fenced", "1 committed asAsked"])
  }

  // MARK: Zombies and time

  @Test("that was fenced can commit nothing, and goes on once it has taken its name up again")
  func fenced() throws {
    let cluster = cluster()
    let zombie = try producer(on: cluster)
    try zombie.begin()
    try zombie.append("zombie", "zombie")
    cluster.run(for: .seconds(1))
    let successor = try producer(on: cluster, machine: "other machine")
    try successor.run("a")
    #expect(throws: TransactionError.aborted(.overAlready)) { try zombie.commit() }
    #expect(throws: TransactionError.fenced) { try zombie.begin() }
    #expect(throws: TransactionError.notOpen) { try zombie.append("b") }
    try zombie.initialize()
    try zombie.run("c")
    #expect(throws: TransactionError.fenced) { try successor.begin() }
    #expect(try cluster.committedValues() == ["a", "c"])
    #expect(cluster.count(of: .zombieCommitRefused) == 1)
  }

  @Test("that was fenced hears of it when it sends, and does not fence its successor by numbering anew")
  func fencedWhileSending() throws {
    let cluster = cluster()
    let zombie = try producer(on: cluster) { $0.retry.deliveryTimeout = .seconds(4) }
    try zombie.run("a")
    try zombie.begin()
    let successor = try producer(on: cluster, machine: "other machine")
    try successor.run("b")
    try zombie.append("zombie", "zombie")
    #expect(throws: TransactionError.aborted(.sendFailed(.first))) { try zombie.commit() }
    #expect(throws: TransactionError.fenced) { try zombie.begin() }
    try successor.run("c")
    #expect(try cluster.committedValues() == ["a", "b", "c"])
  }

  @Test("whose time is over is told that its transaction is aborted; the next one commits")
  func timedOut() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster) { $0.transactionTimeout = .seconds(3) }
    try producer.begin()
    try producer.append("a", "b")
    cluster.run(for: .seconds(4))
    try producer.append("c")
    #expect(throws: TransactionError.aborted(.sendFailed(.first))) { try producer.commit() }
    #expect(producer.outcome(of: "c") == .unknown, "it is stored, and will never be visible")
    try producer.run("d")
    #expect(cluster.values() == ["a", "b", "c", "d"])
    #expect(try cluster.committedValues() == ["d"])
    #expect(cluster.count(of: .transactionTimedOut) == 1)
    #expect(cluster.count(of: .rangeRecordedAsAborted) == 1)
  }

  // MARK: Wrong use

  @Test("refuses what is out of order, and says so")
  func outOfOrder() throws {
    let cluster = cluster()
    let producer = try producer(on: cluster)
    #expect(throws: TransactionError.notOpen) { try producer.append("a") }
    #expect(throws: TransactionError.notOpen) { try producer.commit() }
    #expect(throws: TransactionError.notOpen) { try producer.abort() }
    #expect(throws: TransactionError.notOpen) { try producer.sendOffsets([0: 1], group: "pipe") }
    try producer.begin()
    #expect(throws: TransactionError.alreadyOpen(.of(1))) { try producer.begin() }
    #expect(throws: TransactionError.alreadyOpen(.of(1))) { try producer.initialize() }
    try producer.commit()
    let plain = try TestProducer(on: cluster, named: "plain")
    #expect(throws: TransactionError.notTransactional) { try plain.begin() }
    #expect(throws: TransactionError.notTransactional) { try plain.initialize() }
  }

  @Test("has to be idempotent")
  func configuration() throws {
    let cluster = cluster()
    #expect(throws: ProducerError.invalidConfiguration("a transactional producer is idempotent")) {
      try TestProducer(on: cluster) { $0.transactionTimeout = .seconds(1) }
    }
  }

  // MARK: Everything at once

  @Test(
    "has exactly the committed transactions visible although messages are lost, doubled and delayed and machines die",
    arguments: 1...12 as ClosedRange<UInt64>)
  func badWorld(seed: UInt64) throws {
    let cluster = cluster(agents: 2, partitions: 2, seed: seed)
    let producer = try producer(on: cluster) { $0.transactionTimeout = .seconds(4) }
    let everybody = ["pipe", "agent-0", "agent-1", "metadata", "store"]
    cluster.simulation.load(
      FaultScript(
        entries: [MessageFault.drop, .duplicate, .delay].map { fault in
          FaultEntry(
            at: cluster.now, lasts: .seconds(40),
            fault: .messages(fault, from: everybody, to: everybody, partsPerMillion: 100_000, extra: .milliseconds(400))
          )
        }))
    var random = RandomGenerator(state: seed)
    var committed: [[String]] = [[], []]
    for number in 0..<12 {
      do {
        try producer.begin()
        var sent: [[String]] = [[], []]
        for record in 0..<4 {
          let partition = Int(random.below(2))
          sent[partition].append("\(number).\(record)")
          try producer.append("\(number).\(record)", partition: partition)
          cluster.run(for: .milliseconds(Int64(random.below(400))))
          let victim = [cluster.metadata, cluster.agent(0), cluster.agent(1)][Int(random.below(3))]
          if random.below(12) == 0 {
            cluster.crash(victim)
            cluster.run(for: .milliseconds(Int64(random.below(800))))
            cluster.restart(victim)
          }
        }
        if random.below(4) == 0 {
          try producer.abort()
        } else {
          try producer.commit()
          for partition in 0..<2 { committed[partition] += sent[partition] }
        }
      } catch TransactionError.aborted {
      }
    }
    for partition in 0..<2 {
      #expect(try cluster.committedValues(TopicPartition(index: partition)) == committed[partition], "seed \(seed)")
    }
  }
}

extension TestProducer {
  func initialize() throws { try cluster.finish(on: producer, of: id) { try await $0.initializeTransactions() } }
  func begin() throws { try cluster.finish(on: producer, of: id) { try await $0.beginTransaction() } }
  func commit() throws { try cluster.finish(on: producer, of: id) { try await $0.commitTransaction() } }
  func abort() throws { try cluster.finish(on: producer, of: id) { try await $0.abortTransaction() } }
  func beginCommit() -> Answer<Void> { cluster.begin(on: producer, of: id) { try await $0.commitTransaction() } }

  func sendOffsets(_ offsets: [Int: UInt64], group: String) throws {
    let offsets = offsets.sorted { $0.key < $1.key }.map {
      CommittedOffset(partition: TopicPartition(index: $0.key), offset: $0.value)
    }
    try cluster.finish(on: producer, of: id) { try $0.sendOffsets(offsets, group: group) }
  }

  /// A transaction from begin to commit.
  func run(_ values: String...) throws {
    try begin()
    try appendAll(values)
    try commit()
  }
}
