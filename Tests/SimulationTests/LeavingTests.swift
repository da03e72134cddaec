import Testing

@testable import Simulation

@Suite("A process that is told to leave")
struct LeavingTests {
  /// A world with one machine that says good-bye for 50 ms when told to leave, and a pendulum, so that time goes on.
  private func world(_ entries: [FaultEntry], beginsAbsent: Bool = false) -> (Simulation, EventList) {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    simulation.addMachine("a", beginsAbsent: beginsAbsent) { host in
      let node = Node(host: host)
      host.onShutdown(of: node) { node in
        node.host.spawn("leave", on: node) { node in
          try await node.host.disk.append([9], to: "will")
          try await node.host.sleep(for: .milliseconds(50))
          node.host.exit()
        }
      }
    }
    simulation.addNode("pendulum") { node in for await _ in node.host.ticks(every: .milliseconds(10)) {} }
    simulation.load(FaultScript(entries: entries))
    return (simulation, events)
  }

  @Test("brings its work to an end, ends itself, and starts again as long after that as the entry says")
  func comesBack() {
    let (simulation, events) = world([FaultEntry(100, to: 300, .drain(host: "a"))])
    simulation.play(seconds: 1)
    #expect(events.on("a", "started").map(\.milliseconds) == [0, 350])
    #expect(events.on("a", "ended").map(\.milliseconds) == [150])
    #expect(events.of("crashed").filter { $0.milliseconds < 1_000 }.isEmpty)
    #expect(simulation.faultWindows.map { $0.end.map { $0.nanoseconds / 1_000_000 } } == [350])
    #expect(simulation.faultCounts == [FaultCount(kind: "drain", planned: 1, fired: 1)])
  }

  @Test("keeps what it wrote although it was not synced")
  func diskIsKept() {
    let (simulation, _) = world([FaultEntry(100, .drain(host: "a"))])
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(simulation.machine(named: "a")?.disk.content("will") == [9])
    simulation.finish()
  }

  @Test("without a time to come back stays away for good, also when everything heals, until it is started")
  func staysAway() throws {
    let (simulation, events) = world([FaultEntry(100, .drain(host: "a")), FaultEntry(600, .start(host: "a"))])
    let id = try #require(simulation.hostID(named: "a"))
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(simulation.isAbsent(id))
    #expect(simulation.faultWindows.map { $0.end.map { $0.nanoseconds / 1_000_000 } } == [150])
    _ = simulation.run(RunBounds(until: at(700)))
    #expect(!simulation.isAbsent(id))
    #expect(events.on("a", "started").map(\.milliseconds) == [0, 600])
    simulation.finish()
  }

  @Test("is not brought back by the healing of everything else")
  func healing() throws {
    let (simulation, events) = world([FaultEntry(100, .drain(host: "a"))])
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(120)))
    simulation.heal()
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(events.on("a", "started").count == 1)
    #expect(events.on("a", "ended").map(\.milliseconds) == [150], "what was begun is brought to its end")
    simulation.finish()
  }

  @Test("comes back after everything has healed while it was leaving")
  func healedWhileLeaving() {
    let (simulation, events) = world([FaultEntry(100, to: 300, .drain(host: "a"))])
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(120)))
    simulation.heal()
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(events.on("a", "started").map(\.milliseconds) == [0, 350])
    simulation.finish()
  }

  @Test("and crashes before it is done is brought back by the crash's end only where it was to come back")
  func crashesMeanwhile() {
    for (comesBack, starts) in [(true, [Int64(0), 220]), (false, [0])] {
      let (simulation, events) = world([
        FaultEntry(100, to: comesBack ? 150 : nil, .drain(host: "a")), FaultEntry(120, to: 220, .crash(host: "a")),
      ])
      simulation.play(seconds: 1)
      #expect(events.on("a", "started").map(\.milliseconds) == starts)
      #expect(events.on("a", "ended").isEmpty)
    }
  }

  @Test("while it is stalled begins to leave when it goes on")
  func stalled() {
    let (simulation, events) = world([
      FaultEntry(90, to: 500, .pause(host: "a")), FaultEntry(100, .drain(host: "a")),
    ])
    simulation.play(seconds: 1)
    #expect(events.on("a", "ended").map(\.milliseconds) == [550])
  }

  @Test("is told once: a second time while it leaves, or when it is gone, does nothing")
  func toldOnce() {
    let (simulation, _) = world([
      FaultEntry(100, .drain(host: "a")), FaultEntry(120, .drain(host: "a")), FaultEntry(300, .drain(host: "a")),
      FaultEntry(310, .drain(host: "nobody")),
    ])
    simulation.play(seconds: 1)
    #expect(simulation.faultCounts == [FaultCount(kind: "drain", planned: 4, fired: 1)])
  }

  @Test("ends at once when its node has nothing to bring to an end")
  func withoutAnswer() {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    simulation.addNode("a", setUp: { _ in })
    simulation.load(FaultScript(entries: [FaultEntry(100, to: 150, .drain(host: "a"))]))
    simulation.play(seconds: 1)
    #expect(events.of("ended").map(\.milliseconds) == [100])
    #expect(events.of("started").map(\.milliseconds) == [0, 150])
  }

  @Test("that begins absent is down until it is started, healing or not, and is started once")
  func beginsAbsent() throws {
    let (simulation, events) = world(
      [FaultEntry(200, .start(host: "a")), FaultEntry(300, .start(host: "a"))], beginsAbsent: true)
    let id = try #require(simulation.hostID(named: "a"))
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(100)))
    #expect(simulation.isAbsent(id) && simulation.host(id) == nil)
    _ = simulation.run(RunBounds(until: at(400)))
    #expect(events.on("a", "started").map(\.milliseconds) == [200])
    #expect(simulation.faultCounts == [FaultCount(kind: "start", planned: 2, fired: 1)])
    simulation.finish()

    let (absent, nothing) = world([], beginsAbsent: true)
    absent.startAll()
    absent.heal()
    _ = absent.run(RunBounds(until: at(400)))
    #expect(nothing.on("a", "started").isEmpty)
    absent.finish()
  }
}
