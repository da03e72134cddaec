import Simulation

/// What becomes of the faults once a scenario's duration is over.
public enum Ending: String, Sendable, Hashable, CaseIterable {
  /// All of them end, and every machine that is to run starts again.
  case everything
  /// Only a core is healed, which suffices to go on: the services, some agents, some clients. The rest stays broken for good.
  case core
}

// How the seed draws a core: by names, so that a resolved scenario says who belongs to it.
extension Scenario {
  private static let coreStream = RandomStreamName("faults.core")

  /// The machines that stay broken for good; none where everything is healed.
  public var outsideCore: [String] {
    guard ending == .core, let core else { return [] }
    let inside = Set(core)
    return HostNames(of: self).all.filter { !inside.contains($0) }
  }

  /// The core, and what breaks the rest: from some time in the last third of the run on each machine of it is cut off from all others, and may be dead or stalled besides.
  ///
  /// Of the agents that stay at least one belongs to the core, of the producers and consumers any number. Whoever has nobody to take its part belongs to it: services, pipelines, maintainers, administrators, and agents that come later.
  func drawnCore(seed: UInt64) -> (core: [String], faults: [FaultPlan]) {
    let names = HostNames(of: self)
    var generator = Randomness(seed: seed).generator(Self.coreStream, key: 0)
    var core = Set([HostNames.metadata, HostNames.objectStore] + names.spares + names.pipelines)
    core.formUnion(names.maintainers + names.administrators)
    let leaving = Set(faults.flatMap { $0.drainsForGood(names) })
    let agents = names.agents.filter { !leaving.contains($0) }
    core.formUnion(leaving)
    if !agents.isEmpty { core.insert(agents[Int(generator.below(UInt64(agents.count)))]) }
    for name in agents + names.producers + names.consumers where generator.below(2) == 0 { core.insert(name) }
    if names.producers.allSatisfy({ !core.contains($0) }), let first = names.producers.first { core.insert(first) }
    var faults: [FaultPlan] = []
    for name in names.all where !core.contains(name) {
      var plan = FaultPlan()
      plan.at = generator.duration(in: duration * 2 / 3...(duration - .nanoseconds(1)))
      plan.action = .partition(.between([name], ["all"]))
      faults.append(plan)
      var target = HostTarget()
      target.host = name
      switch generator.below(3) {
      case 0: plan.action = .crash(target)
      case 1: plan.action = .pause(target)
      default: continue
      }
      faults.append(plan)
    }
    return (names.all.filter(core.contains), faults)
  }
}

extension FaultPlan {
  /// The agents that this fault may tell to leave without their coming back.
  fileprivate func drainsForGood(_ names: HostNames) -> [String] {
    guard case .drain(let target) = action, lasts == nil else { return [] }
    return names.resolve(target.host) ?? []
  }
}
