@testable import Nodes
@testable import Simulation

/// The kinds of effects. A new effect has to be added here, and drawn below: else it does not compile, and then a test fails.
enum EffectKind: String, CaseIterable {
  case topicCreated, leaseGranted, leaseReleased, epochFenced, segmentRegistered, offsetsCommitted, producerInitialized
  case initialized, topicDeleted, topicAltered, logStartRaised, objectsRemoved, compactionClaimed, compactionEnded
  case rowsSwapped, watermarkSet
  case memberPut, memberRemoved, owned
  case quotaSet
  case transactionBegan, transactionEnded, transactionalSegmentRegistered

  init(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated: self = .topicCreated
    case .leaseGranted: self = .leaseGranted
    case .leaseReleased: self = .leaseReleased
    case .epochFenced: self = .epochFenced
    case .segmentRegistered: self = .segmentRegistered
    case .watermarkSet: self = .watermarkSet
    case .offsetsCommitted: self = .offsetsCommitted
    case .producerInitialized: self = .producerInitialized
    case .topic(let effect):
      switch effect {
      case .initialized: self = .initialized
      case .deleted: self = .topicDeleted
      case .altered: self = .topicAltered
      case .logStartRaised: self = .logStartRaised
      case .objectsRemoved: self = .objectsRemoved
      case .compactionClaimed: self = .compactionClaimed
      case .compactionEnded: self = .compactionEnded
      case .rowsSwapped: self = .rowsSwapped
      }
    case .group(.memberPut): self = .memberPut
    case .group(.memberRemoved): self = .memberRemoved
    case .group(.owned): self = .owned
    case .agents(.quotaSet): self = .quotaSet
    case .transaction(.began): self = .transactionBegan
    case .transaction(.ended): self = .transactionEnded
    case .transaction(.segmentRegistered): self = .transactionalSegmentRegistered
    }
  }
}

/// Draws effects that fit the state that earlier ones have made, so that each of them changes something.
struct PlausibleEffects {
  private var random: RandomGenerator
  private(set) var state = MetadataState()
  private(set) var kinds: Set<EffectKind> = []
  /// All effects so far.
  private(set) var effects: [MetadataEffect] = []

  init(seed: UInt64) {
    random = RandomGenerator(state: seed)
    apply(.topicCreated(name: "first", logStarts: [0, 7], settings: TopicSettings(), by: nil))
  }

  /// Draws and applies a number of effects.
  mutating func apply(count: Int) {
    for _ in 0..<count {
      let kind = EffectKind.allCases[below(EffectKind.allCases.count)]
      apply(effect(kind))
    }
  }

