import Testing

@testable import Simulation

@Suite("A fault script")
struct FaultScriptTests {
  private func digest(
    _ script: FaultScript, seed: UInt64 = 21, choices: ChoiceSource = .firstInFirstOut,
    inspect: (Simulation) -> Void = { _ in }
  ) -> UInt64 {
    var configuration = SimulationConfiguration(seed: seed)
    configuration.choices = choices
    let simulation = pingPongWorld(configuration, pairs: 2, asking: true, script: script)
    let stop = simulation.run(RunBounds(until: at(400)))
    #expect(stop.name == "time")
    inspect(simulation)
    #expect(simulation.finish() == nil)
    return simulation.log.digest
  }

  @Test("counts what is planned and what fires")
  func counts() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a", setUp: { _ in })
    simulation.load(
      FaultScript(entries: [
        FaultEntry(100, to: 500, .crash(host: "a")),
        FaultEntry(200, to: 300, .crash(host: "a")),
        FaultEntry(250, to: 300, .pause(host: "a")),
        FaultEntry(600, to: 700, .pause(host: "a")),
        FaultEntry(800, to: 900, .crash(host: "nobody")),
      ]))
    simulation.play()
    #expect(
      simulation.faultCounts == [
        FaultCount(kind: "crash", planned: 3, fired: 1), FaultCount(kind: "pause", planned: 2, fired: 1),
      ])
  }

  @Test("lets the first of two overlapping crashes decide when the host starts again")
  func overlappingCrashes() {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    simulation.addNode("a", setUp: { _ in })
    simulation.load(
      FaultScript(entries: [FaultEntry(100, to: 500, .crash(host: "a")), FaultEntry(200, to: 300, .crash(host: "a"))]))
    simulation.play()
    #expect(events.of("started").map(\.milliseconds) == [0, 500])
    #expect(simulation.faultWindows.map { $0.end } == [at(500)])
  }

  @Test("is over once the world is healed: what is down starts, what is wrong ends, what has not begun never does")
  func heals() {
    let simulation = pingPongWorld(
      SimulationConfiguration(seed: 2), pairs: 2, asking: true,
      script: FaultScript(
        entries: [
          FaultEntry(10, .crash(host: "left-0")), FaultEntry(10, .pause(host: "right-0")),
          FaultEntry(10, .cut(from: ["left-1"], to: ["right-1"], bothWays: true)),
          FaultEntry(10, .clockDrift(host: "left-1", partsPerMillion: 500)),
          FaultEntry(10, .slowCPU(host: "left-1", factor: 9)),
          FaultEntry(10, .messages(.drop, from: ["right-1"], to: ["left-1"], partsPerMillion: 1_000_000, extra: .zero)),
          FaultEntry(200, .crash(host: "right-1")),
        ]))
    let events = simulation.traced()
    _ = simulation.run(RunBounds(until: at(100)))
    simulation.heal()
    let healed = simulation.log.count
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(simulation.machines.allSatisfy { $0.current?.isPaused == false })
    #expect(simulation.machines.allSatisfy { $0.cpuSlowdown == 1 && $0.clock.driftPartsPerMillion == 0 })
    #expect(simulation.faultWindows.count == 6)
    #expect(simulation.faultWindows.allSatisfy { $0.end == at(100) })
    let after = events.events.filter { $0.number > healed && $0.milliseconds > 110 }
    #expect(!after.contains { ["fault", "crashed", "dropped", "messageFault"].contains($0.kind) })
    #expect(after.contains { $0.kind == "delivered" && $0.host == "left-1" })
    #expect(after.contains { $0.kind == "delivered" && $0.host == "right-0" })
    simulation.finish()
  }

  @Test("with the message faults that fired listed in it gives the same digest", arguments: 1...UInt64(10))
  func resolved(_ seed: UInt64) {
    var listed = FaultScript()
    let drawn = digest(roughWeather, seed: seed) { listed = $0.resolvedScript }
    #expect(listed.messages?.isEmpty == false)
    #expect(digest(listed, seed: seed) == drawn, "seed \(seed)")
    listed.messages = []
    #expect(digest(listed, seed: seed) != drawn, "seed \(seed)")
  }

  @Test("does in an instant what begins and ends in it, in that order, whatever the choices")
  func instant() {
    for seed: UInt64 in 0..<20 {
      var configuration = steadyConfiguration(seed: seed)
      configuration.choices = .seededOrder
      let simulation = Simulation(configuration)
      simulation.addNode("a", setUp: { _ in })
      simulation.load(FaultScript(entries: [FaultEntry(5, to: 5, .crash(host: "a"))]))
      simulation.startAll()
      _ = simulation.run(RunBounds(until: at(10)))
      #expect(simulation.host(HostID(rawValue: 0))?.incarnation == 2, "seed \(seed)")
      simulation.finish()
    }
  }

  @Test("tells a component when its fault begins and ends, and lists the requests that failed")
  func components() {
    func play(_ script: FaultScript) -> (lines: [String], digest: UInt64, resolved: FaultScript, counts: [FaultCount]) {
      let simulation = Simulation(steadyConfiguration(seed: 6))
      let journal = Journal()
      simulation.addNode(
        "store",
        setUp: { node in
          node.host.onComponentFault(of: node) { node, name, values, begins in
            node.count = begins ? UInt64(values[0]) : 0
            journal.note("\(name) \(begins) \(node.host.now)")
          }
        }
      ) { node in
        for ordinal: UInt64 in 1...400 {
          try await node.host.sleep(for: .milliseconds(1))
          let odds = [RequestOdds(outcome: 5, partsPerMillion: UInt32(node.count), kind: "errors")]
          let outcome = node.host.requestOutcome(client: HostID(rawValue: 1), ordinal: ordinal, odds: odds)
          if outcome != 0 { journal.note("\(ordinal) fails with \(outcome)") }
        }
      }
      simulation.addNode("client", setUp: { _ in })
      simulation.load(script)
      simulation.play()
      return (journal.lines, simulation.log.digest, simulation.resolvedScript, simulation.faultCounts)
    }
    let drawn = play(
      FaultScript(entries: [FaultEntry(100, to: 200, .component(host: "store", name: "errors", values: [200_000]))]))
    #expect(drawn.lines.first == "errors true 0.100s" && drawn.lines.last == "errors false 0.200s")
    #expect((8...35).contains(drawn.lines.count))
    #expect(drawn.counts == [FaultCount(kind: "errors", planned: 1, fired: drawn.lines.count - 2)])
    let listed = play(drawn.resolved)
    #expect(listed.lines == drawn.lines && listed.digest == drawn.digest)
  }
}

