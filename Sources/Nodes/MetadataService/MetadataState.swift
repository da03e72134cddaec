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
    var transactions = PartitionTransactions()

    var lastStableOffset: UInt64 { transactions.lastStableOffset(watermark: watermark) }

    /// The offset up to which a kind of reader may read.
    func end(_ isolation: Isolation) -> UInt64 {
      switch isolation {
      case .readUncommitted: watermark
      case .readCommitted: lastStableOffset
      }
    }
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

  /// A producer's identity, and by which request it was taken up.
  struct NamedProducer: Sendable {
    var identity: ProducerIdentity
    var by: HostID
    var incarnation: Int
    var request: UInt64
  }

  /// A producer's name with the latest request of each machine that took it up, by which repeated and late ones are known.
  struct ProducerName: Sendable {
    var name: String
    /// In order of the machines.
    var takers: [NamedProducer]
    var identity: ProducerIdentity

    func taker(_ host: HostID) -> NamedProducer? { takers.first { $0.by == host } }
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
  /// In the order of their identities, which begin at 1.
  private(set) var producers: [ProducerName] = []
  private(set) var transactions = TransactionTable()

  subscript(_ partition: TopicPartition) -> Partition? {
    let topic = Int(partition.topic.rawValue) - 1
    guard topics.indices.contains(topic), topics[topic].partitions.indices.contains(Int(partition.index)) else {
      return nil
    }
    return topics[topic].partitions[Int(partition.index)]
  }

  func topic(named name: String) -> Topic? { topics.first { $0.name == name } }

  func producer(named name: String) -> ProducerName? { producers.first { $0.name == name } }

  /// How often a producer's identity was taken up; nil when nobody has it.
  func epoch(ofProducer id: UInt64) -> UInt32? {
    guard id >= 1, id <= UInt64(producers.count) else { return nil }
    return producers[Int(id) - 1].identity.epoch
  }

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
    case .producerInitialized(let name, let producer): initialize(producer, name)
    case .transaction(let effect): apply(effect)
    }
  }

  private mutating func apply(_ effect: TransactionEffect) {
    switch effect {
    case .began(let transaction, let timeout): transactions.begin(transaction, timeout: timeout)
    case .ended(let transaction, let outcome, let positions):
      end(transaction, outcome)
      for group in positions { commit(group.offsets, to: group.group) }
    case .segmentRegistered(let partition, let row, let batches, let ranges):
      change(partition) { partition in
        Self.register(row, batches, in: &partition)
        for judged in ranges { partition.transactions.add(judged.range, isAborted: judged.isAborted) }
      }
      for judged in ranges where !judged.isAborted {
        let offsets = judged.range.offsets
        transactions.count(offsets.end - offsets.first, of: judged.range.transaction, in: partition)
      }
    }
  }

  private mutating func end(_ transaction: TransactionID, _ outcome: TransactionOutcome) {
    for partition in transactions.end(transaction, outcome) {
      change(partition) { $0.transactions.end(transaction, outcome) }
    }
  }

  /// A newer epoch ends what an older one had open.
  private mutating func initialize(_ producer: NamedProducer, _ name: String) {
    let index = producers.firstIndex { $0.name == name } ?? producers.count
    if index == producers.count {
      producers.append(ProducerName(name: name, takers: [], identity: producer.identity))
    }
    producers[index].identity = producer.identity
    let place = producers[index].takers.firstIndex { $0.by >= producer.by } ?? producers[index].takers.count
    if place < producers[index].takers.count, producers[index].takers[place].by == producer.by {
      producers[index].takers[place] = producer
    } else {
      producers[index].takers.insert(producer, at: place)
    }
    if let open = transactions.open(of: producer.identity.id) { end(open.id, .aborted) }
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
      Snapshot.Field("transactions", transactions.snapshot),
    ])
  }

  private static func snapshot(_ topic: Topic) -> Snapshot {
    let partitions = topic.partitions.map { partition in
      Snapshot.fields([
        Snapshot.Field("epoch", .number(partition.epoch)),
        Snapshot.Field("holder", .number(Int64(partition.holder.map { Int64($0.agent.rawValue) } ?? -1))),
        Snapshot.Field("logStart", .number(partition.logStart)),
        Snapshot.Field("watermark", .number(partition.watermark)),
        Snapshot.Field("lastStableOffset", .number(partition.lastStableOffset)),
        Snapshot.Field("transactions", partition.transactions.snapshot),
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
  case transaction(TransactionEffect)
}
