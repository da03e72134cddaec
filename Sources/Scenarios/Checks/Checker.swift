import Nodes
import Simulation

/// Listens to a run, and judges it while it goes on and at its end.
struct Checker {
  private(set) var history = History()
  private(set) var found = ViolationList()
  private var epochs = EpochCheck()
  private var contents = ContentCheck()
  private var groups = GroupCheck()
  private var pollOrder = PollOrderCheck()
  private var removals: RemovalCheck
  private var transactions = TransactionChecks()
  private var caches: CacheCheck
  private var positions = PositionCheck()
  private var transactionTimes: TransactionTimeCheck
  private var delivery: DeliveryCheck
  private var realtimeLag = RealtimeLag()
  private var aims: AimCheck
  private var pauses = PauseCheck()
  private var damages = DamageCheck()
  private var closing = ClosingCheck()
  private var leaders = LeaderCheck()
  private var commits = CommitCheck()
  private(set) var clients = ClientFigures()
  /// The agents that have handed everything over and ended.
  private var departed: Set<HostID> = []
  /// The machines whose application met something that it cannot go past.
  private var failed: Set<HostID> = []
  private let labels: Labels
  private let preloaded: [TopicPartition: [ObservedRecord]]
  private let logStarts: [TopicPartition: UInt64]
  /// The groups of consumers that begin at the end of a log, by machine.
  private let latecomers: [HostID: String]
  /// What consumers were handed of the preloaded segments, by offset.
  private var deliveredPreloads: [TopicPartition: Set<UInt64>] = [:]

  init(
    labels: Labels, preloaded: [TopicPartition: [ObservedRecord]], logStarts: [TopicPartition: UInt64],
    latecomers: [HostID: String], readersFromStart: Set<HostID>, removals: RemovalCheck, seekers: [HostID: Int] = [:],
    topics: [String: AimCheck.Topic] = [:]
  ) {
    self.removals = removals
    aims = AimCheck(topics: topics)
    caches = CacheCheck(object: removals.eyes.object)
    transactionTimes = TransactionTimeCheck(slack: removals.slack)
    delivery = DeliveryCheck(hosts: readersFromStart, seekers: seekers)
    self.labels = labels
    self.latecomers = latecomers
    self.preloaded = preloaded
    self.logStarts = logStarts
    // What is in the bucket from the start is what its offsets have to hold for ever.
    let start = EventStamp(number: 0, cause: 0, time: .start, host: HostID(rawValue: 0), incarnation: 0)
    for partition in preloaded.keys.sorted() {
      contents.observe(
        preloaded[partition] ?? [], of: partition, by: "preloaded", start, history, labels, &found)
    }
  }

  mutating func observe(_ event: HeardEvent, _ stamp: EventStamp) {
    switch event {
    case .workload(let event): observeWorkload(event, stamp)
    case .cluster(let event): observeCluster(event, stamp)
    case .pipeline(let event): transactions.observe(event, stamp)
    case .agent(.left): departed.insert(stamp.host)
    case .agent(.joined): departed.remove(stamp.host)
    case .agent: break
    case .other(let event): observeConsumer(event, stamp)
    }
  }

  private mutating func observeWorkload(_ event: WorkloadEvent, _ stamp: EventStamp) {
    history.observe(event, stamp)
    switch event {
    case .polled(let records):
      contents.polled(records, stamp, history, labels, &found)
      delivery.polled(records, stamp)
      realtimeLag.polled(records, stamp)
      pollOrder.polled(records, stamp, labels, &found)
      pauses.polled(records, stamp, labels, &found)
      transactions.polled(records, stamp, history, labels, &found)
      if preloaded[records.partition] != nil {
        deliveredPreloads[records.partition, default: []].formUnion(records.contents.map(\.offset))
      }
    case .handled(let group, let partition, let end):
      if let group { contents.handled(group: group, partition, end, stamp) }
    case .batchDelivered(let producer, let batch):
      realtimeLag.delivered(batch, stamp)
      closing.delivered(batch, by: producer)
    case .producerClosed(let producer, let sent, let told):
      closing.closed(told, by: producer, sent: sent, stamp, labels, &found)
    case .consumerFailed(_, let error):
      failed.insert(stamp.host)
      cannotRead(error, stamp)
    case .unreadable(_, let error): cannotRead(error, stamp)
    case .commitAsked(let group, let positions): commits.asked(group, positions, stamp)
    case .commitTold: commits.told(stamp, labels, &found)
    case .partitionPaused(let partition, let isPaused): pauses.paused(partition, isPaused, stamp)
    case .batchClosed(_, let batch): aims.closed(batch, stamp, history, labels, &found)
    case .recordAimed(_, let record, let aim): aims.aimed(record, aim, stamp)
    case .recordRefused(_, let record, let error): aims.refused(record, error, stamp, history, labels, &found)
    case .producerFinished(let producer): aims.finished(producer, stamp, history, labels, &found)
    case .producerStarted, .recordTold: break
    }
  }

