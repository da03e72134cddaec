import Simulation
import Testing

@testable import Scenarios

/// Faults that one word of a scenario names and that consist of several simpler ones.
@Suite struct CompoundFaultTests {
  private func drawn(_ fault: String, seed: UInt64 = 7, agents: Int = 6, zones: Int = 3) throws -> [FaultPlan] {
    let text = smallCluster(seconds: 40, "faults: [\(fault)]")
    return try scenario(text, "cluster.agents=\(agents)", "cluster.zones=\(zones)")
      .resolved(seed: seed).faults
  }

  private func cuts(_ faults: [FaultPlan]) -> [PartitionShape] {
    faults.compactMap { if case .partition(let shape) = $0.action { shape } else { nil } }
  }

  @Test func anIsolatedHostIsCutOffFromAll() throws {
    let shapes = cuts(try drawn("{at: 5s, for: 3s, kind: isolate, host: agents}"))
    #expect(shapes.count == 1)
    #expect(shapes[0].from.count == 1 && shapes[0].from[0].hasPrefix("agent-"))
    #expect(shapes[0].to == ["all"] && shapes[0].bothWays)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func aSplitMakesTwoHalvesThatShareNoHost(seed: UInt64) throws {
    let shapes = cuts(try drawn("{at: 5s, for: 3s, kind: split, hosts: agents}", seed: seed))
    #expect(shapes.count == 1)
    #expect(shapes[0].from.count == 3 && shapes[0].to.count == 3)
    #expect(Set(shapes[0].from).isDisjoint(with: shapes[0].to))
  }

  @Test(arguments: [4, 5, 9])
  func inARingEachHostReachesExactlyTwo(agents: Int) throws {
    let shapes = cuts(try drawn("{at: 5s, for: 3s, kind: ring, hosts: agents}", agents: agents))
    var unreachable: [String: Set<String>] = [:]
    for shape in shapes {
      for source in shape.from {
        for target in shape.to {
          unreachable[source, default: []].insert(target)
          unreachable[target, default: []].insert(source)
        }
      }
    }
    #expect(unreachable.count == agents)
    #expect(unreachable.values.allSatisfy { $0.count == agents - 3 })
  }

