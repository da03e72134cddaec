import Storage

@testable import Nodes
@testable import Simulation

extension TopicPartition {
  /// Partition 0 of the topic that every test cluster has.
  static let first = TopicPartition(index: 0)

  /// A partition of the topic that every test cluster has.
  init(index: Int) { self.init(topic: TopicID(rawValue: 1), index: UInt32(index)) }
}

extension RecordBatch {
  /// A batch of records without keys.
  static func of(_ values: [String]) -> RecordBatch {
    var builder = RecordBatchBuilder()
    for value in values { builder.append(timestamp: 1, key: nil, value: Array(value.utf8)) }
    return builder.finish()
  }
}

extension EncodedBatch {
  /// A batch of records without keys, not compressed.
  static func of(_ values: [String]) -> EncodedBatch { EncodedBatch(RecordBatch.of(values)) }

  /// The values of its records.
  var values: [String] {
    ((try? decode(limit: 1 << 30))?.records() ?? []).map { String(decoding: $0.value, as: UTF8.self) }
  }
}

extension Produce {
  /// Appends values to a partition.
  init(
    to partition: TopicPartition = .first, _ values: String..., acknowledgement: Acknowledgement = .durable,
    producer: ProducerIdentity? = nil, sequence: UInt64 = 0
  ) {
    self.init(
      partition: partition, batch: .of(values), producer: producer, sequence: sequence,
      acknowledgement: acknowledgement)
  }
}

extension ProducerIdentity {
  static let seven = ProducerIdentity(id: 7, epoch: 0)
}

extension SegmentRow {
  /// A row of a segment that nobody reads.
  init(_ range: Range<UInt64>, epoch: Epoch) {
    self.init(
      base: range.lowerBound, end: range.upperBound, recordCount: range.upperBound - range.lowerBound, size: 100,
      epoch: epoch, key: SegmentNaming.key(.first, base: range.lowerBound, epoch: epoch))
  }
}

extension [SegmentRow] {
  /// The rows without the times of their registrations.
  var undated: [SegmentRow] {
    map { row in
      var row = row
      row.registeredAt = 0
      return row
    }
  }
}

extension RegisterSegment {
  /// Registers a segment that nobody reads.
  init(_ range: Range<UInt64>, epoch: Epoch, batches: [StoredBatch] = []) {
    self.init(partition: .first, row: SegmentRow(range, epoch: epoch), batches: batches)
  }
}

extension FetchManifest.Response {
  /// The segments of the only partition that was asked for.
  var rows: [SegmentRow] { partitions.first?.rows ?? [] }
  /// The log start of the only partition that was asked for.
  var logStart: UInt64 { partitions.first?.logStart ?? 0 }
  /// The watermark of the only partition that was asked for.
  var watermark: UInt64 { partitions.first?.watermark ?? 0 }
  /// The last stable offset of the only partition that was asked for.
  var lastStableOffset: UInt64 { partitions.first?.lastStableOffset ?? 0 }
  /// The aborted offsets of the only partition that was asked for.
  var aborted: [OffsetRange] { partitions.first?.aborted ?? [] }
}

extension HeldLease {
  /// The first partition's lease under an epoch.
  init(epoch: Epoch) { self.init(partition: .first, epoch: epoch) }
}

extension AcquireLease {
  /// Asks for the first partition's lease.
  init(request: UInt64) { self.init(partition: .first, request: request) }
}

/// Milliseconds since the start.
func at(_ milliseconds: Int64) -> VirtualTime { .start + .milliseconds(milliseconds) }

/// A segment's bytes with these values at these offsets.
func segmentFile(_ records: [(offset: UInt64, value: String)]) throws -> [UInt8] {
  var writer = SegmentWriter(compression: .lz4)
  for record in records {
    try writer.append(Record(offset: record.offset, timestamp: 1, key: nil, value: Array(record.value.utf8)))
  }
  return try writer.finish()
}
