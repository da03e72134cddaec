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
    let names = HostNames(of: self)
    let randomness = Randomness(seed: seed)
    resolved.faults = []
    var alike: [FaultPlan: UInt64] = [:]
    for plan in faults {
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
    resolved.faults = resolved.faults.enumerated().sorted {
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
    default: return [drawn(at: time, names, &generator)]
    }
    guard let spacing = target.spacing else { return [drawn(at: time, names, &generator)] }
    var plans: [FaultPlan] = []
    for (index, host) in (names.resolve(target.host) ?? []).enumerated() {
      let begin = time + spacing * Int64(index)
      guard begin < end else { break }
      var plan = self
      var alone = StaggeredTarget()
      alone.host = host
      plan.action = embed(alone)
      plans.append(plan.drawn(at: begin, names, &generator))
    }
    return plans
  }

  /// This fault at one time, with hosts and length drawn.
  fileprivate func drawn(at time: VirtualDuration, _ names: HostNames, _ generator: inout RandomGenerator) -> FaultPlan
  {
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
    case .partition(var shape):
      if shape.from.count == 1 { shape.from = [Self.pick(shape.from[0], names, &generator)] }
      fixed.action = .partition(shape)
    case .loss, .duplicate, .delay, .objectStoreOutage, .objectStoreErrors, .objectStoreLate, .objectStoreThrottle,
      .objectStoreSlow:
      break
    }
    return fixed
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
    func component(_ name: String, _ values: [Int64]) -> Fault {
      .component(host: HostNames.objectStore, name: name, values: values)
    }
    func messages(_ kind: MessageFault, _ trouble: MessageTrouble) -> Fault {
      .messages(
        kind, from: hosts(trouble.from), to: hosts(trouble.to), partsPerMillion: trouble.probability,
        extra: trouble.mean)
    }
    switch action {
    case .crash(let target): return .crash(host: target.host)
    case .drain(let target): return .drain(host: target.host)
    case .start(let target): return .start(host: target.host)
    case .pause(let target): return .pause(host: target.host)
    case .partition(let shape): return .cut(from: hosts(shape.from), to: hosts(shape.to), bothWays: shape.bothWays)
    case .loss(let trouble): return messages(.drop, trouble)
    case .duplicate(let trouble): return messages(.duplicate, trouble)
    case .delay(let trouble): return messages(.delay, trouble)
    case .clockStep(let step): return .clockStep(host: step.host, by: step.by)
    case .clockDrift(let drift): return .clockDrift(host: drift.host, partsPerMillion: drift.partsPerMillion)
    case .slowCPU(let slowdown): return .slowCPU(host: slowdown.host, factor: slowdown.factor)
    case .objectStoreOutage: return component("objectStoreOutage", [])
    case .objectStoreErrors(let errors):
      return component("objectStoreErrors", [Int64(errors.before), Int64(errors.after)])
    case .objectStoreLate(let share): return component("objectStoreLate", [Int64(share.probability)])
    case .objectStoreThrottle(let share): return component("objectStoreThrottle", [Int64(share.probability)])
    case .objectStoreSlow(let factor): return component("objectStoreSlow", [factor.factor])
    }
  }
}
