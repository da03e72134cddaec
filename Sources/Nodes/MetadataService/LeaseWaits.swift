import Simulation

/// The requests for leases that are held back until somebody gives the lease back.
final class LeaseWaits {
  private struct Waiting {
    let freed: Signal
    /// How many requests of each agent wait.
    var requests: [HostID: Int] = [:]
  }

  private let host: Host
  private var waiting: [TopicPartition: Waiting] = [:]

  init(host: Host) { self.host = host }

  /// Whether an agent waits for a partition's lease.
  func waits(_ agent: HostID, for partition: TopicPartition) -> Bool {
    waiting[partition]?.requests[agent, default: 0] ?? 0 > 0
  }

  /// Somebody has given a partition's lease back, or the partition is assigned to somebody else: those who wait look again.
  func notify(_ partition: TopicPartition) { waiting[partition]?.freed.notify() }

  /// Holds a request back until there is a reason to look again, at most for `limit`.
  func wait(
    _ agent: HostID, for partition: TopicPartition, atMost limit: VirtualDuration,
    isolation: isolated (any Actor)? = #isolation
  ) async throws {
    let signal = waiting[partition]?.freed ?? Signal(on: host, "a lease to be given back")
    waiting[partition, default: Waiting(freed: signal)].requests[agent, default: 0] += 1
    try await signal.wait(atMost: limit)
    waiting[partition]?.requests[agent, default: 1] -= 1
  }
}
