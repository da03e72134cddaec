import Simulation

/// The positions of groups: who may store them, and who asks for them.
extension MetadataService {
  func commitOffsets(_ request: CommitOffsets, from sender: Sender) async throws -> CommitOffsets.Response {
    try begin()
    for offset in request.offsets { try read(offset.partition) { _ in } }
    let commit = GroupPositions.Commit(host: sender.host, incarnation: sender.incarnation, request: request.request)
    if let latest = state.positions.latestCommit(of: sender.host, to: request.group), !commit.follows(latest),
      commit == latest || configuration.safeguards.contains(.commitIsNewest)
    {
      // An older one must not undo what a newer one of the same sender has stored.
      guard commit == latest else {
        host.probe(.lateCommitRefused)
        throw MetadataError.staleRequest
      }
      try await journal.settled()
      return CommitOffsets.Response()
    }
    try requireOwnership(of: request.offsets.map(\.partition), request.group, request.membership, sender)
    self.commit(.offsetsCommitted(group: request.group, request.offsets, by: commit), announcing: nil)
    for offset in request.offsets {
      journal.announce(.offsetCommitted(group: request.group, offset.partition, offset: offset.offset))
    }
    try await journal.settled()
    return CommitOffsets.Response()
  }

  /// Refuses positions that the sender may not store for a group.
  ///
  /// - Throws: ``MetadataError/unknownMember``, ``MetadataError/commitFenced(current:)``.
  func requireOwnership(
    of partitions: [TopicPartition], _ group: String, _ membership: GroupMembership?, _ sender: Sender
  ) throws(MetadataError) {
    for partition in partitions {
      let refusal = state.groups.refusal(of: partition, group: group, by: membership, from: sender)
      do {
        try require(
          .committerOwnsPartition, of: configuration.safeguards, refusal == nil, else: refusal ?? .unknownMember)
      } catch {
        host.probe(.commitRefused)
        throw error
      }
    }
  }

  func fetchOffsets(_ request: FetchOffsets) async throws -> FetchOffsets.Response {
    try begin()
    let offsets = request.partitions.compactMap { partition in
      state.positions[request.group, partition].map { CommittedOffset(partition: partition, offset: $0) }
    }
    try await journal.settled()
    return FetchOffsets.Response(offsets: offsets)
  }
}
