import Simulation
import Storage
import Testing

@testable import Nodes

/// What the original's own tests of its consumer expect, each with its figures.
@Suite("A consumer, as the original's tests have it,")
struct OriginalConsumerTests {
  private func cluster(partitions: Int = 1, records: Int, in segments: Int = 1) throws -> TestCluster {
    var failure: (any Error)?
    let cluster = TestCluster {
      $0.partitions = partitions
      do {
        let each = records / segments
        for partition in 0..<partitions {
          for segment in 0..<segments where each > 0 {
            try $0.preload(
              (0..<each).map { "\(segment * each + $0)" }, from: UInt64(segment * each), partition: partition)
          }
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return cluster
  }

  private func consumer(
    on cluster: TestCluster, _ machine: String = "consumer", _ build: (ConsumerBuilder) -> ConsumerBuilder
  ) throws -> BuiltConsumer {
    try BuiltConsumer(on: cluster, machine, build(Consumer.builder().topics("orders")))
  }

  @Test("polls nothing from an empty topic")
  func basicPoll() throws {
    let consumer = try consumer(on: try cluster(records: 0)) { $0.autoCommit(every: nil) }
    #expect(try consumer.poll(atMost: .milliseconds(100)).isEmpty)
  }

  @Test("reads ten records that were produced, at offsets 0 to 9")
  func readAfterProduce() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    for number in 0..<10 { try cluster.ask(Produce("\(number)"), of: cluster.agent(0)) }
    let consumer = try consumer(on: cluster) { $0.autoCommit(every: nil).offsetReset(.earliest) }
    var offsets: [UInt64] = []
    while offsets.count < 10 { offsets += try consumer.poll(atMost: .seconds(1)) }
    #expect(offsets == Array(0..<10))
  }

  @Test("commits 10 after it has read 20 and sought 10, and another one begins there")
  func offsetCommit() throws {
    let cluster = try cluster(records: 20)
    let first = try consumer(on: cluster) { $0.group("g").offsetReset(.earliest).autoCommit(every: nil) }
    #expect(try first.poll(atMost: .seconds(1)).count == 20)
    try first.perform { try $0.seek(.first, to: 10) }
    try first.perform { try await $0.commit() }
    let second = try consumer(on: cluster, "second") { $0.group("g").offsetReset(.earliest).autoCommit(every: nil) }
    #expect(try second.perform { $0.position(of: .first) } == 10)
    #expect(try second.poll(atMost: .seconds(1)) == Array(10..<20))
  }

  @Test("commits automatically at an interval of 100 ms what it had polled before")
  func autoCommit() throws {
    let cluster = try cluster(records: 10)
    let consumer = try consumer(on: cluster) {
      $0.group("g").offsetReset(.earliest).autoCommit(every: .milliseconds(100))
    }
    #expect(try consumer.poll(atMost: .milliseconds(50)).count == 10)
    cluster.run(for: .milliseconds(200))
    #expect(try consumer.poll(atMost: .milliseconds(50)).isEmpty)
    #expect(cluster.storedPosition(of: "g") == 10)
  }

  @Test("reads two partitions of five records")
  func multiplePartitions() throws {
    let cluster = try cluster(partitions: 2, records: 5)
    let consumer = try consumer(on: cluster) { $0.autoCommit(every: nil).offsetReset(.earliest) }
    cluster.run(for: .milliseconds(50))
    #expect(try consumer.poll(atMost: .seconds(1)) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
  }

  @Test("begins at 0 when it is to begin at the earliest")
  func earliest() throws {
    let consumer = try consumer(on: try cluster(records: 10)) { $0.autoCommit(every: nil).offsetReset(.earliest) }
    #expect(try consumer.perform { $0.position(of: .first) } == 0)
    #expect(try consumer.poll(atMost: .seconds(1)).count == 10)
  }

  @Test("begins at 10, with nothing to read, when it is to begin at the latest, which it does when nothing is said")
  func latest() throws {
    let consumer = try consumer(on: try cluster(records: 10)) { $0.autoCommit(every: nil) }
    #expect(try consumer.perform { $0.position(of: .first) } == 10)
    #expect(try consumer.poll(atMost: .milliseconds(100)).isEmpty)
  }

  @Test("reads 10,000 records at more than 5,000 a second of virtual time")
  func throughput() throws {
    let cluster = try cluster(records: 10_000, in: 10)
    let begin = cluster.now
    let consumer = try consumer(on: cluster) { $0.autoCommit(every: nil).offsetReset(.earliest) }
    var count = 0
    while count < 10_000 { count += try consumer.poll(atMost: .seconds(1)).count }
    #expect(cluster.now - begin < .seconds(2))
  }
}

/// A consumer that was put together by a builder. Sendable because it is confined to its test's thread.
final class BuiltConsumer: @unchecked Sendable {
  private let cluster: TestCluster
  let id: HostID
  private let consumer: Consumer

  /// Builds a consumer on a machine of its own, and starts it.
  init(on cluster: TestCluster, _ machine: String, _ builder: ConsumerBuilder) throws {
    self.cluster = cluster
    var made: Consumer?
    var failure: (any Error)?
    id = cluster.addMachine(machine) { host in
      do { made = try builder.build(on: host, cluster.addresses) } catch { failure = error }
      if let made { host.provideSnapshot(of: made) { _ in .list([]) } }
    }
    if let failure { throw failure }
    consumer = try #require(made)
    try perform { try await $0.start() }
  }

  @discardableResult
  func perform<Value: Sendable>(_ body: @escaping @Sendable (isolated Consumer) async throws -> Value) throws -> Value {
    try cluster.finish(on: consumer, of: id, body)
  }

  /// The offsets that one poll hands out, partition after partition.
  func poll(atMost wait: VirtualDuration) throws -> [UInt64] {
    try perform { consumer in
      var offsets: [UInt64] = []
      for records in try await consumer.poll(atMost: wait).partitions {
        try records.forEach { offsets.append($0.offset) }
      }
      return offsets
    }
  }
}

@Suite("Building a consumer")
struct ConsumerBuilderTests {
  private func refusal(_ builder: ConsumerBuilder) -> String? {
    do {
      _ = try BuiltConsumer(on: TestCluster(), "refused", builder)
      return nil
    } catch ConsumerError.invalidConfiguration(let text) {
      return text
    } catch {
      return "\(error)"
    }
  }

  @Test("says at once what contradicts itself")
  func contradictions() throws {
    let orders = Consumer.builder().topics("orders")
    #expect(refusal(orders)?.contains("no group") == true, "commits are automatic unless something else is said")
    #expect(refusal(Consumer.builder().autoCommit(every: nil))?.contains("no topic") == true)
    #expect(refusal(orders.group(""))?.contains("empty") == true)
    #expect(refusal(orders.group("g").pollRecords(0))?.contains("one record") == true)
    #expect(refusal(orders.autoCommit(every: nil).groupProtocol())?.contains("needs a group") == true)
    var hasty = GroupProtocol()
    hasty.sessionTimeout = .seconds(4)
    #expect(refusal(orders.group("g").groupProtocol(hasty))?.contains("at most half") == true)
    let assigned = Consumer.builder().assign(NamedPartition(topic: "orders", index: 0)).group("g")
    #expect(refusal(assigned.groupProtocol())?.contains("subscribe") == true)
    #expect(refusal(Consumer.builder().topics("orders", "orders").group("g"))?.contains("twice") == true)
    #expect(refusal(orders.group("g")) == nil)
  }

  @Test("says at the start which partition a topic does not have")
  func noSuchPartition() throws {
    let partition = NamedPartition(topic: "orders", index: 3)
    #expect(throws: ConsumerError.noSuchPartition(partition, count: 1)) {
      _ = try BuiltConsumer(on: TestCluster(), "one", Consumer.builder().assign(partition).autoCommit(every: nil))
    }
  }
}
