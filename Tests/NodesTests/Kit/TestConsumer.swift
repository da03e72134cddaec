import Storage
import Testing

@testable import Nodes
@testable import Simulation

/// A consumer on a machine of its own. Sendable because it is confined to its test's thread.
final class TestConsumer: @unchecked Sendable {
  let cluster: TestCluster
  let id: HostID

  /// Adds a consumer to a cluster and starts it.
  ///
  /// - Throws: What its start ended with.
  init(
    on cluster: TestCluster, machine: String = "consumer", topic: String = "orders", partitions: [Int]? = nil,
    _ change: (inout ConsumerConfiguration) -> Void = { _ in }
  ) throws {
    self.cluster = cluster
    var configuration = ConsumerConfiguration()
    configuration.group = "readers"
    configuration.offsetReset = .earliest
    configuration.partitionRecords = .max
    change(&configuration)
    let settings = configuration
    let subscription: Subscription =
      partitions.map { .partitions($0.map { NamedPartition(topic: topic, index: $0) }) } ?? .topics([topic])
    let box = Box()
    id = cluster.addMachine(machine) { host in
      do throws(ConsumerError) {
        let consumer = try Consumer(
          host: host, subscription: subscription, addresses: cluster.addresses, configuration: settings)
        host.provideSnapshot(of: consumer) { _ in .list([]) }
        box.consumer = consumer
      } catch {
        box.failure = error
      }
    }
    if let failure = box.failure { throw failure }
    self.box = box
    try start()
  }

  private final class Box {
    var consumer: Consumer?
    var failure: ConsumerError?
  }

  private let box: Box

  /// The consumer of the machine's latest incarnation.
  var consumer: Consumer { box.consumer! }

  /// Starts it, also again.
  ///
  /// - Throws: What its start ended with.
  func start() throws {
    try cluster.finish(on: consumer, of: id) { try await $0.start() }
    // Its first lists of segments are on their way.
    cluster.run(for: .milliseconds(10))
  }

  /// After a crash its machine gets a new incarnation, with a consumer like this one, that is started.
  func restarted() throws -> TestConsumer {
    cluster.restart(id)
    try start()
    return self
  }

  /// What one poll hands out; nil when nothing came within the wait.
  struct Polled: Sendable, Equatable {
    var partition: Int
    var first: UInt64
    var end: UInt64
    var offsets: [UInt64]
    var values: [String]
  }

  /// All that one poll hands out.
  func pollBatch(atMost wait: VirtualDuration = .seconds(1)) throws -> [Polled] {
    try cluster.finish(on: consumer, of: id) { consumer in
      var polled: [Polled] = []
      for records in try await consumer.poll(atMost: wait).partitions {
        var offsets: [UInt64] = []
        var values: [String] = []
        try records.forEach { record in
          offsets.append(record.offset)
          values.append(String(decoding: record.value, as: UTF8.self))
        }
        polled.append(
          Polled(
            partition: Int(records.partition.index), first: records.first, end: records.end, offsets: offsets,
            values: values))
      }
      return polled
    }
  }

  /// What one poll hands out of the only partition that it hands anything out of; nil when nothing came within the wait.
  func poll(atMost wait: VirtualDuration = .seconds(1)) throws -> Polled? {
    let batch = try pollBatch(atMost: wait)
    #expect(batch.count <= 1, "a poll of several partitions")
    return batch.first
  }

  /// Everything that is there now, poll after poll.
  func pollAll() throws -> [String] {
    var values: [String] = []
    while true {
      let batch = try pollBatch()
      if batch.isEmpty { return values }
      values += batch.flatMap(\.values)
    }
  }

  func commit() throws { try cluster.finish(on: consumer, of: id) { try await $0.commit() } }

  var lag: UInt64 { cluster.simulation.host(id)?.inspect(consumer) { $0.lag } ?? 0 }
  var positions: [UInt64] {
    (cluster.simulation.host(id)?.inspect(consumer) { $0.positions } ?? nil)?.map(\.offset) ?? []
  }
  /// Blocks asked for that were at hand, and those that were not.
  var blocks: [UInt64] {
    cluster.simulation.host(id)?.inspect(consumer) { [$0.blockCounts.hits, $0.blockCounts.misses] } ?? []
  }
  var statistics: ConsumerStatistics {
    get throws { try cluster.finish(on: consumer, of: id) { await $0.statistics() } }
  }

  /// Does something with the consumer and lets time pass until it is done.
  @discardableResult
  func perform<Value: Sendable>(_ body: @escaping @Sendable (isolated Consumer) async throws -> Value) throws -> Value {
    try cluster.finish(on: consumer, of: id, body)
  }
}

extension ClusterSettings {
  /// Lets a partition begin with a segment that holds values from an offset on.
  mutating func preload(_ values: [String], from base: UInt64, partition: Int = 0) throws {
    let records = values.enumerated().map { (base + UInt64($0.offset), $0.element) }
    try preload(records, covering: base..<(base + UInt64(values.count)), partition: partition)
  }

  /// Lets a partition begin with a segment of these records, whose row covers a range of offsets.
  mutating func preload(
    _ records: [(offset: UInt64, value: String)], covering range: Range<UInt64>, partition: Int = 0
  ) throws {
    let body = try segmentFile(records)
    let key = ObjectKey("preloaded/\(partition)/\(range.lowerBound)")
    let row = SegmentRow(
      base: range.lowerBound, end: range.upperBound, recordCount: UInt64(records.count), size: UInt64(body.count),
      epoch: 0, key: key)
    preloaded.append((PreloadedSegment(partition: partition, row: row), body))
  }
}
