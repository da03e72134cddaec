import Synchronization
import Testing

@testable import Simulation

@Suite("A crash")
struct CrashTests {
  private func world(
    _ entries: [FaultEntry], setUp: @escaping (Node) -> Void = { _ in },
    life: @escaping @Sendable (isolated Node) async throws -> Void
  ) -> Simulation {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a", setUp: setUp, life: life)
    simulation.load(FaultScript(entries: entries))
    return simulation
  }

  private let crashAtOne = [FaultEntry(1_000, .crash(host: "a"))]

  @Test(
    "ends every kind of wait with HostCrashed",
    arguments: ["sleep", "promise", "signal", "signal with a limit", "call", "append", "sync", "read"])
  func endsWaits(_ kind: String) {
    let journal = Journal()
    var slow = DiskConfiguration()
    (slow.writeLatency, slow.readLatency, slow.syncLatency) = (.seconds(9), .seconds(9), .seconds(9))
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("a", disk: slow) { node in
      let host = node.host
      do {
        switch kind {
        case "sleep": try await host.sleep(for: .seconds(9))
        case "promise": _ = try await Promise<Int>(on: host, "a promise").value
        case "signal": try await Signal(on: host, "a bell").wait()
        case "signal with a limit": try await Signal(on: host, "a bell").wait(atMost: .seconds(9))
        case "call": _ = try await host.call(Twice(value: 1), to: HostID(rawValue: 1), deadline: .seconds(9))
        case "append": try await host.disk.append([1], to: "file")
        case "sync": try await host.disk.sync("file")
        default: _ = try await host.disk.read("file")
        }
      } catch is HostCrashed {
        journal.note("crashed \(host.isCrashed)")
        throw HostCrashed()
      }
    }
    simulation.addNode(
      "mute",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, _, _ in
          _ = try await Promise<Int>(on: node.host, "nothing").value
          return Twice.Answer(value: 0)
        }
      })
    simulation.load(FaultScript(entries: crashAtOne))
    let stop = simulation.play()
    #expect(journal.lines == ["crashed true"])
    #expect(stop.defect == nil)
    #expect(simulation.defect == nil)
    #expect(simulation.scheduledCount == 0)
  }

  @Test("fails the waits that a dead incarnation begins, and a promise that was kept")
  func laterWaits() {
    let journal = Journal()
    let simulation = world(crashAtOne) { node in
      let kept = Promise<Int>(on: node.host, "kept")
      kept.succeed(1)
      for attempt in 0..<3 {
        do {
          switch attempt {
          case 0: try await node.host.sleep(for: .seconds(9))
          case 1: _ = try await kept.value
          default: try await Signal(on: node.host, "a bell").wait(atMost: .zero)
          }
        } catch is HostCrashed {
          journal.note("crashed")
        }
      }
    }
    #expect(simulation.play().defect == nil)
    #expect(journal.lines == ["crashed", "crashed", "crashed"])
  }

  @Test("cancels tasks that wait for an AsyncStream, in groups and in children too")
  func cancelsStreams() {
    let journal = Journal()
    let simulation = world(crashAtOne) { node in
      let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
      continuation.yield(1)
      async let child: Void = {
        for await _ in silence() {}
        journal.note("child ended")
      }()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await value in stream { journal.note("value \(value)") }
          journal.note("member ended")
        }
      }
      await child
      journal.note("cancelled \(Task.isCancelled)")
    }
    #expect(simulation.play().defect == nil)
    #expect(Set(journal.lines) == ["value 1", "child ended", "member ended", "cancelled true"])
  }

  @Test("mutes everything that the dead incarnation still does")
  func mutes() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let events = simulation.traced()
    let probe = Probe("seen")
    simulation.observer = { _, _ in journal.note("heard") }
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { _, _, _ in journal.note("received") }
      })
    simulation.addNode(
      "a",
      setUp: { node in
        node.host.onComponentFault(of: node) { _, _, _, _ in }
      }
    ) { node in
      do { try await node.host.sleep(for: .seconds(9)) } catch is HostCrashed {}
      let host = node.host
      host.send(Ball(number: 1), to: ear)
      journal.note("event \(host.emit(Remark(number: 1)))")
      host.probe(probe)
      host.work(.seconds(1))
      host.spawn("ghost", on: node) { _ in journal.note("ghost") }
      host.receive(Ball.self, on: node) { _, _, _ in journal.note("ghost received") }
      let odds = [RequestOdds(outcome: 7, partsPerMillion: 1_000_000, kind: "errors")]
      journal.note("outcome \(host.requestOutcome(client: ear, ordinal: 1, odds: odds))")
      throw Rejected(code: 1)
    }
    simulation.load(FaultScript(entries: crashAtOne))
    #expect(simulation.play().defect == nil)
    #expect(journal.lines == ["event 0", "outcome 0"])
    #expect(events.of("sent").isEmpty && events.of("remark").isEmpty && events.of("probe").isEmpty)
    #expect(simulation.probeCounts.isEmpty)
    #expect(simulation.resolvedScript.requests?.isEmpty == true)
  }

  @Test("loses the messages that wait for the CPU, not those on the wire")
  func unsentMessages() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { _, ball, _ in journal.note("\(ball.number)") }
      })
    simulation.addNode("a") { node in
      guard node.host.incarnation == 1 else { return }
      try await node.host.sleep(for: .nanoseconds(999_500_000))
      node.host.send(Ball(number: 1), to: ear)
      node.host.work(.milliseconds(2))
      node.host.send(Ball(number: 2), to: ear)
    }
    simulation.load(FaultScript(entries: [FaultEntry(1_000, to: 1_100, .crash(host: "a"))]))
    simulation.play()
    #expect(journal.lines == ["1"])
  }

  @Test("leaves a restart nothing but its disk")
  func restart() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      node.count += 1
      journal.note(
        "incarnation \(node.host.incarnation), count \(node.count), files \(node.host.disk.names(prefix: ""))")
      try await node.host.disk.append([1, 2, 3], to: "log-\(node.host.incarnation)")
      try await node.host.disk.sync("log-\(node.host.incarnation)")
      try await node.host.sleep(for: .seconds(60))
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(1_000, to: 2_000, .crash(host: "a")), FaultEntry(3_000, to: 4_000, .crash(host: "a")),
      ]))
    simulation.play(seconds: 10)
    #expect(
      journal.lines == [
        "incarnation 1, count 1, files []", "incarnation 2, count 1, files [\"log-1\"]",
        "incarnation 3, count 1, files [\"log-1\", \"log-2\"]",
      ])
  }

  @Test("of a paused host ends it too, and refuses what had arrived at it")
  func crashWhilePaused() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { _, request, _ in Twice.Answer(value: request.value) }
      }
    ) { node in
      do { try await node.host.sleep(for: .seconds(60)) } catch is HostCrashed { journal.note("server ended") }
    }
    simulation.addNode("client") { node in
      try await node.host.sleep(for: .milliseconds(200))
      do {
        _ = try await node.host.call(Twice(value: 1), to: server, deadline: .seconds(30))
      } catch let error as NetworkError {
        journal.note("\(error) at \(node.host.now)")
      }
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(100, to: 5_000, .pause(host: "server")), FaultEntry(1_000, to: 2_000, .crash(host: "server")),
      ]))
    #expect(simulation.play(seconds: 10).defect == nil)
    #expect(journal.lines.contains("refused at 1.001s"))
    #expect(journal.lines.filter { $0 == "server ended" }.count == 2)
  }

  @Test("that a loop swallows parks the loop at its thousandth wait and ends the run, naming it")
  func swallowed() {
    let simulation = world(crashAtOne) { node in
      while true {
        do { try await node.host.sleep(for: .milliseconds(1)) } catch {}
      }
    }
    let stop = simulation.play()
    #expect(stop.defect == .crashSwallowed(host: "a", incarnation: 1, wait: "sleep"))
  }

  @Test("that a loop without waits swallows is cut off")
  func swallowedWithoutWaits() {
    var configuration = steadyConfiguration()
    configuration.standstillLimit = 10_000
    let simulation = Simulation(configuration)
    simulation.addNode("a") { node in
      do { try await node.host.sleep(for: .seconds(9)) } catch is HostCrashed {}
      while true { await withTaskGroup(of: Void.self) { group in group.addTask {} } }
    }
    simulation.load(FaultScript(entries: crashAtOne))
    #expect(simulation.play().defect == .standstill(host: "a", wait: "", at: at(1_000)))
  }

  @Test("ends the run when a task waits for something that is not of its host")
  func outlives() {
    let simulation = world(crashAtOne) { node in
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
    #expect(simulation.play().defect == .tasksOutliveCrash(host: "a", count: 1))
    // Without a crash in the run, finish() still says so.
    let calm = world([]) { node in
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
    #expect(calm.play().name == "nothingLeft")
    #expect(calm.defect == .tasksOutliveCrash(host: "a", count: 1))
  }

  /// Counts the objects of nodes that are alive.
  private final class Census: Sendable {
    let alive = Mutex(0)
    func change(_ by: Int) { alive.withLock { $0 += by } }
  }

  private actor Mortal {
    nonisolated let host: Host
    nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
    private let census: Census

    init(host: Host, census: Census) {
      self.host = host
      self.census = census
      census.change(1)
    }

    deinit { census.change(-1) }
  }

  @Test("leaves no memory behind, three thousand times")
  func memory() {
    let simulation = Simulation(steadyConfiguration())
    let census = Census()
    simulation.addNode(
      "mute",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, _, _ in
          try await node.host.sleep(for: .milliseconds(7))
          return Twice.Answer(value: 0)
        }
      })
    simulation.addMachine("a") { host in
      let node = Mortal(host: host, census: census)
      host.receive(Ball.self, on: node) { _, _, _ in }
      host.provideSnapshot(of: node) { _ in .number(Int64(0)) }
      host.spawn("sleep", on: node) { try await $0.host.sleep(for: .seconds(60)) }
      host.spawn("call", on: node) {
        _ = try await $0.host.call(Twice(value: 1), to: HostID(rawValue: 0), deadline: .seconds(9))
      }
      host.spawn("stream", on: node) { _ in for await _ in silence() {} }
      host.spawn("ticks", on: node) { node in for await _ in node.host.ticks(every: .milliseconds(1)) {} }
      host.spawn("disk", on: node) { node in
        while true { try await node.host.disk.sync("log") }
      }
    }
    simulation.load(
      FaultScript(entries: (0..<3_000).map { FaultEntry($0 * 10 + 5, to: $0 * 10 + 10, .crash(host: "a")) }))
    simulation.startAll()
    #expect(simulation.run(RunBounds(until: at(30_001))).name == "time")
    #expect(simulation.machine(named: "a")?.incarnation == 3_001)
    #expect(census.alive.withLock { $0 } == 1)
    #expect(simulation.scheduledCount < 20)
    simulation.finish()
    #expect(census.alive.withLock { $0 } == 0)
    #expect(simulation.scheduledCount == 0)
  }
}

/// A stream that nobody ever writes to or ends.
private func silence() -> AsyncStream<Int> { AsyncStream { _ in } }
