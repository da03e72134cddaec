import Storage

/// What a producer sent, and how.
public struct ProducerStatistics: Sendable, Hashable {
  /// Batches that were closed.
  public var batches = 0
  /// The records in them.
  public var records = 0
  /// Batches that travelled compressed.
  public var compressedBatches = 0
  /// The bytes of all batches before compression.
  public var plainBytes = 0
  /// The bytes that one try of each carries.
  public var encodedBytes = 0
  /// How often a batch was sent.
  public var tries = 0
  /// The messages that carried them: one may carry batches of several partitions.
  public var messages = 0
  /// What was done with connections.
  public var connections = ConnectionStatistics()

  /// Makes zeros.
  public init() {}

  mutating func closed(_ batch: RecordBatch, _ encoded: EncodedBatch) {
    batches += 1
    records += batch.count
    if encoded.isCompressed { compressedBatches += 1 }
    plainBytes += batch.bytes.count
    encodedBytes += encoded.bytes.count
  }

  /// The part of the batches' bytes that compression took off; nil when there were none.
  public var compressionSavedShare: Double? {
    plainBytes > 0 ? 1 - Double(encodedBytes) / Double(plainBytes) : nil
  }

  /// Adds another producer's figures.
  public mutating func add(_ other: ProducerStatistics) {
    batches += other.batches
    records += other.records
    compressedBatches += other.compressedBatches
    plainBytes += other.plainBytes
    encodedBytes += other.encodedBytes
    tries += other.tries
    messages += other.messages
    connections.opened += other.connections.opened
    connections.failedToOpen += other.connections.failedToOpen
    connections.closedIdle += other.connections.closedIdle
    connections.closedUnhealthy += other.connections.closedUnhealthy
    connections.messages += other.connections.messages
  }
}
