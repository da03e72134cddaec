import Testing

@testable import Simulation

@Suite("The event log")
struct EventLogTests {
  private func rough(tracing: Bool) -> (digest: UInt64, events: [TracedEvent]) {
    let simulation = pingPongWorld(SimulationConfiguration(seed: 12), pairs: 2, asking: true, script: roughWeather)
    let list = EventList()
    if tracing { simulation.trace { list.events.append($0) } }
    _ = simulation.run(RunBounds(until: at(400)))
    simulation.finish()
    return (simulation.log.digest, list.events)
  }

  @Test("has the same digest with a trace and without")
  func tracing() {
    #expect(rough(tracing: true).digest == rough(tracing: false).digest)
  }

  @Test("shows in a trace every event, numbered without gaps, at times that never fall")
  func complete() {
    let events = rough(tracing: true).events
    #expect(events.count > 1_000)
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.number + 1 == $1.number && $0.time <= $1.time })
  }

  @Test("shows the fields that the digest covers")
  func fields() {
    func run(_ number: UInt64, _ text: String, _ bytes: [UInt8]) -> (digest: UInt64, json: String) {
      struct Full: DomainEvent {
        var kind: EventKind { EventKind(code: 101, name: "full") }
        var number: UInt64
        var text: String
        var bytes: [UInt8]
        func describe(into log: EventLog) {
          log.number("number", number)
          log.text("text", text)
          log.bytes("bytes", bytes)
        }
      }
      let simulation = Simulation(steadyConfiguration())
      let events = simulation.traced()
      simulation.addNode("a \"quoted\"") { $0.host.emit(Full(number: number, text: text, bytes: bytes)) }
      simulation.play()
      return (simulation.log.digest, events.of("full").first?.json ?? "")
    }
    let base = run(1, "a", [1])
    #expect(
      base.json.hasPrefix(
        #"{"event":2,"cause":1,"nanoseconds":0,"host":"a \"quoted\"","incarnation":1,"kind":"full","number":1,"text":"a","bytes":"1 bytes, "#
      ))
    for changed in [run(2, "a", [1]), run(1, "b", [1]), run(1, "a", [2])] {
      #expect(changed.digest != base.digest && changed.json != base.json)
    }
  }

  @Test("names for every event the event that caused it, back to the set-up")
  func causes() {
    let events = rough(tracing: true).events
    #expect(events.allSatisfy { $0.cause < $0.number })
    // The trace began after the set-up: the machines' starts are numbers 1 to 4 and not in it.
    let offset = events[0].number
    func roots(_ event: TracedEvent) -> UInt64 {
      var cause = event.cause
      while cause >= offset { cause = events[Int(cause - offset)].cause }
      return cause
    }
    #expect(events.filter { $0.kind == "delivered" }.allSatisfy { roots($0) <= 4 })
  }

  @Test("tells a delivery from the message sent, the message from the timer before it, the timer from the start")
  func chain() {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, _, _ in node.host.emit(Remark(number: 1)) }
      })
    simulation.addNode("mouth") { node in
      try await node.host.sleep(for: .milliseconds(5))
      node.host.send(Ball(number: 1), to: ear)
    }
    simulation.load(FaultScript(entries: [FaultEntry(1, to: 2, .clockStep(host: "ear", by: .seconds(1)))]))
    simulation.play()
    var kinds: [String] = []
    var next = events.of("remark").first
    while let event = next {
      kinds.append(event.kind)
      next = events.events.first { $0.number == event.cause }
    }
    #expect(kinds == ["remark", "delivered", "sent", "timer", "started"])
    #expect(events.of("started").map(\.cause) == [0, 0])
    let faults = events.of("fault")
    #expect(faults.map(\.cause) == [0, faults[0].number])
  }

  @Test("may be traced from the middle of a run on")
  func lateTrace() {
    let simulation = pingPongWorld(SimulationConfiguration(seed: 1), pairs: 1)
    _ = simulation.run(RunBounds(until: at(10)))
    let before = simulation.log.count
    let events = simulation.traced()
    _ = simulation.run(RunBounds(until: at(20)))
    #expect(events.events.first?.number == before + 1)
    #expect(events.events.last?.number == simulation.log.count)
    simulation.finish()
  }

  @Test("gives the same digest however its words fall on the buffer")
  func buffer() {
    func digest(reading: Bool) -> UInt64 {
      let log = EventLog(digesting: true)
      for number in 0..<5_000 {
        log.begin(.probe, time: at(Int64(number)), cause: 0, machine: nil, incarnation: 0)
        for field in 0..<(number % 5) { log.number("field", field) }
        if reading && number % 97 == 0 { _ = log.digest }
      }
      return log.digest
    }
    #expect(digest(reading: true) == digest(reading: false))
  }

  @Test("counts probes by name, in the order of the names")
  func probes() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a") { node in
      for name: Probe in [Probe("late"), Probe("early"), Probe("late")] { node.host.probe(name) }
    }
    simulation.play()
    #expect(simulation.probeCounts.map { "\($0.name) \($0.count)" } == ["early 1", "late 2"])
  }
}
