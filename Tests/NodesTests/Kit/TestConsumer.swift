import Storage
import Testing

@testable import Nodes
@testable import Simulation

/// A consumer on a machine of its own. Sendable because it is confined to its test's thread.
final class TestConsumer: @unchecked Sendable {
  let cluster: TestCluster
  let id: HostID
  private(set) var consumer: Consumer!

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
    change(&configuration)
    var made: Consumer?
    let settings = configuration
    id = cluster.addMachine(machine) { host in
      let consumer = Consumer(
        host: host, topic: topic, partitions: partitions, addresses: cluster.addresses, configuration: settings)
      host.provideSnapshot(of: consumer) { _ in .list([]) }
      made = consumer
    }
    consumer = made
    try cluster.finish(on: consumer, of: id) { try await $0.start() }
    // Its first lists of segments are on their way.
    cluster.run(for: .milliseconds(10))
  }

  /// What one poll hands out; nil when nothing came within the wait.
  struct Polled: Sendable, Equatable {
    var partition: Int
    var first: UInt64
    var end: UInt64
    var offsets: [UInt64]
    var values: [String]
  }

  func poll(atMost wait: VirtualDuration = .seconds(1)) throws -> Polled? {
    try cluster.finish(on: consumer, of: id) { consumer in
      guard let records = try await consumer.poll(atMost: wait) else { return nil }
      var offsets: [UInt64] = []
      var values: [String] = []
      try records.forEach { record in
        offsets.append(record.offset)
        values.append(String(decoding: record.value, as: UTF8.self))
      }
      return Polled(
        partition: Int(records.partition.index), first: records.first, end: records.end, offsets: offsets,
        values: values)
    }
  }

  /// Everything that is there now, poll after poll.
  func pollAll() throws -> [String] {
    var values: [String] = []
    while let polled = try poll() { values += polled.values }
    return values
  }

  func commit() throws { try cluster.finish(on: consumer, of: id) { try await $0.commit() } }

  var lag: UInt64 { cluster.simulation.host(id)?.inspect(consumer) { $0.lag } ?? 0 }
  var positions: [UInt64] {
    (cluster.simulation.host(id)?.inspect(consumer) { $0.positions } ?? nil)?.map(\.offset) ?? []
  }
  var cache: CacheStatistics? { cluster.simulation.host(id)?.inspect(consumer) { $0.cacheStatistics } }
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
