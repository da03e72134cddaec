@testable import Nodes
@testable import Simulation

// What a test lets go wrong, at the instant at which it says so.
extension TestCluster {
  /// A machine's process dies; of each file's unsynced bytes only so many are kept.
  func crash(_ id: HostID, keepingUnsynced kept: UInt64 = 0) {
    simulation.asRunning {
      simulation.crash(machine(id))
      _ = machine(id).disk.crash { _, unsynced in min(kept, unsynced) }
    }
  }

  /// A machine gets a new incarnation.
  func restart(_ id: HostID) { simulation.asRunning { simulation.start(machine(id)) } }

  /// A machine's process is told to leave; a new incarnation starts so long after its end, or never.
  func tellToLeave(_ id: HostID, forAnother away: VirtualDuration? = nil) {
    simulation.load(FaultScript(entries: [FaultEntry(at: now, lasts: away, fault: .drain(host: name(id)))]))
    run(for: .zero)
  }

  func pause(_ id: HostID) { simulation.asRunning { _ = simulation.pause(machine(id), entry: -1) } }
  func resume(_ id: HostID) { simulation.asRunning { _ = simulation.resume(machine(id), entry: -1) } }

  /// Nothing gets from one machine to another any more.
  func cut(from source: HostID, to target: HostID) { simulation.network.cut(machine(source), machine(target), by: 1) }
  func mend(from source: HostID, to target: HostID) { simulation.network.cut(machine(source), machine(target), by: -1) }

  /// Nothing gets between two machines any more, either way.
  func cutOff(_ one: HostID, _ other: HostID) {
    cut(from: one, to: other)
    cut(from: other, to: one)
  }

  func reconnect(_ one: HostID, _ other: HostID) {
    mend(from: one, to: other)
    mend(from: other, to: one)
  }

  /// Something happens to one of the next messages from one machine to another; the next one is the first.
  func hit(
    _ number: UInt64 = 1, from source: HostID, to target: HostID, with fault: MessageFault,
    extra: VirtualDuration = .zero
  ) {
    let ordinal = machine(source).links.link(to: target).sent + number
    simulation.load(
      FaultScript(messages: [
        ListedMessageFault(from: name(source), to: name(target), ordinal: ordinal, fault: fault, extra: extra)
      ]))
  }

  /// Requests of a client to the object store end so, by their numbers; the first is 1.
  func failRequests(of client: HostID, _ outcomes: [UInt64: RequestOutcome]) {
    simulation.load(
      FaultScript(
        messages: [],
        requests: outcomes.map { ordinal, outcome in
          ListedRequestFault(component: "store", client: name(client), ordinal: ordinal, outcome: outcome.rawValue)
        }))
  }

  /// Begins or ends a trouble of the object store.
  func trouble(_ name: String, _ values: [Int64] = [], begins: Bool = true) {
    simulation.asRunning { machine(store).current?.componentFault?(name, values, begins) }
  }
}
