import Testing

@testable import Simulation

@Suite("A fault point")
struct FaultPointTests {
  private static let points: [FaultPoint] = [
    FaultPoint("one"), FaultPoint("two"), FaultPoint("three"), FaultPoint("four"), FaultPoint("five"),
    FaultPoint("six"), FaultPoint("seven"), FaultPoint("eight"),
  ]

  /// How often each point fires of a hundred times, and the choices that the run made.
  private func fired(
    seed: UInt64, isOn: Bool = true, isHealed: Bool = false, choices: ChoiceSource = .firstInFirstOut
  ) -> (counts: [Int], choices: [Choice]) {
    var configuration = steadyConfiguration(seed: seed)
    configuration.faultPoints = isOn
    configuration.choices = choices
    let simulation = Simulation(configuration)
    nonisolated(unsafe) var counts = Array(repeating: 0, count: Self.points.count)
    simulation.addNode("a") { node in
      for _ in 0..<100 {
        for (index, point) in Self.points.enumerated() where node.host.fires(point) { counts[index] += 1 }
      }
    }
    if isHealed { simulation.heal() }
    #expect(simulation.play(seconds: 1).defect == nil)
    return (counts, simulation.choicesMade)
  }

  @Test("never fires in a run without fault points")
  func off() {
    #expect(fired(seed: 1, isOn: false).counts.allSatisfy { $0 == 0 })
  }

  @Test("never fires once the faults have stopped")
  func healed() {
    #expect(fired(seed: 3).counts.contains { $0 > 0 })
    #expect(fired(seed: 3, isHealed: true).counts.allSatisfy { $0 == 0 })
  }

  @Test("is active in about a quarter of the runs, and then fires about a quarter of the time")
  func odds() {
    let counts = (0..<100 as Range<UInt64>).flatMap { fired(seed: $0).counts }
    let active = counts.filter { $0 > 0 }
    #expect((150...250).contains(active.count))
    #expect(active.allSatisfy { (8...45).contains($0) })
  }

  @Test("fires again where a recorded list of choices says so")
  func replayed() {
    let first = fired(seed: 3)
    #expect(first.counts.contains { $0 > 0 })
    let second = fired(seed: 99, isOn: false, choices: .recorded(first.choices))
    #expect(second.counts == first.counts)
  }
}

@Suite("A schedule by priorities")
struct HostPriorityTests {
  private func order(seed: UInt64, _ choices: ChoiceSource = .priorities) -> (order: [String], choices: [Choice]) {
    var configuration = steadyConfiguration(seed: seed)
    configuration.choices = choices
    let simulation = Simulation(configuration)
    let journal = Journal()
    for name in ["a", "b", "c", "d"] {
      simulation.addNode(name) { node in
        for _ in 0..<20 {
          journal.note(name)
          try await node.host.sleep(for: .milliseconds(1))
        }
      }
    }
    #expect(simulation.play(seconds: 1).defect == nil)
    return (journal.lines, simulation.choicesMade)
  }

  @Test("is the same for the same seed, differs between seeds, and is replayed from its choices")
  func drawn() {
    #expect(order(seed: 1).order == order(seed: 1).order)
    #expect(Set((0..<20 as Range<UInt64>).map { order(seed: $0).order }).count > 5)
    let first = order(seed: 2)
    #expect(order(seed: 77, .recorded(first.choices)).order == first.order)
  }

  @Test("lets the host of the highest priority run first, until it falls behind all others")
  func fallsBehind() {
    var priorities = HostPriorities(Randomness(seed: 4))
    let hosts = (0..<4 as Range<UInt32>).map { HostID(rawValue: $0) }
    let firsts = (0..<2_000_000).map { _ in priorities.next(4) { hosts[$0] } }
    let changes = zip(firsts, firsts.dropFirst()).filter { $0 != $1 }.count
    #expect((1...3).contains(changes))
  }
}
