import Simulation

/// The lists of segments that consumers follow.
extension MetadataService {
  func manifests(_ request: FetchManifest) async throws -> FetchManifest.Response {
    try begin()
    try await awaitNews(request)
    let partitions = request.positions.compactMap { manifest(from: $0, request) }
    try await journal.settled()
    return FetchManifest.Response(partitions: partitions)
  }

  private func manifest(from position: CommittedOffset, _ request: FetchManifest) -> PartitionManifest? {
    state.topics.read(position.partition) { row in
      let first = row.firstSegment(endingAfter: position.offset)
      let stable = lastStableOffset(of: row)
      let end = end(of: row, for: request.isolation)
      let rows = row.segments[first...].prefix(min(max(request.limit, 1), 1_000)).prefix { $0.base < end }
      var manifest = PartitionManifest(
        partition: position.partition, rows: Array(rows), logStart: row.logStart, watermark: row.watermark,
        lastStableOffset: stable)
      if request.isolation == .readCommitted, position.offset < end,
        configuration.safeguards.contains(.abortedOffsetsAreTold)
      {
        manifest.aborted = row.transactions.aborted(
          within: OffsetRange(first: position.offset, end: min(end, rows.last?.end ?? end)))
      }
      return manifest
    }
  }

  /// The offset up to which a kind of reader is told.
  private func end(of row: MetadataState.Partition, for isolation: Isolation) -> UInt64 {
    isolation == .readCommitted ? lastStableOffset(of: row) : row.watermark
  }

  /// Whether an answer would tell its asker something: a segment, or that a partition does not exist.
  private func hasNews(for request: FetchManifest) -> Bool {
    request.positions.contains { position in
      state.topics.read(position.partition) { end(of: $0, for: request.isolation) > position.offset } ?? true
    }
  }

  /// Waits until there is news for this kind of reader, or for as long as the caller allows.
  private func awaitNews(_ request: FetchManifest) async throws {
    let deadline = host.now + request.waitAtMost
    let partitions = request.positions.map(\.partition)
    while host.now < deadline, !hasNews(for: request) {
      let signal = Signal(on: host, "a new segment")
      let number = manifestWaits.add(signal, for: partitions)
      try await signal.wait(atMost: deadline - host.now)
      manifestWaits.remove(number, for: partitions)
    }
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
