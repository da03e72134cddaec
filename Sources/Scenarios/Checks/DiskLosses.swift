import Nodes
import Simulation

/// The disks that faults emptied or damaged, and the machines that never came back: what an agent had acknowledged as buffered and not yet stored is *at risk* there.
struct DiskLosses {
  /// The last time at which an agent's disk lost something, by agent.
  private var latest: [HostID: VirtualTime] = [:]

  /// No losses.
  init() {}

  /// The losses of a run.
  ///
  /// - Parameter gone: The agents that are down, or cut off for good, at the end.
  init(_ windows: [FaultWindow], gone: [HostID], named: (String) -> HostID?) {
    for window in windows {
      switch window.fault {
      case .replace(let name), .bitFlip(let name):
        if let host = named(name) { add(host, at: window.begin) }
      default: break
      }
    }
    for host in gone { add(host, at: .distantFuture) }
  }

  /// An agent's disk lost what was on it at a time.
  mutating func add(_ agent: HostID, at time: VirtualTime) { latest[agent] = max(latest[agent] ?? .start, time) }

  /// Whether a batch that was closed at a time, and that this agent acknowledged, may have been on its disk when that lost something.
  func mayHold(_ agent: HostID?, closedAt: VirtualTime) -> Bool {
    guard let agent, let latest = latest[agent] else { return false }
    return closedAt <= latest
  }
}

/// Records that were acknowledged as buffered by an agent whose disk a fault took or damaged afterwards.
public struct RiskFigures: Sendable, Hashable {
  /// How many there were, stored by now or not.
  public var records = 0
  /// How many of them are nowhere in the log. That breaks no promise.
  public var lost = 0
  /// Makes zeros.
  public init() {}
}
