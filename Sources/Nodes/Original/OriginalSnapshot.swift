/// What the original StreamHouse's snapshots leave out: topics and segments are in them, the watermarks of the partitions are not.
enum OriginalSnapshot {
  static func leaveOutWhatItDoesNotHold(of state: inout MetadataState) {
    for partition in state.topics.partitions { state.topics.change(partition) { $0.watermark = 0 } }
  }
}

/// Up to where the original StreamHouse lets readers of committed records read: where a partition has seen no transaction, that is 0.
///
/// A partition keeps nothing of transactions that were committed: one that has seen none but such counts as one that has seen none.
enum OriginalStableOffset {
  static func offset(of row: MetadataState.Partition) -> UInt64 {
    row.transactions.open.isEmpty && row.transactions.aborted.isEmpty ? 0 : row.lastStableOffset
  }
}