  private mutating func observeCluster(_ event: ClusterEvent, _ stamp: EventStamp) {
    epochs.observe(event, stamp, labels, &found)
    removals.observe(event, stamp, labels, &found)
    damages.observe(event)
    leaders.observe(event, stamp)
    switch event {
    case .offsetCommitted(let group, let partition, let offset):
      positions.committed(group, partition, offset, stamp, labels, &found)
      commits.stored(group, partition, offset)
      contents.committed(
        group: group, partition, offset, logStart: logStarts[partition] ?? 0, stamp, labels, &found
      ) { [removals] in removals.passable(partition, from: $0) }
    case .transaction(let event):
      transactions.observe(event, stamp, labels, &found)
      transactionTimes.observe(event, stamp, &found)
    case .metadataRecovered:
      transactionTimes.recovered(at: stamp.time)
      commits.recovered()
    case .group(let event): groups.observe(event, stamp, labels, &found)
    default: break
    }
  }

  private mutating func observeConsumer(_ event: any DomainEvent, _ stamp: EventStamp) {
    if let event = event as? ConsumerStarted {
      pollOrder.began(stamp)
      pauses.began(stamp)
      began(event.positions, stamp)
    } else if let event = event as? ConsumerAssigned {
      groups.assigned(event, stamp, labels, &found)
      for position in event.positions { reassigned(position.partition, stamp) }
      began(event.positions, stamp)
    } else if let event = event as? ConsumerRevoked {
      for partition in event.partitions { reassigned(partition, stamp) }
    } else if let event = event as? ObjectDamaged {
      damaged(event)
    } else if let event = event as? SegmentServed {
      caches.served(event, stamp, labels, &found)
    } else if let event = event as? ConsumerMoved {
      switch event.reason {
      case .sought:
        pollOrder.sought(event.partition, event.offset, stamp)
        delivery.sought(event, stamp)
      case .reset:
        pollOrder.moved(event.partition, stamp)
        delivery.reset(event, stamp)
      }
      if let group = event.group { positions.moved(group, event.partition, to: event.offset) }
      // Whoever sends a consumer elsewhere answers for what it leaves out.
      if let group = event.group { contents.handled(group: group, event.partition, event.offset, stamp) }
    }
  }

  private mutating func reassigned(_ partition: TopicPartition, _ stamp: EventStamp) {
    pollOrder.moved(partition, stamp)
    pauses.assigned(partition, stamp)
  }

  private mutating func damaged(_ event: ObjectDamaged) {
    guard !event.isOver else { return }
    damages.damaged(event.key)
    if let hash = event.hash { caches.damaged(event.key, hash) } else { removals.lost.insert(event.key) }
  }

  /// Readers that stand still although there is more to read.
  mutating func judge(_ progress: ProgressCheck, _ standing: [ProgressCheck.Standing], at time: VirtualTime) {
    progress.judge(standing, at: time, labels, &found)
  }

  private mutating func began(_ positions: [CommittedOffset], _ stamp: EventStamp) {
    for position in positions { delivery.began(position.partition, at: position.offset, stamp) }
    guard let group = latecomers[stamp.host] else { return }
    for position in positions { contents.beganAtTheEnd(group: group, position.partition, position.offset, stamp) }
  }

  /// Nothing of the log may be unreadable, but what a fault has come to.
  private mutating func cannotRead(_ error: ConsumerError, _ stamp: EventStamp) {
    let who = labels.host(stamp.host)
    if let partition = error.unreadablePartition, let offset = error.unreadableOffset,
      damages.explains(partition, offset, listed: removals.eyes.view(partition)?.rows ?? [])
    {
      return
    }
    switch error {
    case .hole(let partition, let offset, let detail):
      found.add(
        Violation(
          .noHoles, at: stamp.time,
          "\(who) cannot read offset \(offset) of \(labels.partition(partition)) at \(stamp.time): \(detail)",
          events: [stamp.number]))
    case .damaged(let partition, let offset, let detail):
      found.add(
        Violation(
          .rowsMatchObjects, at: stamp.time,
          "\(who) found the segment at offset \(offset) of \(labels.partition(partition)) not to be what its row says, at \(stamp.time): \(detail)",
          events: [stamp.number]))
    case .invalidConfiguration, .noSuchTopic, .noSuchPartition, .partitionGone, .noStoredPosition, .offsetOutOfRange,
      .notAssigned, .noGroup, .commitUnanswered, .commitRefused, .instanceTaken, .assignorDiffers, .closed:
      break
    }
  }

  /// Whether a partition got its leader back in time.
  mutating func judgeLeader(
    _ partition: TopicPartition, ledAt: VirtualTime?, within bound: VirtualDuration, of healedAt: VirtualTime,
    at now: VirtualTime
  ) {
    leaders.judge(partition, ledAt: ledAt, within: bound, of: healedAt, at: now, labels, &found)
  }

