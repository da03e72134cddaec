import Testing

@testable import Simulation

@Suite("A call")
struct CallTests {
  private let server = HostID(rawValue: 0)

  /// A server that needs some time for each answer, and what a client makes of its first call.
  private func outcome(
    serviceTime: VirtualDuration = .milliseconds(10), deadline: VirtualDuration = .seconds(1),
    answer: @escaping @Sendable (UInt64) throws -> UInt64 = { $0 * 2 }, script: [FaultEntry] = [], delay: Int64 = 0,
    inspect: (Simulation, EventList) -> Void = { _, _ in }
  ) -> [String] {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    let journal = Journal()
    let server = server
    simulation.addNode(
      "server",
      setUp: { node in
        node.host.serve(Twice.self, on: node) { node, request, sender in
          if serviceTime > .zero { try await node.host.sleep(for: serviceTime) }
          journal.note("served \(request.value) of \(sender.host.rawValue)")
          return Twice.Answer(value: try answer(request.value))
        }
      })
    simulation.addNode("client") { node in
      if delay > 0 { try await node.host.sleep(for: .milliseconds(delay)) }
      do {
        let answer = try await node.host.call(Twice(value: 21), to: server, deadline: deadline)
        journal.note("answer \(answer.value) at \(node.host.now)")
      } catch let error as NetworkError {
        journal.note("\(error) at \(node.host.now)")
      } catch let error as Rejected {
        journal.note("rejected \(error.code) at \(node.host.now)")
      }
    }
    simulation.load(FaultScript(entries: script))
    simulation.startAll()
    let stop = simulation.run(RunBounds(until: at(60_000)))
    inspect(simulation, events)
    if let defect = stop.defect { journal.note("\(defect)") }
    if let defect = simulation.finish(), stop.defect == nil { journal.note("at the end \(defect)") }
    return journal.lines
  }

  @Test("brings the answer after the way there, the work and the way back")
  func answered() {
    #expect(outcome() == ["served 21 of 1", "answer 42 at 0.012s"])
  }

  @Test("takes its deadline out of the queue when the answer is there")
  func deadlineLeaves() {
    _ = outcome(inspect: { simulation, events in
      #expect(simulation.scheduledCount == 0)
      #expect(simulation.now == at(12))
      #expect(events.of("timedOut").isEmpty)
    })
  }

  @Test("fails at its deadline, though the receiver may act later, and the late answer is ignored")
  func deadlinePasses() {
    #expect(outcome(deadline: .milliseconds(5)) == ["timedOut at 0.005s", "served 21 of 1"])
  }

  @Test("is refused when nobody runs on the machine")
  func refused() {
    #expect(outcome(script: [FaultEntry(0, .crash(host: "server"))], delay: 10) == ["refused at 0.012s"])
  }

  @Test("is refused by the incarnation after the one that it was sent to")
  func refusedByLaterIncarnation() {
    // Sent at 10 ms to the first incarnation, arrives at 11 ms at the second.
    let script = [
      FaultEntry(at: .start + .microseconds(10_200), lasts: .microseconds(200), fault: .crash(host: "server"))
    ]
    #expect(outcome(script: script, delay: 10) == ["refused at 0.012s"])
  }

  @Test("reaches the incarnation that starts while the call travels to a machine that was down")
  func reachesIncarnationStartedMeanwhile() {
    let script = [FaultEntry(at: at(1), lasts: .microseconds(9_500), fault: .crash(host: "server"))]
    #expect(outcome(script: script, delay: 10) == ["served 21 of 1", "answer 42 at 0.022s"])
  }

  @Test("times out when the receiver dies at work")
  func receiverDies() {
    #expect(outcome(script: [FaultEntry(5, to: 6, .crash(host: "server"))]) == ["timedOut at 1.000s"])
  }

  @Test("carries back the error that the receiver threw")
  func replyError() {
    #expect(outcome(answer: { _ in throw Rejected(code: 7) }) == ["served 21 of 1", "rejected 7 at 0.012s"])
  }

  @Test("ends the run with a defect when the receiver throws anything else")
  func otherError() {
    struct Oops: Error {}
    let lines = outcome(answer: { _ in throw Oops() })
    #expect(lines.last == "task twice of server ended with an unhandled error: Oops()")
  }

  @Test("fails when the receiver does not know this kind of request")
  func unknownRequest() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let other = simulation.addNode("other", setUp: { _ in })
    simulation.addNode("client") { node in
      do {
        _ = try await node.host.call(Twice(value: 1), to: other, deadline: .seconds(1))
      } catch let error as NetworkError {
        journal.note("\(error)")
      }
    }
    simulation.play()
    #expect(journal.lines == ["unknownRequest"])
  }

  @Test("may be answered at once, without a task")
  func answeredAtOnce() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { node, request, _ in
          node.count += 1
          if request.value == 0 { throw Rejected(code: node.count) }
          return Twice.Answer(value: request.value * 2)
        }
      })
    simulation.addNode("client") { node in
      for value: UInt64 in [4, 0] {
        do {
          journal.note("\(try await node.host.call(Twice(value: value), to: server, deadline: .seconds(1)).value)")
        } catch let error as Rejected {
          journal.note("rejected \(error.code)")
        }
      }
    }
    simulation.play()
    #expect(journal.lines == ["8", "rejected 2"])
  }

  @Test("finds nobody when its caller has died and started anew before the answer")
  func callerRestarts() {
    let lines = outcome(script: [FaultEntry(3, to: 4, .crash(host: "client"))])
    #expect(lines == ["served 21 of 1", "served 21 of 1", "answer 42 at 0.016s"])
  }

  @Test("of a host to itself goes over the network like any other")
  func toItself() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode(
      "a",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { _, request, _ in Twice.Answer(value: request.value * 2) }
      }
    ) { node in
      let answer = try await node.host.call(Twice(value: 3), to: node.host.id, deadline: .seconds(1))
      journal.note("\(answer.value) at \(node.host.now)")
    }
    simulation.play()
    #expect(journal.lines == ["6 at 0.002s"])
  }
}
