import Simulation
import Testing

@testable import Nodes

@Suite("Topics")
struct TopicTests {
  let cluster = TestCluster()

  private func create(_ name: String, partitions: Int = 1, request: UInt64 = 1, as client: Int = 0) throws -> TopicID {
    try cluster.ask(
      CreateTopic(name: name, partitions: partitions, request: request), of: cluster.metadata, as: client
    ).topic
  }

  private func restart() {
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  // MARK: Made

  @Test("are described, listed and led once they are made")
  func made() throws {
    var settings = TopicSettings()
    settings.retentionBytes = 9
    settings.cleanup = .compact
    let topic = try cluster.ask(
      CreateTopic(name: "a.b_c-D9", partitions: 3, settings: settings, request: 1), of: cluster.metadata
    ).topic
    let described = try cluster.ask(DescribeTopic(name: "a.b_c-D9"), of: cluster.metadata)
    #expect(described.topic == topic && described.partitions.count == 3 && described.settings == settings)
    let listed = try cluster.ask(ListTopics(), of: cluster.metadata)
    #expect(listed.topics.map(\.name) == ["orders", "a.b_c-D9"] && !listed.isTruncated)
    #expect(listed.topics.last?.settings == settings)
    #expect(
      try cluster.ask(AcquireLease(partition: TopicPartition(topic: topic, index: 2), request: 1), of: cluster.metadata)
        .epoch == 1)
  }

  @Test("are listed page by page, each once")
  func pages() throws {
    for number in 1...7 as ClosedRange<UInt64> { _ = try create("t\(number)", request: number) }
    var names: [String] = []
    var after: TopicID?
    while true {
      let page = try cluster.ask(ListTopics(after: after, limit: 3), of: cluster.metadata)
      names += page.topics.map(\.name)
      after = page.topics.last?.topic
      if !page.isTruncated { break }
    }
    #expect(names == ["orders"] + (1...7).map { "t\($0)" })
    #expect(try cluster.ask(ListTopics(limit: -4), of: cluster.metadata).topics.count == 1)
  }

  @Test(
    "have names that can stand in keys of objects",
    arguments: ["", ".", "..", "a/b", "a b", "ä", String(repeating: "x", count: 250)])
  func names(name: String) {
    #expect(throws: MetadataError.invalidTopic(.name)) { try create(name) }
  }

  @Test("have at least one partition, and no more than the service takes", arguments: [0, -1, 10_001, .max, .min])
  func partitions(count: Int) {
    #expect(throws: MetadataError.invalidTopic(.partitions(atMost: 10_000))) { try create("t", partitions: count) }
  }

