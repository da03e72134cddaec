import Simulation

/// A counting message that two actors throw back and forth.
struct Ball: Message {
  static let kind = MessageKind(code: 1, name: "ball")
  var number: UInt64
  var wireSize: Int { 64 }
  func describe(into log: EventLog) { log.number("number", number) }
}

/// A request that is answered with the double.
struct Double: Request {
  struct Answer: Payload {
    var value: UInt64
    var wireSize: Int { 64 }
    func describe(into log: EventLog) { log.number("value", value) }
  }
  typealias Response = Answer
  static let kind = MessageKind(code: 2, name: "double")
  var value: UInt64
  var wireSize: Int { 64 }
  func describe(into log: EventLog) { log.number("value", value) }
}

/// An actor that throws each ball back to its sender.
actor Player {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
  private(set) var caught: UInt64 = 0

  init(host: Host) {
    self.host = host
    host.receive(Ball.self, on: self) { player, ball, sender in
      player.caught += 1
      player.host.send(Ball(number: ball.number + 1), to: sender.host)
    }
    host.serve(Double.self, on: self) { player, request, _ in
      try await player.host.sleep(for: .milliseconds(1))
      return Double.Answer(value: request.value * 2)
    }
  }

  nonisolated func serve(to opponent: HostID) {
    host.spawn("serve", on: self) { player in player.host.send(Ball(number: 0), to: opponent) }
  }
}

/// Makes a world of pairs of players that throw from the first instant.
func pingPongWorld(seed: UInt64, pairs: Int, digests: Bool = true) -> Simulation {
  var configuration = SimulationConfiguration(seed: seed)
  configuration.digests = digests
  let simulation = Simulation(configuration)
  for pair in 0..<pairs {
    let second = HostID(rawValue: UInt32(pair * 2 + 1))
    simulation.addMachine("left-\(pair)") { Player(host: $0).serve(to: second) }
    simulation.addMachine("right-\(pair)") { _ = Player(host: $0) }
  }
  simulation.startAll()
  return simulation
}