  @Test func aZonesOutageCutsItsHostsOffFromAllOthers() throws {
    let faults = try drawn("{at: 5s, for: 3s, kind: zoneOutage, zone: 1}")
    let shape = try #require(cuts(faults).first)
    #expect(shape.from.filter { $0.hasPrefix("agent-") } == ["agent-2", "agent-5"])
    #expect(shape.to.contains("metadata") && shape.to.contains("agent-1"))
    #expect(Set(shape.from).isDisjoint(with: shape.to))
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func aSwizzleClogsHalfOfTheHostsOneByOneAndEndsInAnotherOrder(seed: UInt64) throws {
    let faults = try drawn("{at: 5s, for: 9s, kind: swizzle, hosts: agents}", seed: seed)
    let clogs = faults.compactMap { if case .clog(let shape) = $0.action { shape } else { nil } }
    #expect(clogs.count == 3 && Set(clogs.map { $0.from }).count == 3)
    let begins = faults.compactMap(\.at)
    #expect(begins == [.seconds(5), .seconds(6), .seconds(7)])
    let ends = try faults.map { try #require($0.at) + #require($0.lasts).lowerBound }
    #expect(ends.sorted() == [.seconds(12), .seconds(13), .seconds(14)])
  }

  @Test func aResolvedScenarioHoldsThePartsAndReadsBackAsItself() throws {
    let text = smallCluster(
      seconds: 40,
      "faults: [{at: 5s, for: 9s, kind: swizzle, hosts: agents}, {at: 6s, for: 2s, kind: ring, hosts: agents}]")
    let resolved = try scenario(text, "cluster.agents=6").resolved(seed: 3)
    #expect(try scenario(Scenario.schema.print(resolved, fields: .changed)).resolved(seed: 3) == resolved)
  }
}

/// What a swarm draws.
@Suite struct SwarmDrawingTests {
  private func drawn(seed: UInt64, _ swarm: String = "{}", seconds: Int = 200) throws -> Scenario {
    try scenario(smallCluster(seconds: seconds, "swarm: \(swarm)")).resolved(seed: seed)
  }

  private func kinds(_ scenario: Scenario) -> Set<String> { Set(scenario.script.entries.map(\.fault.kind)) }

  @Test func isTheSameForASeedAndDiffersBetweenSeeds() throws {
    #expect(try drawn(seed: 1).faults == drawn(seed: 1).faults)
    #expect(try drawn(seed: 1).faults != drawn(seed: 2).faults)
  }

  @Test func leavesSomeKindsOutOfEverySeedAndNoneOutOfAll() throws {
    let all = try (1...60 as ClosedRange<UInt64>).map { kinds(try drawn(seed: $0)) }
    let ever = all.reduce(into: Set<String>()) { $0.formUnion($1) }
    #expect(all.allSatisfy { $0.count < ever.count })
    for kind in [
      "crash", "pause", "partition", "clog", "bandwidth", "loss", "duplicate", "delay", "reorder", "reset", "clockStep",
      "clockDrift", "slowCPU", "diskStall", "objectStoreOutage", "objectStoreErrors", "objectStoreLate",
      "objectStoreThrottle", "objectStoreSlow", "replace", "diskErrors", "diskFull", "bitFlip", "objectStoreSlowTail",
      "objectStoreSlowPrefix", "objectStoreExpiredCredentials", "objectStoreShortPages", "objectStoreRate",
    ] { #expect(ever.contains(kind), "no seed draws \(kind)") }
  }

  @Test func hasCalmPeriods() throws {
    var calm = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let scenario = try drawn(seed: seed, "{intensity: 10}")
      let busy = Set(scenario.faults.compactMap { ($0.at?.nanoseconds).map { $0 / 10_000_000_000 } })
      calm += 20 - busy.count
    }
    // Of 400 periods a quarter, and those in which nothing was drawn.
    #expect((60...180).contains(calm))
  }

  @Test func neverTakesWhatTheMetadataServiceHasSynced() throws {
    for seed in 1...60 as ClosedRange<UInt64> {
      for plan in try drawn(seed: seed).faults {
        switch plan.action {
        case .replace(let target), .bitFlip(let target): #expect(!["metadata", "object-store"].contains(target.host))
        default: break
        }
      }
    }
  }

  @Test func healsACoreOnlyInAQuarterOfTheSeedsUnlessToldNotTo() throws {
    let endings = try (1...80 as ClosedRange<UInt64>).map { try drawn(seed: $0).ending }
    #expect((10...32).contains(endings.count { $0 == .core }))
    let fixed = try (1...30 as ClosedRange<UInt64>).map { try drawn(seed: $0, "{drawsEnding: false}").ending }
    #expect(fixed.allSatisfy { $0 == .everything })
  }

  @Test func drawsTheOrderOfJobsAndFaultPointsUnlessToldNotTo() throws {
    let schedules = try Set((1...30 as ClosedRange<UInt64>).map { try drawn(seed: $0).schedule })
    #expect(schedules == Set(ScheduleOrder.allCases))
    let fixed = try (1...30 as ClosedRange<UInt64>).map { try drawn(seed: $0, "{drawsSchedule: false}") }
    #expect(fixed.allSatisfy { $0.schedule == .firstInFirstOut && !$0.faultPoints })
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func resolvesToAScenarioThatReadsBackAsItself(seed: UInt64) throws {
    let resolved = try drawn(seed: seed)
    #expect(resolved.swarm == nil)
    #expect(try scenario(Scenario.schema.print(resolved, fields: .changed)).resolved(seed: seed) == resolved)
  }
}
