import Nodes
import Simulation
import Storage

extension Scenario {
  /// The schema of scenario files: their keys, limits, defaults and meaning.
  public static let schema = Schema<Scenario>(
    "scenario", "A cluster, a workload, what goes wrong, and what is expected.", defaults: Scenario.init
  ) {
    Field("name", \.name, .name, "What the scenario is called.", isRequired: true)
    Field("teaches", \.teaches, .text(of: 0...2_000), "What one learns from it.")
    Field("group", \.group, .choice, "What it is about: the heading under which it is listed.")
    Field("seed", \.seed, .optional(.count(in: 0...(1 << 53 - 1))), "The seed to use when none is given.")
    Field("duration", \.duration, .time(in: .milliseconds(1)...(.day)), "How long producers write and faults happen.")
    Field(
      "settle", \.settle, .time(in: .zero...(.day)),
      "How long after the faults have stopped everything may take to come to rest.")
    Field(
      "ending", \.ending, .choice,
      "Whether everything is healed when the duration is over, or only a core that suffices, and the rest stays broken."
    )
    Field(
      "core", \.core, .optional(.list(of: .name, count: 1...100_000)),
      "The machines of the core; none lets the seed draw one, and what breaks the others for good.")
    Field(
      "leaderWithin", \.leaderWithin, .optional(.time(in: .zero...(.day))),
      "How long after the faults have stopped a partition may be without a leader; none is the lease term and ten seconds."
    )
    Field("cluster", \.cluster, .section(ClusterShape.schema), "The machines.")
    Field("agent", \.agent, .section(agentSchema), "The agents' figures.")
    Field("metadata", \.metadata, .section(metadataSchema), "The metadata service's figures.")
    Field("maintainer", \.maintainer, .section(maintainerSchema), "The maintainers' figures.")
    Field("objectStore", \.objectStore, .section(objectStoreSchema), "The object store's figures.")
    Field("network", \.network, .section(networkSchema), "The network's figures.")
    Field("disk", \.disk, .section(diskSchema), "The disks' figures.")
    Field("schedule", \.schedule, .choice, "In which order ready jobs and simultaneous events happen.")
    Field(
      "faultPoints", \.faultPoints, .boolean,
      "Whether rare branches of the nodes' code, such as a segment that closes early, are taken for no reason.")
    Field("swarm", \.swarm, .optional(.section(SwarmPlan.schema)), "Faults of every kind, drawn from the seed.")
    Field("topics", \.topics, .named(TopicShape.schema, name: \.name, count: 0...1_000), "The topics, by name.")
    Field("producers", \.producers, .list(of: .section(ProducerGroup.schema), count: 0...1_000), "Who writes.")
    Field("consumers", \.consumers, .list(of: .section(ConsumerGroup.schema), count: 0...1_000), "Who reads.")
    Field(
      "lifecycles", \.lifecycles, .list(of: .section(LifecycleGroup.schema), count: 0...1_000),
      "Who makes and deletes topics.")
    Field(
      "pipelines", \.pipelines, .list(of: .section(PipelineGroup.schema), count: 0...1_000),
      "Who reads and writes in transactions.")
    Field("quotas", \.quotas, .list(of: .section(QuotaPlan.schema), count: 0...1_000), "How much may be produced.")
    Field("preload", \.preload, .list(of: .section(Preload.schema), count: 0...1_000), "Segments there from the start.")
    Field("faults", \.faults, .list(of: .section(FaultPlan.schema), count: 0...100_000), "What goes wrong.")
    Field(
      "messageFaults", \.messageFaults, .optional(.list(of: .section(messageFaultSchema), count: 0...1_000_000)),
      "Which single messages go wrong; none lets the faults draw them.")
    Field(
      "requestFaults", \.requestFaults, .optional(.list(of: .section(requestFaultSchema), count: 0...1_000_000)),
      "Which single requests to the object store go wrong; none lets the faults draw them.")
    Field("defects", \.defects, .list(of: .choice, count: 0...100), "The original's defects that are switched on.")
    Field("expect", \.expect, .section(Expectation.schema), "What the run has to show.")
  } validate: { scenario, locator in
    ScenarioValidation(scenario: scenario, locator: locator).check()
  }