  /// Reads everything back.
  mutating func finish(
    _ cluster: Cluster, at stamp: EventStamp, isAtRest: Bool, timeIsUp: Bool, networkDuplicates: Bool
  ) {
    // Where the metadata service or the object store is down for good, nothing can be read back.
    guard cluster.canBeRead else { return }
    removals.finish(stamp, labels, &found)
    let audit = LogAudit(cluster: cluster, history: history, labels: labels, stamp: stamp)
    var storage = StorageCheck(
      history: history, labels: labels, groups: cluster.scenario.writers, end: stamp.time,
      networkDuplicates: networkDuplicates, losses: cluster.diskLosses(departed: departed))
    var contents = self.contents
    // What was lawfully removed counts as read.
    for (partition, records) in removals.removed {
      contents.observe(records, of: partition, by: "removed", stamp, history, labels, &found)
      storage.observe(records, of: partition, &found)
    }
    let (history, labels) = (self.history, self.labels)
    let pollOrder = self.pollOrder
    var offsets: [TopicPartition: [UInt64]] = [:]
    var stored: [(partition: TopicPartition, records: [ObservedRecord])] = []
    audit.read(&found) { partition, records, found in
      if pollOrder.needs(partition) { offsets[partition, default: []] += records.map(\.offset) }
      contents.observe(records, of: partition, by: "read at the end", stamp, history, labels, &found)
      storage.observe(records, of: partition, &found)
      stored.append((partition, records))
    }
    for partition in offsets.keys.sorted() {
      pollOrder.judge(partition, offsets: offsets[partition] ?? [], labels, &found)
    }
    storage.judge(&found, judgesBuffered: isAtRest, deletedTopics: removals.deletedTopics)
    clients.atRisk = storage.atRisk
    judgeAnomalies(cluster, contents, storage, isAtRest: isAtRest)
    let everything = withRemoved(stored)
    if isAtRest || timeIsUp { judgeGroups(cluster, at: stamp.time) }
    caches.judge(cluster.cacheFolders, at: stamp.time, labels, &found)
    if isAtRest || timeIsUp { transactionTimes.finish(at: stamp.time, &found) }
    transactions.finish(
      TransactionChecks.End(
        pipelines: cluster.pipelineTopics, readers: cluster.committedReaders, at: stamp.time, isAtRest: isAtRest,
        networkDuplicates: networkDuplicates), history, labels, &found
    ) { body in
      for (partition, records) in everything { body(partition, records) }
    }
    if isAtRest { judgePreloads(cluster, at: stamp.time) }
  }

  /// What clients sent, were told and polled, by the anomalies that it may show.
  private mutating func judgeAnomalies(
    _ cluster: Cluster, _ contents: ContentCheck, _ storage: StorageCheck, isAtRest: Bool
  ) {
    let places = SeenPlaces(history, contents)
    let groups = cluster.scenario.writers
    var order = SendOrderCheck(history: history, labels: labels, groups: groups, places: places)
    order.isStoredTwice = { storage.isStoredTwice($0) }
    order.judge(&found)
    var removed = RecordMarks()
    for (_, records) in removals.removed {
      for record in records where record.content >> 63 == 0 { removed.insert(WorkloadRecord(identity: record.content)) }
    }
    let topics = cluster.topicsReadFromStart(except: failed).subtracting(removals.deletedTopics)
    let transactions = self.transactions.transactions
    delivery.judge(
      DeliveryCheck.End(
        groups: groups, places: places, topics: topics, seekers: cluster.seekersByTopic, removed: removed,
        isHidden: { !transactions.isVisible($0) }, isAtRest: isAtRest), history, labels, &found)
    clients.order = order.figures
    clients.realtimeLag = realtimeLag.longest
  }

  /// What partitions hold together with what was lawfully removed from them, in order of the offsets.
  private func withRemoved(
    _ stored: [(partition: TopicPartition, records: [ObservedRecord])]
  ) -> [(partition: TopicPartition, records: [ObservedRecord])] {
    if removals.removed.isEmpty { return stored }
    var all: [TopicPartition: [ObservedRecord]] = [:]
    for (partition, records) in removals.removed + stored { all[partition, default: []] += records }
    return all.keys.sorted().map { partition in
      (partition, (all[partition] ?? []).sorted { $0.offset < $1.offset })
    }
  }

  private mutating func judgeGroups(_ cluster: Cluster, at end: VirtualTime) {
    for group in cluster.sharedGroups where !cluster.isOutsideCore(group.name) {
      groups.judge(
        group: group.name, readers: group.readers, partitions: group.partitions, at: end, labels, &found)
    }
  }

  // Every preloaded record has to reach a consumer, where one reads its partition.
  private mutating func judgePreloads(_ cluster: Cluster, at end: VirtualTime) {
    let topics = cluster.topicsReadFromStart(except: [])
    for partition in preloaded.keys.sorted() where topics.contains(partition.topic) {
      let delivered = deliveredPreloads[partition] ?? []
      for record in preloaded[partition] ?? []
      where !delivered.contains(record.offset)
        && !delivery.isPassedOver(record.offset, of: partition, by: cluster.seekersByTopic[partition.topic])
      {
        found.add(
          Violation(
            .acknowledgedIsStored, at: end,
            "the preloaded record at offset \(record.offset) of \(labels.partition(partition)) was never delivered"))
      }
    }
  }
}
