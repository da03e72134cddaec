import Simulation
import Testing

@testable import Nodes

@Suite("A consumer of committed records")
struct CommittedReaderTests {
  private let cluster: TestCluster
  private let producer: TestProducer

  init() throws {
    cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    producer = try TestProducer(on: cluster, named: "pipe") {
      $0.isIdempotent = true
      $0.transactionTimeout = .seconds(60)
    }
    try producer.initialize()
  }

  private func consumer(_ machine: String = "reader", _ isolation: Isolation = .readCommitted) throws -> TestConsumer {
    try TestConsumer(on: cluster, machine: machine) {
      $0.isolation = isolation
      $0.offsetReset = .earliest
    }
  }

  @Test("is handed everything of a partition that has no transactions")
  func withoutTransactions() throws {
    let plain = try TestProducer(on: cluster, named: "plain")
    try plain.append("a", "b")
    try plain.flush()
    #expect(try consumer().pollAll() == ["a", "b"])
  }

  @Test("waits at an open transaction, and is handed its records when it commits")
  func waits() throws {
    let reader = try consumer()
    let curious = try consumer("curious", .readUncommitted)
    try producer.run("a")
    try producer.begin()
    try producer.append("b", "c")
    cluster.run(for: .seconds(1))
    let plain = try TestProducer(on: cluster, named: "plain")
    try plain.append("d")
    try plain.flush()
    #expect(try curious.pollAll() == ["a", "b", "c", "d"])
    #expect(try reader.pollAll() == ["a"])
    try producer.commit()
    #expect(try reader.pollAll() == ["b", "c", "d"])
  }

  @Test("passes over aborted records, within a segment and over several, and commits positions behind them")
  func passesOver() throws {
    let reader = try consumer()
    for round in 0..<4 {
      try producer.run("kept \(round)")
      for number in 0..<2 {
        try producer.begin()
        try producer.append("dropped \(round).\(number)")
        cluster.run(for: .milliseconds(number == 0 ? 50 : 1_000))
        try producer.abort()
      }
    }
    #expect(try reader.pollAll() == (0..<4).map { "kept \($0)" })
    #expect(cluster.count(of: .abortedRecordsPassedOver) > 0)
    try reader.commit()
    #expect(try cluster.position(of: "readers") == cluster.watermark())
    let late = try TestConsumer(on: cluster, machine: "late") {
      $0.group = "late"
      $0.isolation = .readCommitted
      $0.offsetReset = .earliest
    }
    #expect(try late.pollAll() == (0..<4).map { "kept \($0)" })
  }

  @Test("goes back to the stored positions when what it was handed has come to nothing")
  func seeksToStored() throws {
    let reader = try consumer()
    try producer.run("a", "b", "c", "d")
    #expect(try reader.pollAll() == ["a", "b", "c", "d"])
    let beginnings = [CommittedOffset(partition: .first, offset: 1)]
    try cluster.finish(on: reader.consumer, of: reader.id) { try await $0.seekToStored(otherwise: beginnings) }
    #expect(try reader.pollAll() == ["b", "c", "d"], "nothing is stored")
    try cluster.ask(
      CommitOffsets(group: "readers", offsets: [CommittedOffset(partition: .first, offset: 3)], request: 1),
      of: cluster.metadata)
    try cluster.finish(on: reader.consumer, of: reader.id) { try await $0.seekToStored(otherwise: beginnings) }
    #expect(try reader.pollAll() == ["d"])
  }

  // Ranges that touch become one at the metadata service: a list that comes late tells it from its beginning.
  @Test("passes over the rest of an aborted range whose beginning it knew already")
  func grownRange() {
    var configuration = ConsumerConfiguration()
    configuration.isolation = .readCommitted
    let reader = PartitionReader(partition: .first, position: 0, configuration)
    func manifest(_ end: UInt64, aborted: OffsetRange) -> PartitionManifest {
      PartitionManifest(
        partition: .first, rows: [SegmentRow(0..<20, epoch: 1)], logStart: 0, watermark: 20, lastStableOffset: end,
        aborted: [aborted])
    }
    _ = reader.learn(manifest(10, aborted: OffsetRange(first: 5, end: 10)), askedAt: .start)
    _ = reader.learn(manifest(20, aborted: OffsetRange(first: 5, end: 15)), askedAt: .start)
    #expect(reader.visible(0..<20) == VisibleRecords(end: 20, omitted: [5..<10, 10..<15]))
  }
}
