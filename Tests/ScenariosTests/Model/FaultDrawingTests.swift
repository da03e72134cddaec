import Simulation
import Testing

@testable import Scenarios

/// How a seed turns "every so often, on some agent" into faults at times on hosts.
@Suite struct FaultDrawingTests {
  private static let plans = [
    "{every: 3s, for: 1s..2s, kind: crash, host: agents}",
    "{every: 4s, for: 500ms..4s, kind: pause, host: clients}",
    "{every: 5s, for: 2s, kind: partition, from: [agents], to: [metadata]}",
    "{at: 20s, for: 1s..9s, kind: crash, host: consumers}",
    "{every: 7s, kind: clockStep, host: all, by: -30s}",
    "{every: 9s, for: 1s, kind: slowCPU, host: producers}",
    "{every: 9s, for: 1s, kind: clockDrift, host: agents}",
  ]

  private func drawn(_ plans: [String], seed: UInt64 = 7) throws -> Scenario {
    let faults = "faults: [\(plans.joined(separator: ", "))]"
    return try scenario(smallCluster(seconds: 40, faults)).resolved(seed: seed)
  }

  @Test(arguments: 0..<7)
  func leavingOnePlanOutLeavesWhatTheOthersDraw(index: Int) throws {
    var left = Self.plans
    let alone = Set(try drawn([left.remove(at: index)]).faults)
    let all = Set(try drawn(Self.plans).faults)
    #expect(!alone.isEmpty)
    #expect(Set(try drawn(left).faults) == all.subtracting(alone))
  }

  @Test func plansThatAreAlikeDrawApart() throws {
    let plan = Self.plans[0]
    let one = try drawn([plan]).faults
    let two = try drawn([plan, plan]).faults
    #expect(Set(two).isSuperset(of: one))
    #expect(two.count > one.count)
    #expect(Set(two).count > one.count)
  }

  @Test func theOrderOfPlansDoesNotMatter() throws {
    #expect(Set(try drawn(Self.plans).faults) == Set(try drawn(Self.plans.reversed()).faults))
  }

  @Test func anotherSeedDrawsOtherFaults() throws {
    #expect(try drawn(Self.plans, seed: 7).faults == drawn(Self.plans, seed: 7).faults)
    #expect(try drawn(Self.plans, seed: 7).faults != drawn(Self.plans, seed: 8).faults)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func timesHostsAndLengthsAreWhatThePlansAllow(seed: UInt64) throws {
    let resolved = try drawn(Self.plans, seed: seed)
    let names = HostNames(of: resolved)
    var latest = VirtualDuration.zero
    for fault in resolved.faults {
      let at = try #require(fault.at)
      #expect(fault.every == nil)
      #expect(at >= latest && at < resolved.duration, "in order of time, before the faults stop")
      latest = at
      if let lasts = fault.lasts { #expect(lasts.lowerBound == lasts.upperBound) }
      switch fault.action {
      case .crash(let target):
        #expect((names.agents + names.consumers).contains(target.host))
        let limits: ClosedRange<VirtualDuration> =
          target.host == "consumer-1" ? .seconds(1)...(.seconds(9)) : .seconds(1)...(.seconds(2))
        #expect(limits.contains(try #require(fault.lasts).lowerBound))
      case .pause(let target):
        #expect((names.producers + names.consumers).contains(target.host))
        #expect((.milliseconds(500)...(.seconds(4))).contains(try #require(fault.lasts).lowerBound))
      case .partition(let shape):
        #expect(shape.from.count == 1 && names.agents.contains(shape.from[0]))
        #expect(shape.to == ["metadata"])
      case .clockStep(let step): #expect(names.all.contains(step.host) && fault.lasts == nil)
      case .slowCPU(let slowdown): #expect(names.producers.contains(slowdown.host))
      case .clockDrift(let drift): #expect(names.agents.contains(drift.host))
      default: Issue.record("\(fault.action) was not planned")
      }
    }
  }

  @Test func timesBetweenFaultsAreAroundTheirMean() throws {
    var gaps: [VirtualDuration] = []
    for seed in 1...30 as ClosedRange<UInt64> {
      var before = VirtualDuration.zero
      for fault in try drawn([Self.plans[0]], seed: seed).faults {
        gaps.append(try #require(fault.at) - before)
        before = try #require(fault.at)
      }
    }
    #expect(gaps.allSatisfy { $0 >= .milliseconds(1_500) && $0 <= .milliseconds(4_500) })
    let mean = gaps.reduce(VirtualDuration.zero, +) / Int64(gaps.count)
    #expect(mean > .milliseconds(2_700) && mean < .milliseconds(3_300))
  }

  @Test func everyMemberOfAGroupGetsItsTurn() throws {
    var hosts: Set<String> = []
    for seed in 1...10 as ClosedRange<UInt64> {
      for fault in try drawn([Self.plans[4]], seed: seed).faults {
        if case .clockStep(let step) = fault.action { hosts.insert(step.host) }
      }
    }
    let all = HostNames(of: try drawn([])).all
    #expect(hosts == Set(all))
  }

  @Test func aPartitionOfSeveralHostsCutsAllOfThemOff() throws {
    let fixed = "{at: 5s, for: 2s, kind: partition, from: [agent-1, agent-2], to: [metadata, object-store]}"
    let repeated = "{every: 5s, for: 2s, kind: partition, from: [agent-1, agent-2], to: [metadata, object-store]}"
    for plan in [fixed, repeated] {
      let faults = try drawn([plan]).faults
      #expect(!faults.isEmpty)
      for fault in faults {
        guard case .partition(let shape) = fault.action else { continue }
        #expect(shape.from == ["agent-1", "agent-2"])
        #expect(shape.to == ["metadata", "object-store"])
      }
    }
  }

  @Test func aResolvedScenarioResolvesToItselfUnderAnySeed() throws {
    let resolved = try drawn(Self.plans)
    #expect(resolved.seed == 7)
    #expect(resolved.resolved(seed: 7) == resolved)
    var other = resolved.resolved(seed: 8)
    other.seed = 7
    #expect(other == resolved)
  }

  @Test func aResolvedScenarioPrintsAndParsesToItself() throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      let resolved = try drawn(Self.plans, seed: seed)
      #expect(try scenario(resolved.printed) == resolved)
      #expect(try scenario(Scenario.schema.print(resolved, fields: .all)) == resolved)
    }
  }

