import Simulation

/// How workers compact a partition: under an intent that is journaled before they begin, and by a compare-and-set at the end.
extension MetadataService {
  func claimCompaction(_ request: ClaimCompaction, from sender: Sender) async throws -> ClaimCompaction.Response {
    try begin()
    let by = MetadataState.Grant(
      to: AgentIncarnation(agent: sender.host, incarnation: sender.incarnation), request: request.request)
    if let latest = state.administration.latestClaim(of: sender.host) {
      let isOlder = latest.to.incarnation > by.to.incarnation
      if isOlder || (latest.to == by.to && latest.request > by.request) { throw MetadataError.staleRequest }
      if latest == by { return try await repeatedClaim(by) }
    }
    guard let partition = partitionToCompact() else {
      try await journal.settled()
      return ClaimCompaction.Response(claim: nil)
    }
    if intentEnds[partition] != nil { host.probe(.compactionTakenOver) }
    let end = try read(partition) { row in row.segments[row.compactableCount - 1].end }
    let intent = MetadataState.CompactionIntent(id: state.administration.latestIntent + 1, by: by, end: end)
    commit(
      .topic(.compactionClaimed(partition, intent)),
      announcing: .compactionClaimed(partition, intent: intent.id, worker: by.to))
    intentEnds[partition] = host.now + configuration.compactionTerm
    return try await answer(partition)
  }

  // The answer got lost: the same intent, as long as it is open.
  private func repeatedClaim(_ by: MetadataState.Grant) async throws -> ClaimCompaction.Response {
    for partition in intentEnds.keys.sorted() {
      guard state.topics.read(partition, { $0.intent?.by == by }) ?? false else { continue }
      intentEnds[partition] = host.now + configuration.compactionTerm
      return try await answer(partition)
    }
    throw MetadataError.staleRequest
  }

  private func answer(_ partition: TopicPartition) async throws -> ClaimCompaction.Response {
    let settings = state.topics[partition.topic]?.settings ?? TopicSettings()
    let now = serviceTime
    let claim = try read(partition) { row throws(MetadataError) in
      guard let intent = row.intent else { throw .intentOver }
      let rows = row.segments.prefix { $0.end <= intent.end }
      let kept = UInt64(settings.tombstoneRetention.nanoseconds / 1_000_000)
      return CompactionClaim(
        partition: partition, intent: intent.id, rows: Array(rows), cleanBelow: row.cleanBelow,
        tombstonesExpireBelow: !configuration.safeguards.contains(.tombstonesAreKept)
          ? .max : now >= kept ? row.end(registeredBy: now - kept) : row.logStart,
        aborted: row.transactions.aborted(within: OffsetRange(first: row.logStart, end: intent.end)))
    }
    try await journal.settled()
    return ClaimCompaction.Response(claim: claim)
  }

  /// The partition with most bytes that no compaction has seen, among those where they are enough and nobody is at work.
  private func partitionToCompact() -> TopicPartition? {
    var best: (partition: TopicPartition, dirty: UInt64)?
    for topic in state.topics.topics(after: nil) where topic.settings.cleanup == .compact {
      for (index, row) in topic.partitions.enumerated() {
        let partition = TopicPartition(topic: topic.id, index: UInt32(index))
        if configuration.safeguards.contains(.oneCompactionAtATime), row.intent != nil,
          let end = intentEnds[partition], host.now < end
        {
          continue
        }
        let rows = row.segments.prefix(row.compactableCount)
        let dirty = rows.reduce(0) { $1.base >= row.cleanBelow ? $0 + $1.size : $0 }
        let all = rows.reduce(0) { $0 + $1.size }
        guard dirty > 0, dirty * 100 >= all * UInt64(configuration.compactionDirtyPercent) else { continue }
        if best.map({ dirty > $0.dirty }) ?? true { best = (partition, dirty) }
      }
    }
    return best?.partition
  }

  func completeCompaction(
    _ request: CompleteCompaction, from sender: Sender
  ) async throws -> CompleteCompaction.Response {
    try begin()
    let (partition, intent) = (request.partition, request.intent)
    let (open, latest, fits) = try read(partition) { ($0.intent, $0.latestSwap, request.fits($0)) }
    if latest == intent {
      try await journal.settled()
      return CompleteCompaction.Response()
    }
    let isHolders = open.map { $0.id == intent && $0.by.to.agent == sender.host } ?? false
    guard isHolders || !configuration.safeguards.contains(.oneCompactionAtATime) else {
      host.probe(.compactionRefused)
      throw MetadataError.intentOver
    }
    guard fits || !configuration.safeguards.contains(.swapIsExact) else {
      commit(.topic(.compactionEnded(partition, intent: intent)), announcing: nil)
      intentEnds[partition] = nil
      host.probe(.compactionRefused)
      throw MetadataError.intentOver
    }
    let replacements = request.replacements.map(\.dated)
    commit(
      .topic(.rowsSwapped(partition, intent: intent, replacements)),
      announcing: .rowsSwapped(partition, intent: intent, replacements))
    intentEnds[partition] = nil
    if !replacements.isEmpty { host.probe(.rowsCompacted) }
    if replacements.contains(where: { $0.new.recordCount == 0 }) { host.probe(.rowEmptied) }
    try await journal.settled()
    return CompleteCompaction.Response()
  }
}

extension MetadataState.Partition {
  /// How many rows from the log's start on will not change any more.
  fileprivate var compactableCount: Int { segments.prefix { $0.end <= lastStableOffset }.count }
}

extension RowReplacement {
  /// A new row is as old as the youngest of those that it replaces.
  fileprivate var dated: RowReplacement {
    var dated = self
    dated.new.registeredAt = old.map(\.registeredAt).max() ?? 0
    return dated
  }
}

extension CompleteCompaction {
  /// Whether each replacement is of rows that stand there exactly so, next to each other, and puts a row of this intent over the same offsets in their place.
  fileprivate func fits(_ partition: MetadataState.Partition) -> Bool {
    let end = partition.intent?.end ?? 0
    var next: UInt64 = 0
    for replacement in replacements {
      guard let first = replacement.old.first, let last = replacement.old.last, first.base >= next, last.end <= end,
        replacement.new.base == first.base, replacement.new.end == last.end, replacement.new.compaction == intent,
        replacement.new.recordCount <= replacement.old.reduce(0, { $0 + $1.recordCount })
      else { return false }
      let key =
        replacement.new.recordCount == 0
        ? ObjectKey("") : SegmentNaming.compactedKey(self.partition, base: first.base, intent: intent)
      let place = partition.firstSegment(endingAfter: first.base)
      guard replacement.new.key == key, place + replacement.old.count <= partition.segments.count,
        partition.segments[place..<(place + replacement.old.count)].elementsEqual(replacement.old)
      else { return false }
      next = last.end
    }
    return true
  }
}
