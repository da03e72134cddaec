import Testing

@testable import Simulation

@Suite("The run loop")
struct RunLoopTests {
  private func players(seed: UInt64 = 7) -> Simulation { pingPongWorld(SimulationConfiguration(seed: seed), pairs: 3) }

  private func waiting(_ life: @escaping @Sendable (isolated Node) async throws -> Void) -> RunStop {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a", life: life)
    return simulation.play()
  }

  @Test("gives the same digest for the same seed and another for another")
  func sameSeedSameDigest() {
    func digest(_ seed: UInt64) -> UInt64 {
      let simulation = players(seed: seed)
      _ = simulation.run(RunBounds(until: .start + .seconds(1)))
      simulation.finish()
      return simulation.log.digest
    }
    #expect(digest(7) == digest(7))
    #expect(digest(7) != digest(8))
  }

  @Test("gives the same run in one piece and in many")
  func pieces() {
    let whole = players()
    _ = whole.run(RunBounds(until: at(500)))
    let pieces = players()
    for end in 1...250 { _ = pieces.run(RunBounds(until: at(Int64(end) * 2))) }
    #expect(whole.log.digest == pieces.log.digest)
    #expect(whole.now == pieces.now)
    whole.finish()
    pieces.finish()
  }

  @Test("stops at event N with the same picture each time, and goes on from there")
  func stopsAtEvent() {
    func picture() -> (UInt64, [String], UInt64) {
      let simulation = pingPongWorld(SimulationConfiguration(seed: 3), pairs: 2)
      simulation.addNode("counter") { node in
        for await _ in node.host.ticks(every: .milliseconds(1)) {
          node.count += 1
          node.host.emit(Remark(number: node.count))
        }
      }
      simulation.startAll()
      var bounds = RunBounds(until: at(10_000))
      bounds.event = 1_000
      guard case .event(let number) = simulation.run(bounds) else { return (0, [], 0) }
      let snapshots = simulation.snapshots().map { "\($0.host) \($0.snapshot.json)" }
      bounds.event = 2_000
      _ = simulation.run(bounds)
      simulation.finish()
      return (number, snapshots, simulation.log.digest)
    }
    let first = picture()
    #expect((1_000...1_002).contains(first.0))
    #expect(first.1.count == 1 && first.1[0].hasPrefix("counter "))
    #expect(first == picture())
  }

  @Test("stops when the bound on events is reached, also in a storm of jobs at one instant")
  func boundOnEvents() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("storm") { node in
      while true {
        node.host.emit(Remark(number: 1))
        await withTaskGroup(of: Void.self) { group in group.addTask {} }
      }
    }
    simulation.startAll()
    var bounds = RunBounds(until: at(1_000))
    bounds.events = 500
    #expect(simulation.run(bounds).name == "tooManyEvents")
    #expect(simulation.log.count < 510)
  }

  @Test("stops when no real time is left")
  func boundOnRealTime() {
    let simulation = players()
    var bounds = RunBounds(until: .distantFuture)
    var asked = 0
    bounds.wallTimeIsUp = {
      asked += 1
      return asked == 3
    }
    #expect(simulation.run(bounds).name == "outOfTime")
    simulation.finish()
  }

  @Test("stops when a condition holds, which it looks at once per period")
  func condition() {
    let simulation = players()
    var bounds = RunBounds(until: at(60_000))
    bounds.condition = (.milliseconds(10), { simulation.messageCount >= 500 })
    #expect(simulation.run(bounds).name == "condition")
    #expect(simulation.now.nanoseconds % 10_000_000 == 0)
    simulation.finish()
  }

  @Test("asks the condition once more when nothing is left to happen")
  func conditionAtTheEnd() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      try await node.host.sleep(for: .milliseconds(3))
      journal.note("done")
    }
    simulation.startAll()
    var bounds = RunBounds(until: at(60_000))
    bounds.condition = (.seconds(1), { journal.lines == ["done"] })
    #expect(simulation.run(bounds).name == "condition")
    simulation.finish()
  }

  @Test("tells when nothing is left to happen and nobody waits")
  func nothingLeft() {
    #expect(waiting { node in try await node.host.sleep(for: .seconds(1)) }.name == "nothingLeft")
  }

  @Test("tells who waits for what when nothing is left to happen")
  func stuck() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a") { node in
      _ = try await Promise<Int>(on: node.host, "the answer to everything").value
    }
    let mute = simulation.addNode(
      "mute",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, _, _ in
          _ = try await Signal(on: node.host, "a bell that nobody rings").wait()
          return Twice.Answer(value: 0)
        }
      })
    simulation.addNode("b") { node in
      _ = try await node.host.call(Twice(value: 1), to: mute, deadline: .seconds(1_000_000_000))
    }
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(1_000)))
    #expect(
      simulation.waits().map(\.description) == [
        "a (incarnation 1) waits for the answer to everything",
        "mute (incarnation 1) waits for a bell that nobody rings",
        "b (incarnation 1) waits for twice, an answer of mute",
      ])
    simulation.finish()
    guard case .stuck(let reports) = waiting({ node in _ = try await Promise<Int>(on: node.host, "nothing").value })
    else { return #expect(Bool(false), "a run in which someone waits for ever is stuck") }
    #expect(reports.map(\.what) == ["nothing"])
  }

  @Test("notices that virtual time stands still, and names who goes on")
  func standstill() {
    var configuration = steadyConfiguration()
    configuration.standstillLimit = 10_000
    let simulation = Simulation(configuration)
    simulation.addNode("busy") { node in
      try await node.host.sleep(for: .seconds(2))
      while true { try await node.host.sleep(for: .zero) }
    }
    let stop = simulation.play()
    #expect(stop.defect == .standstill(host: "busy", wait: "sleep", at: at(2_000)))
  }

  @Test("runs many simulations side by side, each as if it were alone")
  func sideBySide() async {
    @Sendable func digest() -> UInt64 {
      let simulation = pingPongWorld(SimulationConfiguration(seed: 5), pairs: 2, asking: true, script: roughWeather)
      _ = simulation.run(RunBounds(until: at(400)))
      simulation.finish()
      return simulation.log.digest
    }
    let digests = await withTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<8 { group.addTask { (0..<5).map { _ in digest() } } }
      return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
    }
    #expect(digests.count == 1)
  }

  @Test("lets one simulation run inside another")
  func nested() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("outer") { node in
      let inner = Simulation(steadyConfiguration())
      inner.addNode("inner") { try await $0.host.sleep(for: .seconds(1)) }
      inner.play()
      try await node.host.sleep(for: .seconds(1))
      node.host.spawn("more", on: node) { try await $0.host.sleep(for: .seconds(1)) }
    }
    #expect(simulation.play().name == "nothingLeft")
    #expect(simulation.now == at(2_000))
  }

  @Test("lets the world outside start tasks and look at nodes between two runs")
  func fromOutside() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    var node: Node?
    simulation.addNode("a", setUp: { node = $0 })
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(10)))
    if let node {
      node.host.inspect(node) { node in
        node.count = 5
        node.host.spawn("later", on: node) { node in journal.note("count \(node.count)") }
      }
    }
    #expect(simulation.run(RunBounds(until: at(20))).name == "nothingLeft")
    #expect(journal.lines == ["count 5"])
    simulation.finish()
  }
}
