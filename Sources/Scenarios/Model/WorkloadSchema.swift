import Nodes
import Simulation
import Storage

extension ClusterShape {
  static let schema = Schema<ClusterShape>("cluster", "The machines.", defaults: ClusterShape.init) {
    Field("agents", \.agents, .count(in: 1...1_000), "How many agents.")
    Field(
      "spareAgents", \.spareAgents, .count(in: 0...1_000),
      "How many more agents there are that begin absent; `start` faults bring them in.")
    Field(
      "maintainers", \.maintainers, .count(in: 0...1_000),
      "How many maintainers, which delete, compact and reconcile objects.")
    Field("zones", \.zones, .count(in: 1...100), "Over how many zones machines are spread, in turn.")
  }
}

extension TopicShape {
  static let schema = Schema<TopicShape>("topic", "A topic.", defaults: TopicShape.init) {
    Field("partitions", \.partitions, .count(in: 1...10_000), "How many partitions.")
    Field(
      "retentionTime", \.settings.retentionTime, .optional(.time(in: .milliseconds(1)...(.seconds(1_000_000_000)))),
      "How long a segment is kept; none keeps it for ever.")
    Field(
      "retentionBytes", \.settings.retentionBytes, .optional(.count(in: 1...(1 << 50))),
      "How many bytes each partition keeps; none keeps all.")
    Field("cleanup", \.settings.cleanup, .choice, "Whether older records of a key go once there is a newer one.")
    Field(
      "tombstoneRetention", \.settings.tombstoneRetention, .time(in: .zero...(.seconds(1_000_000_000))),
      "How long compaction keeps empty values at the least.")
  }
}