@Suite("Choices")
struct ChoiceTests {
  private func play(
    _ source: ChoiceSource, seed: UInt64, script: FaultScript = FaultScript()
  ) -> (digest: UInt64, made: [Choice]) {
    var configuration = steadyConfiguration(seed: seed)
    configuration.choices = source
    let simulation = pingPongWorld(configuration, pairs: 3, asking: true, script: script)
    _ = simulation.run(RunBounds(until: at(320)))
    #expect(simulation.finish() == nil)
    return (simulation.log.digest, simulation.choicesMade)
  }

  @Test("of order are drawn from the seed, and differ from the order of arrival")
  func seeded() {
    #expect(play(.seededOrder, seed: 1).digest == play(.seededOrder, seed: 1).digest)
    #expect(play(.seededOrder, seed: 1).digest != play(.firstInFirstOut, seed: 1).digest)
    #expect(play(.firstInFirstOut, seed: 1).made.isEmpty)
  }

  @Test("recorded in a run and fed back give its digest", arguments: 1...UInt64(5))
  func replay(_ seed: UInt64) {
    let drawn = play(.seededOrder, seed: seed)
    #expect(Set(drawn.made.map(\.kind)).isSubset(of: [.readyJob, .simultaneous]) && !drawn.made.isEmpty)
    let replayed = play(.recorded(drawn.made), seed: seed)
    #expect(replayed.digest == drawn.digest, "seed \(seed)")
    #expect(replayed.made == drawn.made, "seed \(seed)")
  }

  @Test("of message faults are recorded and replayed too", arguments: 1...UInt64(5))
  func replayWithFaults(_ seed: UInt64) {
    for source in [ChoiceSource.firstInFirstOut, .seededOrder] {
      let drawn = play(source, seed: seed, script: roughWeather)
      #expect(drawn.made.contains { $0.kind == .message })
      #expect(play(.recorded(drawn.made), seed: seed, script: roughWeather).digest == drawn.digest, "seed \(seed)")
    }
  }

  @Test("that a record does not hold take their ordinary course")
  func shortened() {
    let ordinary = play(.firstInFirstOut, seed: 1)
    #expect(play(.recorded([]), seed: 1).digest == ordinary.digest)
  }
}
