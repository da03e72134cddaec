import Nodes
import Simulation

/// A scenario: a cluster, a workload, what goes wrong, and what is expected of it.
public struct Scenario: Sendable, Hashable {
  /// The name, as in `scenario list`.
  public var name = ""
  /// What one learns from it.
  public var teaches = ""
  /// What it is about, for lists.
  public var group = ScenarioGroup.other
  /// The seed to use when none is given; nil draws one.
  public var seed: UInt64?
  /// How long producers write and faults happen.
  public var duration = VirtualDuration.seconds(60)
  /// How long after the faults have stopped everything may take to come to rest.
  public var settle = VirtualDuration.seconds(120)
  /// What becomes of the faults then.
  public var ending = Ending.everything
  /// The machines of the core that is healed; nil lets the seed draw one.
  public var core: [String]?
  /// How long after the faults have stopped a partition may be without a leader; nil is the lease term and ten seconds.
  public var leaderWithin: VirtualDuration?
  /// The machines.
  public var cluster = ClusterShape()
  /// The agents' figures.
  public var agent = AgentConfiguration()
  /// The metadata service's figures.
  public var metadata = MetadataConfiguration()
  /// The maintainers' figures.
  public var maintainer = MaintainerConfiguration()
  /// The object store's figures.
  public var objectStore = ObjectStoreConfiguration()
  /// The network's figures.
  public var network = NetworkConfiguration()
  /// The disks' figures.
  public var disk = DiskConfiguration()
  /// In which order ready jobs and simultaneous events happen.
  public var schedule = ScheduleOrder.firstInFirstOut
  /// Whether rare branches of the nodes' code may be taken for no reason.
  public var faultPoints = false
  /// Faults of every kind that the seed draws, besides those that are listed; nil draws none.
  public var swarm: SwarmPlan?
  /// The topics.
  public var topics: [TopicShape] = []
  /// Who writes.
  public var producers: [ProducerGroup] = []
  /// Who reads.
  public var consumers: [ConsumerGroup] = []
  /// Who reads and writes in transactions.
  public var pipelines: [PipelineGroup] = []
  /// How much may be produced.
  public var quotas: [QuotaPlan] = []
  /// Who makes and deletes topics.
  public var lifecycles: [LifecycleGroup] = []
  /// Segments that are there from the start.
  public var preload: [Preload] = []
  /// What goes wrong.
  public var faults: [FaultPlan] = []
  /// Which single messages go wrong; nil lets the faults draw them.
  public var messageFaults: [ListedMessageFault]?
  /// Which single requests to the object store go wrong; nil lets the faults draw them.
  public var requestFaults: [ListedRequestFault]?
  /// The original's defects that are switched on.
  public var defects: [DefectName] = []
  /// What the run has to show.
  public var expect = Expectation()

  /// Makes an empty scenario.
  public init() {}
}

/// The machines of a cluster, besides the metadata service and the object store.
public struct ClusterShape: Sendable, Hashable {
  /// How many agents.
  public var agents = 3
  /// How many more agents there are that begin absent; `start` faults bring them in.
  public var spareAgents = 0
  /// How many maintainers, which delete, compact and reconcile objects.
  public var maintainers = 0
  /// Over how many zones the machines are spread, in turn.
  public var zones = 1
  /// Makes three agents in one zone.
  public init() {}
}

/// In which order ready jobs and simultaneous events happen.
public enum ScheduleOrder: String, Sendable, Hashable, CaseIterable {
  /// In the order in which they came.
  case firstInFirstOut
  /// In an order drawn from the seed.
  case seeded
  /// By priorities of the hosts, drawn from the seed, with a few points at which the one that runs falls behind all others: after "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (Burckhardt et al., 2010).
  case priorities
}

/// A topic.
public struct TopicShape: Sendable, Hashable {
  /// The name.
  public var name = ""
  /// How many partitions.
  public var partitions = 1
  /// How long it keeps its records.
  public var settings = TopicSettings()
  /// Makes a topic of one partition.
  public init() {}
}

/// Producers that are alike.
public struct ProducerGroup: Sendable, Hashable {
  /// How many.
  public var count = 1
  /// The topic they write to.
  public var topic = ""
  /// How many records each sends.
  public var rate = Rate.perSecond(10)
  /// When each begins, so that load can come to a cluster that is up.
  public var begins = VirtualDuration.zero
  /// How many records each sends in all; nil goes on until the scenario's duration is over.
  public var records: Int?
  /// The size of a value in bytes.
  public var valueBytes = 100
  /// Among how many keys each draws; 0 sends records without keys.
  public var keys = 0
  /// Each so manieth record is an empty value, which marks its key as deleted; 0 sends none.
  public var tombstoneEvery = 0
  /// Whether an application waits for each record's offset before it sends the next one.
  public var waitsForEach = false
  /// What the application says of where its records go.
  public var aims = AimPlan()
  /// The producers' figures.
  public var client = ProducerConfiguration()

