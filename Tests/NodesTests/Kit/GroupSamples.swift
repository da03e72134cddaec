import Simulation

@testable import Nodes

extension JoinGroup {
  /// Joins the readers of `orders`.
  init(
    _ request: UInt64, instance: String? = nil, assignor: GroupAssignor = .sticky,
    sessionTimeout: VirtualDuration = .seconds(10)
  ) {
    self.init(
      group: "readers", request: request, topics: ["orders"], instance: instance, assignor: assignor,
      sessionTimeout: sessionTimeout)
  }
}

extension GroupHeartbeat {
  /// Reports for a share, working on its partitions or on others.
  init(_ share: GroupShare, owning owned: [TopicPartition]? = nil, waitAtMost: VirtualDuration = .zero) {
    self.init(
      group: "readers", member: share.member, generation: share.generation, owned: owned ?? share.partitions,
      waitAtMost: waitAtMost)
  }
}

extension CommitOffsets {
  /// Stores an offset of one partition for the readers.
  init(_ offset: UInt64, of partition: TopicPartition = .first, request: UInt64, as share: GroupShare?) {
    self.init(
      group: "readers", offsets: [CommittedOffset(partition: partition, offset: offset)], request: request,
      membership: share.map { GroupMembership(member: $0.member, generation: $0.generation) })
  }
}

extension TestCluster {
  /// A group's stored position in a partition.
  func storedPosition(_ partition: TopicPartition = .first, of group: String = "readers") -> UInt64? {
    guard let host = simulation.host(metadata), let metadataService else { return nil }
    return host.inspect(metadataService) { $0.committedOffset(group: group, partition) }
  }

  /// What the groups were told to be, in words.
  var groupEvents: [String] {
    clusterEvents.compactMap { event in
      guard case .group(let event) = event else { return nil }
      switch event {
      case .memberJoined(_, let member, let host, _, _, let isNew):
        return "\(name(host)) \(isNew ? "joins" : "returns") as \(member)"
      case .memberRemoved(_, let member, _, let hasLeft): return "\(member) \(hasLeft ? "leaves" : "is gone")"
      case .owned(_, let member, _, let partitions): return "\(member) owns \(partitions.map(\.index))"
      case .recovered: return "recovered"
      }
    }
  }
}
