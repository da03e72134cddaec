import Testing

@testable import Scenarios
@testable import Simulation

/// How a run ends: everything healed, or a core only.
@Suite("The ending of a run") struct EndingTests {
  private func cluster(_ more: String, _ overrides: String...) throws -> Scenario {
    let text = smallCluster(seconds: 12, more)
    return try Scenario.schema.decode(
      Array(text.utf8), file: "s.yaml",
      overrides: ["cluster.agents=4"].map { Override($0) } + overrides.map { Override($0) }
    ).value
  }

  @Test(
    "A drawn core has the services, an agent and a producer, and what is outside of it is cut off for good",
    arguments: 1...30 as ClosedRange<UInt64>)
  func drawnCore(seed: UInt64) throws {
    let resolved = try cluster("ending: core").resolved(seed: seed)
    let core = try #require(resolved.core)
    #expect(core.contains("metadata") && core.contains("object-store"))
    #expect(core.contains { $0.hasPrefix("agent-") } && core.contains { $0.hasPrefix("producer-") })
    for name in resolved.outsideCore {
      let cuts = resolved.faults.filter { plan in
        guard case .partition(let shape) = plan.action else { return false }
        return shape.from == [name] && shape.to == ["all"] && shape.bothWays && plan.lasts == nil
      }
      #expect(cuts.count == 1 && cuts[0].at.map { $0 >= .seconds(8) && $0 < .seconds(12) } == true)
    }
    #expect(resolved.resolved(seed: seed) == resolved)
    #expect(try scenario(resolved.printed) == resolved)
  }

  @Test("Seeds draw different cores, of one agent and of several")
  func coresDiffer() throws {
    let cores = try (1...40 as ClosedRange<UInt64>).compactMap { try cluster("ending: core").resolved(seed: $0).core }
    let agents = Set(cores.map { core in core.count { $0.hasPrefix("agent-") } })
    #expect(agents == [1, 2, 3, 4])
    #expect(cores.contains { !$0.contains("consumer-1") } && cores.contains { $0.contains("consumer-1") })
  }

  @Test("What a core can do it does, although the rest stays broken", arguments: 1...10 as ClosedRange<UInt64>)
  func theCoreGoesOn(seed: UInt64) throws {
    let result = try cluster(
      "ending: core\n  faults: [{every: 4s, for: 500ms..3s, kind: crash, host: agents}, {at: 2s, for: 20s, kind: loss, probability: 2%}]"
        .replacing("\n  ", with: "\n")
    ).run(seed: seed)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    #expect(result.rightlyStuck == nil)
    let again = try result.resolved.run(seed: seed)
    #expect(again.digest == result.digest, "a resolved scenario takes the same course")
  }

  @Test("A fault on a machine outside of the core goes on, and one between machines of the core ends")
  func whatHealingLeaves() {
    let outside: Set = ["a", "b"]
    #expect(Fault.crash(host: "a").isConfined(to: outside) && !Fault.crash(host: "c").isConfined(to: outside))
    #expect(Fault.cut(from: ["a"], to: ["a", "b", "c"], bothWays: true).isConfined(to: outside))
    #expect(Fault.cut(from: ["c"], to: ["b"], bothWays: false).isConfined(to: outside))
    #expect(!Fault.cut(from: ["a", "c"], to: ["b", "d"], bothWays: true).isConfined(to: outside))
    #expect(
      !Fault.messages(.drop, from: ["a", "c"], to: ["c"], partsPerMillion: 1, extra: .zero).isConfined(to: outside))
  }

  // MARK: Rightly stuck

  private let coreWithoutAgents = """
    ending: core
    core: [metadata, object-store, producer-1, producer-2, producer-3, consumer-1]
    faults:
      - {at: 5s, kind: crash, host: agent-1}
      - {at: 5s, kind: crash, host: agent-2}
      - {at: 6s, kind: pause, host: agent-3}
      - {at: 6s, kind: isolate, host: agent-4}
    """

  @Test("A run in which nobody is left to lead is rightly stuck, and the verdict says so")
  func rightlyStuck() throws {
    let result = try cluster(coreWithoutAgents, "settle=20s").run(seed: 1)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    #expect(result.rightlyStuck == "no agent is alive that reaches the metadata service and the object store")
    #expect(
      result.reasons == [
        "it did not come to rest, and rightly so: no agent is alive that reaches the metadata service and the object store"
      ])
  }

  @Test("A run whose metadata service is down for good is rightly stuck")
  func withoutMetadata() throws {
    let result = try cluster(
      """
      ending: core
      core: [object-store, agent-1, agent-2, agent-3, agent-4, producer-1, producer-2, producer-3, consumer-1]
      faults: [{at: 6s, kind: crash, host: metadata}]
      """, "settle=20s"
    ).run(seed: 1)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    #expect(result.rightlyStuck == "metadata is down or stalled for good")
  }

  @Test("A core that has what it needs and does not come to rest fails for liveness")
  func aCoreThatSufficesIsNotExcused() throws {
    let result = try cluster(
      """
      ending: core
      core: [metadata, object-store, agent-1, producer-1, producer-2, producer-3, consumer-1]
      faults: [{at: 11s, kind: crash, host: agent-2}, {at: 11s, kind: crash, host: agent-3}, {at: 11s, kind: crash, host: agent-4}]
      """, "settle=100ms"
    ).run(seed: 1)
    #expect(result.verdict == .liveness)
    #expect(result.rightlyStuck == nil)
  }

  @Test("A core is of machines that there are, in a scenario that ends with one")
  func validation() {
    let wrong = headlines(smallCluster(seconds: 2, "core: [metadata, agent-9, agents]"))
    #expect(wrong.count == 3)
    #expect(wrong.contains { $0.contains("everything is healed, so there is no core") })
    #expect(wrong.contains { $0.contains("there is no host `agent-9`") })
    #expect(wrong.contains { $0.contains("there is no host `agents`") })
  }
}
