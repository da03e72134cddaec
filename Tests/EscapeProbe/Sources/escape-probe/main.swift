import Simulation

// Plants one escape, named by the only argument, in a run and prints how the run ended:
// "seen: …" with the defect, or "missed". `none` plants nothing and prints the digest.

actor Culprit {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
  private(set) var count: UInt64 = 0

  init(host: Host) { self.host = host }

  func increment() { count += 1 }

  func startUnspawned() {
    Task {
      async let child: Void = increment()
      await child
    }
  }
}

struct Beat: DomainEvent {
  var kind: EventKind { EventKind(code: 100, name: "beat") }
  var number: UInt64
  func describe(into log: EventLog) { log.number("number", number) }
}

/// Holds what a foreign thread is to touch; one thread after the other does.
final class Hostage: @unchecked Sendable {
  var culprit: Culprit?
}

let kind = CommandLine.arguments.count == 2 ? CommandLine.arguments[1] : ""
let hostage = Hostage()
let simulation = Simulation(SimulationConfiguration(seed: 7))
simulation.addMachine("culprit") { host in
  let culprit = Culprit(host: host)
  hostage.culprit = culprit
  host.spawn("crime", on: culprit) { culprit in
    switch kind {
    case "detached": Task.detached {}
    case "child": culprit.startUnspawned()
    case "sleep": try await Task.sleep(for: .seconds(1))
    case "sleep-nanoseconds": try await Task.sleep(nanoseconds: 1)
    case "main-actor": await MainActor.run {}
    default:
      for _ in 0..<100 {
        async let first: Void = culprit.increment()
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<3 { group.addTask { await culprit.increment() } }
        }
        await first
        try await host.sleep(for: .milliseconds(1))
        host.emit(Beat(number: culprit.count))
      }
    }
  }
  host.spawn("clock", on: culprit) { culprit in
    for await _ in culprit.host.ticks(every: .milliseconds(1)) {}
  }
}
simulation.startAll()

var bounds = RunBounds(until: .start + .seconds(1))
if kind == "foreign-thread" {
  let culprit = hostage.culprit
  // No simulation runs on this thread now, so the task goes to the pool, and from there comes to the host.
  Task.detached { await culprit?.increment() }
  bounds.time = .distantFuture
  bounds.events = 20_000_000
}
let stop = simulation.run(bounds)
let late = simulation.finish()
if case .defect(let defect) = stop {
  print("seen: \(defect)")
} else if let late {
  print("seen at the end: \(late)")
} else if kind == "none" {
  print("digest \(String(simulation.log.digest, radix: 16))")
} else {
  print("missed")
}
