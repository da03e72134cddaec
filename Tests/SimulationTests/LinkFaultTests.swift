import Testing

@testable import Simulation

@Suite("A link that is in trouble, but not cut")
struct LinkFaultTests {
  /// When each ball arrives that is sent from one node to another, one every ten milliseconds.
  private func arrivals(
    _ script: [FaultEntry], count: UInt64 = 20, size: Int = 64, choices: ChoiceSource = .firstInFirstOut,
    seconds: Int64 = 10, inspect: (Simulation) -> Void = { _ in }
  ) -> [(number: UInt64, milliseconds: Int64)] {
    var configuration = steadyConfiguration(seed: 5)
    configuration.choices = choices
    let simulation = Simulation(configuration)
    var arrivals: [(number: UInt64, milliseconds: Int64)] = []
    let ear = simulation.addNode(
      "ear",
      setUp: { node in
        node.host.receive(Ball.self, on: node) { node, ball, _ in node.host.emit(Remark(number: ball.number)) }
      })
    simulation.addNode("mouth") { node in
      for number in 0..<count {
        node.host.send(Ball(number: number, wireSize: size), to: ear)
        try await node.host.sleep(for: .milliseconds(10))
      }
    }
    simulation.observer = { event, stamp in
      if let remark = event as? Remark { arrivals.append((remark.number, stamp.time.nanoseconds / 1_000_000)) }
    }
    simulation.load(FaultScript(entries: script))
    simulation.startAll()
    #expect(simulation.run(RunBounds(until: .start + .seconds(seconds))).defect == nil)
    inspect(simulation)
    #expect(simulation.finish() == nil)
    return arrivals
  }

  @Test("holds messages up while it is clogged, and then delivers all of them, in order", arguments: [false, true])
  func clog(drawsOrder: Bool) {
    let entry = FaultEntry(45, to: 105, .clog(from: ["mouth"], to: ["ear"], bothWays: false))
    let arrivals = arrivals([entry], choices: drawsOrder ? .seededOrder : .firstInFirstOut)
    #expect(arrivals.map(\.number) == Array(0..<20))
    #expect(arrivals[4].milliseconds == 41)
    #expect(arrivals[5...10].allSatisfy { $0.milliseconds == 105 })
    #expect(arrivals[11].milliseconds == 111)
  }

  @Test("stays clogged until the last of two clogs is over, and is open once everything heals")
  func overlappingClogs() {
    let script = [
      FaultEntry(45, to: 85, .clog(from: ["mouth"], to: ["ear"], bothWays: true)),
      FaultEntry(65, to: 125, .clog(from: ["ear"], to: ["mouth"], bothWays: true)),
    ]
    #expect(arrivals(script)[5].milliseconds == 125)
  }

  @Test("keeps nothing of what it holds when the run ends")
  func clogAtTheEnd() {
    let entry = FaultEntry(45, .clog(from: ["mouth"], to: ["ear"], bothWays: false))
    #expect(arrivals([entry]).count == 5)
  }

  @Test("carries only so many bytes a second while its bandwidth is limited")
  func bandwidth() {
    let entry = FaultEntry(
      0, to: 10_000, .bandwidth(from: ["mouth"], to: ["ear"], bytesPerSecond: 50_000, queue: 100))
    let arrivals = arrivals([entry], size: 1_000)
    // 1,000 bytes take 20 ms, a message leaves every 10 ms; the first left before the fault began.
    let expected: [Int64] = [1] + Array(stride(from: 31, to: 411, by: 20))
    #expect(arrivals.map(\.milliseconds) == expected)
  }

  @Test("loses what comes when its queue is full")
  func queueOverflow() {
    let entry = FaultEntry(0, to: 10_000, .bandwidth(from: ["mouth"], to: ["ear"], bytesPerSecond: 50_000, queue: 2))
    let numbers = arrivals([entry], size: 1_000).map(\.number)
    #expect(numbers.starts(with: [0, 1, 2]))
    #expect(numbers.count < 15 && numbers == numbers.sorted())
  }

  @Test("has the narrowest of two limits while both hold")
  func narrowestLimit() {
    let script = [
      FaultEntry(0, to: 10_000, .bandwidth(from: ["mouth"], to: ["ear"], bytesPerSecond: 100_000, queue: 100)),
      FaultEntry(0, to: 45, .bandwidth(from: ["mouth"], to: ["ear"], bytesPerSecond: 50_000, queue: 100)),
    ]
    let times = arrivals(script, size: 1_000).map(\.milliseconds)
    // Of those sent while both hold four take 20 ms each, the other fifteen 10 ms.
    #expect(times.prefix(5) == [1, 31, 51, 71, 91])
    #expect(times.last == 241)
  }

  @Test("lets later messages overtake those that it reorders, and loses none")
  func reorder() {
    let entry = FaultEntry(
      0, to: 10_000,
      .messages(.reorder, from: ["mouth"], to: ["ear"], partsPerMillion: 300_000, extra: .milliseconds(30)))
    let arrivals = arrivals([entry], count: 100)
    #expect(arrivals.map(\.number).sorted() == Array(0..<100))
    #expect(arrivals.map(\.number) != Array(0..<100))
    for (number, milliseconds) in arrivals { #expect(milliseconds <= Int64(number * 10 + 61)) }
  }
}

@Suite("A connection that breaks")
struct ConnectionResetTests {
  /// What a client makes of calls to a server, one every ten milliseconds.
  private func outcomes(from: String, to: String) -> (told: [String], served: Int) {
    let simulation = Simulation(steadyConfiguration(seed: 3))
    let journal = Journal()
    nonisolated(unsafe) var served = 0
    let server = simulation.addNode(
      "server",
      setUp: { node in
        node.host.answer(Twice.self, on: node) { _, request, _ in
          served += 1
          return Twice.Answer(value: request.value * 2)
        }
      })
    simulation.addNode("client") { node in
      for number in 0..<50 as Range<UInt64> {
        do {
          let answer = try await node.host.call(Twice(value: number), to: server, deadline: .seconds(1))
          journal.note("\(answer.value == number * 2)")
        } catch let error as NetworkError {
          journal.note("\(error)")
          #expect(error.leavesOutcomeOpen)
        }
        try await node.host.sleep(for: .milliseconds(10))
      }
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(0, .messages(.reset, from: [from], to: [to], partsPerMillion: 300_000, extra: .zero))
      ]))
    #expect(simulation.play(seconds: 30).defect == nil)
    return (journal.lines, served)
  }

  @Test("under a request tells the caller at once, and the receiver has not acted")
  func request() {
    let (told, served) = outcomes(from: "client", to: "server")
    #expect(told.contains("reset") && told.contains("true") && !told.contains("timedOut"))
    #expect(served == told.filter { $0 == "true" }.count)
  }

  @Test("under an answer tells the caller at once, although the receiver has acted")
  func answer() {
    let (told, served) = outcomes(from: "server", to: "client")
    #expect(told.contains("reset") && told.contains("true") && !told.contains("timedOut"))
    #expect(served == 50)
  }
}