  private static let agentSchema = Schema<AgentConfiguration>(
    "agent", "The agents' figures.", defaults: AgentConfiguration.init
  ) {
    Field(
      "heartbeatInterval", \.heartbeatInterval, .time(in: .milliseconds(10)...(.hour)), "How often an agent reports.")
    Field(
      "leaseMargin", \.leaseMargin, .time(in: .zero...(.hour)), "How much earlier than its term a lease's holder stops."
    )
    Field("renewalInterval", \.renewalInterval, .time(in: .milliseconds(10)...(.hour)), "How often leases are renewed.")
    Field(
      "leavingInterval", \.leavingInterval, .time(in: .milliseconds(10)...(.hour)),
      "How often an agent that is leaving reports.")
    Field(
      "leaseWait", \.leaseWait, .time(in: .zero...(.seconds(60))),
      "How long the service may hold back a request for a lease that is to be handed over.")
    Field(
      "handoverPreparation", \.handoverPreparation, .time(in: .zero...(.hour)),
      "How long a leader that is to hand over still takes batches while older ones are stored.")
    Field(
      "handoverPatience", \.handoverPatience, .time(in: .zero...(.hour)),
      "How long it may then take to store the last ones before the rest goes to its successor.")
    Field(
      "leavingPatience", \.leavingPatience, .time(in: .zero...(.hour)),
      "How long an agent that is leaving waits for somebody to succeed it.")
    Field(
      "arrivalPatience", \.arrivalPatience, .time(in: .zero...(.hour)),
      "How long a batch waits at an agent that is about to get the lease.")
    Field("segmentBytes", \.segmentBytes, .bytes(in: 128...(1 << 30)), "At which size a segment is closed.")
    Field(
      "segmentAge", \.segmentAge, .time(in: .milliseconds(1)...(.hour)),
      "How long after its first record a segment is closed.")
    Field(
      "durableLinger", \.durableLinger, .time(in: .zero...(.hour)),
      "How long a durable record keeps a segment open for others.")
    Field(
      "logGroups", \.logGroups, .section(logGroupSchema), "When log entries are written and synced together.")
    Field("uploadsInFlight", \.uploadsInFlight, .count(in: 1...64), "How many uploads of a partition run at once.")
    Field(
      "unregisteredBytes", \.unregisteredBytes, .bytes(in: 1...(1 << 34)),
      "How much of a partition may wait before producers are sent away.")
    Field(
      "multipartThreshold", \.multipartThreshold, .bytes(in: 1...(1 << 34)),
      "From which size on a segment is uploaded in parts.")
    Field("partBytes", \.partBytes, .bytes(in: 1...(1 << 30)), "The size of a part.")
    Field("partsInFlight", \.partsInFlight, .count(in: 1...64), "How many parts of a segment are uploaded at once.")
    Field(
      "memoryBytes", \.memoryBytes, .bytes(in: 1...(1 << 40)),
      "How much of all partitions together may wait before producers are sent away.")
    Field("credits", \.credits, .section(creditSchema), "How many records a producer may send to an agent.")
    Field("breaker", \.breaker, .section(breakerSchema), "When the object store is given a rest.")
    Field("storeRate", \.storeRate, .section(storeRateSchema), "How many puts a second an agent makes.")
    Field("uploadTimeout", \.uploadTimeout, .time(in: .milliseconds(1)...(.hour)), "How long an upload may take.")
    Field(
      "hedgeDelay", \.hedgeDelay, .time(in: .milliseconds(1)...(.hour)),
      "How long an upload may take before it is asked for a second time beside the first.")
    Field(
      "metadataTimeout", \.metadataTimeout, .time(in: .milliseconds(1)...(.hour)),
      "How long a request to the metadata service may take.")
    Field("retryBackoff", \.retryBackoff, .time(in: .milliseconds(1)...(.hour)), "The first wait before another try.")
    Field(
      "retryBackoffLimit", \.retryBackoffLimit, .time(in: .milliseconds(1)...(.hour)),
      "The longest wait before another try.")
    Field("requestCost", \.requestCost, .time(in: .zero...(.seconds(1))), "What a request costs the CPU.")
    Field("recordCost", \.recordCost, .time(in: .zero...(.seconds(1))), "What a record costs the CPU.")
    Field("bytePicoseconds", \.bytePicoseconds, .count(in: 0...1_000_000), "What a byte costs the CPU, in picoseconds.")
    Field(
      "decompressionPicoseconds", \.decompressionPicoseconds, .count(in: 0...1_000_000),
      "What restoring a byte of a compressed batch costs the CPU, in picoseconds.")
    Field("largestBatch", \.largestBatch, .bytes(in: 64...(1 << 29)), "How large a batch may be, uncompressed.")
  }

  private static let logGroupSchema = Schema<GroupCommitOptions>(
    "logGroups", "When log entries are written and synced together.", defaults: { GroupCommitOptions() }
  ) {
    Field("records", \.recordCount, .count(in: 1...1_000_000), "How many records make a group complete.")
    Field("bytes", \.byteCount, .bytes(in: 1...(1 << 30)), "How many bytes make a group complete.")
    Field("age", \.age, .time(in: .zero...(.hour)), "How long the oldest entry of a group waits for more.")
  }

