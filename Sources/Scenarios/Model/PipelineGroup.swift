import Nodes
import Simulation
import Storage

/// Pipelines that are alike: each reads records, makes one of each, and stores what it made and how far it has read in one transaction.
public struct PipelineGroup: Sendable, Hashable {
  /// How many; they share the partitions that are read.
  public var count = 1
  /// How many machines there are of each, all with the same name: one works, and is fenced when another takes the name over.
  public var rivals = 1
  /// Whether they share the partitions by the group protocol; else the scenario splits them.
  public var subscribes = false
  /// The group protocol's figures.
  public var membership = GroupProtocol()
  /// The topic that is read.
  public var from = ""
  /// The topic that is written.
  public var to = ""
  /// The group under which positions are stored, and the beginning of the producers' names.
  public var group = ""
  /// The size of a value in bytes.
  public var valueBytes = 100
  /// How long records are gathered in one transaction.
  public var commitInterval = VirtualDuration.milliseconds(500)
  /// How likely a pipeline aborts a transaction of itself, in millionths.
  public var aborts = 0
  /// How long a pipeline that was fenced waits at least before it takes its name over again, and up to twice as long.
  public var takeoverWait = VirtualDuration.seconds(4)
  /// The producer's figures.
  public var producer = PipelineGroup.transactional
  /// The consumer's figures.
  public var consumer = PipelineGroup.committed

  /// Makes one pipeline.
  public init() {}

  private static var transactional: ProducerConfiguration {
    var configuration = ProducerConfiguration()
    configuration.isIdempotent = true
    configuration.acknowledgement = .durable
    configuration.transactionTimeout = .seconds(30)
    configuration.linger = .milliseconds(20)
    return configuration
  }

  private static var committed: ConsumerConfiguration {
    var configuration = ConsumerConfiguration()
    configuration.isolation = .readCommitted
    configuration.autoCommitInterval = nil
    configuration.offsetReset = .earliest
    return configuration
  }

  /// What a pipeline sends, as a producer would.
  var writer: ProducerGroup {
    var writer = ProducerGroup()
    writer.topic = to
    writer.valueBytes = valueBytes
    writer.client = producer
    return writer
  }

  static let schema = Schema<PipelineGroup>("pipelines", "Pipelines that are alike.", defaults: PipelineGroup.init) {
    Field("count", \.count, .count(in: 1...10_000), "How many; they share the partitions that are read.")
    Field("rivals", \.rivals, .count(in: 1...10), "How many machines use the name of each.")
    Field("subscribes", \.subscribes, .boolean, "Whether they share the partitions by the group protocol.")
    Field("assignor", \.membership.assignor, .choice, "How subscribed members share partitions.")
    Field(
      "sessionTimeout", \.membership.sessionTimeout, .time(in: .milliseconds(100)...(.hour)),
      "After how long without a heartbeat a subscribed member is taken for dead.")
    Field(
      "heartbeatInterval", \.membership.heartbeatInterval, .time(in: .milliseconds(10)...(.hour)),
      "How often a subscribed member reports.")
    Field("from", \.from, .name, "The topic that is read.", isRequired: true)
    Field("to", \.to, .name, "The topic that is written.", isRequired: true)
    Field(
      "group", \.group, .name, "The group under which positions are stored, and the beginning of the producers' names.",
      isRequired: true)
    Field("valueBytes", \.valueBytes, .bytes(in: 16...(1 << 20)), "The size of a value.")
    Field(
      "commitInterval", \.commitInterval, .time(in: .zero...(.hour)),
      "How long records are gathered in one transaction.")
    Field("aborts", \.aborts, .probability(), "How likely a pipeline aborts a transaction of itself.")
    Field(
      "takeoverWait", \.takeoverWait, .time(in: .milliseconds(1)...(.hour)),
      "How long a fenced pipeline waits at least before it takes its name over again.")
    Field(
      "transactionTimeout", \.producer.transactionTimeout, .optional(.time(in: .milliseconds(1)...(.seconds(900)))),
      "After how long the metadata service aborts a transaction.")
    Field("linger", \.producer.linger, .time(in: .zero...(.hour)), "How long after its first record a batch is sent.")
    Field(
      "deliveryTimeout", \.producer.retry.deliveryTimeout, .time(in: .milliseconds(1)...(.day)),
      "How long after its closing a batch is given up.")
    Field(
      "requestTimeout", \.producer.retry.requestTimeout, .time(in: .milliseconds(1)...(.hour)),
      "How long one try may take.")
    Field("isolation", \.consumer.isolation, .choice, "Which records of the topic that is read count.")
  } validate: { group, locator in
    if group.from == group.to {
      throw locator.error(
        at: "to", "a pipeline that writes what it reads never ends", remedy: "name another topic than `\(group.from)`")
    }
    if group.membership.heartbeatInterval * 2 > group.membership.sessionTimeout {
      throw locator.error(
        at: "heartbeatInterval", "heartbeats do not keep a session of \(group.membership.sessionTimeout)",
        remedy: "at most half of `sessionTimeout`")
    }
    if group.producer.transactionTimeout == nil {
      throw locator.error(
        at: "transactionTimeout", "a pipeline runs transactions, which need a time", remedy: "for example `30s`")
    }
  }
}

extension Scenario {
  /// Everyone who sends, in the order in which producers name their group: producers, then pipelines, then administrators.
  var writers: [ProducerGroup] { producers + pipelines.map(\.writer) + lifecycles.map(\.writer) }
}
