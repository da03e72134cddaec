import Simulation
import Testing

@Suite("Virtual time")
struct VirtualTimeTests {
  @Test("is counted in whole nanoseconds")
  func arithmetic() {
    #expect(VirtualDuration.seconds(1) == .milliseconds(1_000))
    #expect(VirtualDuration.milliseconds(1) == .microseconds(1_000))
    #expect(VirtualDuration.microseconds(1) == .nanoseconds(1_000))
    #expect(.start + .seconds(2) - .milliseconds(1) == VirtualTime(nanoseconds: 1_999_000_000))
    #expect(VirtualTime(nanoseconds: 5) - VirtualTime(nanoseconds: 7) == .nanoseconds(-2))
    #expect(VirtualDuration.seconds(1) * 3 / 2 == .milliseconds(1_500))
    #expect(VirtualTime.start < .distantFuture)
  }

  @Test("is written in the largest unit that is exact")
  func description() {
    #expect("\(VirtualDuration.milliseconds(1_500))" == "1500ms")
    #expect("\(VirtualDuration.seconds(3))" == "3s")
    #expect("\(VirtualDuration.nanoseconds(1_001))" == "1001ns")
    #expect("\(VirtualTime(nanoseconds: 12_345_678_901))" == "12.345s")
    #expect("\(VirtualTime(nanoseconds: 5_000_000))" == "0.005s")
  }

  @Test("jumps from event to event")
  func jumps() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("sleeper") { node in
      try await node.host.sleep(for: .seconds(3_600))
      journal.note("\(node.host.now)")
    }
    simulation.play(seconds: 7_200)
    #expect(journal.lines == ["3600.000s"])
  }

  @Test("never runs back, also when a run is told to stop in the past")
  func neverBack() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("ticker") { node in
      for await _ in node.host.ticks(every: .seconds(1)) {}
    }
    simulation.startAll()
    _ = simulation.run(RunBounds(until: at(5_000)))
    _ = simulation.run(RunBounds(until: at(1_000)))
    #expect(simulation.now == at(5_000))
    simulation.finish()
  }
}