  /// Whether a record is an empty value, by its number.
  func isTombstone(_ number: UInt64) -> Bool {
    tombstoneEvery > 0 && number % UInt64(tombstoneEvery) == UInt64(tombstoneEvery) - 1
  }

  /// Makes one producer.
  public init() {}
}

/// Consumers that are alike; those of a group share the topic's partitions, each partition going to one of them.
public struct ConsumerGroup: Sendable, Hashable {
  /// How many.
  public var count = 1
  /// The topic they read.
  public var topic = ""
  /// The consumers' figures.
  public var client = ConsumerConfiguration()
  /// Whether they share the topic's partitions by the group protocol; else the scenario splits them.
  public var subscribes = false
  /// The group protocol's figures.
  public var membership = GroupProtocol()
  /// Whether each is a static member under its host's name.
  public var areStatic = false
  /// Who stores positions; nil is automatically in a group, and not at all without one.
  public var commits: CommitMode?
  /// How long an application takes to handle a record.
  public var processingTime = VirtualDuration.zero
  /// How long one reads before it closes and comes back later; nil is until the end.
  public var stays: ClosedRange<VirtualDuration>?
  /// How long it stays away then.
  public var away = VirtualDuration.seconds(1)...VirtualDuration.seconds(5)
  /// How an application sends its consumer elsewhere; nil never.
  public var seeks: SeekPlan?
  /// How an application pauses partitions; nil never.
  public var pauses: PausePlan?
  /// How long an application leaves a partition alone whose next records cannot be read; nil ends it instead.
  public var rereadAfter: VirtualDuration?
  /// Makes one consumer, which reads everything from the start.
  public init() {
    client.offsetReset = .earliest
    client.partitionRecords = client.pollRecords
  }

  /// The consumer on a host, put together: without a group there is nothing to commit.
  ///
  /// - Parameter partitions: Its share, unless the group shares its partitions itself.
  func builder(of host: String, partitions: [Int]) -> ConsumerBuilder {
    var builder = Consumer.builder().configure { $0 = client }
    let commitsByItself = client.group != nil || client.behaviour.commitPoint == .original
    if !commitsByItself || commits == .manual { builder = builder.autoCommit(every: nil) }
    guard subscribes else {
      return builder.assign(partitions.map { NamedPartition(topic: topic, index: $0) })
    }
    var membership = membership
    membership.instance = areStatic ? host : nil
    return builder.topics(topic).groupProtocol(membership)
  }
}

/// Who stores a consumer's positions.
public enum CommitMode: String, Sendable, Hashable, CaseIterable {
  /// The consumer, now and then, for what earlier polls have handed out.
  case automatic
  /// The application, whenever it has handled what a poll handed out.
  case manual
}

/// How many bytes may be produced a second, by each of some clients or to a topic.
public struct QuotaPlan: Sendable, Hashable {
  /// The client, or a group of clients, each of which has the quota; nil for a topic.
  public var client: String?
  /// The topic; nil for clients.
  public var topic: String?
  /// Bytes a second, by the records' estimated size.
  public var bytesPerSecond: UInt64 = 1_048_576
  /// Makes a quota of nobody.
  public init() {}
}

/// A segment file that is in the bucket and registered from the start.
public struct Preload: Sendable, Hashable {
  /// The file, relative to the scenario's folder.
  public var file = ""
  /// The topic.
  public var topic = ""
  /// The partition; its log starts at the segment's base offset.
  public var partition = 0
  /// Makes an empty entry.
  public init() {}
}

/// What a run has to show.
public struct Expectation: Sendable, Hashable {
  /// The invariant that has to be violated, and no other; nil when all have to hold.
  public var violates: InvariantName?
  /// Probes that have to be hit, each at least so often.
  public var probes: [ProbeExpectation] = []
  /// Fault kinds that have to fire, each at least so often.
  public var faults: [FaultExpectation] = []
  /// The longest that a partition may have been without a leader after it first had one.
  public var longestLeaderless: VirtualDuration?
  /// The longest that a producer may have waited for an acknowledgement while it had something outstanding.
  public var longestStall: VirtualDuration?
  /// How many batches may have ended without an acknowledgement.
  public var failedSends: Int?
  /// The bounds within which the run's figures have to lie.
  public var figures = FigureBounds()
  /// Makes the expectation that everything holds.
  public init() {}
}

/// A probe that has to be hit.
public struct ProbeExpectation: Sendable, Hashable {
  /// The probe.
  public var name = ""
  /// How often at least.
  public var atLeast = 1
  /// Makes an empty entry.
  public init() {}
}

/// A kind of fault that has to fire.
public struct FaultExpectation: Sendable, Hashable {
  /// The kind.
  public var kind = ""
  /// How often at least.
  public var atLeast = 1
  /// Makes an empty entry.
  public init() {}
}