  private static let creditSchema = Schema<CreditConfiguration>(
    "credits", "How many records a producer may send to an agent.", defaults: CreditConfiguration.init
  ) {
    Field("initial", \.initial, .count(in: 0...1_000_000_000), "The credits of a new producer; a record costs one.")
    Field("most", \.most, .count(in: 1...1_000_000_000), "The most that a producer can have.")
    Field("refill", \.refill, .count(in: 0...1_000_000_000), "How many come a second; 0 admits everything.")
  }

  private static let breakerSchema = Schema<BreakerConfiguration>(
    "breaker", "When the object store is given a rest.", defaults: BreakerConfiguration.init
  ) {
    Field("failures", \.failures, .count(in: 0...1_000_000), "How many failures in a row open it; 0 leaves it closed.")
    Field("rest", \.rest, .time(in: .zero...(.hour)), "How long it stays open before a request may try again.")
    Field("successes", \.successes, .count(in: 1...1_000), "How many such requests have to succeed to close it.")
  }

  private static let storeRateSchema = Schema<AdaptiveRateConfiguration>(
    "storeRate", "How many puts a second an agent makes.", defaults: AdaptiveRateConfiguration.init
  ) {
    Field("rate", \.rate, .count(in: 1...1_000_000), "Puts a second at the beginning.")
    Field("burst", \.burst, .count(in: 1...1_000_000), "How many may be made at once after a quiet time.")
    Field("lowest", \.lowest, .count(in: 1...1_000_000), "It never falls below.")
    Field("highest", \.highest, .count(in: 1...1_000_000), "It never rises above.")
  }

  private static let metadataSchema = Schema<MetadataConfiguration>(
    "metadata", "The metadata service's figures.", defaults: MetadataConfiguration.init
  ) {
    Field("leaseTerm", \.leaseTerm, .time(in: .milliseconds(100)...(.hour)), "How long a lease lasts without renewal.")
    Field(
      "agentTimeout", \.agentTimeout, .time(in: .milliseconds(10)...(.hour)),
      "After how long without a heartbeat an agent is taken for dead.")
    Field(
      "assignmentDelay", \.assignmentDelay, .time(in: .zero...(.hour)),
      "How long after its start the service waits for agents to report.")
    Field(
      "rebalanceInterval", \.rebalanceInterval, .time(in: .milliseconds(100)...(.hour)),
      "How often partitions may be moved because some are written to more than others.")
    Field("operationCost", \.operationCost, .time(in: .zero...(.seconds(1))), "What an operation costs the CPU.")
    Field("topicLimit", \.topicLimit, .count(in: 1...1_000_000), "The most topics.")
    Field("partitionLimit", \.partitionLimit, .count(in: 1...1_000_000), "The most partitions of a topic.")
    Field(
      "partitionTotalLimit", \.partitionTotalLimit, .count(in: 1...10_000_000),
      "The most partitions of all topics together.")
    Field(
      "readerGrace", \.readerGrace, .time(in: .milliseconds(100)...(.day)),
      "How long after its row went an object is kept; readers use a manifest for half of it.")
    Field(
      "retentionInterval", \.retentionInterval, .time(in: .milliseconds(10)...(.day)),
      "How often segments are looked at that may have to go.")
    Field(
      "compactionTerm", \.compactionTerm, .time(in: .milliseconds(100)...(.day)),
      "How long a compaction may take before another may begin.")
    Field(
      "compactionDirtyPercent", \.compactionDirtyPercent, .count(in: 1...100),
      "At which share of new bytes a partition is compacted.")
    Field(
      "snapshotBytes", \.snapshotBytes, .bytes(in: 1...(1 << 34)),
      "After how much journal a snapshot of the whole state takes its place.")
  }

  private static let maintainerSchema = Schema<MaintainerConfiguration>(
    "maintainer", "The maintainers' figures.", defaults: MaintainerConfiguration.init
  ) {
    Field(
      "removalInterval", \.removalInterval, .time(in: .milliseconds(10)...(.day)),
      "How often objects without rows are deleted.")
    Field(
      "compactionInterval", \.compactionInterval, .time(in: .milliseconds(10)...(.day)),
      "How often a partition to compact is asked for.")
    Field(
      "reconcileInterval", \.reconcileInterval, .time(in: .milliseconds(10)...(.day)),
      "How often all objects are listed to find orphans.")
    Field("segmentBytes", \.segmentBytes, .bytes(in: 128...(1 << 30)), "How large compacted segments become.")
    Field("pageSize", \.pageSize, .count(in: 1...1_000), "How many objects are listed and judged at once.")
    Field(
      "requestTimeout", \.requestTimeout, .time(in: .milliseconds(1)...(.hour)),
      "How long a request to the object store may take.")
  }

