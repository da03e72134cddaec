import Simulation

/// The figures of the metadata service.
public struct MetadataConfiguration: Sendable, Hashable {
  /// How long a lease lasts without renewal, by this service's monotonic clock.
  public var leaseTerm = VirtualDuration.seconds(10)
  /// After how long without a heartbeat an agent is taken for dead.
  public var agentTimeout = VirtualDuration.seconds(3)
  /// How long after its start the service waits for agents to report before it assigns partitions.
  public var assignmentDelay = VirtualDuration.milliseconds(1_500)
  /// How often partitions may be moved because some are written to more than others.
  public var rebalanceInterval = VirtualDuration.seconds(10)
  /// What an operation costs its CPU.
  public var operationCost = VirtualDuration.microseconds(10)
  /// The most topics.
  public var topicLimit = 10_000
  /// The most partitions of a topic.
  public var partitionLimit = 10_000
  /// The most partitions of all topics together.
  public var partitionTotalLimit = 100_000
  /// How long after its row went an object is kept: readers may use a manifest for half of it.
  public var readerGrace = VirtualDuration.seconds(60)
  /// How often segments are looked at that may have to go.
  public var retentionInterval = VirtualDuration.seconds(5)
  /// How long a worker may take for a compaction before another one may begin anew.
  public var compactionTerm = VirtualDuration.seconds(60)
  /// At which share of bytes that no compaction has seen, in percent of all, a partition is compacted.
  public var compactionDirtyPercent = 50
  /// The longest time that a producer may ask for a transaction; the figure is Kafka's.
  public var transactionTimeoutLimit = VirtualDuration.seconds(900)
  /// After how many bytes of journal a snapshot of the whole state takes its place; never after fewer than the snapshot itself takes.
  public var snapshotBytes = 1_048_576
  /// The checks in force.
  public var safeguards = Safeguards.all
  /// The chosen behaviours.
  public var behaviour = MetadataBehaviour()

  /// Makes the default service.
  public init() {}
}