extension ProducerGroup {
  static let schema = Schema<ProducerGroup>("producers", "Producers that are alike.", defaults: ProducerGroup.init) {
    Field("count", \.count, .count(in: 1...100_000), "How many.")
    Field("topic", \.topic, .name, "The topic they write to.", isRequired: true)
    Field("rate", \.rate, .rate(in: Rate(0, perNanoseconds: 1)...Rate.perSecond(1_000_000)), "How much each sends.")
    Field(
      "begins", \.begins, .time(in: .zero...(.day)), "When each begins, so that load can come to a cluster that is up.")
    Field(
      "records", \.records, .optional(.count(in: 0...1_000_000_000)),
      "How many records each sends in all; none goes on until the end.")
    Field("valueBytes", \.valueBytes, .bytes(in: 16...(1 << 20)), "The size of a value.")
    Field("keys", \.keys, .count(in: 0...1_000_000), "Among how many keys each draws; 0 sends no keys.")
    Field(
      "tombstoneEvery", \.tombstoneEvery, .count(in: 0...1_000_000),
      "Each so manieth record is an empty value; 0 sends none.")
    Field(
      "waitsForEach", \.waitsForEach, .boolean,
      "Whether an application waits for each record's offset before it sends the next one.")
    Field(
      "otherTopics", \.aims.otherTopics, .list(of: .name, count: 0...100),
      "Further topics: each record goes to one of them or to `topic`, as drawn.")
    Field(
      "namesPartitions", \.aims.namesPartitions, .boolean,
      "Whether the application names each record's partition, drawn among those of the topic, in place of `partitioner`."
    )
    Field(
      "wrongPartitions", \.aims.wrongPartitions, .probability(),
      "How likely it names a partition that the topic does not have, and has to be told so.")
    Field(
      "wrongTopics", \.aims.wrongTopics, .probability(),
      "How likely it names a topic that is not there, and has to be told so.")
    Field("acknowledgement", \.client.acknowledgement, .choice, "When a batch counts as safe.")
    Field("idempotent", \.client.isIdempotent, .boolean, "Whether each record is stored once, whatever is retried.")
    Field(
      "batchRecords", \.client.batchRecords, .count(in: 1...1_000_000), "How many records a batch holds at the most.")
    Field("batchBytes", \.client.batchBytes, .bytes(in: 64...(1 << 28)), "How large a batch gets at the most.")
    Field("linger", \.client.linger, .time(in: .zero...(.hour)), "How long after its first record a batch is sent.")
    Field(
      "inFlight", \.client.inFlight, .count(in: 1...5),
      "How many batches of a partition an idempotent producer has in flight.")
    Field(
      "requestTimeout", \.client.retry.requestTimeout, .time(in: .milliseconds(1)...(.hour)),
      "How long one try may take.")
    Field(
      "deliveryTimeout", \.client.retry.deliveryTimeout, .time(in: .milliseconds(1)...(.day)),
      "How long after its closing a batch is given up.")
    Field(
      "retryBackoff", \.client.retry.firstWait, .time(in: .milliseconds(1)...(.hour)),
      "The first wait before another try."
    )
    Field(
      "retryBackoffLimit", \.client.retry.longestWait, .time(in: .milliseconds(1)...(.hour)),
      "The longest wait before another try.")
    Field(
      "maximumRetries", \.client.retry.maximumRetries, .optional(.count(in: 0...1_000_000)),
      "How often a batch is sent again at the most; none leaves that to `deliveryTimeout`.")
    Field("compression", \.client.compression, .choice, "How batches are compressed for the way to the agent.")
    Field(
      "connections", \.client.connections, .section(connectionSchema), "How many connections to agents are kept.")
    Field(
      "routeRefreshInterval", \.client.routeRefreshInterval, .time(in: .milliseconds(1)...(.day)),
      "How old what is known of the leaders may get.")
    Field("bufferBytes", \.client.bufferBytes, .bytes(in: 1_024...(1 << 34)), "How much may wait in a producer.")
    Field("partitioner", \.client.partitioner, .choice, "How records find their partitions.")
  } validate: { group, locator in
    if group.client.isIdempotent && group.client.acknowledgement != .durable {
      throw locator.error(
        at: "idempotent", "an idempotent producer needs durable acknowledgement",
        remedy: "set `acknowledgement: durable` or leave `idempotent` out")
    }
    if group.valueBytes + 32 > group.client.batchBytes {
      throw locator.error(
        at: "valueBytes", "a record of this size does not fit into a batch of \(group.client.batchBytes) bytes",
        remedy: "raise `batchBytes` or lower `valueBytes`")
    }
    if group.aims.wrongPartitions > 0 && !group.aims.namesPartitions {
      throw locator.error(
        at: "wrongPartitions",
        "the application leaves partitions to the partitioner, which names none that is not there",
        remedy: "set `namesPartitions: true`")
    }
    if group.aims.wrongPartitions + group.aims.wrongTopics > 1_000_000 {
      throw locator.error(
        at: "wrongTopics", "the probabilities add up to more than 100%",
        remedy: "at most 100% together with `wrongPartitions`")
    }
    for (index, topic) in group.aims.otherTopics.enumerated()
    where topic == group.topic || group.aims.otherTopics[..<index].contains(topic) {
      throw locator.error(
        at: "otherTopics[\(index)]", "`\(topic)` is among the topics already", remedy: "name each topic once")
    }
  }
}

extension ProducerGroup {
  private static let connectionSchema = Schema<ConnectionConfiguration>(
    "connections", "How many connections to agents are kept, and for how long.",
    defaults: ConnectionConfiguration.init
  ) {
    Field(
      "maximumPerAgent", \.maximumPerAgent, .count(in: 1...10_000), "How many connections to one agent at the most.")
    Field(
      "requestsAtOnce", \.requestsAtOnce, .count(in: 1...100_000),
      "How many requests may be under way on one connection.")
    Field(
      "idleTimeout", \.idleTimeout, .time(in: .milliseconds(1)...(.day)),
      "After how long without use a connection is closed.")
    Field("openTimeout", \.openTimeout, .time(in: .milliseconds(1)...(.hour)), "How long opening one may take.")
    Field(
      "failuresUntilUnhealthy", \.failuresUntilUnhealthy, .count(in: 1...1_000_000),
      "After how many unanswered requests in a row a connection is closed.")
  }
}