  @Test func theScriptNamesEveryHostOfAGroupOnce() throws {
    let script = try drawn(["{at: 1s, kind: loss, from: [agents, agent-1, all], to: [clients]}"]).script
    guard case .messages(.drop, let from, let to, let share, _) = try #require(script.entries.first).fault else {
      Issue.record("a loss was planned")
      return
    }
    #expect(from == ["agent-1", "agent-2", "metadata", "object-store"] + to)
    #expect(to == ["producer-1", "producer-2", "producer-3", "consumer-1"])
    #expect(share == 50_000)
    #expect(script.entries.first?.lasts == nil)
  }

  // MARK: One after another

  private func hostsAndTimes(_ plan: String, cluster: String = "agents: 3") throws -> [String] {
    let text = """
      name: staggered
      duration: 40s
      cluster: {\(cluster)}
      faults: [\(plan)]
      """
    return try scenario(text).resolved(seed: 3).faults.map { fault in
      switch fault.action {
      case .drain(let target), .start(let target):
        "\(target.host) \(fault.at?.nanoseconds ?? 0) \(target.spacing == nil)"
      default: "another fault"
      }
    }
  }

  @Test func aSpacingMeansEveryHostOfTheGroupOneAfterAnother() throws {
    #expect(
      try hostsAndTimes("{at: 10s, for: 1s, kind: drain, host: agents, spacing: 5s}") == [
        "agent-1 10000000000 true", "agent-2 15000000000 true", "agent-3 20000000000 true",
      ])
    #expect(
      try hostsAndTimes("{at: 1s, kind: start, host: spares, spacing: 0s}", cluster: "agents: 2, spareAgents: 2") == [
        "agent-3 1000000000 true", "agent-4 1000000000 true",
      ])
  }

  @Test func thoseThatWouldComeAfterTheEndAreLeftOut() throws {
    #expect(try hostsAndTimes("{at: 30s, kind: drain, host: agents, spacing: 6s}").count == 2)
  }

  @Test func withoutASpacingOneIsDrawn() throws {
    #expect(try hostsAndTimes("{at: 30s, kind: drain, host: agents}").count == 1)
  }

  @Test func whatIsDrawnIsWhatAFileWouldSay() throws {
    let text = "{at: 10s, for: 1s..2s, kind: drain, host: agents, spacing: 5s}"
    let resolved = try scenario("{name: staggered, duration: 40s, faults: [\(text)]}").resolved(seed: 9)
    #expect(try scenario(resolved.printed).resolved(seed: 9) == resolved)
  }
}
