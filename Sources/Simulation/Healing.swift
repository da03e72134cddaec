// How faults stop: all of them, or all but those that keep some machines broken for good.
extension Fault {
  /// Whether this concerns nobody but some machines: it lies on one of them, or on links of which one side lies among them.
  func isConfined(to machines: Set<String>) -> Bool {
    switch self {
    case .crash(let host), .replace(let host), .drain(let host), .start(let host), .pause(let host),
      .clockStep(let host, _), .clockDrift(let host, _), .slowCPU(let host, _), .diskStall(let host, _),
      .diskErrors(let host, _), .diskFull(let host), .bitFlip(let host), .component(let host, _, _):
      machines.contains(host)
    case .cut(let from, let to, _), .clog(let from, let to, _), .bandwidth(let from, let to, _, _),
      .messages(_, let from, let to, _, _):
      from.allSatisfy(machines.contains) || to.allSatisfy(machines.contains)
    }
  }
}

extension Simulation {
  /// Ends every fault, starts what is down, and drops the script's entries that have not begun.
  ///
  /// - Parameter outside: Machines that stay as they are: what is wrong with them alone goes on for good.
  public func heal(leaving outside: [String] = []) {
    asRunning {
      faults.cancelPending()
      faults.heal(leaving: Set(outside))
    }
  }

  /// Whether a machine's process runs and is not stalled.
  public func isWorking(_ id: HostID) -> Bool { host(id).map { !$0.isPaused } ?? false }

  /// Whether messages pass between two machines, both ways, as far as no cut and no clog is in force.
  public func areConnected(_ first: HostID, _ second: HostID) -> Bool {
    let machines = (machines[Int(first.rawValue)], machines[Int(second.rawValue)])
    let links = [machines.0.links.link(to: second), machines.1.links.link(to: first)]
    return links.allSatisfy { $0.cuts == 0 && $0.clogs == 0 }
  }
}
