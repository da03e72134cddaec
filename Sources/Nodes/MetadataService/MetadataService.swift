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
  var agents = AgentRegistry()
  var assignment = Assignment()
  /// What the assignment was made for, and when.
  var assignedFor = AssignmentBasis()
  var balancedAt = VirtualTime.start
  /// What is written to each partition, in bytes a second, as its leader last reported.
  var loads: [TopicPartition: UInt64] = [:]
  let leaseWaits: LeaseWaits
  private var isServing = false
  private(set) var startedAt = VirtualTime.start
  private var newSegments: [TopicPartition: Signal] = [:]
  private let initialTopics: [TopicSpecification]
  private let initialQuotas: [Quota]

  /// Makes the service; topics and quotas that its journal does not have are created at the first start.
  public init(
    host: Host, configuration: MetadataConfiguration, topics: [TopicSpecification], quotas: [Quota] = []
  ) {
    self.host = host
    self.configuration = configuration
    journal = Journal(host: host)
    leaseWaits = LeaseWaits(host: host)
    initialTopics = topics
    initialQuotas = quotas
    serveAgents()
    serveClients()
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
      setInitialQuotas()
    } else {
      host.probe(.metadataRecovered)
      host.emit(recoveryEvent)
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

  private func setInitialQuotas() {
    for quota in initialQuotas {
      let entry = QuotaTable.Entry(subject: quota.subject, bytesPerSecond: quota.bytesPerSecond, revision: 0)
      commit(.agents(.quotaSet(entry)), announcing: nil)
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

  /// Waits until a partition has something at an offset, or for as long as the caller allows.
  func awaitSegment(_ partition: TopicPartition, at offset: UInt64, atMost limit: VirtualDuration) async throws {
    guard let row = state[partition], row.watermark <= offset, limit.nanoseconds > 0 else { return }
    let signal = newSegments[partition] ?? Signal(on: host, "a new segment")
    newSegments[partition] = signal
    try await signal.wait(atMost: limit)
  }

  // MARK: Looking at it

  /// Reads the state as it is, for those outside of the cluster.
  public func manifest(of partition: TopicPartition) -> (logStart: UInt64, watermark: UInt64, rows: [SegmentRow])? {
    state[partition].map { ($0.logStart, $0.watermark, $0.segments) }
  }

  /// The agent that holds a partition's lease now, by this service's clock.
  public func leader(of partition: TopicPartition) -> HostID? {
    guard let holder = state[partition]?.holder, let end = leaseEnds[partition], host.now < end else { return nil }
    return holder.agent
  }

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
