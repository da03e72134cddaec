import Simulation

/// Everything that the metadata service must not forget. Changed only by ``MetadataEffect``s, which the journal holds; a snapshot holds all parts.
struct MetadataState: Sendable {
  var topics = TopicTable()
  var positions = GroupPositions()
  var groups = ConsumerGroups()
  var producers = ProducerRegistry()
  var transactions = TransactionTable()

  /// All parts, in the order of a snapshot.
  static let parts: [StatePartAccess] = [
    StatePartAccess(\.topics), StatePartAccess(\.positions), StatePartAccess(\.groups), StatePartAccess(\.producers),
    StatePartAccess(\.transactions),
  ]

  // MARK: Changes

  mutating func apply(_ effect: MetadataEffect) {
    switch effect {
    case .topicCreated(let name, let logStarts): topics.create(name, logStarts: logStarts)
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
    case .offsetsCommitted(let group, let offsets, let by): positions.commit(offsets, to: group, by: by)
    case .group(let effect): groups.apply(effect)
    case .producerInitialized(let name, let producer):
      producers.put(producer, name: name)
      // A newer epoch ends what an older one had open.
      if let open = transactions.open(of: producer.identity.id) { end(open.id, .aborted) }
    case .topic(let effect): topics.apply(effect)
    case .transaction(let effect): apply(effect)
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
  case topicCreated(name: String, logStarts: [UInt64])
  case leaseGranted(TopicPartition, epoch: Epoch, holder: AgentIncarnation, request: UInt64)
  case leaseReleased(TopicPartition)
  case epochFenced(TopicPartition, epoch: Epoch)
  case segmentRegistered(TopicPartition, SegmentRow, [StoredBatch])
  case offsetsCommitted(group: String, [CommittedOffset], by: GroupPositions.Commit)
  case group(GroupEffect)
  case producerInitialized(name: String, MetadataState.NamedProducer)
  case topic(TopicEffect)
  case transaction(TransactionEffect)
}
