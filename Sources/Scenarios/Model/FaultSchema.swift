import Simulation

extension FaultPlan {
  static let schema = Schema<FaultPlan>("fault", "Something that goes wrong.", defaults: FaultPlan.init) {
    Field("at", \.at, .optional(.time(in: .zero...(.day))), "When it happens.")
    Field(
      "every", \.every, .optional(.time(in: .milliseconds(1)...(.day))),
      "The mean time between two, drawn from the seed.")
    Field(
      "for", \.lasts, .optional(.range(of: .time(in: .zero...(.day)))),
      "How long it lasts; none is until the faults stop.")
    Field.variant(\.action, action)
  } validate: { plan, locator in
    if (plan.at == nil) == (plan.every == nil) {
      throw locator.error(
        at: plan.at == nil ? "" : "every", "a fault happens either at a time or every so often",
        remedy: "give either `at` or `every`")
    }
    if case .start = plan.action, plan.lasts != nil {
      throw locator.error(
        at: "for", "a start has no end", remedy: "leave `for` out, and add a `drain` for when it is to leave")
    }
  }

  private static let action = Union<FaultAction>("kind", "What happens.") {
    Union.Case("crash", target("crash", "A process dies; the fault's end starts it again."), embed: FaultAction.crash) {
      if case .crash(let target) = $0 { target } else { nil }
    }
    Union.Case(
      "drain", staggered("drain", "A process is told to leave; `for` after its end it starts again, without it never."),
      embed: FaultAction.drain
    ) {
      if case .drain(let target) = $0 { target } else { nil }
    }
    Union.Case(
      "start", staggered("start", "A machine that begins absent, or that has left for good, starts."),
      embed: FaultAction.start
    ) {
      if case .start(let target) = $0 { target } else { nil }
    }
    Union.Case("pause", target("pause", "A process stalls while time goes on."), embed: FaultAction.pause) {
      if case .pause(let target) = $0 { target } else { nil }
    }
    Union.Case("partition", partition, embed: FaultAction.partition) {
      if case .partition(let shape) = $0 { shape } else { nil }
    }
    Union.Case("loss", messages("loss", "Some messages vanish."), embed: FaultAction.loss) {
      if case .loss(let trouble) = $0 { trouble } else { nil }
    }
    Union.Case("duplicate", messages("duplicate", "Some messages arrive twice."), embed: FaultAction.duplicate) {
      if case .duplicate(let trouble) = $0 { trouble } else { nil }
    }
    Union.Case("delay", messages("delay", "Some messages are late and may be overtaken."), embed: FaultAction.delay) {
      if case .delay(let trouble) = $0 { trouble } else { nil }
    }
    Union.Case("clockStep", clockStep, embed: FaultAction.clockStep) {
      if case .clockStep(let step) = $0 { step } else { nil }
    }
    Union.Case("clockDrift", clockDrift, embed: FaultAction.clockDrift) {
      if case .clockDrift(let drift) = $0 { drift } else { nil }
    }
    Union.Case("slowCPU", slowdown, embed: FaultAction.slowCPU) {
      if case .slowCPU(let slowdown) = $0 { slowdown } else { nil }
    }
    Union.Case("objectStoreOutage", "The object store refuses everything.", FaultAction.objectStoreOutage) {
      $0 == .objectStoreOutage
    }
    Union.Case("objectStoreErrors", errors, embed: FaultAction.objectStoreErrors) {
      if case .objectStoreErrors(let errors) = $0 { errors } else { nil }
    }
    Union.Case(
      "objectStoreLate", share("objectStoreLate", "Some requests are applied half a minute late."),
      embed: FaultAction.objectStoreLate
    ) {
      if case .objectStoreLate(let share) = $0 { share } else { nil }
    }
    Union.Case(
      "objectStoreThrottle", share("objectStoreThrottle", "Some requests are refused with SlowDown."),
      embed: FaultAction.objectStoreThrottle
    ) {
      if case .objectStoreThrottle(let share) = $0 { share } else { nil }
    }
    Union.Case("objectStoreSlow", factor, embed: FaultAction.objectStoreSlow) {
      if case .objectStoreSlow(let factor) = $0 { factor } else { nil }
    }
  }

  private static func target(_ name: String, _ meaning: String) -> Schema<HostTarget> {
    Schema(name, meaning, defaults: HostTarget.init) {
      Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    }
  }

  private static func staggered(_ name: String, _ meaning: String) -> Schema<StaggeredTarget> {
    Schema(name, meaning, defaults: StaggeredTarget.init) {
      Field("host", \.host, .name, "The agent, or a group: `agents` or `spares`.", isRequired: true)
      Field(
        "spacing", \.spacing, .optional(.time(in: .zero...(.hour))),
        "How long after one host of the group the next follows; none draws one host.")
    }
  }

  private static let partition = Schema<PartitionShape>(
    "partition", "Messages between two sets of hosts vanish.", defaults: PartitionShape.init
  ) {
    Field(
      "from", \.from, .list(of: .name, count: 1...1_000),
      "Hosts or groups on one side; of a group that stands alone one host is drawn.", isRequired: true)
    Field("to", \.to, .list(of: .name, count: 1...1_000), "Hosts or groups on the other side.", isRequired: true)
    Field("bothWays", \.bothWays, .boolean, "Whether messages vanish both ways.")
  }

  private static func messages(_ name: String, _ meaning: String) -> Schema<MessageTrouble> {
    Schema(name, meaning, defaults: MessageTrouble.init) {
      Field("from", \.from, .list(of: .name, count: 1...1_000), "Hosts or groups that send.")
      Field("to", \.to, .list(of: .name, count: 1...1_000), "Hosts or groups that receive.")
      Field("probability", \.probability, .probability(), "How likely a message is hit.")
      Field("mean", \.mean, .time(in: .zero...(.hour)), "The mean time by which it, or its duplicate, is late.")
    }
  }

  private static let clockStep = Schema<ClockStep>("clockStep", "A host's wall clock jumps.", defaults: ClockStep.init)
  {
    Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    Field("by", \.by, .time(in: .zero - .day...(.day)), "By how much.")
  }

  private static let clockDrift = Schema<ClockDrift>("clockDrift", "A host's clocks drift.", defaults: ClockDrift.init)
  {
    Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    Field("partsPerMillion", \.partsPerMillion, .count(in: -50_000...50_000), "How much faster, in parts per million.")
  }

  private static let slowdown = Schema<Slowdown>("slowCPU", "A host's CPU is slow.", defaults: Slowdown.init) {
    Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    Field("factor", \.factor, .count(in: 1...10_000), "How many times slower.")
  }

  private static let errors = Schema<ObjectStoreErrors>(
    "objectStoreErrors", "The object store fails some requests.", defaults: ObjectStoreErrors.init
  ) {
    Field("before", \.before, .probability(), "How likely a request fails before it is applied.")
    Field("after", \.after, .probability(), "How likely a request is applied and then fails.")
  }

  private static func share(_ name: String, _ meaning: String) -> Schema<Share> {
    Schema(name, meaning, defaults: Share.init) {
      Field("probability", \.probability, .probability(), "How likely a request is hit.")
    }
  }

  private static let factor = Schema<Factor>("objectStoreSlow", "The object store takes longer.", defaults: Factor.init)
  {
    Field("factor", \.factor, .count(in: 1...10_000), "How many times longer.")
  }
}
