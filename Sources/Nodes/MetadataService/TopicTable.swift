import Simulation

/// All topics with their partitions.
struct TopicTable: StatePart {
  static let tag: UInt8 = 1

  /// By identifier; a place is never given to another topic.
  private var topics: [MetadataState.Topic] = []
  /// Whether the topics that the service begins with have been made, all of them.
  private(set) var isInitialized = false

  init() {}

  // MARK: Reading

  subscript(_ partition: TopicPartition) -> MetadataState.Partition? { read(partition) { $0 } }

  /// Reads something of a partition's row without copying the row; nil when there is no such partition.
  ///
  /// A copy that lives while the row is changed would copy the whole list of segments.
  func read<Value, Failure: Error>(
    _ partition: TopicPartition, _ body: (MetadataState.Partition) throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    guard let (topic, index) = place(partition) else { return nil }
    return try body(topics[topic].partitions[index])
  }

  func topic(named name: String) -> MetadataState.Topic? { topics.first { $0.name == name } }

  /// The identifier that the next topic gets.
  var nextID: TopicID { TopicID(rawValue: UInt32(topics.count + 1)) }

  var partitions: [TopicPartition] {
    topics.flatMap { topic in
      topic.partitions.indices.map { TopicPartition(topic: topic.id, index: UInt32($0)) }
    }
  }

  private func place(_ partition: TopicPartition) -> (topic: Int, index: Int)? {
    let topic = Int(partition.topic.rawValue) - 1
    guard topics.indices.contains(topic), topics[topic].partitions.indices.contains(Int(partition.index)) else {
      return nil
    }
    return (topic, Int(partition.index))
  }

  // MARK: Changes

  mutating func create(_ name: String, logStarts: [UInt64]) {
    let partitions = logStarts.map { MetadataState.Partition(logStart: $0, watermark: $0) }
    topics.append(MetadataState.Topic(id: nextID, name: name, partitions: partitions))
  }

  mutating func change(_ partition: TopicPartition, _ body: (inout MetadataState.Partition) -> Void) {
    guard let (topic, index) = place(partition) else { return }
    body(&topics[topic].partitions[index])
  }

  mutating func apply(_ effect: TopicEffect) {
    switch effect {
    case .initialized: isInitialized = true
    }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.integer(UInt8(isInitialized ? 1 : 0))
    writer.list(topics) { writer, topic in
      writer.integer(topic.id.rawValue)
      writer.text(topic.name)
      writer.list(topic.partitions) { $1.encode(into: &$0) }
    }
  }

  init?(from reader: inout JournalReader) {
    guard let flag = reader.integer(UInt8.self) else { return nil }
    isInitialized = flag == 1
    let topics = reader.list { reader -> MetadataState.Topic? in
      guard let id = reader.integer(UInt32.self), let name = reader.text(),
        let partitions = reader.list({ MetadataState.Partition(from: &$0) })
      else { return nil }
      return MetadataState.Topic(id: TopicID(rawValue: id), name: name, partitions: partitions)
    }
    guard let topics else { return nil }
    self.topics = topics
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "topics",
      .list(
        topics.map { topic in
          .fields([
            Snapshot.Field("name", .text(topic.name)),
            Snapshot.Field("partitions", .list(topic.partitions.map(\.picture))),
          ])
        }))
  }
}

extension MetadataState {
  struct Topic: Sendable {
    var id: TopicID
    var name: String
    var partitions: [Partition]
  }
}

/// A change of topics, beyond their creation.
enum TopicEffect: Sendable {
  /// The topics that the service begins with are there, all of them.
  case initialized
}