extension ConsumerGroup {
  static let schema = Schema<ConsumerGroup>("consumers", "Consumers that are alike.", defaults: ConsumerGroup.init) {
    Field("count", \.count, .count(in: 1...100_000), "How many; they share the topic's partitions.")
    Field("topic", \.topic, .name, "The topic they read.", isRequired: true)
    Field("group", \.client.group, .optional(.name), "The group under which positions are stored; none stores none.")
    Field(
      "subscribe", \.subscribes, .boolean,
      "Whether they share the topic's partitions by the group protocol, as members come and go; else the scenario splits them."
    )
    Field("assignor", \.membership.assignor, .choice, "How subscribed members share partitions.")
    Field(
      "staticMembers", \.areStatic, .boolean,
      "Whether a subscribed member that comes back within its session goes on with its partitions.")
    Field(
      "sessionTimeout", \.membership.sessionTimeout, .time(in: .milliseconds(100)...(.hour)),
      "After how long without a heartbeat a subscribed member is taken for dead.")
    Field(
      "heartbeatInterval", \.membership.heartbeatInterval, .time(in: .milliseconds(10)...(.hour)),
      "How often a subscribed member reports at least.")
    Field(
      "maxPollInterval", \.membership.maxPollInterval, .time(in: .milliseconds(100)...(.day)),
      "How long an application may take between two polls before its consumer leaves the group.")
    Field("isolation", \.client.isolation, .choice, "What they see of transactions.")
    Field("offsetReset", \.client.offsetReset, .choice, "Where to begin without a stored position.")
    Field(
      "pollRecords", \.client.pollRecords, .count(in: 1...10_000_000), "How many records a poll returns at the most.")
    Field(
      "partitionRecords", \.client.partitionRecords, .count(in: 1...10_000_000),
      "How many records of one partition a poll returns at the most.")
    Field(
      "commit", \.commits, .optional(.choice),
      "Who stores positions; none is automatic in a group, and nobody without one.")
    Field(
      "processingTime", \.processingTime, .time(in: .zero...(.hour)),
      "How long an application takes to handle a record."
    )
    Field(
      "stays", \.stays, .optional(.range(of: .time(in: .milliseconds(1)...(.day)))),
      "How long one reads before it closes and comes back later; none is until the end.")
    Field("away", \.away, .range(of: .time(in: .milliseconds(1)...(.day))), "How long it stays away then.")
    Field("seeks", \.seeks, .optional(.section(SeekPlan.schema)), "How an application sends its consumer elsewhere.")
    Field("pauses", \.pauses, .optional(.section(PausePlan.schema)), "How an application pauses partitions.")
    Field(
      "rereadAfter", \.rereadAfter, .optional(.time(in: .milliseconds(1)...(.hour))),
      "How long an application that is told of records that cannot be read leaves their partition alone before it tries again; none ends it."
    )
    Field(
      "autoCommitInterval", \.client.autoCommitInterval, .optional(.time(in: .milliseconds(1)...(.hour))),
      "How often positions are stored.")
    Field(
      "fetchWait", \.client.fetchWait, .time(in: .milliseconds(1)...(.hour)),
      "How long the service may hold back an answer without news.")
    Field("cacheBytes", \.client.cacheBytes, .bytes(in: 0...(1 << 34)), "How many bytes of segments are kept on disk.")
    Field(
      "cacheMemoryBytes", \.client.cacheMemoryBytes, .bytes(in: 0...(1 << 34)),
      "How many bytes of segments are kept in memory.")
    Field(
      "readAhead", \.client.readAhead, .count(in: 0...1_000),
      "How many segments of a partition are fetched ahead of their use at the most.")
    Field(
      "requestTimeout", \.client.requestTimeout, .time(in: .milliseconds(1)...(.hour)), "How long a request may take.")
  } validate: { group, locator in
    if group.client.group == nil {
      if group.subscribes {
        throw locator.error(at: "subscribe", "only members of a group share partitions", remedy: "name a `group`")
      }
      if group.commits != nil {
        throw locator.error(at: "commit", "there is no group to store positions under", remedy: "name a `group`")
      }
    }
    if group.areStatic && !group.subscribes {
      throw locator.error(
        at: "staticMembers", "only members that subscribe can be static", remedy: "set `subscribe: true`")
    }
    if group.membership.heartbeatInterval * 2 > group.membership.sessionTimeout {
      throw locator.error(
        at: "heartbeatInterval", "heartbeats do not keep a session of \(group.membership.sessionTimeout)",
        remedy: "at most half of `sessionTimeout`")
    }
  }
}

