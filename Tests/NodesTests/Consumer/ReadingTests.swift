import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("A consumer")
struct ReadingTests {
  /// A partition with three segments of ten records each.
  private func cluster(_ change: (inout ClusterSettings) throws -> Void = { _ in }) throws -> TestCluster {
    var failure: (any Error)?
    let cluster = TestCluster {
      do {
        for segment in 0..<3 {
          try $0.preload((0..<10).map { "\(segment * 10 + $0)" }, from: UInt64(segment * 10))
        }
        try change(&$0)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return cluster
  }

  private let everything = (0..<30).map { "\($0)" }

  @Test("reads the records of a partition in order, without gaps across segments")
  func inOrder() throws {
    let consumer = try TestConsumer(on: try cluster()) { $0.pollRecords = 7 }
    var offsets: [UInt64] = []
    var next: UInt64 = 0
    while let polled = try consumer.poll() {
      #expect(polled.first == next && polled.end == next + UInt64(polled.values.count))
      #expect(polled.values.count <= 7)
      offsets += polled.offsets
      next = polled.end
    }
    #expect(offsets == Array(0..<30))
    #expect(consumer.lag == 0)
  }

  @Test("reads what is stored while it waits")
  func follows() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let consumer = try TestConsumer(on: cluster)
    for number in 0..<5 {
      try cluster.ask(Produce("\(number)"), of: cluster.agent(0))
      #expect(try consumer.poll()?.values == ["\(number)"])
    }
    let begin = cluster.now
    #expect(try consumer.poll(atMost: .milliseconds(700)) == nil)
    #expect((.milliseconds(700)...(.milliseconds(701))).contains(cluster.now - begin))
  }

  @Test("begins at the log's start or at the watermark, as it is told")
  func reset() throws {
    let cluster = try cluster()
    #expect(try TestConsumer(on: cluster, machine: "one").pollAll() == everything)
    let latest = try TestConsumer(on: cluster, machine: "two") {
      $0.offsetReset = .latest
      $0.group = nil
      $0.autoCommitInterval = nil
    }
    #expect(latest.positions == [30])
    #expect(try latest.pollAll().isEmpty)
  }

  @Test("begins at a log's start that is not 0")
  func logStart() throws {
    var failure: (any Error)?
    let cluster = TestCluster {
      do { try $0.preload(["a", "b"], from: 1_000) } catch { failure = error }
    }
    if let failure { throw failure }
    let consumer = try TestConsumer(on: cluster)
    #expect(consumer.positions == [1_000])
    #expect(try consumer.poll()?.offsets == [1_000, 1_001])
  }

  @Test("says that there is no such topic")
  func unknownTopic() throws {
    let cluster = TestCluster()
    #expect(throws: ConsumerError.noSuchTopic("other")) { _ = try TestConsumer(on: cluster, topic: "other") }
  }

  @Test("takes partitions in turn, so that none starves")
  func fair() throws {
    let cluster = try cluster { settings in
      settings.partitions = 3
      settings.preloaded = []
      for partition in 0..<3 {
        try settings.preload((0..<60).map { "\($0)" }, from: 0, partition: partition)
      }
    }
    let consumer = try TestConsumer(on: cluster) { $0.pollRecords = 10 }
    var turns: [Int] = []
    while let polled = try consumer.poll() { turns.append(polled.partition) }
    #expect(turns.count == 18)
    for begin in stride(from: 0, to: 18, by: 3) { #expect(Set(turns[begin..<(begin + 3)]).count == 3) }
  }

  @Test("reads only the partitions that it is given")
  func ownPartitions() throws {
    let cluster = try cluster { settings in
      settings.partitions = 2
      try settings.preload(["other"], from: 0, partition: 1)
    }
    #expect(try TestConsumer(on: cluster, partitions: [1]).pollAll() == ["other"])
  }

  @Test("reads a segment once and serves the rest of it from its cache")
  func cache() throws {
    let cluster = try cluster()
    let consumer = try TestConsumer(on: cluster) { $0.pollRecords = 2 }
    var values: [String] = []
    while let polled = try consumer.poll() {
      values += polled.values
      cluster.run(for: .milliseconds(20))
    }
    #expect(values == everything)
    #expect(cluster.usage.get == 3)
    // The third segment had been fetched ahead of its use.
    #expect(consumer.blocks == [13, 2])
    #expect(cluster.count(of: .segmentServedByCache) == 1 && cluster.count(of: .readAheadHit) == 1)
  }

  @Test("reads on without a cache that is large enough")
  func noCache() throws {
    let cluster = try cluster()
    let consumer = try TestConsumer(on: cluster) {
      $0.pollRecords = 5
      $0.cacheBytes = 1
      $0.cacheMemoryBytes = 1
    }
    #expect(try consumer.pollAll() == everything)
    #expect(cluster.usage.get >= 3)
  }

  @Test("waits for an object store that is out, and goes on")
  func outage() throws {
    let cluster = try cluster()
    cluster.trouble("objectStoreOutage")
    let consumer = try TestConsumer(on: cluster)
    #expect(try consumer.poll(atMost: .seconds(20)) == nil, "a poll waits no longer than it is told")
    cluster.trouble("objectStoreOutage", begins: false)
    #expect(try consumer.poll(atMost: .seconds(20))?.end == 10)
    #expect(cluster.count(of: .fetchRetried) > 0)
  }

  @Test("waits for a metadata service that is down, and goes on")
  func metadataDown() throws {
    let cluster = TestCluster { $0.agents = 1 }
    cluster.awaitLeaders()
    let consumer = try TestConsumer(on: cluster)
    cluster.crash(cluster.metadata)
    #expect(try consumer.poll(atMost: .seconds(5)) == nil)
    cluster.restart(cluster.metadata)
    cluster.run(for: .seconds(5))
    try cluster.ask(Produce("a"), of: cluster.agent(0))
    #expect(try consumer.poll(atMost: .seconds(10))?.values == ["a"])
  }

  @Test("knows more than one page of segments ahead")
  func manySegments() throws {
    let cluster = try cluster { settings in
      settings.preloaded = []
      for number in 0..<400 { try settings.preload(["\(number)"], from: UInt64(number)) }
    }
    let consumer = try TestConsumer(on: cluster)
    #expect(try consumer.pollAll() == (0..<400).map { "\($0)" })
  }
}

@Suite("Offsets with gaps between them")
struct GapTests {
  private func consumer(
    _ pollRecords: Int, _ segments: [(records: [UInt64], range: Range<UInt64>)]
  ) throws -> TestConsumer {
    var failure: (any Error)?
    let cluster = TestCluster {
      do {
        for segment in segments {
          try $0.preload(segment.records.map { ($0, "\($0)") }, covering: segment.range)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return try TestConsumer(on: cluster) { $0.pollRecords = pollRecords }
  }

  @Test("inside a segment are passed over, and a poll still counts records", arguments: [1, 2, 3, 100])
  func insideSegment(pollRecords: Int) throws {
    let offsets: [UInt64] = [0, 5, 6, 100, 999_000, 999_999]
    let consumer = try consumer(pollRecords, [(offsets, 0..<1_000_000)])
    var seen: [UInt64] = []
    while let polled = try consumer.poll() {
      #expect(polled.offsets.count <= pollRecords)
      seen += polled.offsets
    }
    #expect(seen == offsets)
    #expect(consumer.positions == [1_000_000])
  }

  @Test("at a segment's end do not stall the next one", arguments: [1, 100])
  func atSegmentEnd(pollRecords: Int) throws {
    let consumer = try consumer(pollRecords, [([0], 0..<1_000), ([1_000, 1_001], 1_000..<1_002)])
    var seen: [UInt64] = []
    while let polled = try consumer.poll() { seen += polled.offsets }
    #expect(seen == [0, 1_000, 1_001])
  }

  @Test("at a segment's begin do not stall it", arguments: [1, 100])
  func atSegmentBegin(pollRecords: Int) throws {
    let consumer = try consumer(pollRecords, [([0], 0..<1), ([900, 901], 1..<902)])
    var seen: [UInt64] = []
    while let polled = try consumer.poll() { seen += polled.offsets }
    #expect(seen == [0, 900, 901])
  }
}
