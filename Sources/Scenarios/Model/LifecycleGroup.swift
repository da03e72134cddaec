import Nodes
import Simulation

/// Administrators that are alike: each makes a topic, writes and reads it for a while, deletes it while it is written, and makes it again under the same name.
public struct LifecycleGroup: Sendable, Hashable {
  /// How many; each has a topic of its own.
  public var count = 1
  /// What the topics' names begin with; the administrator's number follows.
  public var topic = ""
  /// How many partitions.
  public var partitions = 1
  /// How long a topic lives.
  public var lasts = VirtualDuration.seconds(8)
  /// How long after a topic's deletion the next one is made.
  public var pause = VirtualDuration.seconds(1)
  /// How many records are sent.
  public var rate = Rate.perSecond(20)
  /// The producers' figures.
  public var client = ProducerConfiguration()
  /// The figures of the consumers that read the topics.
  public var reader = LifecycleGroup.fromTheStart
  /// Makes one administrator.
  public init() {}

  private static var fromTheStart: ConsumerConfiguration {
    var configuration = ConsumerConfiguration()
    configuration.offsetReset = .earliest
    configuration.autoCommitInterval = nil
    return configuration
  }

  /// The group as one that sends.
  var writer: ProducerGroup {
    var writer = ProducerGroup()
    writer.topic = topic
    writer.client = client
    return writer
  }
}

extension LifecycleGroup {
  static let schema = Schema<LifecycleGroup>(
    "lifecycles", "Administrators that make and delete topics.", defaults: LifecycleGroup.init
  ) {
    Field("count", \.count, .count(in: 1...1_000), "How many; each has a topic of its own.")
    Field("topic", \.topic, .name, "What the topics' names begin with.", isRequired: true)
    Field("partitions", \.partitions, .count(in: 1...1_000), "How many partitions.")
    Field("lasts", \.lasts, .time(in: .milliseconds(100)...(.day)), "How long a topic lives.")
    Field("pause", \.pause, .time(in: .zero...(.day)), "How long after a topic's deletion the next one is made.")
    Field(
      "rate", \.rate, .rate(in: Rate(1, perNanoseconds: 1_000_000_000)...Rate.perSecond(100_000)), "How much is sent.")
    Field("acknowledgement", \.client.acknowledgement, .choice, "When a batch counts as safe.")
    Field("idempotent", \.client.isIdempotent, .boolean, "Whether each record is stored once, whatever is retried.")
    Field("linger", \.client.linger, .time(in: .zero...(.hour)), "How long after its first record a batch is sent.")
    Field(
      "deliveryTimeout", \.client.retry.deliveryTimeout, .time(in: .milliseconds(1)...(.day)),
      "How long after its closing a batch is given up.")
  } validate: { group, locator in
    if group.client.isIdempotent && group.client.acknowledgement != .durable {
      throw locator.error(
        at: "idempotent", "an idempotent producer needs durable acknowledgement",
        remedy: "set `acknowledgement: durable` or leave `idempotent` out")
    }
  }
}
