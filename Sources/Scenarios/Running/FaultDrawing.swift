import Nodes
import Simulation
import Storage

extension Scenario {
  private static let planStream = RandomStreamName("faults.plan")
  /// Most faults that a scenario's plans may come to.
  static let drawnFaultLimit = 100_000

  /// The scenario with everything that a seed decides before the run written out: each fault at its time, on its host, for its length.
  public func resolved(seed: UInt64) -> Scenario {
    var resolved = self
    resolved.seed = seed
    if let swarm, swarm.drawsLoad {
      var load = SwarmLoad(seed: seed)
      load.lighten(&resolved)
    }
    let lightened = resolved
    let names = HostNames(of: lightened)
    let randomness = Randomness(seed: seed)
    resolved.faults = []
    var plans = faults
    if let swarm {
      var drawing = SwarmDrawing(resolved, plan: swarm, seed: seed)
      let drawn = drawing.draw()
      plans += drawn.faults
      resolved.schedule = drawn.schedule
      resolved.faultPoints = drawn.faultPoints
      if drawn.endsWithCore { resolved.ending = .core }
      resolved.swarm = nil
    }
    if resolved.ending == .core && core == nil {
      let drawn = lightened.drawnCore(seed: seed)
      resolved.core = drawn.core
      plans += drawn.faults
    }
    var alike: [FaultPlan: UInt64] = [:]
    for plan in plans {
      // A stream for each plan, by what it says and not by its place: leaving one out leaves what the others draw as it was.
      let text = FaultPlan.schema.print(plan, fields: .changed)
      let key = Hashing.xxh3(Array(text.utf8), seed: alike[plan, default: 0])
      alike[plan, default: 0] += 1
      var generator = randomness.generator(Self.planStream, key: key)
      if let at = plan.at {
        resolved.faults += plan.drawnForEach(at: at, until: duration, names, &generator)
      } else if let every = plan.every {
        var time = VirtualDuration.zero
        while true {
          time = time + generator.duration(in: every / 2...(every * 3 / 2))
          guard time < duration, resolved.faults.count < Self.drawnFaultLimit else { break }
          resolved.faults += plan.drawnForEach(at: time, until: duration, names, &generator)
        }
      }
    }
    // Parts of a compound fault may come to lie behind the end.
    resolved.faults = resolved.faults.filter { $0.at ?? .zero < duration }.enumerated().sorted {
      ($0.element.at ?? .zero, $0.offset) < ($1.element.at ?? .zero, $1.offset)
    }.map(\.element)
    return resolved
  }

  /// The fault script of a resolved scenario.
  var script: FaultScript {
    let names = HostNames(of: self)
    return FaultScript(
      entries: faults.map { $0.entry(names) }, messages: messageFaults, requests: requestFaults)
  }
}

extension FaultPlan {
  /// On how many hosts, one after another, it happens each time.
  func hostsAtOnce(_ names: HostNames) -> Int {
    switch action {
    case .drain(let target) where target.spacing != nil, .start(let target) where target.spacing != nil:
      max(names.count(of: target.host) ?? 1, 1)
    default: 1
    }
  }

  /// This fault from one time on, on each host that it names where those follow one another.
  fileprivate func drawnForEach(
    at time: VirtualDuration, until end: VirtualDuration, _ names: HostNames, _ generator: inout RandomGenerator
  ) -> [FaultPlan] {
    let target: StaggeredTarget
    let embed: (StaggeredTarget) -> FaultAction
    switch action {
    case .drain(let staggered): (target, embed) = (staggered, FaultAction.drain)
    case .start(let staggered): (target, embed) = (staggered, FaultAction.start)
    default: return drawn(at: time, names, &generator)
    }
    guard let spacing = target.spacing else { return drawn(at: time, names, &generator) }
    var plans: [FaultPlan] = []
    for (index, host) in (names.resolve(target.host) ?? []).enumerated() {
      let begin = time + spacing * Int64(index)
      guard begin < end else { break }
      var plan = self
      var alone = StaggeredTarget()
      alone.host = host
      plan.action = embed(alone)
      plans += plan.drawn(at: begin, names, &generator)
    }
    return plans
  }

