import Simulation
import Testing

@testable import Nodes

@Suite("What clients keep with the metadata service")
struct ClientStateTests {
  let cluster = TestCluster { $0.partitions = 3 }

  private func commit(_ offsets: [Int: UInt64], group: String = "readers") throws {
    let offsets = offsets.sorted { $0.key < $1.key }.map {
      CommittedOffset(partition: TopicPartition(index: $0.key), offset: $0.value)
    }
    // Each is a later commit than the one before.
    try cluster.ask(
      CommitOffsets(group: group, offsets: offsets, request: UInt64(cluster.now.nanoseconds)), of: cluster.metadata)
  }

  private func offsets(group: String = "readers") throws -> [UInt64?] {
    let partitions = (0..<3).map { TopicPartition(index: $0) }
    let stored = try cluster.ask(FetchOffsets(group: group, partitions: partitions), of: cluster.metadata).offsets
    return partitions.map { partition in stored.first { $0.partition == partition }?.offset }
  }

  private func restartMetadata() {
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  @Test("a topic is made from its specification: its partitions are empty and have no leader")
  func topic() throws {
    let topic = try cluster.ask(DescribeTopic(name: "orders"), of: cluster.metadata)
    #expect(topic.topic == TopicID(rawValue: 1))
    #expect(
      topic.partitions
        == Array(repeating: PartitionDescription(leader: nil, epoch: 0, logStart: 0, watermark: 0), count: 3))
    #expect(throws: MetadataError.noSuchTopic) { try cluster.ask(DescribeTopic(name: "other"), of: cluster.metadata) }
    restartMetadata()
    let again = try cluster.ask(DescribeTopic(name: "orders"), of: cluster.metadata)
    #expect(again.topic == topic.topic && again.partitions == topic.partitions, "it is made once")
  }

  @Test("a topic may begin with segments that were there before")
  func preloadedTopic() throws {
    let cluster = TestCluster {
      $0.partitions = 2
      $0.preloaded = [
        (PreloadedSegment(partition: 1, row: SegmentRow(10..<20, epoch: 0)), nil),
        (PreloadedSegment(partition: 1, row: SegmentRow(20..<25, epoch: 0)), nil),
      ]
    }
    let description = try cluster.ask(
      DescribePartition(partition: TopicPartition(index: 1)), of: cluster.metadata
    ).description
    #expect(description.logStart == 10 && description.watermark == 25)
    #expect(cluster.watermark(.first) == 0)
  }

  @Test("a partition's description names who holds its lease")
  func describePartition() throws {
    try cluster.ask(AcquireLease(partition: TopicPartition(index: 2), request: 1), of: cluster.metadata)
    let topic = try cluster.ask(DescribeTopic(name: "orders"), of: cluster.metadata)
    #expect(topic.partitions.map(\.leader) == [nil, nil, cluster.client(0)])
    #expect(topic.partitions.map(\.epoch) == [0, 0, 1])
    #expect(throws: MetadataError.noSuchTopic) {
      try cluster.ask(DescribePartition(partition: TopicPartition(index: 3)), of: cluster.metadata)
    }
  }

  @Test("a group's positions are its own, one a partition, and survive a restart")
  func positions() throws {
    #expect(try offsets() == [nil, nil, nil])
    try commit([0: 5, 2: 7])
    try commit([2: 9, 1: 1])
    try commit([0: 100], group: "others")
    #expect(try offsets() == [5, 1, 9])
    restartMetadata()
    #expect(try offsets() == [5, 1, 9])
    #expect(try offsets(group: "others") == [100, nil, nil])
  }

  @Test("positions of a partition that does not exist are refused, and nothing of their request is stored")
  func positionsOfNothing() throws {
    #expect(throws: MetadataError.noSuchTopic) { try commit([0: 5, 3: 1]) }
    #expect(try offsets() == [nil, nil, nil])
  }

  @Test("a producer's name keeps its identity; each taking up raises the epoch, a repetition does not")
  func identities() throws {
    func take(_ name: String, request: UInt64, as client: Int = 0) throws -> ProducerIdentity {
      try cluster.ask(InitializeProducer(name: name, request: request), of: cluster.metadata, as: client).identity
    }
    let first = try take("billing", request: 1)
    #expect(first.epoch == 0)
    #expect(try take("billing", request: 1) == first)
    #expect(try take("billing", request: 2) == ProducerIdentity(id: first.id, epoch: 1))
    #expect(throws: MetadataError.staleRequest) { try take("billing", request: 1) }
    #expect(try take("billing", request: 1, as: 1) == ProducerIdentity(id: first.id, epoch: 2), "on another machine")
    let other = try take("shipping", request: 1)
    #expect(other.id != first.id && other.epoch == 0)
    restartMetadata()
    #expect(try take("billing", request: 1, as: 1).epoch == 2)
    cluster.crash(cluster.client(1))
    cluster.restart(cluster.client(1))
    #expect(try take("billing", request: 1, as: 1).epoch == 3, "in another incarnation")
  }
}