extension QuotaPlan {
  static let schema = Schema<QuotaPlan>("quota", "How much may be produced a second.", defaults: QuotaPlan.init) {
    Field("client", \.client, .optional(.name), "The producer, or `producers`, each of which has the quota.")
    Field("topic", \.topic, .optional(.name), "The topic, in all.")
    Field("bytesPerSecond", \.bytesPerSecond, .bytes(in: 1...(1 << 40)), "Bytes a second.", isRequired: true)
  } validate: { quota, locator in
    if (quota.client == nil) == (quota.topic == nil) {
      throw locator.error(
        at: quota.client == nil ? "" : "topic", "a quota is either a client's or a topic's",
        remedy: "give either `client` or `topic`")
    }
  }
}

extension Preload {
  static let schema = Schema<Preload>("preload", "A segment file that is there from the start.", defaults: Preload.init)
  {
    Field("file", \.file, .text(of: 1...1_000), "The file, relative to the scenario's folder.", isRequired: true)
    Field("topic", \.topic, .name, "The topic.", isRequired: true)
    Field(
      "partition", \.partition, .count(in: 0...9_999), "The partition; its log starts at the segment's base offset.")
  }
}

extension Expectation {
  static let schema = Schema<Expectation>("expect", "What the run has to show.", defaults: Expectation.init) {
    Field("violates", \.violates, .optional(.choice), "The invariant that has to be violated, and no other.")
    Field(
      "probes", \.probes, .named(ProbeExpectation.schema, name: \.name, count: 0...1_000), "Probes that have to be hit."
    )
    Field(
      "faults", \.faults, .named(FaultExpectation.schema, name: \.kind, count: 0...100),
      "Kinds of faults that have to fire.")
    Field(
      "longestLeaderless", \.longestLeaderless, .optional(.time(in: .zero...(.day))),
      "The longest that a partition may be without a leader after it first had one.")
    Field(
      "longestStall", \.longestStall, .optional(.time(in: .zero...(.day))),
      "The longest that a producer may wait for an acknowledgement while something of it is outstanding.")
    Field(
      "failedSends", \.failedSends, .optional(.count(in: 0...1_000_000_000)),
      "How many batches may end without an acknowledgement.")
    Field("figures", \.figures, .section(FigureBounds.schema), "The bounds within which figures have to lie.")
  }
}

extension ProbeExpectation {
  static let schema = Schema<ProbeExpectation>(
    "expected probe", "A probe that has to be hit.", defaults: ProbeExpectation.init
  ) {
    Field("atLeast", \.atLeast, .count(in: 1...1_000_000_000), "How often at least.")
  }
}

extension FaultExpectation {
  static let schema = Schema<FaultExpectation>(
    "expected fault", "A kind of fault that has to fire.", defaults: FaultExpectation.init
  ) {
    Field("atLeast", \.atLeast, .count(in: 1...1_000_000_000), "How often at least.")
  }
}
