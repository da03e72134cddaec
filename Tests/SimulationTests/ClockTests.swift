import Testing

@testable import Simulation

@Suite("A host's clock")
struct ClockTests {
  @Test("runs faster or slower by its drift, piece by piece, and never steps")
  func drift() {
    var clock = HostClock()
    #expect(clock.local(at: at(1_000)) == at(1_000))
    clock.setDrift(partsPerMillion: 1_000, at: at(1_000))
    #expect(clock.local(at: at(2_000)) == at(2_001))
    clock.setDrift(partsPerMillion: -1_000, at: at(2_000))
    #expect(clock.local(at: at(2_000)) == at(2_001))
    #expect(clock.local(at: at(3_000)) == at(3_000))
    clock.setDrift(partsPerMillion: 0, at: at(3_000))
    #expect(clock.local(at: at(4_000)) == at(4_000))
  }

  @Test("never lets a length of local time end early", arguments: 0..<200)
  func rounding(_ seed: UInt64) {
    var random = RandomGenerator(state: seed)
    var clock = HostClock()
    let anchor = VirtualTime(nanoseconds: Int64(random.below(1_000_000)))
    clock.setDrift(partsPerMillion: Int64(random.below(2_001)) - 1_000, at: anchor)
    let begin = anchor + .nanoseconds(Int64(random.below(1_000_000_000)))
    let length = VirtualDuration.nanoseconds(Int64(random.below(10_000_000)))
    let passed = clock.local(at: begin + clock.trueDuration(ofLocal: length)) - clock.local(at: begin)
    #expect(passed >= length, "seed \(seed)")
    #expect(passed <= length + .nanoseconds(2), "seed \(seed)")
  }

  private func wakes(_ entries: [FaultEntry]) -> (now: VirtualTime, local: VirtualTime) {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    var local = VirtualTime.start
    simulation.observer = { _, stamp in
      journal.note("\(stamp.time.nanoseconds)")
      local = simulation.host(stamp.host)?.now ?? .start
    }
    simulation.addNode("sleeper") { node in
      try await node.host.sleep(for: .seconds(10))
      node.host.emit(Remark(number: 1))
    }
    simulation.load(FaultScript(entries: entries))
    simulation.play()
    return (VirtualTime(nanoseconds: Int64(journal.lines.first ?? "") ?? 0), local)
  }

  @Test("decides how long a sleep takes")
  func sleepUnderDrift() {
    #expect(wakes([]).now == at(10_000))
    let woken = wakes([FaultEntry(0, .clockDrift(host: "sleeper", partsPerMillion: 250_000))])
    #expect(woken.now == at(8_000))
    #expect(woken.local == at(10_000))
  }

  @Test("moves a sleep that is under way when its pace changes")
  func driftDuringSleep() {
    // Five seconds at the true pace, then five of the host's own seconds in four, in the second case three of them.
    let woken = wakes([FaultEntry(5_000, .clockDrift(host: "sleeper", partsPerMillion: 250_000))])
    #expect(woken.now == at(9_000))
    #expect(woken.local == at(10_000))
    let restored = wakes([FaultEntry(5_000, to: 7_000, .clockDrift(host: "sleeper", partsPerMillion: 500_000))])
    #expect(restored.now == at(9_000))
    #expect(restored.local == at(10_000))
  }

  @Test("moves the deadline of a call when its pace changes")
  func deadlineUnderDrift() {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    let silent = simulation.addNode(
      "silent",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, _, _ in
          try await node.host.sleep(for: .seconds(100))
          return Twice.Answer(value: 0)
        }
      })
    simulation.addNode("caller") { node in
      do {
        _ = try await node.host.call(Twice(value: 1), to: silent, deadline: .seconds(10))
      } catch is NetworkError {}
    }
    simulation.load(FaultScript(entries: [FaultEntry(5_000, .clockDrift(host: "caller", partsPerMillion: 250_000))]))
    simulation.play()
    #expect(events.on("caller", "timedOut").map(\.milliseconds) == [9_000])
  }

  @Test("falls back to the drift before when the later of two ends first, and to none when both have")
  func overlappingDrifts() {
    let simulation = Simulation(steadyConfiguration())
    let id = simulation.addNode("a", setUp: { _ in })
    simulation.load(
      FaultScript(entries: [
        FaultEntry(0, to: 10_000, .clockDrift(host: "a", partsPerMillion: 1_000)),
        FaultEntry(2_000, to: 4_000, .clockDrift(host: "a", partsPerMillion: 2_000)),
      ]))
    simulation.startAll()
    var expected: [Int64: VirtualTime] = [:]
    expected[2_000] = at(2_002)
    expected[4_000] = at(4_006)
    expected[10_000] = at(10_012)
    expected[20_000] = at(20_012)
    for moment in [Int64(2_000), 4_000, 10_000, 20_000] {
      _ = simulation.run(RunBounds(until: at(moment)))
      #expect(simulation.host(id).map { $0.machine.clock.local(at: at(moment)) } == expected[moment])
    }
    simulation.finish()
  }

  @Test("steps the wall clock only, and back when the fault ends")
  func wallClock() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      for await _ in node.host.ticks(every: .seconds(2)) {
        journal.note("\(node.host.wallClockMilliseconds - Simulation.epochMilliseconds) \(node.host.now)")
      }
    }
    simulation.load(FaultScript(entries: [FaultEntry(3_000, to: 5_000, .clockStep(host: "a", by: .seconds(60)))]))
    simulation.play(seconds: 7)
    #expect(journal.lines == ["2000 2.000s", "64000 4.000s", "6000 6.000s"])
  }
}