  /// This fault at one time, with hosts and length drawn; one that is made of several others, as those.
  fileprivate func drawn(
    at time: VirtualDuration, _ names: HostNames, _ generator: inout RandomGenerator
  ) -> [FaultPlan] {
    var fixed = self
    fixed.at = time
    fixed.every = nil
    fixed.lasts = lasts.map { range in
      let length = generator.duration(in: range)
      return length...length
    }
    switch action {
    case .crash(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .crash(target)
    case .replace(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .replace(target)
    case .drain(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .drain(target)
    case .start(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .start(target)
    case .pause(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .pause(target)
    case .clockStep(var step):
      step.host = Self.pick(step.host, names, &generator)
      fixed.action = .clockStep(step)
    case .clockDrift(var drift):
      drift.host = Self.pick(drift.host, names, &generator)
      fixed.action = .clockDrift(drift)
    case .slowCPU(var slowdown):
      slowdown.host = Self.pick(slowdown.host, names, &generator)
      fixed.action = .slowCPU(slowdown)
    case .objectStoreExpiredCredentials(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .objectStoreExpiredCredentials(target)
    case .partition(var shape):
      if shape.from.count == 1 { shape.from = [Self.pick(shape.from[0], names, &generator)] }
      fixed.action = .partition(shape)
    case .clog(var shape):
      if shape.from.count == 1 { shape.from = [Self.pick(shape.from[0], names, &generator)] }
      fixed.action = .clog(shape)
    case .diskStall(var stall):
      stall.host = Self.pick(stall.host, names, &generator)
      fixed.action = .diskStall(stall)
    case .diskErrors(var share):
      share.host = Self.pick(share.host, names, &generator)
      fixed.action = .diskErrors(share)
    case .diskFull(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .diskFull(target)
    case .bitFlip(var target):
      target.host = Self.pick(target.host, names, &generator)
      fixed.action = .bitFlip(target)
    case .isolate(let target):
      fixed.action = .partition(.between([Self.pick(target.host, names, &generator)], ["all"]))
    case .split, .ring, .zoneOutage, .swizzle: return fixed.parts(names, &generator)
    case .bandwidth, .loss, .duplicate, .delay, .reorder, .reset, .objectStoreOutage, .objectStoreErrors,
      .objectStoreLate, .objectStoreThrottle,
      .objectStoreSlow, .objectStoreSlowTail, .objectStoreSlowPrefix, .objectStoreShortPages, .objectStoreRate,
      .objectStoreDamage:
      break
    }
    return [fixed]
  }

  /// One host of a group; a host stands for itself.
  private static func pick(_ name: String, _ names: HostNames, _ generator: inout RandomGenerator) -> String {
    guard let hosts = names.resolve(name), !hosts.isEmpty else { return name }
    return hosts[Int(generator.below(UInt64(hosts.count)))]
  }

  /// This fault as an entry of a fault script.
  fileprivate func entry(_ names: HostNames) -> FaultEntry {
    FaultEntry(at: .start + (at ?? .zero), lasts: lasts?.lowerBound, fault: fault(names))
  }

  private func fault(_ names: HostNames) -> Fault {
    func hosts(_ list: [String]) -> [String] {
      var seen: Set<String> = []
      return list.flatMap { names.resolve($0) ?? [] }.filter { seen.insert($0).inserted }
    }
    func store(_ fault: ObjectStoreFault) -> Fault { fault.component }
    func messages(_ kind: MessageFault, _ trouble: MessageTrouble) -> Fault {
      .messages(
        kind, from: hosts(trouble.from), to: hosts(trouble.to), partsPerMillion: trouble.probability,
        extra: trouble.mean)
    }
    switch action {
    case .crash(let target): return .crash(host: target.host)
    case .replace(let target): return .replace(host: target.host)
    case .drain(let target): return .drain(host: target.host)
    case .start(let target): return .start(host: target.host)
    case .pause(let target): return .pause(host: target.host)
    case .partition(let shape): return .cut(from: hosts(shape.from), to: hosts(shape.to), bothWays: shape.bothWays)
    case .clog(let shape): return .clog(from: hosts(shape.from), to: hosts(shape.to), bothWays: shape.bothWays)
    case .bandwidth(let bandwidth):
      return .bandwidth(
        from: hosts(bandwidth.from), to: hosts(bandwidth.to), bytesPerSecond: Int64(bandwidth.bytesPerSecond),
        queue: bandwidth.queue)
    case .isolate, .split, .ring, .zoneOutage, .swizzle:
      preconditionFailure("a resolved scenario holds the parts of such a fault")
    case .loss(let trouble): return messages(.drop, trouble)
    case .duplicate(let trouble): return messages(.duplicate, trouble)
    case .delay(let trouble): return messages(.delay, trouble)
    case .reorder(let trouble): return messages(.reorder, trouble)
    case .reset(let trouble): return messages(.reset, trouble)
    case .clockStep(let step): return .clockStep(host: step.host, by: step.by)
    case .clockDrift(let drift): return .clockDrift(host: drift.host, partsPerMillion: drift.partsPerMillion)
    case .slowCPU(let slowdown): return .slowCPU(host: slowdown.host, factor: slowdown.factor)
    case .diskStall(let stall): return .diskStall(host: stall.host, extra: stall.extra)
    case .diskErrors(let share): return .diskErrors(host: share.host, partsPerMillion: share.probability)
    case .diskFull(let target): return .diskFull(host: target.host)
    case .bitFlip(let target): return .bitFlip(host: target.host)
    case .objectStoreOutage: return store(.outage)
    case .objectStoreErrors(let errors): return store(.errors(before: errors.before, after: errors.after))
    case .objectStoreLate(let share): return store(.late(share.probability))
    case .objectStoreThrottle(let share): return store(.throttle(share.probability))
    case .objectStoreSlow(let factor): return store(.slow(factor.factor))
    case .objectStoreSlowTail(let share): return store(.slowTail(share.probability))
    case .objectStoreSlowPrefix(let slow):
      return store(.slowPrefix(ObjectKey(slow.prefix), factor: slow.factor, errors: slow.errors))
    case .objectStoreExpiredCredentials(let target):
      // Hosts are made in the order of their names.
      let place = names.all.firstIndex(of: target.host) ?? 0
      return store(.expiredCredentials(HostID(rawValue: UInt32(place))))
    case .objectStoreShortPages(let share): return store(.shortPages(share.probability))
    case .objectStoreRate(let rate): return store(.rate(left: rate.left))
    case .objectStoreDamage(let plan):
      return store(.damage(plan.damage, under: ObjectKey(plan.prefix), objects: plan.objects))
    }
  }
}
