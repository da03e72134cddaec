import Nodes
import Simulation
import Testing

@testable import Scenarios

/// The load that a seed of a swarm draws.
@Suite struct SwarmLoadTests {
  private func recordsPerSecond(_ scenario: Scenario) -> Double {
    scenario.producers.reduce(0) {
      $0 + Double($1.rate.count) * 1_000_000_000 / Double($1.rate.periodNanoseconds) * Double($1.count)
    }
  }

  @Test func isWrittenOutAndNeverMoreThanTheScenarios() throws {
    let loaded = try Repository.load("quickstart").inSwarm.scenario
    var rates: Set<Int> = []
    for seed in 1...100 as ClosedRange<UInt64> {
      let drawn = loaded.resolved(seed: seed)
      #expect(drawn.swarm == nil)
      #expect(try scenario(drawn.printed) == drawn)
      #expect(drawn.producers[0].count <= 50 && drawn.consumers[0].count <= 3)
      let rate = recordsPerSecond(drawn)
      #expect(rate <= recordsPerSecond(loaded))
      #expect(rate > 7.9)
      rates.insert(Int(rate))
    }
    #expect(rates.count > 8, "seeds differ")
    #expect(rates.contains { $0 > 100 }, "some seeds send much more")
  }

  @Test func isTheScenariosWhereTheSwarmDrawsNone() throws {
    var plan = SwarmPlan()
    plan.drawsLoad = false
    var model = try Repository.load("quickstart").scenario
    model.swarm = plan
    #expect(model.resolved(seed: 3).producers == model.producers)
    #expect(model.resolved(seed: 3).consumers == model.consumers)
  }

  @Test func keepsClientsThatAFaultNames() throws {
    var model = try scenario(smallCluster(seconds: 5, "faults: [{at: 1s, for: 1s, kind: crash, host: producer-3}]"))
    model.swarm = SwarmPlan()
    for seed in 1...20 as ClosedRange<UInt64> {
      #expect(HostNames(of: model.resolved(seed: seed)).producers.count == 3)
    }
  }

  @Test func hasEnoughHappenAndHolds() throws {
    var model = try Repository.load("quickstart", "duration=40s").inSwarm.scenario
    model.faults = []
    var perSecond: [Double] = []
    for seed in 1...3 as ClosedRange<UInt64> {
      let result = try model.run(seed: seed)
      #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
      perSecond.append(Double(result.events) / result.virtualSeconds)
    }
    #expect(perSecond.sorted()[1] > 250, "\(perSecond)")
    #expect(perSecond.min()! > 150, "\(perSecond)")
  }
}
