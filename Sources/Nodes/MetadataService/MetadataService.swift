import Simulation

/// The figures of the metadata service.
public struct MetadataConfiguration: Sendable, Hashable {
  /// How long a lease lasts without renewal, by this service's monotonic clock.
  public var leaseTerm = VirtualDuration.seconds(10)
  /// After how long without a heartbeat an agent is taken for dead.
  public var agentTimeout = VirtualDuration.seconds(3)
  /// How long after its start the service waits for agents to report before it assigns partitions.
  public var assignmentDelay = VirtualDuration.milliseconds(1_500)
  /// What an operation costs its CPU.
  public var operationCost = VirtualDuration.microseconds(10)
  /// The longest time that a producer may ask for a transaction; the figure is Kafka's.
  public var transactionTimeoutLimit = VirtualDuration.seconds(900)
  /// The checks in force.
  public var safeguards = Safeguards.all

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
  var agents: [HostID: AgentRecord] = [:]
  var assignment = Assignment()
  /// When the open transaction of each producer is aborted. Not journaled: a restart gives each its full time again.
  var transactionDeadlines: [UInt64: VirtualTime] = [:]
  let transactionClock: Signal
  private var isServing = false
  private var startedAt = VirtualTime.start
  private var newSegments: [TopicPartition: Signal] = [:]
  private let initialTopics: [TopicSpecification]

  struct AgentRecord {
    var incarnation: Int
    var zone: Int
    var lastHeard: VirtualTime
  }

  /// Makes the service; topics that its journal does not have are created at the first start.
  public init(host: Host, configuration: MetadataConfiguration, topics: [TopicSpecification]) {
    self.host = host
    self.configuration = configuration
    journal = Journal(host: host)
    transactionClock = Signal(on: host, "a transaction whose time is over")
    initialTopics = topics
    serveAgents()
    serveClients()
    serveTransactions()
    host.provideSnapshot(of: self) { $0.state.snapshot }
    host.spawn("recover", on: self) { try await $0.recover() }
  }

  private func recover() async throws {
    let effects = try await journal.recover()
    for effect in effects { state.apply(effect) }
    startedAt = host.now
    var holders: [TopicPartition: HostID] = [:]
    for partition in state.partitions {
      guard let holder = state[partition]?.holder else { continue }
      leaseEnds[partition] = host.now + configuration.leaseTerm
      holders[partition] = holder.agent
    }
    // Whoever reports before there is time to balance is to keep what it leads.
    assignment.begin(with: holders)
    host.spawn("journal", on: self) { try await $0.journal.run() }
    if effects.isEmpty {
      createInitialTopics()
    } else {
      host.probe(.metadataRecovered)
      host.emit(recoveryEvent)
      resumeTransactions()
    }
    try await journal.settled()
    isServing = true
  }

  private func createInitialTopics() {
    for topic in initialTopics {
      let id = TopicID(rawValue: UInt32(state.topics.count + 1))
      commit(
        .topicCreated(name: topic.name, logStarts: topic.logStarts),
        announcing: .topicCreated(id, name: topic.name, logStarts: topic.logStarts))
      for segment in topic.segments {
        let partition = TopicPartition(topic: id, index: UInt32(segment.partition))
        commit(.segmentRegistered(partition, segment.row, []), announcing: .segmentRegistered(partition, segment.row))
      }
    }
  }

  private var recoveryEvent: ClusterEvent {
    let partitions = state.partitions
    return .metadataRecovered(
      watermarks: partitions.map { CommittedOffset(partition: $0, offset: state[$0]?.watermark ?? 0) },
      epochs: partitions.map { HeldLease(partition: $0, epoch: state[$0]?.epoch ?? 0) })
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

  func partition(_ partition: TopicPartition) throws(MetadataError) -> MetadataState.Partition {
    guard let row = state[partition] else { throw .noSuchTopic }
    return row
  }

  // MARK: Manifests

  func segmentArrived(_ partition: TopicPartition) { newSegments[partition]?.notify() }

  /// Waits until a partition has something at an offset for this kind of reader, or for as long as the caller allows.
  func awaitSegment(
    _ partition: TopicPartition, at offset: UInt64, _ isolation: Isolation, atMost limit: VirtualDuration
  ) async throws {
    let deadline = host.now + limit
    while let row = state[partition], row.end(isolation) <= offset, host.now < deadline {
      let signal = newSegments[partition] ?? Signal(on: host, "a new segment")
      newSegments[partition] = signal
      try await signal.wait(atMost: deadline - host.now)
    }
  }

  // MARK: Agents and their shares

  func heard(from sender: Sender, zone: Int) {
    let known = agents[sender.host]
    if let known, known.incarnation > sender.incarnation { return }
    agents[sender.host] = AgentRecord(incarnation: sender.incarnation, zone: zone, lastHeard: host.now)
    assign()
  }

  /// The agents that are alive, in order.
  var liveAgents: [HostID] {
    agents.filter { host.now - $0.value.lastHeard < configuration.agentTimeout }.map(\.key).sorted()
  }

  private func assign() {
    guard host.now - startedAt >= configuration.assignmentDelay else { return }
    assignment.balance(state.partitions, among: liveAgents) { state[$0]?.holder?.agent }
  }

  /// Reads the state as it is, for those outside of the cluster.
  public func manifest(of partition: TopicPartition) -> (logStart: UInt64, watermark: UInt64, rows: [SegmentRow])? {
    state[partition].map { ($0.logStart, $0.watermark, $0.segments) }
  }

  /// The agent that holds a partition's lease now, by this service's clock.
  public func leader(of partition: TopicPartition) -> HostID? {
    guard let holder = state[partition]?.holder, let end = leaseEnds[partition], host.now < end else { return nil }
    return holder.agent
  }

  /// The offset below which every transaction of a partition is over; nil for a partition that does not exist.
  ///
  /// What is below never changes its state: compaction works there, and readers of committed records read there.
  public func lastStableOffset(of partition: TopicPartition) -> UInt64? { state[partition]?.lastStableOffset }

  /// The aborted offsets of a partition, in order, for those outside of the cluster.
  public func abortedOffsets(of partition: TopicPartition) -> [OffsetRange] {
    state[partition]?.transactions.aborted ?? []
  }

  /// The transactions that are open, for those outside of the cluster.
  public var openTransactions: [TransactionID] { state.transactions.open.map(\.id) }

  /// A group's stored position, for those outside of the cluster.
  public func committedOffset(group: String, _ partition: TopicPartition) -> UInt64? {
    state.committedOffset(group: group, partition)
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
