import Simulation
import Testing

@testable import Nodes

@Suite("A consumer's position")
struct PositionTests {
  private func cluster(_ change: (inout ClusterSettings) throws -> Void) throws -> TestCluster {
    var failure: (any Error)?
    let cluster = TestCluster {
      do { try change(&$0) } catch { failure = error }
    }
    if let failure { throw failure }
    return cluster
  }

  private func thirty() throws -> TestCluster {
    try cluster { settings in
      for segment in 0..<3 {
        try settings.preload((0..<10).map { "\(segment * 10 + $0)" }, from: UInt64(segment * 10))
      }
    }
  }

  @Test("goes where it is sought, forward and back")
  func seek() throws {
    let consumer = try TestConsumer(on: try thirty()) { $0.pollRecords = 3 }
    #expect(try consumer.poll()?.offsets == [0, 1, 2])
    for target: UInt64 in [25, 4, 9] {
      try consumer.perform { try $0.seek(.first, to: target) }
      #expect(try consumer.poll()?.offsets.first == target)
      #expect(consumer.positions == [min(target + 3, target < 10 ? 10 : 30)])
    }
  }

  @Test("that the log does not have goes to where the reset says", arguments: [OffsetReset.earliest, .latest])
  func outOfRange(reset: OffsetReset) throws {
    let cluster = try cluster { try $0.preload(["a", "b", "c"], from: 100) }
    let consumer = try TestConsumer(on: cluster) { $0.offsetReset = reset }
    for target: UInt64 in [5, 5_000] {
      try consumer.perform { try $0.seek(.first, to: target) }
      _ = try consumer.poll()
      #expect(consumer.positions == [103])
      #expect(cluster.count(of: .positionOutOfRange) == (target == 5 ? 1 : 2))
    }
  }

  @Test("that the log does not have is an error without a reset, until the application seeks")
  func outOfRangeWithoutReset() throws {
    let cluster = try cluster { try $0.preload(["a", "b", "c"], from: 100) }
    let consumer = try TestConsumer(on: cluster, machine: "first") { $0.offsetReset = .earliest }
    _ = try consumer.poll()
    try consumer.commit()
    let strict = try TestConsumer(on: cluster, machine: "second") { $0.offsetReset = .none }
    try strict.perform { try $0.seek(.first, to: 5) }
    let expected = ConsumerError.offsetOutOfRange(.first, offset: 5, logStart: 100, watermark: 103)
    for _ in 0..<2 { #expect(throws: expected) { _ = try strict.poll() } }
    try strict.perform { try $0.seek(.first, to: 101) }
    #expect(try strict.poll()?.values == ["b", "c"])
  }

  @Test("that was never stored is an error without a reset")
  func none() throws {
    #expect(throws: ConsumerError.noStoredPosition(.first)) {
      _ = try TestConsumer(on: try thirty()) { $0.offsetReset = .none }
    }
  }

  @Test("of a partition that it does not read is an error to change")
  func notAssigned() throws {
    let consumer = try TestConsumer(on: try thirty())
    let other = TopicPartition(index: 7)
    #expect(throws: ConsumerError.notAssigned(other)) { try consumer.perform { try $0.seek(other, to: 0) } }
    #expect(throws: ConsumerError.notAssigned(other)) { try consumer.perform { try $0.pause(other) } }
    #expect(throws: ConsumerError.notAssigned(other)) { try consumer.perform { try $0.resume(other) } }
    #expect(try consumer.perform { $0.position(of: other) } == nil)
    #expect(try consumer.perform { $0.lag(of: other) } == nil)
  }

  @Test("stands still while its partition is paused, and the others go on")
  func pause() throws {
    let cluster = try cluster {
      $0.partitions = 2
      try $0.preload(["a"], from: 0)
      try $0.preload(["b"], from: 0, partition: 1)
    }
    let consumer = try TestConsumer(on: cluster)
    try consumer.perform { try $0.pause(.first) }
    #expect(try consumer.pollAll() == ["b"])
    #expect(try consumer.perform { $0.lag(of: .first) } == 1)
    try consumer.perform { try $0.resume(.first) }
    #expect(try consumer.pollAll() == ["a"])
    #expect(consumer.lag == 0)
  }