/// Holds topics, leases, segments and offsets; every change is journaled to its disk, and no answer shows what is not synced.
public actor MetadataService {
  nonisolated let host: Host
  /// Its host's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }

  let configuration: MetadataConfiguration
  let journal: Journal
  /// Applied as soon as a change is made; answers wait for the journal.
  private(set) var state = MetadataState()
  /// When each held lease ends, by this host's clock. Not journaled: a restart gives every lease its full term again.
  var leaseEnds: [TopicPartition: VirtualTime] = [:]
  var agents = AgentRegistry()
  var assignment = Assignment()
  /// What the assignment was made for, and when.
  var assignedFor = AssignmentBasis()
  var balancedAt = VirtualTime.start
  /// What is written to each partition, in bytes a second, as its leader last reported.
  var loads: [TopicPartition: UInt64] = [:]
  let leaseWaits: LeaseWaits
  /// When each object that has to go was first known to, by this host's clock. Not journaled: a restart gives every one its full grace again.
  var removalsKnown: [ObjectKey: VirtualTime] = [:]
  /// When the term of each open intent ends, by this host's clock. Not journaled, like lease times.
  var intentEnds: [TopicPartition: VirtualTime] = [:]
  /// The names of topics that this incarnation deleted.
  var deletedNames: Set<String> = []
  /// When the open transaction of each producer is aborted. Not journaled: a restart gives each its full time again.
  var transactionDeadlines: [UInt64: VirtualTime] = [:]
  let transactionClock: Signal
  private(set) var isServing = false
  private(set) var startedAt = VirtualTime.start
  /// Where the service's running clock stood when this incarnation began.
  private var serviceTimeAtStart: UInt64 = 0
  /// Who waits for something new in partitions.
  var manifestWaits = ManifestWaits()
  let coordination = GroupCoordination()
  /// Rung when a session may end earlier than was known.
  let sessionsChanged: Signal
  private let initialTopics: [TopicSpecification]
  private let initialQuotas: [Quota]

  /// Makes the service; topics and quotas that its journal does not have are created at the first start.
  public init(
    host: Host, configuration: MetadataConfiguration, topics: [TopicSpecification], quotas: [Quota] = []
  ) {
    self.host = host
    self.configuration = configuration
    journal = Journal(
      host: host, snapshotBytes: configuration.snapshotBytes, safeguards: configuration.safeguards)
    leaseWaits = LeaseWaits(host: host)
    transactionClock = Signal(on: host, "a transaction whose time is over")
    initialTopics = topics
    sessionsChanged = Signal(on: host, "a member of a group")
    initialQuotas = quotas
    serveAgents()
    serveClients()
    serveGroups()
    serveAdministrators()
    serveWorkers()
    serveTransactions()
    host.provideSnapshot(of: self) { $0.state.snapshot }
    host.spawn("recover", on: self) { try await $0.recover() }
  }

  private func recover() async throws {
    let recovered: RecoveredState
    do {
      recovered = try await journal.recover()
    } catch let damage as JournalDamage {
      // Whoever goes on without what was synced breaks every promise: this service stays silent until someone mends its disk.
      host.emit(ClusterEvent.metadataUnrecoverable(reason: damage.description))
      return
    }
    state = recovered.state
    if configuration.behaviour.restoring == .original, recovered.snapshotBytes > 0 {
      OriginalSnapshot.leaveOutWhatItDoesNotHold(of: &state)
    }
    startedAt = host.now
    serviceTimeAtStart = state.administration.serviceTime
    var holders: [TopicPartition: HostID] = [:]
    for partition in state.topics.partitions {
      guard let holder = state.topics.read(partition, { $0.holder }) ?? nil else { continue }
      leaseEnds[partition] = host.now + configuration.leaseTerm
      holders[partition] = holder.agent
    }
    resumeMaintenance()
    // Whoever reports before there is time to balance is to keep what it leads.
    assignment.begin(with: holders)
    host.spawn("journal", on: self) { service in try await service.journal.run { service.state } }
    host.spawn("snapshots", on: self) { try await $0.journal.writeSnapshots() }
    createInitialTopics()
    if !recovered.isEmpty {
      host.probe(.metadataRecovered)
      host.emit(recoveryEvent)
      resumeTransactions()
    }
    try await journal.settled()
    beginSessions()
    if configuration.safeguards.contains(.sessionsExpire) {
      host.spawn("sessions", on: self) { try await $0.watchSessions() }
    }
    isServing = true
    host.spawn("retention", on: self) { try await $0.retain() }
  }

  /// The service's own running clock in milliseconds: it goes on where it had come to, and stands still while the service is down, so that nothing ever looks older than it is.
  var serviceTime: UInt64 { serviceTimeAtStart + UInt64(max((host.now - startedAt).nanoseconds, 0) / 1_000_000) }

  /// Makes the topics that the service begins with; a crash in the middle leaves the rest to the next start.
  private func createInitialTopics() {
    guard !state.topics.isInitialized else { return }
    for topic in initialTopics {
      if state.topics.topic(named: topic.name) == nil {
        let id = state.topics.nextID
        commit(
          .topicCreated(name: topic.name, logStarts: topic.logStarts, settings: topic.settings, by: nil),
          announcing: .topicCreated(id, name: topic.name, logStarts: topic.logStarts))
        journal.announce(.topicConfigured(id, topic.settings))
      }
      guard let id = state.topics.topic(named: topic.name)?.id else { continue }
      for segment in topic.segments {
        let partition = TopicPartition(topic: id, index: UInt32(segment.partition))
        guard state.topics.read(partition, { $0.watermark <= segment.row.base }) ?? false else { continue }
        var row = segment.row
        row.registeredAt = serviceTime
        commit(.segmentRegistered(partition, row, []), announcing: .segmentRegistered(partition, row))
      }
    }
    setInitialQuotas()
    commit(.topic(.initialized), announcing: nil)
  }

  private func setInitialQuotas() {
    for quota in initialQuotas {
      let entry = QuotaTable.Entry(subject: quota.subject, bytesPerSecond: quota.bytesPerSecond, revision: 0)
      commit(.agents(.quotaSet(entry)), announcing: nil)
    }
  }

  private var recoveryEvent: ClusterEvent {
    let partitions = state.topics.partitions
    return .metadataRecovered(
      watermarks: partitions.map { partition in
        CommittedOffset(partition: partition, offset: state.topics.read(partition) { $0.watermark } ?? 0)
      },
      epochs: partitions.map { partition in
        HeldLease(partition: partition, epoch: state.topics.read(partition) { $0.epoch } ?? 0)
      })
  }

  // MARK: What every request does

  /// Answers one kind of request. A refusal waits, too, until what it rests on is synced.
  nonisolated func serve<Content: Request>(
    _ type: Content.Type,
    _ body: @escaping @Sendable (isolated MetadataService, Content, Sender) async throws -> Content.Response
  ) {
    host.serve(type, on: self) { service, request, sender in
      do {
        return try await body(service, request, sender)
      } catch let refusal as MetadataError {
        if refusal != .recovering { try await service.journal.settled() }
        throw refusal
      }
    }
  }

  /// Refuses while recovering, and charges the operation to the CPU.
  func begin() throws(MetadataError) {
    guard isServing else { throw .recovering }
    host.work(configuration.operationCost)
  }

  /// Makes a change and journals it.
  func commit(_ effect: MetadataEffect, announcing event: ClusterEvent?) {
    state.apply(effect)
    journal.append(effect, announcing: event)
  }

  /// Reads something of a partition's row, which is not copied for it.
  func read<Value>(
    _ partition: TopicPartition, _ body: (MetadataState.Partition) throws(MetadataError) -> Value
  ) throws(MetadataError) -> Value {
    if let value = try state.topics.read(partition, body) { return value }
    throw state.topics.isDeleted(partition.topic) ? .topicDeleted : .noSuchTopic
  }

  // MARK: Looking at it

  /// Reads the state as it is, for those outside of the cluster.
  public func manifest(of partition: TopicPartition) -> (logStart: UInt64, watermark: UInt64, rows: [SegmentRow])? {
    state.topics.read(partition) { ($0.logStart, $0.watermark, $0.segments) }
  }

  /// All partitions with their topics' names, in order, for those outside of the cluster.
  public var partitions: [(name: String, partition: TopicPartition)] {
    state.topics.topics(after: nil).flatMap { topic in
      topic.partitions.indices.map { (topic.name, TopicPartition(topic: topic.id, index: UInt32($0))) }
    }
  }

  /// A topic's settings, for those outside of the cluster; nil when there is no such topic.
  public func settings(of topic: TopicID) -> TopicSettings? { state.topics[topic]?.settings }

  /// The agent that holds a partition's lease now, by this service's clock.
  public func leader(of partition: TopicPartition) -> HostID? {
    guard let end = leaseEnds[partition], host.now < end else { return nil }
    return state.topics.read(partition) { $0.holder?.agent } ?? nil
  }

  /// The offset below which every transaction of a partition is over; nil for a partition that does not exist.
  ///
  /// What is below never changes its state: compaction works there, and readers of committed records read there.
  public func lastStableOffset(of partition: TopicPartition) -> UInt64? {
    state.topics.read(partition) { $0.lastStableOffset }
  }

  /// The aborted offsets of a partition, in order, for those outside of the cluster.
  public func abortedOffsets(of partition: TopicPartition) -> [OffsetRange] {
    state.topics.read(partition) { $0.transactions.aborted } ?? []
  }

  /// Whether a change was made that is not durable yet: a crash now would undo it, and nobody was told of it.
  public var hasUnsyncedChanges: Bool { journal.hasUnsyncedChanges }

  /// The transactions that are open, for those outside of the cluster.
  public var openTransactions: [TransactionID] { state.transactions.open.map(\.id) }

  /// A group's stored position, for those outside of the cluster.
  public func committedOffset(group: String, _ partition: TopicPartition) -> UInt64? {
    state.positions[group, partition]
  }
}

/// A topic that is to be there from the start, with the segments that it begins with.
public struct TopicSpecification: Sendable, Hashable {
  /// The name.
  public var name: String
  /// For each partition the first offset of its log.
  public var logStarts: [UInt64]
  /// Segments that are in the bucket already, by partition.
  public var segments: [PreloadedSegment]
  /// How long it keeps its records.
  public var settings = TopicSettings()

  /// Makes a topic whose partitions begin at 0.
  public init(name: String, partitions: Int) {
    self.name = name
    logStarts = Array(repeating: 0, count: partitions)
    segments = []
  }
}

/// A segment that is in the bucket before the cluster begins.
public struct PreloadedSegment: Sendable, Hashable {
  /// The partition's number.
  public var partition: Int
  /// Its row.
  public var row: SegmentRow

  /// Makes a preloaded segment.
  public init(partition: Int, row: SegmentRow) {
    self.partition = partition
    self.row = row
  }
}
