import Simulation

/// How agents of the original StreamHouse leave: they give their leases back and end. Nothing is flushed, and what is in memory goes with them, and so does a log that nobody reads again.
extension Agent {
  func leaveAtOnce() async throws {
    for partition in leaders.keys.sorted() { try await leaders[partition]?.releaseWithoutStoring() }
  }
}

extension PartitionLeader {
  func releaseWithoutStoring() async throws {
    guard phase == .leading else { return }
    phase = .draining
    for segment in sealed.map(\.origin) + (open.map { [$0] } ?? []) { try await segment.log.remove() }
    try await release()
  }
}
