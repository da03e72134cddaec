import Simulation

/// How an application goes back to where its group stands, after what it made of later records has come to nothing.
extension Consumer {
  /// Goes to the positions that are stored now; where none is stored, to the position given.
  ///
  /// - Throws: ``ConsumerError/notAssigned(_:)``, ``HostCrashed``.
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
      if self.position(of: position.partition) != position.offset { try seek(position.partition, to: position.offset) }
    }
  }
}
