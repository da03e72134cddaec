import Simulation

/// A one-way message with a number.
struct Ball: Message {
  static let kind = MessageKind(code: 1, name: "ball")
  var number: UInt64
  var wireSize = 64
  func describe(into log: EventLog) { log.number("number", number) }
}

/// A request that is answered with the double of its value.
struct Twice: Request {
  struct Answer: Payload {
    var value: UInt64
    var wireSize: Int { 64 }
    func describe(into log: EventLog) { log.number("value", value) }
  }
  typealias Response = Answer
  static let kind = MessageKind(code: 2, name: "twice")
  var value: UInt64
  var wireSize: Int { 64 }
  func describe(into log: EventLog) { log.number("value", value) }
}

/// What a server says instead of an answer.
struct Rejected: ReplyError, Hashable {
  var code: UInt64
  func describe(into log: EventLog) { log.number("code", code) }
}

/// Something that a node tells the world.
struct Remark: DomainEvent {
  var kind: EventKind { EventKind(code: 100, name: "remark") }
  var number: UInt64
  func describe(into log: EventLog) { log.number("number", number) }
}

/// An actor that throws each ball back to its sender.
actor Player {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
  private(set) var caught: UInt64 = 0

  init(host: Host) {
    self.host = host
    host.receive(Ball.self, on: self) { player, ball, sender in
      // A ball that comes twice is thrown once: rallies must not multiply.
      guard ball.number >= player.caught else { return }
      player.caught = ball.number + 1
      player.host.send(Ball(number: ball.number + 1), to: sender.host)
    }
    host.serve(Twice.self, on: self) { player, request, _ in
      try await player.host.sleep(for: .milliseconds(1))
      return Twice.Answer(value: request.value &* 2)
    }
  }

  nonisolated func serve(to opponent: HostID) {
    host.spawn("serve", on: self) { player in player.host.send(Ball(number: 0), to: opponent) }
  }

  nonisolated func ask(_ opponent: HostID) {
    host.spawn("ask", on: self) { player in
      for number in 0... {
        do {
          _ = try await player.host.call(Twice(value: UInt64(number)), to: opponent, deadline: .milliseconds(5))
        } catch let error as NetworkError {
          player.host.emit(Remark(number: error == .timedOut ? 1 : 2))
        }
      }
    }
  }
}

/// Makes a world of pairs of players that throw, and ask, from the first instant.
func pingPongWorld(
  _ configuration: SimulationConfiguration, pairs: Int, asking: Bool = false, script: FaultScript = FaultScript()
) -> Simulation {
  let simulation = Simulation(configuration)
  for pair in 0..<pairs {
    let second = HostID(rawValue: UInt32(pair * 2 + 1))
    simulation.addMachine("left-\(pair)") {
      let player = Player(host: $0)
      player.serve(to: second)
      if asking { player.ask(second) }
    }
    simulation.addMachine("right-\(pair)") { _ = Player(host: $0) }
  }
  simulation.load(script)
  simulation.startAll()
  return simulation
}

/// Faults of every kind on the pairs of ``pingPongWorld(_:pairs:asking:script:)``.
let roughWeather = FaultScript(entries: [
  FaultEntry(5, to: 300, .messages(.drop, from: ["left-0"], to: ["right-0"], partsPerMillion: 50_000, extra: .zero)),
  FaultEntry(
    10, to: 300,
    .messages(
      .duplicate, from: ["right-0", "right-1"], to: ["left-0", "left-1"], partsPerMillion: 80_000,
      extra: .milliseconds(1))
  ),
  FaultEntry(
    20, to: 300,
    .messages(.delay, from: ["left-1"], to: ["right-1"], partsPerMillion: 100_000, extra: .milliseconds(2))),
  FaultEntry(60, to: 90, .crash(host: "right-0")),
  FaultEntry(100, to: 130, .pause(host: "left-1")),
  FaultEntry(140, to: 160, .cut(from: ["left-0"], to: ["right-0"], bothWays: true)),
  FaultEntry(170, to: 200, .clockDrift(host: "left-0", partsPerMillion: 500)),
  FaultEntry(180, to: 220, .clockStep(host: "left-0", by: .seconds(5))),
])
