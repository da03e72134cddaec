/// One entry of a write-ahead log: a batch, and what recovery needs to know about it.
public struct LogEntry: Sendable, Hashable {
  /// The offset of the batch's first record.
  public var offset: UInt64
  /// The epoch of the lease under which the offset was given.
  public var epoch: UInt64
  /// The producer's id; 0 for none.
  public var producer: UInt64
  /// The producer's epoch.
  public var producerEpoch: UInt32
  /// The producer's sequence of the batch's first record.
  public var sequence: UInt64
  /// The records.
  public var batch: RecordBatch

  /// Makes an entry from its parts.
  public init(
    offset: UInt64, epoch: UInt64, producer: UInt64, producerEpoch: UInt32, sequence: UInt64, batch: RecordBatch
  ) {
    self.offset = offset
    self.epoch = epoch
    self.producer = producer
    self.producerEpoch = producerEpoch
    self.sequence = sequence
    self.batch = batch
  }

  /// The offset after the batch's last record, wrapping at 2^64.
  public var endOffset: UInt64 { offset &+ UInt64(batch.count) }
}
