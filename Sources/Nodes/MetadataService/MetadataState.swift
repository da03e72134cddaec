import Simulation

/// Everything that the metadata service must not forget. Changed only by ``MetadataEffect``s, which the journal holds.
struct MetadataState: Sendable {
  struct Topic: Sendable {
    var id: TopicID
    var name: String
    var partitions: [Partition]
  }

  struct Partition: Sendable {
    var logStart: UInt64
    /// The next offset after the last registered one.
    var watermark: UInt64
    /// The epoch of the latest lease; it only rises, also when nobody holds the lease.
    var epoch: Epoch = 0
    var holder: AgentIncarnation?
    /// The latest grant to each agent, by which its repeated and late requests are known. In order of the agents.
    var latestGrants: [Grant] = []
    /// In order of their bases.
    var segments: [SegmentRow] = []
    /// Which offsets each epoch registered, for ever: recovery decides by it.
    var ranges: [EpochRange] = []
    /// In order of their identities.
    var producers: [ProducerState] = []
  }

  struct Grant: Sendable, Hashable {
    var to: AgentIncarnation
    var request: UInt64
  }

  struct EpochRange: Sendable, Hashable {
    var epoch: Epoch
    var base: UInt64
    var end: UInt64
  }

  struct ProducerState: Sendable {
    var id: UInt64
    /// The latest batches, the newest last.
    var batches: [StoredBatch]
  }

  struct NamedProducer: Sendable {
    var identity: ProducerIdentity
    var by: HostID
    var incarnation: Int
    var request: UInt64
  }

  struct Group: Sendable {
    var name: String
    /// In order of the partitions.
    var offsets: [CommittedOffset]
  }

  /// How many batches of a producer and partition are remembered.
  static let rememberedBatches = 5

  private(set) var topics: [Topic] = []
  private(set) var groups: [Group] = []
  private(set) var producers: [(name: String, producer: NamedProducer)] = []
  private(set) var quotas = QuotaTable()

  subscript(_ partition: TopicPartition) -> Partition? {
    let topic = Int(partition.topic.rawValue) - 1
    guard topics.indices.contains(topic), topics[topic].partitions.indices.contains(Int(partition.index)) else {
      return nil
    }
    return topics[topic].partitions[Int(partition.index)]
  }

  func topic(named name: String) -> Topic? { topics.first { $0.name == name } }

  func producer(named name: String) -> NamedProducer? { producers.first { $0.name == name }?.producer }

  var partitions: [TopicPartition] {
    topics.flatMap { topic in
      topic.partitions.indices.map { TopicPartition(topic: topic.id, index: UInt32($0)) }
    }
  }

  /// The offset after the last one that an epoch registered.
  func registeredEnd(_ partition: TopicPartition, epoch: Epoch) -> UInt64? {
    self[partition]?.ranges.last { $0.epoch == epoch }?.end
  }

  /// The place of the first row that ends after an offset.
  func firstSegment(_ partition: TopicPartition, endingAfter offset: UInt64) -> Int {
    guard let rows = self[partition]?.segments else { return 0 }
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func committedOffset(group: String, _ partition: TopicPartition) -> UInt64? {
    groups.first { $0.name == group }?.offsets.first { $0.partition == partition }?.offset
  }

  // MARK: Changes

  mutating func apply(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated(let name, let logStarts):
      let partitions = logStarts.map { Partition(logStart: $0, watermark: $0) }
      topics.append(Topic(id: TopicID(rawValue: UInt32(topics.count + 1)), name: name, partitions: partitions))
    case .leaseGranted(let partition, let epoch, let holder, let request):
      change(partition) {
        $0.epoch = epoch
        $0.holder = holder
        Self.remember(Grant(to: holder, request: request), in: &$0)
      }
    case .leaseReleased(let partition): change(partition) { $0.holder = nil }
    case .epochFenced(let partition, let epoch):
      change(partition) {
        $0.epoch = epoch + 1
        $0.holder = nil
      }
    case .segmentRegistered(let partition, let row, let batches):
      change(partition) { Self.register(row, batches, in: &$0) }
    case .offsetsCommitted(let group, let offsets): commit(offsets, to: group)
    case .agents(.quotaSet(let entry)): quotas.set(entry)
    case .producerInitialized(let name, let producer):
      if let index = producers.firstIndex(where: { $0.name == name }) {
        producers[index].producer = producer
      } else {
        producers.append((name, producer))
      }
    }
  }