  @Test("moves over several partitions by one poll, each by no more than it may")
  func limits() throws {
    let cluster = try cluster { settings in
      settings.partitions = 3
      for partition in 0..<3 { try settings.preload((0..<40).map { "\($0)" }, from: 0, partition: partition) }
    }
    let consumer = try TestConsumer(on: cluster) {
      $0.pollRecords = 25
      $0.partitionRecords = 10
    }
    #expect(try consumer.pollBatch().map(\.values.count) == [10, 10, 5])
    var total = 25
    while true {
      let batch = try consumer.pollBatch()
      if batch.isEmpty { break }
      #expect(batch.allSatisfy { $0.values.count <= 10 } && batch.reduce(0) { $0 + $1.values.count } <= 25)
      total += batch.reduce(0) { $0 + $1.values.count }
    }
    #expect(total == 120)
  }

  @Test("begins anew when the consumer was closed and is started again, and a closed one says so")
  func closed() throws {
    let consumer = try TestConsumer(on: try thirty())
    _ = try consumer.poll()
    try consumer.perform { try await $0.close() }
    #expect(throws: ConsumerError.closed) { _ = try consumer.poll() }
    try consumer.start()
    #expect(try consumer.poll()?.first == 10, "what it had handed out is handled")
  }
}

@Suite("A consumer's cache")
struct CacheTests {
  private func cluster(segments: Int) throws -> TestCluster {
    var failure: (any Error)?
    let cluster = TestCluster {
      do {
        for segment in 0..<segments {
          try $0.preload((0..<10).map { "\(segment * 10 + $0)" }, from: UInt64(segment * 10))
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return cluster
  }

  @Test("outlives its process: after a restart nothing is fetched again")
  func survivesRestart() throws {
    let cluster = try cluster(segments: 3)
    let consumer = try TestConsumer(on: cluster) {
      $0.group = nil
      $0.autoCommitInterval = nil
    }
    #expect(try consumer.pollAll().count == 30)
    cluster.run(for: .milliseconds(50))
    let before = cluster.usage.get
    cluster.crash(consumer.id)
    let again = try consumer.restarted()
    #expect(try again.pollAll().count == 30)
    #expect(cluster.usage.get == before)
    #expect(cluster.count(of: .cacheAdoptedFiles) == 1)
    #expect(again.blocks == [3, 0])
  }

  @Test("is safe to lose in the middle of a write: what is torn is fetched again")
  func tornWrite() throws {
    let cluster = try cluster(segments: 1)
    let consumer = try TestConsumer(on: cluster) {
      $0.group = nil
      $0.autoCommitInterval = nil
    }
    _ = try consumer.poll()
    cluster.crash(consumer.id, keepingUnsynced: 20)
    let again = try consumer.restarted()
    #expect(try again.pollAll().count == 10)
    #expect(!cluster.files(consumer.id, prefix: "cache/").contains { $0.hasSuffix(".tmp") })
  }

  @Test("is filled ahead of a consumer that goes through segments, as far as is allowed")
  func readAhead() throws {
    for depth in [0, 4] {
      let cluster = try cluster(segments: 20)
      let consumer = try TestConsumer(on: cluster) { $0.readAhead = depth }
      while let polled = try consumer.poll() {
        _ = polled
        cluster.run(for: .milliseconds(5))
      }
      #expect(cluster.usage.get == 20, "each object is fetched once")
      #expect((cluster.count(of: .readAheadHit) > 10) == (depth > 0))
      #expect(consumer.blocks.reduce(0, +) == 20)
    }
  }

  @Test("is asked once by many that wait for one object")
  func singleFlight() throws {
    let cluster = try cluster(segments: 1)
    let consumer = try TestConsumer(on: cluster)
    #expect(try consumer.poll()?.values.count == 10)
    try consumer.perform { try $0.seek(.first, to: 0) }
    #expect(try consumer.poll()?.values.count == 10)
    #expect(cluster.usage.get == 1)
  }

  @Test("does not make up for a list of segments that is too old: it is asked for again")
  func staleManifest() throws {
    let cluster = try cluster(segments: 3)
    let consumer = try TestConsumer(on: cluster) {
      $0.manifestLifetime = .seconds(10)
      $0.pollRecords = 4
    }
    #expect(try consumer.poll()?.offsets == [0, 1, 2, 3])
    #expect(try consumer.poll()?.offsets == [4, 5, 6, 7])
    #expect(cluster.count(of: .staleManifestRefreshed) == 0)
    cluster.run(for: .seconds(11))
    #expect(try consumer.poll()?.offsets == [8, 9])
    #expect(try consumer.poll()?.offsets == [10, 11, 12, 13])
    #expect(cluster.count(of: .staleManifestRefreshed) == 1)
  }
}
