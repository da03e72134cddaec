import Simulation
import Storage
import Testing

@testable import Nodes

/// A record by key and value; an empty value is a tombstone.
private typealias Told = (key: String?, value: String)

extension TestCluster {
  /// Stores records as one segment.
  fileprivate func store(_ records: [Told], in partition: TopicPartition = .first) throws {
    var builder = RecordBatchBuilder()
    for record in records {
      builder.append(timestamp: 1, key: record.key.map { Array($0.utf8) }, value: Array(record.value.utf8))
    }
    let request = Produce(
      partition: partition, batch: EncodedBatch(builder.finish()), producer: nil, sequence: 0, acknowledgement: .durable
    )
    try ask(request, of: agent(0))
  }

  /// What can be read, as `offset key=value`.
  fileprivate func readable(_ partition: TopicPartition = .first) throws -> [String] {
    var found: [String] = []
    for row in manifest(partition).rows where row.recordCount > 0 {
      let reader = try SegmentReader(try #require(object(row.key), "\(row.key)"))
      try reader.forEachRecord { record in
        let key = record.key.map { String(decoding: $0, as: UTF8.self) } ?? ""
        found.append("\(record.offset) \(key)=\(String(decoding: record.value, as: UTF8.self))")
        return true
      }
    }
    return found
  }
}

@Suite("A maintainer")
struct MaintainerTests {
  private static func cluster(_ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      $0.maintainers = 1
      $0.topic.cleanup = .compact
      $0.topic.tombstoneRetention = .seconds(30)
      $0.metadata.readerGrace = .seconds(20)
      $0.metadata.retentionInterval = .seconds(1)
      $0.maintainer.compactionInterval = .seconds(5)
      $0.maintainer.removalInterval = .seconds(1)
      $0.maintainer.reconcileInterval = .seconds(10)
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  // MARK: Compaction

  @Test("keeps of each key the newest record at its offset, and all records without a key")
  func newest() throws {
    let cluster = Self.cluster()
    try cluster.store([("a", "1"), ("b", "2"), (nil, "x")])
    try cluster.store([("a", "3"), (nil, "y")])
    cluster.run(until: "a compaction") { cluster.count(of: .rowsCompacted) > 0 }
    #expect(try cluster.readable() == ["1 b=2", "2 =x", "3 a=3", "4 =y"])
    #expect(cluster.manifest().rows.map { [$0.base, $0.end] } == [[0, 5]])
    cluster.run(for: .seconds(20))
    #expect(cluster.count(of: .rowsCompacted) == 1, "nothing new, nothing to do")
  }

  @Test("deletes the objects of the old rows a reader grace later, and not before")
  func oldObjects() throws {
    let cluster = Self.cluster()
    try cluster.store([("a", "1")])
    try cluster.store([("a", "2")])
    let old = cluster.manifest().rows.map(\.key)
    cluster.run(until: "a compaction") { cluster.count(of: .rowsCompacted) > 0 }
    cluster.run(for: .seconds(19))
    #expect(old.allSatisfy { cluster.object($0) != nil })
    cluster.run(for: .seconds(4))
    #expect(old.allSatisfy { cluster.object($0) == nil })
    #expect(try cluster.readable() == ["1 a=2"])
  }

  @Test(
    "drops an empty value once it was kept for long enough, and leaves a row without records where nothing else was")
  func tombstone() throws {
    // So small that no rows are merged only because they are small.
    let cluster = Self.cluster { $0.maintainer.segmentBytes = 200 }
    try cluster.store([("a", "1")])
    try cluster.store([("a", "")])
    cluster.run(until: "a compaction") { cluster.count(of: .rowsCompacted) > 0 }
    #expect(try cluster.readable() == ["1 a="])
    cluster.run(for: .seconds(40))
    // Something new makes the next compaction due.
    try cluster.store([(nil, String(repeating: "x", count: 300))])
    cluster.run(until: "the next compaction", within: .seconds(30)) { cluster.count(of: .tombstoneDropped) > 0 }
    cluster.run(for: .seconds(1))
    #expect(cluster.count(of: .rowEmptied) > 0)
    #expect(cluster.manifest().rows.map { [$0.base, $0.end, $0.recordCount] }.first == [0, 2, 0])
    try cluster.store([("b", "2")])
    #expect(try cluster.readable().last == "3 b=2")
    cluster.run(for: .seconds(60))
    #expect(try cluster.readable().count == 2, "rows without records do not stand in the way of anything")
  }

  @Test("replaces only the rows that it has read: what came meanwhile stays")
  func onlyWhatItRead() throws {
    let cluster = Self.cluster()
    try cluster.store([("a", "1")])
    try cluster.store([("a", "2")])
    cluster.trouble("objectStoreSlow", [200])
    cluster.run(until: "a claim") {
      cluster.clusterEvents.contains { if case .compactionClaimed = $0 { true } else { false } }
    }
    cluster.trouble("objectStoreSlow", [200], begins: false)
    for value in 3...6 { try cluster.store([("a", "\(value)")]) }
    cluster.run(until: "a compaction") { cluster.count(of: .rowsCompacted) > 0 }
    let all = try cluster.readable()
    #expect(all.first == "1 a=2" && all.last == "5 a=6")
  }

  @Test(
    "that dies in the middle leaves the log as it was; another one begins anew, and what was made in vain is cleaned up"
  )
  func dies() throws {
    let cluster = Self.cluster {
      $0.maintainers = 2
      $0.metadata.compactionTerm = .seconds(15)
    }
    cluster.crash(cluster.maintainer(1))
    try cluster.store([("a", "1")])
    try cluster.store([("a", "2")])
    let before = cluster.manifest().rows
    // The answer of the compare-and-set never arrives there.
    cluster.run(until: "a claim") {
      cluster.clusterEvents.contains { if case .compactionClaimed = $0 { true } else { false } }
    }
    cluster.cut(from: cluster.maintainer(0), to: cluster.metadata)
    cluster.run(for: .seconds(3))
    cluster.crash(cluster.maintainer(0))
    let made = SegmentNaming.compactedKey(.first, base: 0, intent: 1)
    #expect(cluster.object(made) != nil && cluster.manifest().rows == before)
    cluster.restart(cluster.maintainer(1))
    cluster.run(until: "a compaction", within: .seconds(60)) { cluster.count(of: .rowsCompacted) > 0 }
    #expect(cluster.count(of: .compactionTakenOver) == 1)
    #expect(try cluster.readable() == ["1 a=2"])
    cluster.run(for: .seconds(40))
    #expect(cluster.object(made) == nil && cluster.count(of: .orphanRemoved) >= 1)
    #expect(try cluster.readable() == ["1 a=2"])
  }

  @Test("whose upload was stored although its answer got lost knows its own object again")
  func lostAnswer() throws {
    let cluster = Self.cluster()
    try cluster.store([("a", "1")])
    try cluster.store([("a", "2")])
    cluster.run(until: "a claim") {
      cluster.clusterEvents.contains { if case .compactionClaimed = $0 { true } else { false } }
    }
    // Every answer of the store to the maintainer gets lost for a while.
    cluster.cut(from: cluster.store, to: cluster.maintainer(0))
    cluster.run(for: .seconds(30))
    cluster.mend(from: cluster.store, to: cluster.maintainer(0))
    cluster.run(until: "a compaction", within: .seconds(120)) { cluster.count(of: .rowsCompacted) > 0 }
    #expect(try cluster.readable() == ["1 a=2"])
  }

  @Test("compacts what readers read: they get every key's newest record, and never a hole")
  func besideReaders() throws {
    let cluster = Self.cluster()
    for round in 0..<30 {
      try cluster.store([("a", "\(round)"), ("b\(round % 3)", "\(round)")])
      cluster.run(for: .milliseconds(700))
    }
    cluster.run(for: .seconds(30))
    let all = try cluster.readable()
    #expect(all.last == "59 b2=29" && all.contains("58 a=29"))
    #expect(all.count < 60)
    for row in cluster.manifest().rows where row.recordCount > 0 { #expect(cluster.object(row.key) != nil) }
  }

  // MARK: Reconciling

  private func put(_ cluster: TestCluster, _ key: ObjectKey) throws {
    try cluster.ask(PutObject(key: key, body: [1, 2, 3], condition: .none, attempt: 1), of: cluster.store)
  }

  @Test("deletes orphans, never registers one, and touches nothing else")
  func orphans() throws {
    let cluster = Self.cluster { $0.topic.cleanup = .delete }
    try cluster.store([("a", "1")])
    let epoch = try #require(cluster.manifest().rows.first?.epoch)
    let orphan = SegmentNaming.key(.first, base: 0, epoch: 0)
    let late = SegmentNaming.key(.first, base: 1, epoch: epoch)
    let foreign = ObjectKey("data/backup.tar")
    for key in [orphan, late, foreign] { try put(cluster, key) }
    let before = cluster.manifest().rows
    cluster.run(for: .seconds(25))
    #expect(cluster.object(orphan) == nil && cluster.count(of: .orphanRemoved) == 1)
    #expect(cluster.object(late) != nil && cluster.object(foreign) != nil)
    #expect(cluster.manifest().rows == before && cluster.watermark() == 1)
    #expect(try cluster.readable() == ["0 a=1"])
  }

  @Test("aborts uploads in parts that can add nothing any more, and leaves others alone")
  func orphanedUploads() throws {
    let cluster = Self.cluster { $0.topic.cleanup = .delete }
    try cluster.store([("a", "1")])
    let row = try #require(cluster.manifest().rows.first)
    let orphan = SegmentNaming.key(.first, base: 0, epoch: 0)
    let late = SegmentNaming.key(.first, base: 1, epoch: row.epoch)
    let foreign = ObjectKey("backup/of/something")
    for key in [orphan, row.key, late, foreign] {
      try cluster.ask(InitiateMultipartUpload(key: key, attempt: 1), of: cluster.store)
    }
    cluster.run(for: .seconds(25))
    let left = try cluster.ask(ListMultipartUploads(prefix: ""), of: cluster.store).uploads.map(\.key)
    #expect(left == [foreign, late].sorted())
    #expect(cluster.count(of: .orphanedUploadAborted) == 2)
    #expect(try cluster.readable() == ["0 a=1"])
  }

  @Test("deletes nothing while the metadata service does not answer, however long that takes")
  func withoutAnswers() throws {
    let cluster = Self.cluster { $0.topic.cleanup = .delete }
    try cluster.store([("a", "1")])
    let orphan = SegmentNaming.key(.first, base: 0, epoch: 0)
    try put(cluster, orphan)
    cluster.cutOff(cluster.maintainer(0), cluster.metadata)
    cluster.run(for: .seconds(100))
    #expect(cluster.usage.delete == 0)
    cluster.reconnect(cluster.maintainer(0), cluster.metadata)
    cluster.run(for: .seconds(30))
    #expect(cluster.object(orphan) == nil)
    #expect(try cluster.readable() == ["0 a=1"])
  }

  @Test("deletes nothing that is registered between its listing and its question")
  func registeredMeanwhile() throws {
    let cluster = Self.cluster { $0.topic.cleanup = .delete }
    for round in 0..<12 {
      try cluster.store([("a", "\(round)")])
      cluster.run(for: .seconds(2))
    }
    #expect(try cluster.readable().count == 12 && cluster.usage.delete == 0)
  }

  @Test("goes through all pages of a listing")
  func pages() throws {
    let cluster = Self.cluster {
      $0.topic.cleanup = .delete
      $0.maintainer.pageSize = 3
    }
    try cluster.store([("a", "1")])
    for base in 0..<10 as Range<UInt64> { try put(cluster, SegmentNaming.key(.first, base: base, epoch: 0)) }
    cluster.run(for: .seconds(30))
    #expect(cluster.count(of: .orphanRemoved) == 10)
  }

  @Test("cleans up after a deleted topic: what its rows had, and what was never registered")
  func deletedTopic() throws {
    let cluster = Self.cluster()
    try cluster.store([("a", "1")])
    let registered = try #require(cluster.manifest().rows.first?.key)
    let unregistered = SegmentNaming.key(.first, base: 1, epoch: 1)
    try put(cluster, unregistered)
    try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 1)), of: cluster.metadata)
    cluster.run(for: .seconds(15))
    #expect(cluster.object(unregistered) == nil)
    #expect(cluster.object(registered) != nil, "its readers have their grace")
    cluster.run(for: .seconds(15))
    #expect(cluster.object(registered) == nil)
  }

  // MARK: Agents and deleted topics

  @Test("An agent whose topic is deleted gives it up and throws its log away")
  func agentOfDeletedTopic() throws {
    let cluster = Self.cluster()
    let buffered = cluster.send(Produce(to: .first, "a", acknowledgement: .buffered), to: cluster.agent(0))
    cluster.run(until: "an acknowledgement") { buffered.isThere }
    try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 1)), of: cluster.metadata)
    cluster.run(for: .seconds(20))
    #expect(cluster.files(cluster.agent(0)).isEmpty)
    #expect(cluster.count(of: .logOfDeletedTopicDropped) == 1)
    #expect(throws: ProduceError.notLeader) { try cluster.ask(Produce(to: .first, "b"), of: cluster.agent(0)) }
  }
}
