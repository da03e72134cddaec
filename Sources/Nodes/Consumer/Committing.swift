import Simulation

/// What became of a commit.
enum CommitResult: Sendable {
  /// The positions are stored, or there were none that were not.
  case stored
  /// The group does not take them from this consumer, which may own the partitions no more.
  case refused
  /// Nobody knows.
  case unanswered
}

/// How a consumer stores its positions.
extension Consumer {
  /// Stores the positions behind everything that polls have handed out: the application says that it has handled it. A partition that has no position to read from any more, as its place is not in the log, is left out.
  ///
  /// - Throws: ``ConsumerError/noGroup``, ``ConsumerError/commitRefused``, ``ConsumerError/commitUnanswered``, ``HostCrashed``.
  public func commit() async throws {
    guard configuration.group != nil else { throw ConsumerError.noGroup }
    for reader in readers { reader.handedOut = reader.position }
    let result = try await storePositions()
    if let membership, membership.hasLostUncommitted {
      membership.hasLostUncommitted = false
      throw ConsumerError.commitRefused
    }
    switch result {
    case .stored: return
    case .refused: throw ConsumerError.commitRefused
    case .unanswered: throw ConsumerError.commitUnanswered
    }
  }

  /// Stores positions from within a poll, when that is automatic and its time has come.
  func commitIfDue() async throws {
    guard configuration.behaviour.commitPoint == .behindEarlierPolls else { return }
    guard let interval = configuration.autoCommitInterval, host.now - lastCommit >= interval else { return }
    lastCommit = host.now
    try await storePositions()
  }

  private func isDue(_ reader: PartitionReader) -> Bool {
    if reader.lacksPosition { return false }
    guard configuration.safeguards.contains(.rewindsAreStored) else { return reader.handedOut > reader.committed ?? 0 }
    return reader.handedOut != reader.committed
  }

  /// Stores the positions behind what is known to be handled. What is not stored is stored with a later commit.
  @discardableResult
  func storePositions() async throws -> CommitResult {
    guard let group = configuration.group, !isCommitting else { return .unanswered }
    let due = readers.filter(isDue)
    guard !due.isEmpty else { return .stored }
    isCommitting = true
    defer { isCommitting = false }
    let offsets = due.map { CommittedOffset(partition: $0.partition, offset: $0.handedOut) }
    commits += 1
    let request = CommitOffsets(
      group: group, offsets: offsets, request: commits,
      membership: groupMembership)
    let attempt = membership?.attempt
    // Without an answer either may be stored, this or what was before: the next commit stores whatever it finds.
    for reader in due { reader.committed = nil }
    do {
      _ = try await host.call(request, to: addresses.metadata, deadline: configuration.metadataTimeout)
      for (reader, offset) in zip(due, offsets) { reader.committed = offset.offset }
      return .stored
    } catch MetadataError.unknownMember {
      if attempt == membership?.attempt { loseMembership() }
      return .refused
    } catch MetadataError.commitFenced {
      return .refused
    } catch is MetadataError {
    } catch is NetworkError {
    }
    return .unanswered
  }
}
