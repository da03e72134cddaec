/// Where a read of a segment begins; it goes on to the end of the segment.
public enum SegmentStart: Sendable, Hashable {
  /// At the first block that can hold the offset; records below the offset are left out.
  case offset(UInt64)
  /// At the first record in file order whose timestamp is at least this one, in milliseconds.
  ///
  /// Timestamps come from producers and need not increase. Version 2 knows the highest one of each block and passes
  /// over blocks; version 1 has to be read from its beginning.
  case timestamp(UInt64)
  /// The same for a segment whose timestamps are known never to decrease: any version finds the block by its index.
  case ascendingTimestamp(UInt64)
  /// At the last block, for who wants the newest records.
  case lastBlock
}

/// Leaves out the records in front of where a read begins.
@usableFromInline
struct RecordFilter: Sendable {
  @usableFromInline var lowestOffset: UInt64 = 0
  /// Until a record reaches it.
  @usableFromInline var awaitedTimestamp: UInt64 = 0
  @usableFromInline var isAwaiting = false

  @inlinable
  init(_ start: SegmentStart) {
    switch start {
    case .offset(let offset): lowestOffset = offset
    case .timestamp(let timestamp), .ascendingTimestamp(let timestamp):
      awaitedTimestamp = timestamp
      isAwaiting = true
    case .lastBlock: break
    }
  }

  @inlinable @inline(__always)
  mutating func lets(_ record: RecordView) -> Bool {
    if isAwaiting {
      if record.timestamp < awaitedTimestamp { return false }
      isAwaiting = false
    }
    return record.offset >= lowestOffset
  }
}
