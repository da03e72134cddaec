import Simulation

/// Where the application of a producer sends its records, as far as it says so itself.
public struct AimPlan: Sendable, Hashable {
  /// Further topics: each record goes to one of them or to the producer's own, as drawn.
  public var otherTopics: [String] = []
  /// Whether the application names each record's partition, drawn from the topic's, instead of leaving it to the partitioner.
  public var namesPartitions = false
  /// How likely it names a partition that the topic does not have, in millionths.
  public var wrongPartitions = 0
  /// How likely it names a topic that is not there, in millionths.
  public var wrongTopics = 0
  /// Makes the plan of an application that says nothing.
  public init() {}

  /// Whether the application says anything.
  var isPlain: Bool { otherTopics.isEmpty && !namesPartitions && wrongTopics == 0 }
}

/// How an application sends its consumer elsewhere, now and then.
public struct SeekPlan: Sendable, Hashable {
  /// The mean time between two; each is between half and one and a half times as long.
  public var every = VirtualDuration.seconds(5)
  /// How many records far.
  public var records = 1...100
  /// How likely it goes forward, though not past what is known to be there, in millionths; else it goes back, though not before the first offset.
  public var forward = 0
  /// How likely it goes behind everything that is known to be there, in millionths.
  public var beyond = 0
  /// Makes a hundred records back at the most, every five seconds.
  public init() {}

  /// Whether records may be left out.
  var mayLeaveOut: Bool { forward + beyond > 0 }

  static let schema = Schema<SeekPlan>(
    "seeks", "How an application sends its consumer elsewhere.", defaults: SeekPlan.init
  ) {
    Field("every", \.every, .time(in: .milliseconds(10)...(.day)), "The mean time between two, drawn from the seed.")
    Field("records", \.records, .range(of: .count(in: 0...1_000_000_000)), "How many records far, drawn as well.")
    Field(
      "forward", \.forward, .probability(),
      "How likely it goes forward, at most to the end of what is known to be there; else it goes back.")
    Field(
      "beyond", \.beyond, .probability(),
      "How likely it goes so far behind the end of what is known to be there, so that `offsetReset` says what follows.")
  } validate: { plan, locator in
    if plan.forward + plan.beyond > 1_000_000 {
      throw locator.error(
        at: "beyond", "the probabilities add up to more than 100%", remedy: "at most 100% together with `forward`")
    }
  }
}

/// How an application pauses partitions, now and then.
public struct PausePlan: Sendable, Hashable {
  /// The mean time between two; each is between half and one and a half times as long.
  public var every = VirtualDuration.seconds(5)
  /// How long one lasts.
  public var lasts = VirtualDuration.seconds(1)...VirtualDuration.seconds(3)
  /// Makes one to three seconds, every five.
  public init() {}

  static let schema = Schema<PausePlan>(
    "pauses", "How an application pauses a partition of its consumer.", defaults: PausePlan.init
  ) {
    Field("every", \.every, .time(in: .milliseconds(10)...(.day)), "The mean time between two, drawn from the seed.")
    Field("for", \.lasts, .range(of: .time(in: .milliseconds(1)...(.day))), "How long one lasts, drawn as well.")
  }
}