  private mutating func apply(_ effect: MetadataEffect) {
    kinds.insert(EffectKind(effect))
    effects.append(effect)
    state.apply(effect)
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.below(UInt64(limit))) }
  private mutating func number() -> UInt64 { random.below(2) == 0 ? random.below(9) : random.next() }

  private mutating func partition() -> TopicPartition {
    let all = state.topics.partitions
    return all[below(all.count)]
  }

  private mutating func agent() -> AgentIncarnation {
    AgentIncarnation(agent: HostID(rawValue: UInt32(below(4))), incarnation: 1 + below(3))
  }

  private mutating func identity() -> ProducerIdentity {
    ProducerIdentity(id: random.below(5), epoch: UInt32(below(3)))
  }

  private mutating func batch(at offset: UInt64) -> StoredBatch {
    StoredBatch(producer: identity(), sequence: number(), count: 1 + random.below(9), offset: offset)
  }

  private mutating func row(of partition: TopicPartition) -> SegmentRow {
    let (base, epoch) = state.topics.read(partition) { ($0.watermark, $0.epoch) } ?? (0, 0)
    let count = 1 + random.below(20)
    var row = SegmentRow(
      base: base, end: base + count, recordCount: count, size: 100 + random.below(1_000), epoch: epoch,
      key: SegmentNaming.key(partition, base: base, epoch: epoch))
    row.registeredAt = random.below(100_000)
    return row
  }

  /// Mostly one that is open.
  private mutating func transaction() -> TransactionID {
    let open = state.transactions.open
    if !open.isEmpty, below(4) > 0 { return open[below(open.count)].id }
    return TransactionID(producer: identity(), number: number())
  }

  private mutating func groupEffect(_ kind: EffectKind) -> MetadataEffect {
    let name = "group-\(below(3))"
    let group = state.groups[name] ?? ConsumerGroups.Group(name: name)
    let generation = group.generation + 1
    if kind == .memberPut || group.members.isEmpty {
      let known = group.members.isEmpty || below(3) > 0 ? nil : group.members[below(group.members.count)]
      let by = agent()
      let member = ConsumerGroups.Member(
        id: known?.id ?? generation, instance: below(2) == 0 ? nil : "instance-\(below(3))",
        joining: ConsumerGroups.Joining(host: by.agent, incarnation: by.incarnation, request: number()),
        topics: ["first"], sessionTimeout: .milliseconds(Int64(below(9_000))), generation: generation,
        owned: known?.owned ?? [])
      return .group(.memberPut(group: name, GroupAssignor.allCases[below(3)], member))
    }
    let member = group.members[below(group.members.count)].id
    if kind == .memberRemoved { return .group(.memberRemoved(group: name, member: member, generation: generation)) }
    let partitions = Set((0..<below(4)).map { _ in partition() }).sorted()
    return .group(.owned(group: name, member: member, generation: generation, partitions))
  }

  private mutating func effect(_ kind: EffectKind) -> MetadataEffect {
    let partition = partition()
    let epoch = state.topics.read(partition) { $0.epoch } ?? 0
    switch kind {
    case .topicCreated:
      let starts = (0...below(3)).map { _ in random.below(100) }
      return .topicCreated(
        name: "topic-\(effects.count)", logStarts: starts, settings: settings(), by: below(2) == 0 ? nil : grant())
    case .leaseGranted: return .leaseGranted(partition, epoch: epoch + 1, holder: agent(), request: number())
    case .leaseReleased: return .leaseReleased(partition)
    case .epochFenced: return .epochFenced(partition, epoch: epoch)
    case .segmentRegistered:
      let row = row(of: partition)
      return .segmentRegistered(partition, row, (0..<below(4)).map { _ in batch(at: row.base) })
    case .watermarkSet:
      let watermark = state.topics.read(partition) { $0.watermark } ?? 0
      return .watermarkSet(partition, watermark + 1 + random.below(5))
    case .offsetsCommitted:
      return .offsetsCommitted(
        group: "group-\(below(3))", [CommittedOffset(partition: partition, offset: random.below(1_000))],
        by: GroupPositions.Commit(host: agent().agent, incarnation: 1 + below(3), request: number()))
    case .producerInitialized:
      let by = agent()
      return .producerInitialized(
        name: "producer-\(below(4))",
        MetadataState.NamedProducer(
          identity: identity(), by: by.agent, incarnation: by.incarnation, request: number()))
    case .quotaSet:
      let subject: QuotaSubject =
        below(2) == 0 ? .client(HostID(rawValue: UInt32(below(4)))) : .topic(TopicID(rawValue: UInt32(1 + below(3))))
      return .agents(
        .quotaSet(
          QuotaTable.Entry(
            subject: subject, bytesPerSecond: below(3) == 0 ? nil : 1 + number() / 2, revision: number())))
    case .initialized, .topicDeleted, .topicAltered, .logStartRaised, .objectsRemoved, .compactionClaimed,
      .compactionEnded, .rowsSwapped:
      return .topic(topicEffect(kind, partition))
    case .memberPut, .memberRemoved, .owned: return groupEffect(kind)
    case .transactionBegan: return .transaction(.began(transaction(), timeout: .milliseconds(Int64(below(9_000)))))
    case .transactionEnded:
      let positions = TransactionOffsets(
        group: "group-\(below(3))", offsets: [CommittedOffset(partition: partition, offset: number())])
      return .transaction(.ended(transaction(), below(2) == 0 ? .committed : .aborted, [positions]))
    case .transactionalSegmentRegistered:
      let row = row(of: partition)
      let middle = row.base + random.below(row.end - row.base)
      let ranges = [row.base..<middle, middle..<row.end].filter { !$0.isEmpty }.map { offsets in
        let range = TransactionRange(transaction(), OffsetRange(first: offsets.lowerBound, end: offsets.upperBound))
        return JudgedRange(range: range, isAborted: below(3) == 0)
      }
      return .transaction(.segmentRegistered(partition, row, [batch(at: row.base)], ranges))
    }
  }

  private mutating func grant() -> MetadataState.Grant { MetadataState.Grant(to: agent(), request: number()) }

  private mutating func settings() -> TopicSettings {
    var settings = TopicSettings()
    settings.retentionTime = below(2) == 0 ? nil : .seconds(Int64(1 + below(100)))
    settings.retentionBytes = below(2) == 0 ? nil : 1 + random.below(1_000)
    settings.cleanup = below(2) == 0 ? .delete : .compact
    settings.tombstoneRetention = .seconds(Int64(below(100)))
    return settings
  }

  private mutating func topicEffect(_ kind: EffectKind, _ partition: TopicPartition) -> TopicEffect {
    let row = state.topics[partition]
    switch kind {
    case .topicDeleted:
      // One topic at least stays.
      return partition.topic.rawValue > 1
        ? .deleted(partition.topic) : .altered(partition.topic, settings(), by: grant())
    case .topicAltered: return .altered(partition.topic, settings(), by: grant())
    case .logStartRaised:
      let rows = row?.segments ?? []
      return .logStartRaised(partition, to: rows.isEmpty ? 0 : rows[below(rows.count)].end)
    case .objectsRemoved: return .objectsRemoved(Array(state.removals.keys.prefix(below(4))))
    case .compactionClaimed:
      let id = state.administration.latestIntent + 1
      return .compactionClaimed(
        partition, MetadataState.CompactionIntent(id: id, by: grant(), end: row?.watermark ?? 0))
    case .compactionEnded: return .compactionEnded(partition, intent: row?.intent?.id ?? 0)
    case .rowsSwapped:
      let id = row?.intent?.id ?? 9
      let old = Array((row?.segments ?? []).prefix(2))
      guard let first = old.first, let last = old.last else { return .rowsSwapped(partition, intent: id, []) }
      var new = first
      new.end = last.end
      new.recordCount = random.below(3)
      new.compaction = id
      new.key = SegmentNaming.compactedKey(partition, base: first.base, intent: id)
      return .rowsSwapped(partition, intent: id, [RowReplacement(old: old, new: new)])
    default: return .initialized
    }
  }
}
