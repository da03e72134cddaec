import Simulation

/// How an application goes back to where its group stands, after what it made of later records has come to nothing.
extension Consumer {
  /// Goes to the positions that are stored now; where none is stored, to the position given. A partition that is not read any more is passed over.
  ///
  /// - Throws: ``ConsumerError/noGroup``, ``HostCrashed``.
  public func seekToStored(otherwise beginnings: [CommittedOffset]) async throws {
    guard let group = configuration.group else { throw ConsumerError.noGroup }
    let partitions = beginnings.map(\.partition)
    let stored = try await persistently { [self] in
      try await host.call(
        FetchOffsets(group: group, partitions: partitions), to: addresses.metadata,
        deadline: configuration.metadataTimeout)
    }.offsets
    for beginning in beginnings {
      let position = stored.first { $0.partition == beginning.partition } ?? beginning
      guard let now = self.position(of: position.partition), now != position.offset else { continue }
      try seek(position.partition, to: position.offset)
    }
  }
}
