import Simulation

/// Draws the faults of a swarm run.
///
/// A seed first draws which kinds it leaves out altogether and at which role it aims; then, for each period, whether anything goes wrong in it at all, and what.
struct SwarmDrawing {
  private static let stream = RandomStreamName("faults.swarm")

  private let scenario: Scenario
  private let plan: SwarmPlan
  private let names: HostNames
  private var generator: RandomGenerator
  private var kinds: [Kind] = []
  /// The group of hosts that everything is aimed at.
  private var aim = "all"

  /// What a swarm may draw.
  private enum Kind: CaseIterable {
    case crash, pause, isolate, oneWay, split, ring, zoneOutage, clog, swizzle, bandwidth, loss, duplicate, delay,
      reorder, reset, clockStep, clockDrift, slowCPU, diskStall, objectStoreOutage, objectStoreErrors, objectStoreLate,
      objectStoreThrottle, objectStoreSlow, replace, diskErrors, diskFull, bitFlip, objectStoreSlowTail,
      objectStoreSlowPrefix, objectStoreExpiredCredentials, objectStoreShortPages, objectStoreRate
  }

  init(_ scenario: Scenario, plan: SwarmPlan, seed: UInt64) {
    self.scenario = scenario
    self.plan = plan
    names = HostNames(of: scenario)
    generator = Randomness(seed: seed).generator(Self.stream, key: 0)
  }

  /// The plans, at fixed times but with hosts still to be drawn; and the run's order of jobs and fault points.
  mutating func draw() -> (
    faults: [FaultPlan], schedule: ScheduleOrder, faultPoints: Bool, endsWithCore: Bool
  ) {
    kinds = Kind.allCases.filter { _ in generator.below(2) == 0 }
    let roles = ["all", "all", "agents", "clients", HostNames.metadata, HostNames.objectStore]
    aim = roles[Int(generator.below(UInt64(roles.count)))]
    if names.count(of: aim) ?? 0 == 0 { aim = "all" }
    var faults: [FaultPlan] = []
    var begin = VirtualDuration.zero
    while begin < scenario.duration, !kinds.isEmpty {
      let isCalm = generator.below(4) == 0
      // Twice the intensity at the most, so that the average is what was asked for.
      let count = Int(generator.below(UInt64(plan.intensity * 2 + 1)))
      for _ in 0..<(isCalm ? 0 : count) {
        let at = begin + generator.duration(in: .zero...plan.period)
        let kind = kinds[Int(generator.below(UInt64(kinds.count)))]
        if at < scenario.duration { faults.append(fault(kind, at: at)) }
      }
      begin = begin + plan.period
    }
    let schedule = ScheduleOrder.allCases[Int(generator.below(UInt64(ScheduleOrder.allCases.count)))]
    let faultPoints = generator.below(2) == 0
    let endsWithCore = generator.below(4) == 0
    return (
      faults, plan.drawsSchedule ? schedule : scenario.schedule,
      plan.drawsSchedule ? faultPoints : scenario.faultPoints, plan.drawsEnding && endsWithCore
    )
  }

  private mutating func fault(_ kind: Kind, at time: VirtualDuration) -> FaultPlan {
    var fault = FaultPlan()
    fault.at = time
    fault.action = action(kind)
    let length = length(of: kind)
    fault.lasts = length...length
    return fault
  }

  /// Outages last 1 to 10 s, stalls as long; weather and slowness up to 20 s.
  private mutating func length(of kind: Kind) -> VirtualDuration {
    switch kind {
    case .loss, .duplicate, .delay, .reorder, .reset, .bandwidth, .clockDrift, .clockStep, .slowCPU, .diskStall,
      .objectStoreErrors, .objectStoreSlow, .objectStoreThrottle, .diskErrors, .objectStoreSlowTail,
      .objectStoreSlowPrefix, .objectStoreShortPages, .objectStoreRate:
      generator.duration(in: .seconds(1)...(.seconds(20)))
    case .clog: generator.duration(in: .milliseconds(100)...(.seconds(5)))
    default: generator.duration(in: .seconds(1)...(.seconds(10)))
    }
  }

  private mutating func action(_ kind: Kind) -> FaultAction {
    switch kind {
    case .crash: return .crash(target(from: crashable()))
    case .pause: return .pause(target(from: crashable()))
    case .isolate: return .isolate(target(from: aim))
    case .oneWay:
      var shape = PartitionShape.between([host(from: aim)], ["all"])
      shape.bothWays = false
      if generator.below(2) == 0 { shape = reversed(shape) }
      return .partition(shape)
    case .split: return .split(target("all"))
    case .ring: return .ring(target("agents"))
    case .zoneOutage: return .zoneOutage(ZoneTarget())
    case .clog: return .clog(.between([host(from: aim)], ["all"]))
    case .swizzle: return .swizzle(target("all"))
    case .bandwidth:
      var bandwidth = Bandwidth()
      bandwidth.from = [aim]
      bandwidth.bytesPerSecond = Int(20_000 << generator.below(8))
      bandwidth.queue = Int(2 + generator.below(19)) * 10
      return .bandwidth(bandwidth)
    case .loss: return .loss(weather(upTo: 300_000))
    case .duplicate: return .duplicate(weather(upTo: 500_000))
    case .delay: return .delay(weather(upTo: 500_000))
    case .reorder: return .reorder(weather(upTo: 500_000))
    case .reset: return .reset(weather(upTo: 100_000))
    default: return slowAction(kind)
    }
  }

