import Simulation

/// Which agent is to lead which partition: balanced, and moving as little as possible.
///
/// Kept in memory only. After a restart the service waits until the agents had time to report, and begins with who holds the leases.
struct Assignment {
  private(set) var owners: [TopicPartition: HostID] = [:]

  /// Begins with who holds the leases, until there is time to balance.
  mutating func begin(with holders: [TopicPartition: HostID]) { owners = holders }

  /// Assigns every partition to one of the living agents, to each ⌊partitions ÷ agents⌋ or one more; an owner that lives and is within its share keeps what it has. O(partitions × agents).
  mutating func balance(_ partitions: [TopicPartition], among agents: [HostID], holders: (TopicPartition) -> HostID?) {
    guard !agents.isEmpty else {
      owners = [:]
      return
    }
    let share = partitions.count / agents.count
    // So many agents have one partition more than the others.
    var larger = partitions.count % agents.count
    var load: [HostID: Int] = [:]
    var next: [TopicPartition: HostID] = [:]
    for partition in partitions {
      guard let owner = owners[partition] ?? holders(partition), agents.contains(owner) else { continue }
      if load[owner, default: 0] >= share {
        guard load[owner, default: 0] == share, larger > 0 else { continue }
        larger -= 1
      }
      next[partition] = owner
      load[owner, default: 0] += 1
    }
    for partition in partitions where next[partition] == nil {
      let least = agents.min { (load[$0, default: 0], $0.rawValue) < (load[$1, default: 0], $1.rawValue) }
      guard let least else { continue }
      next[partition] = least
      load[least, default: 0] += 1
    }
    owners = next
  }

  /// What one agent is to lead, in order.
  func partitions(of agent: HostID) -> [TopicPartition] {
    owners.filter { $0.value == agent }.map(\.key).sorted()
  }
}
