import Testing

@testable import Simulation

@Suite("A pause")
struct PauseTests {
  @Test("holds jobs and timers while time goes on")
  func jobs() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      for await _ in node.host.ticks(every: .milliseconds(100)) { journal.note("\(node.host.now)") }
    }
    simulation.load(FaultScript(entries: [FaultEntry(250, to: 600, .pause(host: "a"))]))
    simulation.play(seconds: 1)
    #expect(
      journal.lines == ["0.100s", "0.200s", "0.600s", "0.700s", "0.800s", "0.900s", "1.000s"])
  }

  @Test("holds deliveries; afterwards the jobs go on first, then what arrived follows in order")
  func deliveries() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let stalled = simulation.addNode(
      "stalled",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in
          journal.note("ball \(ball.number) at \(node.host.now)")
          node.host.spawn("follow-up", on: node) { _ in journal.note("follow-up \(ball.number)") }
        }
      }
    ) { node in
      try await node.host.sleep(for: .milliseconds(300))
      journal.note("job at \(node.host.now)")
    }
    simulation.addNode("sender") { node in
      for number: UInt64 in 0..<3 {
        try await node.host.sleep(for: .milliseconds(100))
        node.host.send(Ball(number: number), to: stalled)
      }
    }
    simulation.load(FaultScript(entries: [FaultEntry(50, to: 500, .pause(host: "stalled"))]))
    simulation.play(seconds: 1)
    #expect(
      journal.lines == [
        "job at 0.500s", "ball 0 at 0.500s", "follow-up 0", "ball 1 at 0.500s", "follow-up 1", "ball 2 at 0.500s",
        "follow-up 2",
      ])
  }

  @Test("falls between a check and the act when the host's CPU has work")
  func stallBetweenCheckAndAct() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in journal.note("\(ball.number) at \(node.host.now)") }
      })
    simulation.addNode("holder") { node in
      try await node.host.sleep(for: .milliseconds(100))
      // The check is here, at 100 ms; the act leaves at 110 ms, were it not for the pause.
      node.host.send(Ball(number: 1), to: ear)
      node.host.work(.milliseconds(10))
      node.host.send(Ball(number: 2), to: ear)
    }
    simulation.load(FaultScript(entries: [FaultEntry(105, to: 1_105, .pause(host: "holder"))]))
    simulation.play(seconds: 2)
    #expect(journal.lines == ["1 at 0.101s", "2 at 1.111s"])
  }

  @Test("keeps the order of a link, for messages sent before it and after it")
  func order() {
    var configuration = SimulationConfiguration(seed: 11)
    configuration.network.jitter = .milliseconds(50)
    let simulation = Simulation(configuration)
    let journal = Journal()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { _, ball, _ in journal.note("\(ball.number)") }
      })
    simulation.addNode("a") { node in
      for number: UInt64 in 0..<200 {
        node.host.send(Ball(number: number), to: ear)
        node.host.work(.milliseconds(2))
        try await node.host.sleep(for: .milliseconds(1))
      }
    }
    simulation.load(
      FaultScript(
        entries: [
          FaultEntry(20, to: 90, .pause(host: "a")), FaultEntry(150, to: 160, .pause(host: "a")),
          FaultEntry(200, to: 500, .pause(host: "ear")),
        ]))
    simulation.play(seconds: 5)
    #expect(journal.lines == (0..<200).map { "\($0)" })
  }

  @Test("holds what the world outside makes the paused host send")
  func sentFromOutside() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in journal.note("\(ball.number) at \(node.host.now)") }
      })
    var paused: Node?
    simulation.addNode("a", setUp: { paused = $0 })
    simulation.load(FaultScript(entries: [FaultEntry(100, to: 500, .pause(host: "a"))]))
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(300)))
    if let paused { paused.host.inspect(paused) { $0.host.send(Ball(number: 1), to: ear) } }
    _ = simulation.run(RunBounds(until: at(1_000)))
    simulation.finish()
    #expect(journal.lines == ["1 at 0.501s"])
  }

  @Test("that began before a crash does not end the pause of a later incarnation")
  func overlapping() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      guard node.host.incarnation == 2 else { return }
      for await _ in node.host.ticks(every: .milliseconds(100)) { journal.note("\(node.host.now)") }
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(100, to: 1_000, .pause(host: "a")), FaultEntry(200, to: 300, .crash(host: "a")),
        FaultEntry(450, to: 1_450, .pause(host: "a")),
      ]))
    simulation.play(seconds: 2)
    #expect(journal.lines.prefix(2) == ["0.400s", "1.450s"])
  }

  @Test("lets a call's deadline pass, and the answer that came meanwhile is ignored")
  func deadline() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { _, request, _ in Twice.Answer(value: request.value) }
      })
    simulation.addNode("client") { node in
      do {
        _ = try await node.host.call(Twice(value: 1), to: server, deadline: .milliseconds(100))
      } catch let error as NetworkError {
        journal.note("\(error) at \(node.host.now)")
      }
    }
    simulation.load(FaultScript(entries: [FaultEntry(1, to: 500, .pause(host: "client"))]))
    simulation.play()
    #expect(journal.lines == ["timedOut at 0.500s"])
  }
}
