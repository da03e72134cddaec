import Simulation

/// Makes an uploaded segment part of its partition: a compare-and-set on (epoch, base = watermark).
public struct RegisterSegment: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 25, name: "RegisterSegment")
  /// The partition.
  public var partition: TopicPartition
  /// The segment; its epoch must be the partition's current one, its base the watermark.
  public var row: SegmentRow
  /// The batches of idempotent producers that it holds, in order.
  public var batches: [StoredBatch]
  /// Which of its offsets belong to transactions, in order.
  public var ranges: [TransactionRange] = []

  /// The partition's new state.
  public struct Response: Payload {
    /// The offset after the segment.
    public var watermark: UInt64
    /// The transactions with records in it that are over without a commit: nobody will see those records as committed.
    public var aborted: [TransactionID] = []
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + aborted.count * 20 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("watermark", watermark)
      for transaction in aborted { log.transaction(transaction) }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + 100 + batches.count * 40 + ranges.count * 36 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("base", row.base)
    log.number("end", row.end)
    log.number("epoch", row.epoch)
    log.number("batches", batches.count)
    for range in ranges {
      log.transaction(range.transaction)
      log.number("first", range.offsets.first)
      log.number("end", range.offsets.end)
    }
  }
}
