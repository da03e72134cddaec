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
      "replace", target("replace", "A process dies; the fault's end starts it again on an empty disk."),
      embed: FaultAction.replace
    ) {
      if case .replace(let target) = $0 { target } else { nil }
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
    Union.Case("isolate", target("isolate", "One host is cut off from all others."), embed: FaultAction.isolate) {
      if case .isolate(let target) = $0 { target } else { nil }
    }
    Union.Case(
      "split", group("split", "The hosts of a group fall into two halves that cannot reach each other."),
      embed: FaultAction.split
    ) {
      if case .split(let target) = $0 { target } else { nil }
    }
    Union.Case("ring", group("ring", "Each host of a group reaches only its two neighbours."), embed: FaultAction.ring)
    {
      if case .ring(let target) = $0 { target } else { nil }
    }
    Union.Case("zoneOutage", zone, embed: FaultAction.zoneOutage) {
      if case .zoneOutage(let target) = $0 { target } else { nil }
    }
    Union.Case("clog", clog, embed: FaultAction.clog) {
      if case .clog(let shape) = $0 { shape } else { nil }
    }
    Union.Case(
      "swizzle", group("swizzle", "Half a group's hosts are clogged one by one, and unclogged in another order."),
      embed: FaultAction.swizzle
    ) {
      if case .swizzle(let target) = $0 { target } else { nil }
    }
    Union.Case("bandwidth", bandwidth, embed: FaultAction.bandwidth) {
      if case .bandwidth(let bandwidth) = $0 { bandwidth } else { nil }
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
    Union.Case(
      "reorder", messages("reorder", "Some messages are a little late, so that later ones overtake them."),
      embed: FaultAction.reorder
    ) {
      if case .reorder(let trouble) = $0 { trouble } else { nil }
    }
    Union.Case(
      "reset", messages("reset", "Some messages are lost with their connection; whoever waits for the answer is told."),
      embed: FaultAction.reset
    ) {
      if case .reset(let trouble) = $0 { trouble } else { nil }
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
    Union.Case("diskStall", diskStall, embed: FaultAction.diskStall) {
      if case .diskStall(let stall) = $0 { stall } else { nil }
    }
    Union.Case("diskErrors", diskErrors, embed: FaultAction.diskErrors) {
      if case .diskErrors(let share) = $0 { share } else { nil }
    }
    Union.Case("diskFull", target("diskFull", "A disk takes no more bytes."), embed: FaultAction.diskFull) {
      if case .diskFull(let target) = $0 { target } else { nil }
    }
    Union.Case(
      "bitFlip", target("bitFlip", "One bit of what a disk holds flips, once, when the fault begins."),
      embed: FaultAction.bitFlip
    ) {
      if case .bitFlip(let target) = $0 { target } else { nil }
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
    Union.Case(
      "objectStoreSlowTail", share("objectStoreSlowTail", "Some requests take ten times longer."),
      embed: FaultAction.objectStoreSlowTail
    ) {
      if case .objectStoreSlowTail(let share) = $0 { share } else { nil }
    }
    Union.Case("objectStoreSlowPrefix", SlowPrefix.schema, embed: FaultAction.objectStoreSlowPrefix) {
      if case .objectStoreSlowPrefix(let prefix) = $0 { prefix } else { nil }
    }
    Union.Case(
      "objectStoreExpiredCredentials",
      target("objectStoreExpiredCredentials", "The object store refuses a client with 403."),
      embed: FaultAction.objectStoreExpiredCredentials
    ) {
      if case .objectStoreExpiredCredentials(let target) = $0 { target } else { nil }
    }
    Union.Case(
      "objectStoreShortPages", share("objectStoreShortPages", "Some pages of listings end early."),
      embed: FaultAction.objectStoreShortPages
    ) {
      if case .objectStoreShortPages(let share) = $0 { share } else { nil }
    }
    Union.Case("objectStoreRate", RateLeft.schema, embed: FaultAction.objectStoreRate) {
      if case .objectStoreRate(let left) = $0 { left } else { nil }
    }
    Union.Case("objectStoreDamage", DamagePlan.schema, embed: FaultAction.objectStoreDamage) {
      if case .objectStoreDamage(let plan) = $0 { plan } else { nil }
    }
  }

  private static func target(_ name: String, _ meaning: String) -> Schema<HostTarget> {
    Schema(name, meaning, defaults: HostTarget.init) {
      Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    }
  }

  private static func group(_ name: String, _ meaning: String) -> Schema<HostTarget> {
    Schema(name, meaning, defaults: HostTarget.init) {
      Field("hosts", \.host, .name, "The group of hosts.", isRequired: true)
    }
  }

  private static let zone = Schema<ZoneTarget>(
    "zoneOutage", "The hosts of a zone are cut off from all others.", defaults: ZoneTarget.init
  ) {
    Field("zone", \.zone, .optional(.count(in: 0...99)), "The zone's number, from 0; none draws one.")
  }

  private static let clog = Schema<PartitionShape>(
    "clog", "Messages between two sets of hosts are held up; they arrive when the fault ends.",
    defaults: PartitionShape.init
  ) {
    Field(
      "from", \.from, .list(of: .name, count: 1...1_000),
      "Hosts or groups on one side; of a group that stands alone one host is drawn.", isRequired: true)
    Field("to", \.to, .list(of: .name, count: 1...1_000), "Hosts or groups on the other side.", isRequired: true)
    Field("bothWays", \.bothWays, .boolean, "Whether messages are held up both ways.")
  }

  private static let bandwidth = Schema<Bandwidth>("bandwidth", "Links carry little.", defaults: Bandwidth.init) {
    Field("from", \.from, .list(of: .name, count: 1...1_000), "Hosts or groups that send.")
    Field("to", \.to, .list(of: .name, count: 1...1_000), "Hosts or groups that receive.")
    Field("bytesPerSecond", \.bytesPerSecond, .bytes(in: 100...(1 << 40)), "What each link carries in a second.")
    Field("queue", \.queue, .count(in: 1...1_000_000), "How many messages wait on a link before others vanish.")
  }

  private static let diskStall = Schema<DiskStall>("diskStall", "A disk is slow.", defaults: DiskStall.init) {
    Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    Field("extra", \.extra, .time(in: .zero...(.hour)), "What each operation takes longer.")
  }

  private static let diskErrors = Schema<HostShare>(
    "diskErrors", "Some syncs fail; what they were to make durable never will be.", defaults: HostShare.init
  ) {
    Field("host", \.host, .name, "The host, or a group from which one is drawn.", isRequired: true)
    Field("probability", \.probability, .probability(), "How likely a sync fails.")
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