  private static let objectStoreSchema = Schema<ObjectStoreConfiguration>(
    "objectStore", "The object store's figures.", defaults: ObjectStoreConfiguration.init
  ) {
    Field("preset", \.preset, .choice, "How long requests take.")
    Field(
      "bytesPerSecond", \.bytesPerSecond, .bytes(in: 1_000...1_000_000_000_000), "Bandwidth of one stream, a second.")
    Field("rates", \.rates, .section(RequestRates.schema), "How many requests it takes.")
    Field(
      "minimumPartBytes", \.limits.minimumPartBytes, .bytes(in: 1...(1 << 30)),
      "The smallest part of a multipart upload but its last.")
  }

  private static let networkSchema = Schema<NetworkConfiguration>(
    "network", "The network's figures.", defaults: NetworkConfiguration.init
  ) {
    Field("latency", \.latency, .time(in: .zero...(.seconds(60))), "The least time from machine to machine.")
    Field("jitter", \.jitter, .time(in: .zero...(.seconds(60))), "What is added at the most.")
    Field(
      "crossZoneLatency", \.crossZoneLatency, .time(in: .zero...(.seconds(60))),
      "What a message between zones takes more.")
    Field(
      "bytesPerSecond", \.bytesPerSecond, .bytes(in: 1_000...1_000_000_000_000), "Bandwidth of an interface, a second.")
  }

  private static let diskSchema = Schema<DiskConfiguration>(
    "disk", "The disks' figures.", defaults: DiskConfiguration.init
  ) {
    Field("writeLatency", \.writeLatency, .time(in: .zero...(.seconds(60))), "What a write takes before its bytes.")
    Field("readLatency", \.readLatency, .time(in: .zero...(.seconds(60))), "What a read takes before its bytes.")
    Field("syncLatency", \.syncLatency, .time(in: .zero...(.seconds(60))), "What a sync takes.")
    Field("bytesPerSecond", \.bytesPerSecond, .bytes(in: 1_000...1_000_000_000_000), "Bandwidth, a second.")
  }

  private static let messageFaultSchema = Schema<ListedMessageFault>(
    "messageFault", "One message that goes wrong.",
    defaults: { ListedMessageFault(from: "", to: "", ordinal: 1, fault: .drop, extra: .zero) }
  ) {
    Field("from", \.from, .name, "The sender.", isRequired: true)
    Field("to", \.to, .name, "The receiver.", isRequired: true)
    Field("ordinal", \.ordinal, .count(in: 1...UInt64.max), "The message's number on that link.", isRequired: true)
    Field("fault", \.fault.word, .choice, "What becomes of it.", isRequired: true)
    Field("extra", \.extra, .time(in: .zero...(.day)), "How much later it, or its duplicate, arrives.")
  }

  private static let requestFaultSchema = Schema<ListedRequestFault>(
    "requestFault", "One request to the object store that goes wrong.",
    defaults: { ListedRequestFault(component: HostNames.objectStore, client: "", ordinal: 1, outcome: 1) }
  ) {
    Field("component", \.component, .name, "The component.")
    Field("client", \.client, .name, "The client.", isRequired: true)
    Field(
      "ordinal", \.ordinal, .count(in: 1...UInt64.max), "The request's number among the client's.", isRequired: true)
    Field(
      "outcome", \.outcome, .count(in: ObjectStoreFault.outcomes), "The object store's code for what goes wrong.",
      isRequired: true)
  }
}

extension GroupCommitOptions {
  /// How long the oldest entry of a group waits.
  var age: VirtualDuration {
    get { .nanoseconds(Int64(clamping: ageNanoseconds)) }
    set { ageNanoseconds = UInt64(max(newValue.nanoseconds, 0)) }
  }
}

/// A message fault as scenario files write it.
enum MessageFaultWord: String, Sendable, CaseIterable {
  case drop
  case duplicate
  case delay
  case reorder
  case reset
}

extension MessageFault {
  /// The word of scenario files.
  var word: MessageFaultWord {
    get {
      switch self {
      case .drop: .drop
      case .duplicate: .duplicate
      case .delay: .delay
      case .reorder: .reorder
      case .reset: .reset
      }
    }
    set {
      switch newValue {
      case .drop: self = .drop
      case .duplicate: self = .duplicate
      case .delay: self = .delay
      case .reorder: self = .reorder
      case .reset: self = .reset
      }
    }
  }
}
