import Simulation

/// What the metadata service keeps of groups in memory only: when members were last heard of, what they are to own, whose heartbeats are held back.
///
/// After a restart it begins anew: everybody counts as heard of, and the targets are computed from what is owned.
final class GroupCoordination {
  private struct Group {
    var heard: [UInt64: VirtualTime] = [:]
    /// Of those who are to own something; nil before they are first computed.
    var targets: [UInt64: [TopicPartition]]?
    /// The topics for which the targets were computed.
    var shapes: [AssignableTopic] = []
    var waiting: [UInt64: Signal] = [:]
  }

  private var groups: [String: Group] = [:]

  func heard(_ member: UInt64, in group: String, at time: VirtualTime) {
    groups[group, default: Group()].heard[member] = time
  }

  func lastHeard(_ member: UInt64, in group: String) -> VirtualTime { groups[group]?.heard[member] ?? .start }

  func forget(_ member: UInt64, in group: String) { groups[group]?.heard[member] = nil }

  // MARK: Targets

  func knowsTargets(of group: String) -> Bool { groups[group]?.targets != nil }

  /// What a member is to own, in order.
  func target(of member: UInt64, in group: String) -> [TopicPartition] { groups[group]?.targets?[member] ?? [] }

  func setTargets(_ targets: [UInt64: [TopicPartition]], _ shapes: [AssignableTopic], of group: String) {
    groups[group, default: Group()].targets = targets.mapValues { $0.sorted() }
    groups[group]?.shapes = shapes
  }

  /// The topics for which the targets were computed; nil before they were.
  func shapes(of group: String) -> [AssignableTopic]? {
    guard let known = groups[group], known.targets != nil else { return nil }
    return known.shapes
  }

  // MARK: Heartbeats that are held back

  /// The members who wait, in order.
  func waiting(in group: String) -> [UInt64] { groups[group]?.waiting.keys.sorted() ?? [] }

  func wake(_ member: UInt64, in group: String) { groups[group]?.waiting.removeValue(forKey: member)?.notify() }

  /// Waits until there is something to tell a member; a newer wait of the same member takes its place.
  func wait(for member: UInt64, in group: String, on host: Host, atMost limit: VirtualDuration) async throws {
    wake(member, in: group)
    let signal = Signal(on: host, "something to tell a member")
    groups[group, default: Group()].waiting[member] = signal
    try await signal.wait(atMost: limit)
    if groups[group]?.waiting[member] === signal { groups[group]?.waiting[member] = nil }
  }
}
