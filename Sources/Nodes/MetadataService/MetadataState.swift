import Simulation

/// Everything that the metadata service must not forget. Changed only by ``MetadataEffect``s, which the journal holds; a snapshot holds all parts.
struct MetadataState: Sendable {
  var topics = TopicTable()
  var positions = GroupPositions()
  var groups = ConsumerGroups()
  var producers = ProducerRegistry()
  var removals = ObjectRemovals()
  var administration = Administration()
  var transactions = TransactionTable()
  var quotas = QuotaTable()

  /// All parts, in the order of a snapshot.
  static let parts: [StatePartAccess] = [
    StatePartAccess(\.topics), StatePartAccess(\.positions), StatePartAccess(\.groups), StatePartAccess(\.producers),
    StatePartAccess(\.removals), StatePartAccess(\.administration),
    StatePartAccess(\.transactions), StatePartAccess(\.quotas),
  ]

  // MARK: Changes

  mutating func apply(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated(let name, let logStarts, let settings, let by):
      let topic = topics.create(name, logStarts: logStarts, settings)
      if let by { administration.remember(by, outcome: topic) }
    case .leaseGranted(let partition, let epoch, let holder, let request):
      topics.change(partition) { $0.grant(epoch, to: holder, request: request) }
    case .leaseReleased(let partition): topics.change(partition) { $0.holder = nil }
    case .epochFenced(let partition, let epoch):
      topics.change(partition) {
        $0.epoch = epoch + 1
        $0.holder = nil
      }
    case .segmentRegistered(let partition, let row, let batches):
      topics.change(partition) { $0.register(row, batches) }
      administration.advance(to: row.registeredAt)
    case .watermarkSet(let partition, let offset): topics.change(partition) { $0.watermark = offset }
    case .offsetsCommitted(let group, let offsets, let by): positions.commit(offsets, to: group, by: by)
    case .group(let effect): groups.apply(effect)
    case .agents(.quotaSet(let entry)): quotas.set(entry)
    case .producerInitialized(let name, let producer):
      producers.put(producer, name: name)
      // A newer epoch ends what an older one had open.
      if let open = transactions.open(of: producer.identity.id) { end(open.id, .aborted) }
    case .topic(let effect): apply(effect)
    case .transaction(let effect): apply(effect)
    }
  }

  private mutating func apply(_ effect: TopicEffect) {
    switch effect {
    case .initialized: topics.isInitialized = true
    case .deleted(let topic):
      removals.add(topics.delete(topic))
      positions.forget(topic)
    case .altered(let topic, let settings, let by):
      topics.alter(topic, settings)
      administration.remember(by, outcome: topic)
    case .logStartRaised(let partition, let offset):
      removals.add(topics.change(partition) { $0.raiseLogStart(to: offset) } ?? [])
    case .objectsRemoved(let keys): removals.remove(keys)
    case .compactionClaimed(let partition, let intent):
      topics.change(partition) { $0.intent = intent }
      administration.remember(intent)
    case .compactionEnded(let partition, let intent):
      topics.change(partition) { if $0.intent?.id == intent { $0.intent = nil } }
    case .rowsSwapped(let partition, let intent, let replacements):
      removals.add(topics.change(partition) { $0.swap(replacements, intent: intent) } ?? [])
    }
  }

  private mutating func apply(_ effect: TransactionEffect) {
    switch effect {
    case .began(let transaction, let timeout): transactions.begin(transaction, timeout: timeout)
    case .ended(let transaction, let outcome, let positions):
      end(transaction, outcome)
      for group in positions { self.positions.commit(group.offsets, to: group.group) }
    case .segmentRegistered(let partition, let row, let batches, let ranges):
      topics.change(partition) { partition in
        partition.register(row, batches)
        for judged in ranges { partition.transactions.add(judged.range, isAborted: judged.isAborted) }
      }
      administration.advance(to: row.registeredAt)
      for judged in ranges where !judged.isAborted {
        let offsets = judged.range.offsets
        transactions.count(offsets.end - offsets.first, of: judged.range.transaction, in: partition)
      }
    }
  }

  private mutating func end(_ transaction: TransactionID, _ outcome: TransactionOutcome) {
    for partition in transactions.end(transaction, outcome) {
      topics.change(partition) { $0.transactions.end(transaction, outcome) }
    }
  }

  // MARK: Looking at it

  /// The state in canonical form: equal states give equal pictures.
  var snapshot: Snapshot { .fields(Self.parts.map { $0.picture(self) }) }
}

/// One change of the metadata, as the journal holds it.
enum MetadataEffect: Sendable {
  case topicCreated(name: String, logStarts: [UInt64], settings: TopicSettings, by: MetadataState.Grant?)
  case leaseGranted(TopicPartition, epoch: Epoch, holder: AgentIncarnation, request: UInt64)
  case leaseReleased(TopicPartition)
  case epochFenced(TopicPartition, epoch: Epoch)
  case segmentRegistered(TopicPartition, SegmentRow, [StoredBatch])
  /// A watermark that is put somewhere apart from any row; registering a row moves it by itself.
  case watermarkSet(TopicPartition, UInt64)
  case offsetsCommitted(group: String, [CommittedOffset], by: GroupPositions.Commit)
  case group(GroupEffect)
  case producerInitialized(name: String, MetadataState.NamedProducer)
  case agents(AgentEffect)
  case topic(TopicEffect)
  case transaction(TransactionEffect)
}
