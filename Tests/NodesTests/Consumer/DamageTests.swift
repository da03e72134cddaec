import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("What a consumer cannot read")
struct DamageTests {
  private func cluster(_ change: (inout ClusterSettings) throws -> Void) throws -> TestCluster {
    var failure: (any Error)?
    let cluster = TestCluster {
      do { try change(&$0) } catch { failure = error }
    }
    if let failure { throw failure }
    return cluster
  }

  /// Two segments, at 0 and at 2.
  private func twoSegments() throws -> TestCluster {
    try cluster {
      try $0.preload(["a", "b"], from: 0)
      try $0.preload(["c", "d"], from: 2)
    }
  }

  private func put(_ body: [UInt8], at base: Int, on cluster: TestCluster) throws {
    try cluster.ask(
      PutObject(key: ObjectKey("preloaded/0/\(base)"), body: body, condition: .none, attempt: 0), of: cluster.store)
  }

  /// Polls and returns the error that this ends with.
  private func failure(of consumer: TestConsumer) -> ConsumerError? {
    do {
      _ = try consumer.poll()
      return nil
    } catch {
      return error as? ConsumerError
    }
  }

  @Test("is a hole when the object of a row is gone, and stays one: no poll skips it")
  func objectGone() throws {
    let cluster = try twoSegments()
    try cluster.ask(DeleteObject(key: ObjectKey("preloaded/0/2")), of: cluster.store)
    let consumer = try TestConsumer(on: cluster)
    #expect(try consumer.poll()?.values == ["a", "b"])
    for _ in 0..<3 {
      guard case .hole(.first, offset: 2, _) = failure(of: consumer) else {
        Issue.record("no hole at 2")
        continue
      }
    }
    #expect(consumer.positions == [2])
  }

  @Test("is a hole when no row has the next offset")
  func rowMissing() throws {
    let cluster = try cluster {
      try $0.preload(["a", "b"], from: 0)
      try $0.preload(["d"], from: 3)
    }
    let consumer = try TestConsumer(on: cluster)
    #expect(try consumer.poll()?.values == ["a", "b"])
    guard case .hole(.first, offset: 2, _) = failure(of: consumer) else {
      Issue.record("no hole at 2")
      return
    }
  }

  @Test("is no hole when the object appears at a second look")
  func secondLook() throws {
    let cluster = try twoSegments()
    let body = try #require(cluster.object(ObjectKey("preloaded/0/0")))
    try cluster.ask(DeleteObject(key: ObjectKey("preloaded/0/0")), of: cluster.store)
    let consumer = try TestConsumer(on: cluster)
    let poll = cluster.begin(on: consumer.consumer, of: consumer.id) {
      try await $0.poll(atMost: .seconds(1)).partitions.first?.end
    }
    cluster.run(for: .milliseconds(30))
    try put(body, at: 0, on: cluster)
    cluster.run(until: "an end") { poll.isThere }
    #expect(poll.value == 2)
  }

  @Test("is damage when any byte of the object is another, but for the footer's last sixteen, which mean nothing")
  func anyByte() throws {
    let body = try segmentFile([(0, "a"), (1, "b")])
    for position in body.indices.dropLast(16) {
      let cluster = try twoSegments()
      var damaged = body
      damaged[position] ^= 0x10
      try put(damaged, at: 0, on: cluster)
      let consumer = try TestConsumer(on: cluster)
      guard case .damaged(.first, offset: 0, _) = failure(of: consumer) else {
        Issue.record("byte \(position) of \(body.count) can be changed unseen")
        continue
      }
      #expect(consumer.positions == [0])
    }
  }

  @Test("is damage when the object is cut short or empty", arguments: [0, 1, 40])
  func cutShort(length: Int) throws {
    let cluster = try twoSegments()
    try put(Array(try segmentFile([(0, "a"), (1, "b")]).prefix(length)), at: 0, on: cluster)
    guard case .damaged(.first, offset: 0, _) = failure(of: try TestConsumer(on: cluster)) else {
      Issue.record("no damage")
      return
    }
  }

  @Test("is damage when the object is a good segment of other offsets")
  func otherOffsets() throws {
    for records: [(UInt64, String)] in [[(0, "a")], [(1, "b")], [(7, "x"), (8, "y")], [(0, "a"), (1, "b"), (2, "c")]] {
      let cluster = try twoSegments()
      try put(try segmentFile(records), at: 0, on: cluster)
      guard case .damaged(.first, offset: 0, _) = failure(of: try TestConsumer(on: cluster)) else {
        Issue.record("\(records) pass for 0..<2")
        continue
      }
    }
  }

  @Test("in one partition does not keep it from reading the others")
  func otherPartitions() throws {
    let cluster = try cluster {
      $0.partitions = 2
      try $0.preload(["a"], from: 0)
      try $0.preload(["b"], from: 0, partition: 1)
    }
    try cluster.ask(DeleteObject(key: ObjectKey("preloaded/0/0")), of: cluster.store)
    let consumer = try TestConsumer(on: cluster)
    var values: [String] = []
    var failures = 0
    for _ in 0..<4 {
      do {
        values += try consumer.poll()?.values ?? []
      } catch is ConsumerError {
        failures += 1
      }
    }
    #expect(values == ["b"])
    #expect(failures > 0)
  }
}
