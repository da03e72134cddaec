import Testing

@testable import Simulation

@Suite("Requests that are posted in one message")
struct PostTests {
  private let server = HostID(rawValue: 0)

  /// What a client hears of requests with these values, and when; the server answers each after as many milliseconds as its value says.
  private func outcome(
    _ values: [UInt64], deadline: VirtualDuration = .seconds(1), script: [FaultEntry] = [],
    messages: [ListedMessageFault]? = nil, drawnOrder: Bool = false,
    inspect: (Simulation, EventList) -> Void = { _, _ in }
  ) -> [String] {
    var configuration = steadyConfiguration()
    if drawnOrder { configuration.choices = .seededOrder }
    let simulation = Simulation(configuration)
    let events = simulation.traced()
    let journal = Journal()
    let server = server
    simulation.addNode(
      "server",
      setUp: { node in
        node.host.serveStepwise(Twice.self, on: node) { node, request, _, reply in
          journal.note("took \(request.value)")
          if request.value == 0 { return reply.fail(Rejected(code: 7)) }
          node.host.spawn("answer", on: node) { node in
            try await node.host.sleep(for: .milliseconds(Int64(request.value)))
            reply.succeed(Twice.Answer(value: request.value * 2))
          }
        }
      })
    simulation.addNode("client") { node in
      try await node.host.sleep(for: .milliseconds(10))
      node.host.post(values.map { (Twice(value: $0), deadline) }, to: server, from: node) { node, index, result in
        node.increment()
        switch result {
        case .success(let answer): journal.note("\(index): \(answer.value) at \(node.host.now)")
        case .failure(let error as Rejected): journal.note("\(index): rejected \(error.code) at \(node.host.now)")
        case .failure(let error): journal.note("\(index): \(error) at \(node.host.now)")
        }
      }
    }
    simulation.load(FaultScript(entries: script, messages: messages))
    simulation.startAll()
    let stop = simulation.run(RunBounds(until: at(60_000)))
    inspect(simulation, events)
    if let defect = stop.defect { journal.note("\(defect)") }
    if let defect = simulation.finish(), stop.defect == nil { journal.note("at the end \(defect)") }
    return journal.lines
  }

  @Test("are taken in their order and answered one by one, each when its answer is there")
  func answered() {
    #expect(
      outcome([5, 0, 2]) == [
        "took 5", "took 0", "took 2", "1: rejected 7 at 0.012s", "2: 4 at 0.014s", "0: 10 at 0.017s",
      ])
  }

  @Test("are taken in their order also where jobs of one instant run in a drawn order")
  func drawnOrder() {
    let lines = outcome([3, 4, 5, 6, 7, 8], drawnOrder: true)
    #expect(Array(lines.prefix(6)) == (3...8).map { "took \($0)" })
  }

  @Test("are one message on the way there")
  func oneMessage() {
    _ = outcome([5, 2]) { _, events in
      #expect(events.on("client", "sent").count == 1)
      #expect(events.on("server", "replySent").count == 2)
    }
  }

  @Test("time out one by one, and late answers are ignored")
  func timeout() {
    #expect(
      outcome([20, 2], deadline: .milliseconds(10)) == ["took 20", "took 2", "1: 4 at 0.014s", "0: timedOut at 0.020s"])
  }

  @Test("are refused together when nobody is there")
  func refused() {
    let lines = outcome([1, 2], script: [FaultEntry(0, .crash(host: "server"))])
    #expect(lines == ["0: refused at 0.012s", "1: refused at 0.012s"])
  }

  @Test("are lost together and doubled together")
  func fate() {
    func fault(_ fault: MessageFault) -> [ListedMessageFault] {
      [ListedMessageFault(from: "client", to: "server", ordinal: 1, fault: fault, extra: .milliseconds(5))]
    }
    #expect(
      outcome([1, 2], messages: fault(.drop)) == ["0: timedOut at 1.010s", "1: timedOut at 1.010s"])
    #expect(
      outcome([1, 2], messages: fault(.duplicate)) == [
        "took 1", "took 2", "0: 2 at 0.013s", "1: 4 at 0.014s", "took 1", "took 2",
      ])
  }

  @Test("have no outcome for a node that died, and leave nothing behind")
  func crash() {
    let lines = outcome([20, 2], script: [FaultEntry(12, to: 13, .crash(host: "client"))]) { simulation, _ in
      #expect(simulation.scheduledCount >= 0)
    }
    #expect(!lines.contains { $0.hasPrefix("0:") && $0.contains("0.032") })
    #expect(!lines.contains { $0.hasPrefix("at the end") })
  }

  @Test("have their timeout told only after a pause that it fell into")
  func pause() {
    let lines = outcome([500], deadline: .milliseconds(10), script: [FaultEntry(12, to: 100, .pause(host: "client"))])
    #expect(lines.last == "0: timedOut at 0.100s")
  }
}

@Suite("A promise's listener")
struct PromiseListenerTests {
  private func run(_ life: @escaping @Sendable (isolated Node, Journal) async throws -> Void) -> [String] {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("node") { node in try await life(node, journal) }
    simulation.play()
    return journal.lines
  }

  @Test("hears of the outcome once, when it is given or at once when it is there")
  func once() {
    let lines = run { node, journal in
      let promise = Promise<Int>(on: node.host, "a number")
      promise.whenSettled { journal.note("first \((try? $0.get()) ?? 0) at \(node.host.now)") }
      try await node.host.sleep(for: .milliseconds(3))
      promise.succeed(5)
      promise.succeed(6)
      promise.whenSettled { journal.note("second \((try? $0.get()) ?? 0)") }
    }
    #expect(lines == ["first 5 at 0.003s", "second 5"])
  }

  @Test("hears of a failure")
  func failure() {
    let lines = run { node, journal in
      let promise = Promise<Int>(on: node.host, "a number")
      promise.whenSettled { result in
        if case .failure(let error as Rejected) = result { journal.note("rejected \(error.code)") }
      }
      promise.fail(Rejected(code: 3))
    }
    #expect(lines == ["rejected 3"])
  }
}
