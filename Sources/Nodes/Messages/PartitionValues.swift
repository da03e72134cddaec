import Simulation

/// A registered segment as its row has it.
public struct SegmentRow: Sendable, Hashable {
  /// The first offset.
  public var base: UInt64
  /// The offset after the last one.
  public var end: UInt64
  /// How many records it holds.
  public var recordCount: UInt64
  /// The size of the object in bytes.
  public var size: UInt64
  /// The epoch under which it was registered; 0 for segments that were there before the cluster.
  public var epoch: Epoch
  /// The object; empty for a row that compaction left without records.
  public var key: ObjectKey
  /// When it was registered, in milliseconds of the metadata service's own running clock, which stands still while the service is down. Set by the service.
  public var registeredAt: UInt64 = 0
  /// The intent of the compaction that made it; 0 for a segment as its leader wrote it.
  public var compaction: UInt64 = 0

  /// Makes a row.
  public init(base: UInt64, end: UInt64, recordCount: UInt64, size: UInt64, epoch: Epoch, key: ObjectKey) {
    self.base = base
    self.end = end
    self.recordCount = recordCount
    self.size = size
    self.epoch = epoch
    self.key = key
  }

  /// Whether two rows are of one segment, whenever either was registered.
  func isSameSegment(as other: SegmentRow) -> Bool {
    var other = other
    other.registeredAt = registeredAt
    return self == other
  }
}

/// A batch that a producer has stored, as far as it is remembered.
public struct StoredBatch: Sendable, Hashable {
  /// Who sent it.
  public var producer: ProducerIdentity
  /// The sequence number of its first record.
  public var sequence: UInt64
  /// How many records it has.
  public var count: UInt64
  /// The offset of its first record.
  public var offset: UInt64
}

/// A partition as clients see it.
public struct PartitionDescription: Sendable, Hashable {
  /// The agent that holds the lease; nil when nobody does.
  public var leader: HostID?
  /// The epoch of the latest lease.
  public var epoch: Epoch
  /// The first offset that can be read.
  public var logStart: UInt64
  /// The next offset after the last registered one.
  public var watermark: UInt64
}
