import Simulation

/// How the original StreamHouse's consumer commits by itself: at the end of a poll, what that poll is about to hand out; and by default also without a group, which then fails at every poll from the first time on.
extension Consumer {
  /// - Throws: ``ConsumerError/noGroup``, ``HostCrashed``.
  func commitAsTheOriginalDoes() async throws {
    guard let interval = configuration.autoCommitInterval, host.now - lastCommit >= interval else { return }
    if configuration.group == nil { throw ConsumerError.noGroup }
    for reader in readers { reader.handedOut = reader.position }
    try await storePositions()
    lastCommit = host.now
  }
}
