import Testing

@testable import Simulation

/// An actor without a life of its own: a test says what its host does.
actor Node {
  nonisolated let host: Host
  nonisolated var unownedExecutor: UnownedSerialExecutor { host.executor }
  var count: UInt64 = 0

  init(host: Host) { self.host = host }

  func increment() { count += 1 }
}

/// What happened in a test, in order; only the run's thread writes to it.
final class Journal: @unchecked Sendable {
  private(set) var lines: [String] = []
  func note(_ line: String) { lines.append(line) }
}

extension Simulation {
  /// Adds a machine whose every incarnation is set up as told and then lives as told, in a task.
  @discardableResult
  func addNode(
    _ name: String, zone: Int = 0, disk: DiskConfiguration = DiskConfiguration(),
    setUp: @escaping (Node) -> Void = { _ in },
    life: @escaping @Sendable (isolated Node) async throws -> Void
  ) -> HostID {
    addNode(name, zone: zone, disk: disk) { node in
      setUp(node)
      node.host.spawn("life", on: node, life)
    }
  }

  /// Adds a machine that does what it is asked.
  @discardableResult
  func addNode(
    _ name: String, zone: Int = 0, disk: DiskConfiguration = DiskConfiguration(), setUp: @escaping (Node) -> Void
  ) -> HostID {
    addMachine(name, zone: zone, disk: disk) { host in
      let node = Node(host: host)
      // What keeps a node that only waits to be looked at.
      host.provideSnapshot(of: node) { .number($0.count) }
      setUp(node)
    }
  }

  /// Starts every machine, runs until this many virtual seconds have passed, and ends the run.
  @discardableResult
  func play(seconds: Int64 = 60) -> RunStop {
    startAll()
    let stop = run(RunBounds(until: .start + .seconds(seconds)))
    finish()
    return stop
  }

  /// Gathers every event from now on.
  func traced() -> EventList {
    let list = EventList()
    trace { list.events.append($0) }
    return list
  }
}

/// The events of a run.
final class EventList {
  var events: [TracedEvent] = []

  func of(_ kind: String) -> [TracedEvent] { events.filter { $0.kind == kind } }
  func on(_ host: String, _ kind: String) -> [TracedEvent] { events.filter { $0.kind == kind && $0.host == host } }
}

extension TracedEvent {
  var milliseconds: Int64 { time.nanoseconds / 1_000_000 }
}

extension RunStop {
  var defect: SimulatorDefect? { if case .defect(let defect) = self { defect } else { nil } }
  var name: String { "\(self)".prefix { $0 != "(" }.description }
}

/// A network without jitter: one millisecond from anywhere to anywhere.
func steadyConfiguration(seed: UInt64 = 1) -> SimulationConfiguration {
  var configuration = SimulationConfiguration(seed: seed)
  configuration.network.latency = .milliseconds(1)
  configuration.network.jitter = .zero
  configuration.network.crossZoneLatency = .zero
  configuration.network.bytesPerSecond = 1_000_000_000_000
  return configuration
}

func at(_ milliseconds: Int64) -> VirtualTime { .start + .milliseconds(milliseconds) }

extension FaultEntry {
  /// From when to when, in milliseconds, a fault lasts; without an end until everything is healed.
  init(_ begin: Int64, to end: Int64? = nil, _ fault: Fault) {
    self.init(at: .start + .milliseconds(begin), lasts: end.map { .milliseconds($0 - begin) }, fault: fault)
  }
}
