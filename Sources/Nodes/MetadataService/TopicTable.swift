import Simulation

/// All topics with their partitions.
struct TopicTable: StatePart {
  static let tag: UInt8 = 1

  /// By identifier; the place of a deleted topic stays empty for ever.
  private var topics: [MetadataState.Topic?] = []
  /// The topics that are there, in order of their names' bytes.
  private var names: [NamedTopic] = []
  /// How many partitions there are in all.
  private(set) var partitionCount = 0
  /// Whether the topics that the service begins with have been made, all of them.
  var isInitialized = false

  private struct NamedTopic: Sendable {
    var name: String
    var id: TopicID
  }

  init() {}

  // MARK: Reading

  subscript(_ partition: TopicPartition) -> MetadataState.Partition? { read(partition) { $0 } }

  /// Reads something of a partition's row without copying the row; nil when there is no such partition.
  ///
  /// A copy that lives while the row is changed would copy the whole list of segments.
  func read<Value, Failure: Error>(
    _ partition: TopicPartition, _ body: (MetadataState.Partition) throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    guard let topic = place(of: partition.topic), let partitions = topics[topic]?.partitions,
      partitions.indices.contains(Int(partition.index))
    else { return nil }
    return try body(partitions[Int(partition.index)])
  }

  /// The topic of this name. O(log topics).
  func topic(named name: String) -> MetadataState.Topic? {
    let place = namePlace(name)
    guard place < names.count, names[place].name == name else { return nil }
    return self[names[place].id]
  }

  subscript(_ topic: TopicID) -> MetadataState.Topic? { place(of: topic).flatMap { topics[$0] } }

  /// Whether there was a topic of this identifier, which was deleted.
  func isDeleted(_ topic: TopicID) -> Bool { place(of: topic).map { topics[$0] == nil } ?? false }

  /// How many topics there are.
  var count: Int { names.count }

  /// The identifier that the next topic gets.
  var nextID: TopicID { TopicID(rawValue: UInt32(topics.count + 1)) }

  /// The topics behind one, in order of their identifiers.
  func topics(after topic: TopicID?) -> some Sequence<MetadataState.Topic> {
    topics.dropFirst(Int(topic?.rawValue ?? 0)).lazy.compactMap { $0 }
  }

  var partitions: [TopicPartition] {
    topics(after: nil).flatMap { topic in
      topic.partitions.indices.map { TopicPartition(topic: topic.id, index: UInt32($0)) }
    }
  }

  private func place(of topic: TopicID) -> Int? {
    let place = Int(topic.rawValue) - 1
    return topics.indices.contains(place) ? place : nil
  }

  /// The place of a name, or where it would be.
  private func namePlace(_ name: String) -> Int {
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      if names[middle].name.utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Changes

  mutating func create(_ name: String, logStarts: [UInt64], _ settings: TopicSettings) -> TopicID {
    let partitions = logStarts.map { MetadataState.Partition(logStart: $0, watermark: $0) }
    let topic = MetadataState.Topic(id: nextID, name: name, settings: settings, partitions: partitions)
    add(topic)
    topics.append(topic)
    return topic.id
  }

  private mutating func add(_ topic: MetadataState.Topic) {
    names.insert(NamedTopic(name: topic.name, id: topic.id), at: namePlace(topic.name))
    partitionCount += topic.partitions.count
  }

  /// Deletes a topic; returns the keys of the objects that its rows had.
  mutating func delete(_ id: TopicID) -> [ObjectKey] {
    guard let place = place(of: id), let topic = topics[place] else { return [] }
    topics[place] = nil
    names.remove(at: namePlace(topic.name))
    partitionCount -= topic.partitions.count
    return topic.partitions.flatMap { $0.segments.filter { $0.recordCount > 0 }.map(\.key) }
  }

  mutating func alter(_ topic: TopicID, _ settings: TopicSettings) {
    if let place = place(of: topic) { topics[place]?.settings = settings }
  }

  /// Changes a partition's row in place; nil when there is no such partition.
  @discardableResult
  mutating func change<Value>(
    _ partition: TopicPartition, _ body: (inout MetadataState.Partition) -> Value
  ) -> Value? {
    guard let place = place(of: partition.topic),
      topics[place]?.partitions.indices.contains(Int(partition.index)) ?? false
    else { return nil }
    // Unwrapped in place, so that nothing of the topic is copied.
    return topics[place]?.partitions.withUnsafeMutableBufferPointer { body(&$0[Int(partition.index)]) }
  }

  // MARK: Snapshot

  func encode(into writer: inout JournalWriter) {
    writer.integer(UInt8(isInitialized ? 1 : 0))
    writer.list(topics) { writer, topic in
      writer.optional(topic) { writer, topic in
        writer.text(topic.name)
        writer.settings(topic.settings)
        writer.list(topic.partitions) { $1.encode(into: &$0) }
      }
    }
  }

  init?(from reader: inout JournalReader) {
    guard let flag = reader.integer(UInt8.self), let count = reader.integer(UInt32.self) else { return nil }
    isInitialized = flag == 1
    for number in 0..<count {
      guard let stored = reader.optional({ Self.topic(TopicID(rawValue: number + 1), from: &$0) }) else { return nil }
      topics.append(stored)
      if let stored { add(stored) }
    }
  }

  private static func topic(_ id: TopicID, from reader: inout JournalReader) -> MetadataState.Topic? {
    guard let name = reader.text(), let settings = reader.settings(),
      let partitions = reader.list({ MetadataState.Partition(from: &$0) })
    else { return nil }
    return MetadataState.Topic(id: id, name: name, settings: settings, partitions: partitions)
  }

  var picture: Snapshot.Field {
    Snapshot.Field(
      "topics",
      .list(
        topics.map { topic in
          guard let topic else { return .text("deleted") }
          return .fields([
            Snapshot.Field("name", .text(topic.name)),
            Snapshot.Field("settings", .text(topic.settings.words)),
            Snapshot.Field("partitions", .list(topic.partitions.map(\.picture))),
          ])
        }))
  }
}

extension MetadataState {
  struct Topic: Sendable {
    var id: TopicID
    var name: String
    var settings: TopicSettings
    var partitions: [Partition]
  }
}

extension TopicSettings {
  fileprivate var words: String {
    let time = retentionTime.map { "\($0.nanoseconds) ns" } ?? "for ever"
    let bytes = retentionBytes.map { "\($0) bytes" } ?? "all"
    return "\(cleanup.rawValue), keeps \(time), \(bytes); tombstones \(tombstoneRetention.nanoseconds) ns"
  }
}
