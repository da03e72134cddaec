import Testing

@testable import Simulation

@Suite("A workload that uses all of the concurrency that node code may use")
struct WorkloadTests {
  /// Task groups, `async let`, an `AsyncStream`, a default actor, promises, signals, disks, calls and faults in one world.
  private func mixedWorld(seed: UInt64) -> Simulation {
    actor Tally {
      var total: UInt64 = 0
      func add(_ value: UInt64) -> UInt64 {
        total &+= value
        return total
      }
    }
    let simulation = Simulation(SimulationConfiguration(seed: seed))
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, request, _ in
          try await node.host.disk.append([UInt8(truncatingIfNeeded: request.value)], to: "log")
          if request.value % 7 == 0 { throw Rejected(code: request.value) }
          return Twice.Answer(value: request.value &* 2)
        }
      })
    for name in ["one", "two", "three"] {
      simulation.addNode(name) { node in
        let host = node.host
        let tally = Tally()
        var random = host.randomness(RandomStreamName("test.mixed"))
        let (stream, continuation) = AsyncStream.makeStream(of: UInt64.self)
        let bell = Signal(on: host, "the bell")
        host.spawn("listener", on: node) { node in
          for await value in stream {
            node.host.emit(Remark(number: value))
            bell.notify()
          }
        }
        for round in 0..<50 {
          let base = random.below(1_000)
          async let first = tally.add(base)
          async let second = tally.add(base &* 3)
          let sum = await first &+ second
          let answers = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for offset in 0..<UInt64(3) {
              group.addTask {
                do {
                  return try await host.call(Twice(value: base + offset), to: server, deadline: .milliseconds(3)).value
                } catch let error as Rejected {
                  return error.code
                } catch is NetworkError {
                  return 0
                }
              }
            }
            return try await group.reduce(0, &+)
          }
          continuation.yield(sum &+ answers &+ UInt64(round))
          try await bell.wait(atMost: .milliseconds(2))
          host.emit(Remark(number: await tally.add(1)))
        }
      }
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(20, to: 30, .crash(host: "server")), FaultEntry(40, to: 60, .pause(host: "two")),
        FaultEntry(50, to: 70, .crash(host: "three")),
        FaultEntry(
          0, to: 100,
          .messages(.duplicate, from: ["one"], to: ["server"], partsPerMillion: 100_000, extra: .milliseconds(1))),
      ]))
    simulation.startAll()
    return simulation
  }

  private func digest(_ seed: UInt64) -> UInt64 {
    let simulation = mixedWorld(seed: seed)
    _ = simulation.run(RunBounds(until: at(500)))
    #expect(simulation.finish() == nil)
    return simulation.log.digest
  }

  /// Stands for every build mode, process and machine; whoever changes what the kernel does changes it, and says so.
  private static let expected: UInt64 = 7_180_629_043_281_089_705

  @Test("has the digest that it has everywhere")
  func everywhere() {
    #expect(digest(7) == Self.expected)
  }

  @Test("is back on its actor after every kind of wait, in release builds too")
  func staysOnItsActor() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { _, request, _ in Twice.Answer(value: request.value) }
      })
    simulation.addNode("a") { node in
      let host = node.host
      let bell = Signal(on: host, "the bell")
      let promise = Promise<Int>(on: host, "the promise")
      node.preconditionIsolated("at the start")
      try await host.sleep(for: .milliseconds(1))
      node.preconditionIsolated("after a sleep")
      for await _ in host.ticks(every: .milliseconds(1)) { break }
      node.preconditionIsolated("after a tick")
      host.spawn("other", on: node) { node in
        try await node.host.sleep(for: .milliseconds(1))
        promise.succeed(1)
      }
      _ = try await promise.value
      node.preconditionIsolated("after a promise")
      try await bell.wait(atMost: .milliseconds(1))
      node.preconditionIsolated("after a signal")
      _ = try await host.call(Twice(value: 1), to: server, deadline: .seconds(1))
      node.preconditionIsolated("after a call")
      try await host.disk.append([1], to: "log")
      try await host.disk.sync("log")
      _ = try await host.disk.read("log")
      node.preconditionIsolated("after the disk")
      node.count += 1
      journal.note("done")
    }
    #expect(simulation.play().defect == nil)
    #expect(journal.lines == ["done"])
  }

  @Test("has one digest on eight threads at once")
  func manyThreads() async {
    let digests = await withTaskGroup(of: Set<UInt64>.self) { group in
      for _ in 0..<8 { group.addTask { Set((0..<3).map { _ in self.digest(7) }) } }
      return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
    }
    #expect(digests.count == 1)
  }
}