  @Test("keep something: a retention limit of nothing is refused")
  func settings() throws {
    var nothing = TopicSettings()
    nothing.retentionBytes = 0
    #expect(throws: MetadataError.invalidTopic(.settings)) {
      try cluster.ask(CreateTopic(name: "t", partitions: 1, settings: nothing, request: 1), of: cluster.metadata)
    }
    nothing = TopicSettings()
    nothing.retentionTime = .zero
    #expect(throws: MetadataError.invalidTopic(.settings)) {
      try cluster.ask(AlterTopic(topic: TopicID(rawValue: 1), settings: nothing, request: 1), of: cluster.metadata)
    }
  }

  @Test("are no more than the service takes, nor all their partitions")
  func limits() throws {
    let cluster = TestCluster {
      $0.metadata.topicLimit = 3
      $0.metadata.partitionTotalLimit = 6
    }
    func create(_ name: String, _ partitions: Int, _ request: UInt64) throws {
      try cluster.ask(CreateTopic(name: name, partitions: partitions, request: request), of: cluster.metadata)
    }
    #expect(throws: MetadataError.invalidTopic(.tooManyPartitions(limit: 6))) { try create("a", 6, 1) }
    try create("a", 5, 2)
    #expect(throws: MetadataError.invalidTopic(.tooManyPartitions(limit: 6))) { try create("b", 1, 3) }
    let topic = try cluster.ask(DescribeTopic(name: "a"), of: cluster.metadata).topic
    try cluster.ask(DeleteTopic(topic: topic), of: cluster.metadata)
    try create("b", 1, 4)
    try create("c", 1, 5)
    #expect(throws: MetadataError.invalidTopic(.tooManyTopics(limit: 3))) { try create("d", 1, 6) }
  }

  @Test("of a name that is taken are refused, whoever asks")
  func taken() throws {
    let topic = try create("t")
    #expect(throws: MetadataError.topicExists(topic)) { try create("t", request: 2) }
    #expect(throws: MetadataError.topicExists(topic)) { try create("t", request: 1, as: 1) }
  }

  // MARK: Deleted

  @Test("that are deleted are gone: nobody leads, writes or reads them, and each is told so")
  func deleted() throws {
    let topic = TopicID(rawValue: 1)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    try cluster.ask(
      CommitOffsets(group: "g", offsets: [CommittedOffset(partition: .first, offset: 2)], request: 1),
      of: cluster.metadata)
    try cluster.ask(DeleteTopic(topic: topic), of: cluster.metadata)
    #expect(cluster.count(of: .topicDeletedUnderLease) == 1)
    let metadata = cluster.metadata
    #expect(throws: MetadataError.noSuchTopic) { try cluster.ask(DescribeTopic(name: "orders"), of: metadata) }
    #expect(throws: MetadataError.topicDeleted) { try cluster.ask(DescribePartition(partition: .first), of: metadata) }
    #expect(throws: MetadataError.topicDeleted) { try cluster.ask(AcquireLease(request: 2), of: metadata) }
    #expect(throws: MetadataError.topicDeleted) {
      try cluster.ask(FenceEpoch(lease: HeldLease(epoch: 1)), of: metadata)
    }
    #expect(throws: MetadataError.topicDeleted) { try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: metadata) }
    #expect(throws: MetadataError.topicDeleted) { try cluster.ask(RegisterSegment(3..<4, epoch: 1), of: metadata) }
    let manifest = FetchManifest(partition: .first, from: 0, limit: 1, waitAtMost: .zero)
    #expect(try cluster.ask(manifest, of: metadata).partitions.isEmpty)
    #expect(
      try cluster.ask(RenewLeases(leases: [HeldLease(epoch: 1)]), of: metadata).lost == [HeldLease(epoch: 1)])
    #expect(try cluster.ask(FetchOffsets(group: "g", partitions: [.first]), of: metadata).offsets.isEmpty)
    #expect(try cluster.ask(ListTopics(), of: metadata).topics.isEmpty)
  }

  @Test("that are deleted wake those who wait for their segments")
  func waitingReader() throws {
    let read = cluster.send(
      FetchManifest(partition: .first, from: 0, limit: 1, waitAtMost: .seconds(60)), to: cluster.metadata, as: 1)
    cluster.run(for: .seconds(1))
    try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 1)), of: cluster.metadata)
    cluster.run(for: .milliseconds(10))
    #expect(read.value?.partitions.isEmpty == true)
  }

  @Test("made again under the same name are others: identifiers are never used twice, also after a restart")
  func sameNameAgain() throws {
    var seen: Set<TopicID> = [TopicID(rawValue: 1)]
    for round in 1...4 as ClosedRange<UInt64> {
      let topic = try create("t", request: round)
      #expect(seen.insert(topic).inserted)
      try cluster.ask(DeleteTopic(topic: topic), of: cluster.metadata)
      restart()
    }
    #expect(throws: MetadataError.noSuchTopic) {
      try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 99)), of: cluster.metadata)
    }
  }

  @Test("leave their objects to be removed a reader grace later")
  func objectsOfDeleted() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata)
    try cluster.ask(DeleteTopic(topic: TopicID(rawValue: 1)), of: cluster.metadata)
    #expect(try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata).keys.isEmpty)
    cluster.run(for: .seconds(61))
    let key = SegmentNaming.key(.first, base: 0, epoch: 1)
    #expect(try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata).keys == [key])
  }

  // MARK: Late and repeated

  @Test("are not made again by a late duplicate of the request that made them")
  func lateDuplicateOfCreate() throws {
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .duplicate, extra: .milliseconds(50))
    let topic = try create("t", request: 1)
    try cluster.ask(DeleteTopic(topic: topic), of: cluster.metadata)
    cluster.run(for: .milliseconds(100))
    #expect(try cluster.ask(ListTopics(), of: cluster.metadata).topics.map(\.name) == ["orders"])
  }

  @Test("of the same name survive a late duplicate of the request that deleted the earlier one")
  func lateDuplicateOfDelete() throws {
    let first = try create("t", request: 1)
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .duplicate, extra: .milliseconds(50))
    try cluster.ask(DeleteTopic(topic: first), of: cluster.metadata)
    let second = try create("t", request: 2)
    cluster.run(for: .milliseconds(100))
    #expect(try cluster.ask(DescribeTopic(name: "t"), of: cluster.metadata).topic == second)
  }

  @Test("keep newer settings when a late duplicate of an older change arrives")
  func lateDuplicateOfAlter() throws {
    func settings(_ bytes: UInt64) -> TopicSettings {
      var settings = TopicSettings()
      settings.retentionBytes = bytes
      return settings
    }
    let topic = TopicID(rawValue: 1)
    cluster.hit(from: cluster.client(0), to: cluster.metadata, with: .duplicate, extra: .milliseconds(50))
    try cluster.ask(AlterTopic(topic: topic, settings: settings(1_000), request: 1), of: cluster.metadata)
    try cluster.ask(AlterTopic(topic: topic, settings: settings(2_000), request: 2), of: cluster.metadata)
    cluster.run(for: .milliseconds(100))
    #expect(try cluster.ask(DescribeTopic(name: "orders"), of: cluster.metadata).settings.retentionBytes == 2_000)
    #expect(throws: MetadataError.staleRequest) {
      try cluster.ask(AlterTopic(topic: topic, settings: settings(1_000), request: 1), of: cluster.metadata)
    }
  }
}
