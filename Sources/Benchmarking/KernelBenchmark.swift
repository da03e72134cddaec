import Simulation

/// Measures how many messages a second of real time the simulation's kernel carries, on one thread.
public struct KernelBenchmark {
  private let stopwatch: Stopwatch
  private let repetitions: Int
  private let messages: UInt64

  /// Makes a benchmark.
  ///
  /// - Parameters:
  ///   - messages: how many messages each measurement takes.
  ///   - repetitions: how often each figure is measured; the median is given.
  ///   - now: nanoseconds since any fixed instant.
  public init(messages: UInt64 = 1_000_000, repetitions: Int = 3, now: @escaping () -> UInt64) {
    self.messages = max(1, messages)
    self.repetitions = max(1, repetitions)
    stopwatch = Stopwatch(now: now)
  }

  /// Messages a second.
  ///
  /// - `kernel.messages`: 100 pairs of hosts throw one-way messages; nothing is digested.
  /// - `kernel.messages.digest`: the same with every event in the digest, as in ordinary runs.
  /// - `kernel.messages.manyHosts`: 5,000 pairs, with the digest.
  /// - `kernel.calls`: 100 pairs of a client and a server, each call with a deadline, a task a request, with the digest.
  public func measureAll() -> [Measurement] {
    [
      measure("kernel.messages", pairs: 100, digests: false, calls: false),
      measure("kernel.messages.digest", pairs: 100, digests: true, calls: false),
      measure("kernel.messages.manyHosts", pairs: 5_000, digests: true, calls: false),
      measure("kernel.calls", pairs: 100, digests: true, calls: true),
    ]
  }

  private func measure(_ name: String, pairs: Int, digests: Bool, calls: Bool) -> Measurement {
    var sent: UInt64 = 0
    let times = (0..<repetitions).map { _ in
      let simulation = world(pairs: pairs, digests: digests, calls: calls)
      var bounds = RunBounds(until: .distantFuture)
      // A message is two events: sent and delivered.
      bounds.events = simulation.log.count + messages * 2
      let time = stopwatch.time { _ = simulation.run(bounds) }
      sent = simulation.messageCount
      simulation.finish()
      return time
    }
    let perSecond = Double(sent) * 1_000_000_000 / Double(max(1, median(times)))
    return Measurement(name: name, value: perSecond, unit: "messages/s", higherIsBetter: true)
  }

  private func world(pairs: Int, digests: Bool, calls: Bool) -> Simulation {
    var configuration = SimulationConfiguration(seed: 7)
    configuration.digests = digests
    let simulation = Simulation(configuration)
    for pair in 0..<pairs {
      let opponent = HostID(rawValue: UInt32(pair * 2 + 1))
      simulation.addMachine("left-\(pair)") { host in
        let player = Player(host: host)
        if calls { player.call(opponent) } else { player.serve(to: opponent) }
      }
      simulation.addMachine("right-\(pair)") { _ = Player(host: $0) }
    }
    simulation.startAll()
    return simulation
  }
}

/// A one-way message with a number.
private struct Ball: Message {
  static let kind = MessageKind(code: 1, name: "ball")
  var number: UInt64
  var wireSize: Int { 64 }
  func describe(into log: EventLog) { log.number("number", number) }
}

/// A request that is answered with the double of its value.
private struct Twice: Request {
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

/// Throws each ball back, and doubles numbers.
private actor Player {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
  private var caught: UInt64 = 0

  init(host: Host) {
    self.host = host
    host.receive(Ball.self, on: self) { player, ball, sender in
      player.caught += 1
      player.host.send(Ball(number: ball.number + 1), to: sender.host)
    }
    host.serve(Twice.self, on: self) { _, request, _ in Twice.Answer(value: request.value &* 2) }
  }

  nonisolated func serve(to opponent: HostID) {
    host.spawn("serve", on: self) { player in player.host.send(Ball(number: 0), to: opponent) }
  }

  nonisolated func call(_ opponent: HostID) {
    host.spawn("call", on: self) { player in
      var value: UInt64 = 1
      while true {
        let answer = try await player.host.call(Twice(value: value), to: opponent, deadline: .seconds(1))
        value = answer.value &+ 1
      }
    }
  }
}
