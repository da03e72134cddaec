import Simulation
import Storage

/// What a poll hands out: records of some partitions, at most one stretch of each.
public struct PolledBatch: Sendable {
  /// The stretches, in the turn of their partitions.
  public var partitions: [FetchedRecords]

  /// Whether there is nothing in it.
  public var isEmpty: Bool { partitions.isEmpty }
}

/// Records of one partition that a poll hands out.
public struct FetchedRecords: Sendable {
  /// The partition.
  public let partition: TopicPartition
  /// The offset from which the poll read.
  public let first: UInt64
  /// The offset after the last record.
  public let end: UInt64
  /// Offsets in between that are not for this reader, in order.
  public let omitted: [Range<UInt64>]
  let reader: SegmentReader

  /// Calls `body` with each record in order of the offsets; nothing is allocated for it.
  ///
  /// - Throws: ``SegmentError`` when the segment's blocks are damaged.
  public func forEach(_ body: (RecordView) -> Void) throws {
    var left = omitted[...]
    try reader.forEachRecord(from: first) { record in
      guard record.offset < end else { return false }
      while let next = left.first, next.upperBound <= record.offset { left.removeFirst() }
      if let next = left.first, next.contains(record.offset) { return true }
      body(record)
      return true
    }
  }
}
