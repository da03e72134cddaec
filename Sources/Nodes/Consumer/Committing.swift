import Simulation

/// How a consumer stores its positions.
extension Consumer {
  /// Stores the positions behind everything that polls have handed out: the application says that it has handled it.
  ///
  /// - Throws: ``ConsumerError/noGroup``, ``ConsumerError/commitUnanswered``, ``HostCrashed``.
  public func commit() async throws {
    guard configuration.group != nil else { throw ConsumerError.noGroup }
    for reader in readers { reader.handedOut = reader.position }
    if try await !storePositions() { throw ConsumerError.commitUnanswered }
  }

  func commitIfDue() async throws {
    guard let interval = configuration.autoCommitInterval, host.now - lastCommit >= interval else { return }
    lastCommit = host.now
    try await storePositions()
  }

  /// Stores the positions behind what is known to be handled; tells whether they are stored. What is not is stored with a later commit.
  @discardableResult
  func storePositions() async throws -> Bool {
    guard let group = configuration.group, !isCommitting else { return false }
    let due = readers.filter { !$0.lacksPosition && $0.handedOut != $0.committed }
    guard !due.isEmpty else { return true }
    isCommitting = true
    defer { isCommitting = false }
    let offsets = due.map { CommittedOffset(partition: $0.partition, offset: $0.handedOut) }
    do {
      _ = try await host.call(
        CommitOffsets(group: group, offsets: offsets), to: addresses.metadata,
        deadline: configuration.metadataTimeout)
      for (reader, offset) in zip(due, offsets) { reader.committed = offset.offset }
      return true
    } catch is MetadataError {
    } catch is NetworkError {
    }
    return false
  }
}
