import Simulation

/// The lists of segments that consumers follow.
extension MetadataService {
  func manifests(_ request: FetchManifest) async throws -> FetchManifest.Response {
    try begin()
    if request.waitAtMost.nanoseconds > 0, !hasNews(for: request) { try await awaitNews(request) }
    let partitions = request.positions.compactMap { manifest(from: $0, limit: request.limit) }
    try await journal.settled()
    return FetchManifest.Response(partitions: partitions)
  }

  private func manifest(from position: CommittedOffset, limit: Int) -> PartitionManifest? {
    state.topics.read(position.partition) { row in
      let first = row.firstSegment(endingAfter: position.offset)
      return PartitionManifest(
        partition: position.partition, rows: Array(row.segments[first...].prefix(min(max(limit, 1), 1_000))),
        logStart: row.logStart, watermark: row.watermark)
    }
  }

  /// Whether an answer would tell its asker something: a segment, or that a partition does not exist.
  private func hasNews(for request: FetchManifest) -> Bool {
    request.positions.contains { position in
      state.topics.read(position.partition) { $0.watermark > position.offset } ?? true
    }
  }

  private func awaitNews(_ request: FetchManifest) async throws {
    let signal = Signal(on: host, "a new segment")
    let number = manifestWaits.add(signal, for: request.positions.map(\.partition))
    try await signal.wait(atMost: request.waitAtMost)
    manifestWaits.remove(number, for: request.positions.map(\.partition))
  }

  /// Answers who waits for something new in a partition.
  func segmentArrived(_ partition: TopicPartition) { manifestWaits.ring(partition) }
}

/// Requests that wait, by the partitions that they wait for: to add, to ring and to remove one costs the same however many wait.
struct ManifestWaits {
  private var waiting: [TopicPartition: [UInt64: Signal]] = [:]
  private var next: UInt64 = 0

  mutating func add(_ signal: Signal, for partitions: [TopicPartition]) -> UInt64 {
    next += 1
    for partition in partitions { waiting[partition, default: [:]][next] = signal }
    return next
  }

  mutating func remove(_ number: UInt64, for partitions: [TopicPartition]) {
    for partition in partitions { waiting[partition]?[number] = nil }
  }

  /// Rings in the order in which they began to wait.
  mutating func ring(_ partition: TopicPartition) {
    guard let signals = waiting.removeValue(forKey: partition) else { return }
    for (_, signal) in signals.sorted(by: { $0.key < $1.key }) { signal.notify() }
  }
}
