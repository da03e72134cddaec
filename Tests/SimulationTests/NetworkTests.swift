import Testing

@testable import Simulation

@Suite("The network")
struct NetworkTests {
  /// What a stream of numbered balls, one a millisecond, looks like where it arrives.
  private struct Arrivals {
    var numbers: [UInt64] = []
    var latencies: [Int64] = []
  }

  private func arrivals(
    _ configuration: SimulationConfiguration = SimulationConfiguration(seed: 9), count: UInt64 = 500, zone: Int = 0,
    size: Int = 64, script: FaultScript = FaultScript(), every period: VirtualDuration = .milliseconds(1)
  ) -> (Arrivals, Simulation) {
    let simulation = Simulation(configuration)
    var arrivals = Arrivals()
    let ear = simulation.addNode(
      "ear", zone: zone,
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in node.host.emit(Remark(number: ball.number)) }
      })
    simulation.addNode("mouth") { node in
      for number in 0..<count {
        node.host.send(Ball(number: number, wireSize: size), to: ear)
        try await node.host.sleep(for: period)
      }
    }
    simulation.observer = { event, stamp in
      guard let remark = event as? Remark else { return }
      arrivals.numbers.append(remark.number)
      arrivals.latencies.append(stamp.time.nanoseconds - Int64(remark.number) * period.nanoseconds)
    }
    simulation.load(script)
    simulation.play()
    return (arrivals, simulation)
  }

  @Test("takes at least the latency, at most the jitter more, and uses the whole range")
  func latency() {
    let latencies = arrivals(count: 2_000).0.latencies
    // 64 bytes at 10 Gbit/s take 51 ns.
    #expect(latencies.allSatisfy { (250_051...500_051).contains($0) })
    #expect((latencies.min() ?? 0) < 252_000 && (latencies.max() ?? 0) > 498_000)
  }

  @Test("takes longer between zones")
  func zones() {
    #expect(arrivals(zone: 1).0.latencies.allSatisfy { (750_051...1_000_051).contains($0) })
  }

  @Test(
    "delivers the messages of a link in the order they were sent, also when the order of simultaneous things is drawn")
  func order() {
    for source in [ChoiceSource.firstInFirstOut, .seededOrder] {
      var configuration = SimulationConfiguration(seed: 4)
      configuration.choices = source
      #expect(arrivals(configuration, every: .microseconds(1)).0.numbers == Array(0..<500))
    }
  }

  @Test("lets big messages take the time that their bytes need, one after another")
  func bandwidth() {
    var configuration = steadyConfiguration()
    configuration.network.bytesPerSecond = 1_000_000
    let latencies = arrivals(configuration, count: 3, size: 10_000).0.latencies
    #expect(latencies == [11_000_000, 20_000_000, 29_000_000])
  }

  private func cut(from: String, to: String, bothWays: Bool) -> [String] {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    for (name, other) in [("a", HostID(rawValue: 1)), ("b", HostID(rawValue: 0))] {
      simulation.addNode(
        name,
        setUp: { node in
          node.host.receive(Ball.self, on: node) { _, ball, _ in journal.note("\(name) \(ball.number)") }
        }
      ) { node in
        for number: UInt64 in 0..<4 {
          node.host.send(Ball(number: number), to: other)
          try await node.host.sleep(for: .milliseconds(10))
        }
      }
    }
    // Ball 0 is in flight when the cut begins; ball 2 is sent as it ends; ball 1 falls into it.
    simulation.load(
      FaultScript(entries: [
        FaultEntry(
          at: .start + .microseconds(500), lasts: .microseconds(18_500),
          fault: .cut(from: [from], to: [to], bothWays: bothWays))
      ]))
    simulation.play()
    return journal.lines.sorted()
  }

  @Test("loses in a partition what is sent and what is in flight, in one direction or both")
  func partitions() {
    #expect(cut(from: "a", to: "b", bothWays: false) == ["a 0", "a 1", "a 2", "a 3", "b 2", "b 3"])
    #expect(cut(from: "a", to: "b", bothWays: true) == ["a 2", "a 3", "b 2", "b 3"])
  }

  private func weather(_ fault: MessageFault, odds: UInt32 = 200_000, extra: VirtualDuration = .zero) -> FaultScript {
    FaultScript(entries: [
      FaultEntry(100, to: 400, .messages(fault, from: ["mouth"], to: ["ear"], partsPerMillion: odds, extra: extra))
    ])
  }

  @Test("loses some of the messages of a window, about as many as asked for")
  func loss() {
    let (arrivals, simulation) = arrivals(script: weather(.drop))
    let lost = Set(UInt64(0)..<500).subtracting(arrivals.numbers)
    #expect((40...80).contains(lost.count))
    #expect(lost.allSatisfy { (100...400).contains($0) })
    #expect(simulation.faultCounts == [FaultCount(kind: "loss", planned: 1, fired: lost.count)])
  }

  @Test("delivers some of the messages of a window twice, the second time later")
  func duplicate() {
    let arrivals = arrivals(script: weather(.duplicate, extra: .milliseconds(5))).0
    let twice = arrivals.numbers.count - 500
    #expect((40...80).contains(twice))
    #expect(Set(arrivals.numbers).count == 500)
  }

  @Test("delays some of the messages of a window, and others overtake them")
  func delay() {
    let (arrivals, simulation) = arrivals(script: weather(.delay, extra: .milliseconds(20)))
    #expect(arrivals.numbers != arrivals.numbers.sorted())
    #expect(arrivals.numbers.sorted() == Array(0..<500))
    #expect(arrivals.latencies.filter { $0 > 500_100 }.count <= simulation.faultCounts[0].fired)
  }

  @Test("draws by link and ordinal: without one fault the others strike as before, and latencies stay")
  func stableDraws() {
    let both = FaultScript(entries: weather(.drop).entries + weather(.duplicate, extra: .milliseconds(3)).entries)
    let withBoth = arrivals(script: both)
    let withOne = arrivals(script: weather(.duplicate, extra: .milliseconds(3)))
    func duplicates(_ simulation: Simulation) -> Set<UInt64> {
      Set((simulation.resolvedScript.messages ?? []).filter { $0.fault == .duplicate }.map(\.ordinal))
    }
    let lost = Set((withBoth.1.resolvedScript.messages ?? []).filter { $0.fault == .drop }.map(\.ordinal))
    #expect(duplicates(withBoth.1) == duplicates(withOne.1).subtracting(lost))

    func latencies(_ arrivals: Arrivals) -> [UInt64: Int64] {
      Dictionary(zip(arrivals.numbers, arrivals.latencies), uniquingKeysWith: { first, _ in first })
    }
    let calm = latencies(arrivals().0)
    let stormy = latencies(withBoth.0)
    #expect(stormy.allSatisfy { calm[$0.key] == $0.value })
  }

  @Test("refuses a one-way message to a machine that is down without telling anyone")
  func nobodyThere() {
    let simulation = Simulation(steadyConfiguration())
    let events = simulation.traced()
    let ear = simulation.addNode("ear", setUp: { _ in })
    simulation.addNode("mouth") { node in
      try await node.host.sleep(for: .milliseconds(10))
      node.host.send(Ball(number: 1), to: ear)
    }
    simulation.load(FaultScript(entries: [FaultEntry(5, .crash(host: "ear"))]))
    #expect(simulation.play().name == "nothingLeft")
    #expect(events.of("refused").count == 1)
  }

  @Test("does not hand a message to a later incarnation than it was sent to")
  func laterIncarnation() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in
          journal.note("\(ball.number) to \(node.host.incarnation)")
        }
      })
    simulation.addNode("mouth") { node in
      for number: UInt64 in 0..<3 {
        node.host.send(Ball(number: number), to: ear)
        try await node.host.sleep(for: .milliseconds(10))
      }
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(at: .start + .microseconds(10_200), lasts: .microseconds(200), fault: .crash(host: "ear"))
      ]))
    simulation.play()
    #expect(journal.lines == ["0 to 1", "2 to 2"])
  }

  @Test("tells two types of message with one code apart from a crash of the simulator")
  func sharedCode() {
    struct Other: Message {
      static let kind = MessageKind(code: 1, name: "other")
      var text: String
      var wireSize: Int { 64 }
      func describe(into log: EventLog) { log.text("text", text) }
    }
    let simulation = Simulation(steadyConfiguration())
    let ear = simulation.addNode("ear", setUp: { node in node.host.receive(Ball.self, on: node) { _, _, _ in } })
    simulation.addNode("mouth") { node in node.host.send(Other(text: "?"), to: ear) }
    let defect = simulation.play().defect
    #expect(defect == .sharedMessageCode(code: 1, name: "other"))
  }
}