  private mutating func change(_ partition: TopicPartition, _ body: (inout Partition) -> Void) {
    let topic = Int(partition.topic.rawValue) - 1
    guard topics.indices.contains(topic), topics[topic].partitions.indices.contains(Int(partition.index)) else {
      return
    }
    body(&topics[topic].partitions[Int(partition.index)])
  }

  private static func register(_ row: SegmentRow, _ batches: [StoredBatch], in partition: inout Partition) {
    let place = partition.segments.lastIndex { $0.base < row.base }.map { $0 + 1 } ?? 0
    partition.segments.insert(row, at: place)
    partition.watermark = row.end
    if let last = partition.ranges.indices.last, partition.ranges[last].epoch == row.epoch {
      partition.ranges[last].end = row.end
    } else {
      partition.ranges.append(EpochRange(epoch: row.epoch, base: row.base, end: row.end))
    }
    for batch in batches { remember(batch, in: &partition) }
  }

  private static func remember(_ grant: Grant, in partition: inout Partition) {
    let agent = grant.to.agent
    let place = partition.latestGrants.firstIndex { $0.to.agent >= agent } ?? partition.latestGrants.count
    if place < partition.latestGrants.count, partition.latestGrants[place].to.agent == agent {
      partition.latestGrants[place] = grant
    } else {
      partition.latestGrants.insert(grant, at: place)
    }
  }

  private static func remember(_ batch: StoredBatch, in partition: inout Partition) {
    let place = partition.producers.firstIndex { $0.id >= batch.producer.id } ?? partition.producers.count
    if place < partition.producers.count, partition.producers[place].id == batch.producer.id {
      var batches = partition.producers[place].batches.filter { $0.producer.epoch == batch.producer.epoch }
      batches.append(batch)
      partition.producers[place].batches = batches.suffix(rememberedBatches)
    } else {
      partition.producers.insert(ProducerState(id: batch.producer.id, batches: [batch]), at: place)
    }
  }

  private mutating func commit(_ offsets: [CommittedOffset], to name: String) {
    let group = groups.firstIndex { $0.name == name } ?? groups.count
    if group == groups.count { groups.append(Group(name: name, offsets: [])) }
    for offset in offsets {
      let place = groups[group].offsets.firstIndex { !($0.partition < offset.partition) } ?? groups[group].offsets.count
      if place < groups[group].offsets.count, groups[group].offsets[place].partition == offset.partition {
        groups[group].offsets[place].offset = offset.offset
      } else {
        groups[group].offsets.insert(offset, at: place)
      }
    }
  }

  var snapshot: Snapshot {
    .fields([
      Snapshot.Field("topics", .list(topics.map(Self.snapshot))),
      Snapshot.Field(
        "groups",
        .list(
          groups.map { group in
            .fields(
              [Snapshot.Field("name", .text(group.name))]
                + group.offsets.map { Snapshot.Field($0.partition.description, .number($0.offset)) })
          })),
      Snapshot.Field(
        "quotas",
        .list(quotas.entries.map { .text("\($0.subject): \($0.bytesPerSecond ?? 0), revision \($0.revision)") })),
    ])
  }

  private static func snapshot(_ topic: Topic) -> Snapshot {
    let partitions = topic.partitions.map { partition in
      Snapshot.fields([
        Snapshot.Field("epoch", .number(partition.epoch)),
        Snapshot.Field("holder", .number(Int64(partition.holder.map { Int64($0.agent.rawValue) } ?? -1))),
        Snapshot.Field("logStart", .number(partition.logStart)),
        Snapshot.Field("watermark", .number(partition.watermark)),
        Snapshot.Field("segments", .list(partition.segments.map { .text("\($0.base)..<\($0.end) epoch \($0.epoch)") })),
      ])
    }
    return .fields([
      Snapshot.Field("name", .text(topic.name)), Snapshot.Field("partitions", .list(partitions)),
    ])
  }
}

/// One change of the metadata, as the journal holds it.
enum MetadataEffect: Sendable {
  case topicCreated(name: String, logStarts: [UInt64])
  case leaseGranted(TopicPartition, epoch: Epoch, holder: AgentIncarnation, request: UInt64)
  case leaseReleased(TopicPartition)
  case epochFenced(TopicPartition, epoch: Epoch)
  case segmentRegistered(TopicPartition, SegmentRow, [StoredBatch])
  case offsetsCommitted(group: String, [CommittedOffset])
  case producerInitialized(name: String, MetadataState.NamedProducer)
  case agents(AgentEffect)
}
