import Storage

/// Which records a compaction keeps: those without a key, the newest of each key, and of these no empty value that was kept for long enough.
///
/// Records of aborted transactions stay, and are nobody's newest: a reader of committed records does not see them.
struct CompactionSelection {
  private let claim: CompactionClaim
  /// The offset of each key's newest record among those that were read.
  private var newest: [[UInt8]: UInt64] = [:]
  private(set) var droppedTombstones = 0

  init(claim: CompactionClaim) { self.claim = claim }

  /// Takes in a segment's keys.
  mutating func learn(_ segment: SegmentReader) throws {
    try segment.forEachRecord { record in
      if let key = record.key, !isAborted(record.offset) {
        newest[[UInt8](key)] = max(newest[[UInt8](key)] ?? 0, record.offset)
      }
      return true
    }
  }

  /// The records of a segment that stay.
  mutating func rest(of segment: SegmentReader) throws -> [Record] {
    var kept: [Record] = []
    var dropped = 0
    try segment.forEachRecord { record in
      switch judge(record) {
      case .stays: kept.append(Record(view: record))
      case .superseded: break
      case .expiredTombstone: dropped += 1
      }
      return true
    }
    droppedTombstones += dropped
    return kept
  }

  private enum Judgement { case stays, superseded, expiredTombstone }

  private func judge(_ record: RecordView) -> Judgement {
    guard let key = record.key, !isAborted(record.offset) else { return .stays }
    if let newest = newest[[UInt8](key)], record.offset < newest { return .superseded }
    // Whatever the key had before it goes with this compaction, which begins at the log's start.
    return record.value.isEmpty && record.offset < claim.tombstonesExpireBelow ? .expiredTombstone : .stays
  }

  private func isAborted(_ offset: UInt64) -> Bool {
    var low = 0
    var high = claim.aborted.count
    while low < high {
      let middle = (low + high) / 2
      if claim.aborted[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low < claim.aborted.count && claim.aborted[low].first <= offset
  }
}

extension Record {
  /// Copies key, value and place of a record of a segment of version 1, which has nothing else.
  init(view: RecordView) {
    self.init(
      offset: view.offset, timestamp: view.timestamp, key: view.key.map { [UInt8]($0) }, value: [UInt8](view.value))
  }
}