  private mutating func slowAction(_ kind: Kind) -> FaultAction {
    switch kind {
    case .clockStep:
      var step = ClockStep()
      step.host = host(from: aim)
      step.by = generator.duration(in: .zero...(.seconds(1_200))) - .seconds(600)
      return .clockStep(step)
    case .clockDrift:
      var drift = ClockDrift()
      drift.host = host(from: aim)
      // Within the bound that the lease margin is made for.
      drift.partsPerMillion = Int64(generator.below(20_001)) - 10_000
      return .clockDrift(drift)
    case .slowCPU:
      var slowdown = Slowdown()
      slowdown.host = host(from: aim)
      slowdown.factor = Int64(2 << generator.below(8))
      return .slowCPU(slowdown)
    case .diskStall:
      var stall = DiskStall()
      stall.host = host(from: aim)
      stall.extra = .milliseconds(Int64(1 + generator.below(500)))
      return .diskStall(stall)
    case .objectStoreErrors:
      var errors = ObjectStoreErrors()
      errors.before = UInt32(generator.below(300_000))
      errors.after = UInt32(generator.below(200_000))
      return .objectStoreErrors(errors)
    case .objectStoreLate: return .objectStoreLate(share(upTo: 100_000))
    case .objectStoreThrottle: return .objectStoreThrottle(share(upTo: 700_000))
    case .objectStoreSlow:
      var factor = Factor()
      factor.factor = Int64(2 << generator.below(6))
      return .objectStoreSlow(factor)
    case .objectStoreOutage: return .objectStoreOutage
    default: return diskAction(kind)
    }
  }

  private mutating func diskAction(_ kind: Kind) -> FaultAction {
    switch kind {
    case .replace: return .replace(target(from: replaceable()))
    case .bitFlip: return .bitFlip(target(from: replaceable()))
    case .diskFull: return .diskFull(target(from: crashable()))
    case .diskErrors:
      var share = HostShare()
      share.host = host(from: crashable())
      share.probability = UInt32(1 + generator.below(300_000))
      return .diskErrors(share)
    default: return rareObjectStoreAction(kind)
    }
  }

  private mutating func rareObjectStoreAction(_ kind: Kind) -> FaultAction {
    switch kind {
    case .objectStoreSlowTail: return .objectStoreSlowTail(share(upTo: 200_000))
    case .objectStoreShortPages: return .objectStoreShortPages(share(upTo: 500_000))
    case .objectStoreExpiredCredentials: return .objectStoreExpiredCredentials(target(from: "agents"))
    case .objectStoreRate:
      var rate = RateLeft()
      rate.left = UInt32(1 + generator.below(10_000))
      return .objectStoreRate(rate)
    default:
      var slow = SlowPrefix()
      slow.prefix = "data/1/"
      slow.factor = Int64(1 << generator.below(5))
      slow.errors = UInt32(generator.below(300_000))
      return .objectStoreSlowPrefix(slow)
    }
  }

  // MARK: Draws

  /// Those of the aim that can die: the object store is a service that only its own faults concern.
  private mutating func crashable() -> String {
    guard aim == "all" || aim == HostNames.objectStore else { return aim }
    return ["agents", "agents", "clients", HostNames.metadata][Int(generator.below(4))]
  }

  /// Those of the aim whose disks may lose what they had synced: the metadata service keeps one copy of its journal, and nothing could bring that back.
  private mutating func replaceable() -> String {
    let group = crashable()
    return group == HostNames.metadata ? "agents" : group
  }

  private func target(_ name: String) -> HostTarget {
    var target = HostTarget()
    target.host = name
    return target
  }

  private mutating func target(from group: String) -> HostTarget { target(host(from: group)) }

  private mutating func host(from group: String) -> String {
    guard let hosts = names.resolve(group), !hosts.isEmpty else { return HostNames.metadata }
    return hosts[Int(generator.below(UInt64(hosts.count)))]
  }

  private func reversed(_ shape: PartitionShape) -> PartitionShape {
    var other = shape
    other.from = shape.to
    other.to = shape.from
    return other
  }

  private mutating func weather(upTo odds: UInt64) -> MessageTrouble {
    var trouble = MessageTrouble()
    if generator.below(2) == 0 { trouble.from = [aim] } else { trouble.to = [aim] }
    trouble.probability = UInt32(1 + generator.below(odds))
    trouble.mean = generator.duration(in: .milliseconds(1)...(.milliseconds(100)))
    return trouble
  }

  private mutating func share(upTo odds: UInt64) -> Share {
    var share = Share()
    share.probability = UInt32(1 + generator.below(odds))
    return share
  }
}
