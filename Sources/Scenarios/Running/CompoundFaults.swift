import Simulation

extension PartitionShape {
  /// Two sets of hosts, cut off from each other both ways.
  static func between(_ from: [String], _ to: [String]) -> PartitionShape {
    var shape = PartitionShape()
    shape.from = from
    shape.to = to
    return shape
  }
}

// Faults that a scenario names by one word and that consist of several simpler ones: a resolved scenario holds those.
extension FaultPlan {
  /// What a split, a ring, a zone's outage or a swizzle consists of.
  func parts(_ names: HostNames, _ generator: inout RandomGenerator) -> [FaultPlan] {
    switch action {
    case .split(let target):
      let hosts = Self.shuffled(names.resolve(target.host) ?? [], &generator)
      guard hosts.count > 1 else { return [] }
      return [
        with(.partition(.between(hosts.prefix(hosts.count / 2).sorted(), hosts.dropFirst(hosts.count / 2).sorted())))
      ]
    case .ring(let target): return ring(Self.shuffled(names.resolve(target.host) ?? [], &generator))
    case .zoneOutage(let target):
      let zone = target.zone ?? Int(generator.below(UInt64(max(names.zones, 1))))
      let inside = names.all.filter { names.zone(of: $0) == zone }
      let outside = names.all.filter { names.zone(of: $0) != zone }
      return inside.isEmpty || outside.isEmpty ? [] : [with(.partition(.between(inside, outside)))]
    case .swizzle(let target): return swizzle(names.resolve(target.host) ?? [], &generator)
    default: return [self]
    }
  }

  private func with(_ action: FaultAction) -> FaultPlan {
    var plan = self
    plan.action = action
    return plan
  }

  // Each is cut off from all that come later in the ring, but for its neighbour.
  private func ring(_ hosts: [String]) -> [FaultPlan] {
    guard hosts.count > 3 else { return [] }
    return hosts.indices.compactMap { index in
      let others = hosts.indices.filter { $0 > index + 1 && !(index == 0 && $0 == hosts.count - 1) }
      return others.isEmpty ? nil : with(.partition(.between([hosts[index]], others.map { hosts[$0] })))
    }
  }

  // The first third of the time clogs one host after another, the last third unclogs them in an order of its own.
  private func swizzle(_ hosts: [String], _ generator: inout RandomGenerator) -> [FaultPlan] {
    let chosen = Array(Self.shuffled(hosts, &generator).prefix((hosts.count + 1) / 2))
    let length = lasts?.lowerBound ?? .seconds(10)
    let ends = Self.shuffled(Array(chosen.indices), &generator)
    let step = VirtualDuration(nanoseconds: length.nanoseconds / 3 / Int64(max(chosen.count, 1)))
    return chosen.indices.map { index in
      var plan = with(.clog(.between([chosen[index]], ["all"])))
      let begin = step * Int64(index)
      plan.at = (at ?? .zero) + begin
      let end = step * Int64(2 * chosen.count + (ends.firstIndex(of: index) ?? 0) + 1)
      plan.lasts = (end - begin)...(end - begin)
      return plan
    }
  }

  private static func shuffled<Element>(_ list: [Element], _ generator: inout RandomGenerator) -> [Element] {
    var list = list
    for index in list.indices.dropFirst().reversed() {
      list.swapAt(index, Int(generator.below(UInt64(index + 1))))
    }
    return list
  }
}
