/// Writes records into a segment file in memory.
///
/// ```swift
/// var writer = SegmentWriter()
/// try writer.append(Record(offset: 0, timestamp: 1_700_000_000_000, key: nil, value: Array("hello".utf8)))
/// let file = try writer.finish()
/// ```
///
/// Records are gathered into a block until it has `blockSizeTarget` bytes; the next record then begins a new block, so
/// that a block may overshoot by one record and never splits one. Offsets need not increase: the format allows any,
/// and who needs a log asks the reader for `requireLogOrder()`.
///
/// - Complexity: appending is O(*n*) in the record's bytes, amortised; memory is the file so far and one block.
public struct SegmentWriter: Sendable {
  /// The version of the format.
  public let version: SegmentVersion
  /// How blocks are compressed.
  public let compression: Compression
  /// The number of uncompressed bytes from which on a block is closed; never above `largestBlock`.
  public let blockSizeTarget: Int
  /// The most uncompressed bytes that a block gets; a record that may need more is refused.
  public let largestBlock: Int
  /// How many records were appended since the last `finish()`.
  public private(set) var recordCount = 0
  /// The offset of the first record, or nil when there is none yet.
  public private(set) var baseOffset: UInt64?
  /// The offset of the record appended last, or nil when there is none yet.
  public private(set) var lastOffset: UInt64?
  /// The size of what was appended, in bytes: key + value + headers + 16 for each record, as the original counts.
  public private(set) var estimatedSize = 0

  private var file = SegmentFileBuilder()
  private var block = ReusableBuffer()
  private var start = BlockStart()
  private var previousOffset: UInt64 = 0
  private var previousTimestamp: UInt64 = 0
  private var previousProducer: ProducerStamp?
  private var highestTimestamp: UInt64 = 0

  /// What the index says about a block's first record.
  private struct BlockStart: Sendable {
    var offset: UInt64 = 0
    var timestamp: UInt64 = 0
    var recordsBefore = 0
  }

  /// The number of uncompressed bytes from which on the original closes a block.
  public static let defaultBlockSizeTarget = 1_048_576
  private static let highestRecordCount = Int(UInt32.max)
  /// The most bytes that a record takes beside key, value and headers: a byte of flags and eight integers.
  private static let highestRecordOverhead = 1 + 8 * ByteWriter.maximumVarintSize

  /// Makes an empty writer.
  ///
  /// - Parameters:
  ///   - version: the version of the format; only version 2 has room for headers and producers.
  ///   - compression: how blocks are compressed.
  ///   - blockSizeTarget: uncompressed bytes from which on a block is closed; below 1 counts as 1.
  ///   - largestBlock: the most uncompressed bytes of a block, from 1 to 2,113,929,216. Readers refuse larger blocks
  ///     than the default unless they are told otherwise.
  public init(
    version: SegmentVersion = .one, compression: Compression = .lz4,
    blockSizeTarget: Int = SegmentWriter.defaultBlockSizeTarget,
    largestBlock: Int = SegmentReader.defaultLargestBlock
  ) {
    self.version = version
    self.compression = compression
    self.largestBlock = min(max(1, largestBlock), BlockCodec.largestBlock)
    self.blockSizeTarget = min(max(1, blockSizeTarget), self.largestBlock)
  }

  /// True when nothing was appended since the last `finish()`.
  public var isEmpty: Bool { recordCount == 0 }

  /// Appends a record from borrowed memory; `timestamp` is in milliseconds.
  ///
  /// Version 1 writes an empty key as no key: it cannot tell them apart.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached; the record is then not part of it.
  public mutating func append(
    offset: UInt64, timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer
  ) throws(SegmentError) {
    guard version == .one else {
      return try appendVersionTwo(
        RecordView(
          offset: offset, timestamp: timestamp, key: key, value: value, headers: RecordHeadersView.none,
          producer: nil))
    }
    let key = key ?? UnsafeRawBufferPointer(start: nil, count: 0)
    try prepareBlock(offset: offset, timestamp: timestamp, size: key.count + value.count)
    block.appendVersionOne(
      offsetDelta: offset &- previousOffset, timestampDelta: timestamp &- previousTimestamp, key: key, value: value)
    count(offset: offset, timestamp: timestamp, size: key.count + value.count)
  }

  /// Appends a record with headers and producer from borrowed memory, such as one that a reader hands out.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached, or version 1 has no room for what the record has.
  public mutating func append(_ record: RecordView) throws(SegmentError) {
    if version == .two { return try appendVersionTwo(record) }
    guard record.headers.isEmpty, record.producer == nil else { throw .needsNewerVersion(offset: record.offset) }
    try append(offset: record.offset, timestamp: record.timestamp, key: record.key, value: record.value)
  }

  /// Appends a record.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached, or version 1 has no room for what the record has.
  public mutating func append(_ record: Record) throws(SegmentError) {
    var headers: [UInt8] = []
    RecordHeadersView.encode(record.headers, into: &headers)
    let key = record.key ?? []
    try record.value.span.bytes.withUnsafeBytes { value throws(SegmentError) in
      try key.span.bytes.withUnsafeBytes { key throws(SegmentError) in
        try headers.span.bytes.withUnsafeBytes { headers throws(SegmentError) in
          try append(
            RecordView(
              offset: record.offset, timestamp: record.timestamp, key: record.key == nil ? nil : key, value: value,
              headers: RecordHeadersView(bytes: headers), producer: record.producer))
        }
      }
    }
  }

  /// Appends all records of a batch, the first at `firstOffset`, each next one at the offset after.
  ///
  /// - Parameter producer: who sent the batch, with the sequence of its first record; for version 2 only.
  /// - Throws: `SegmentError` when a segment's limits are reached, offsets would wrap, or version 1 has no room for
  ///   what the batch has; all of this is checked before the first record.
  public mutating func append(
    _ batch: RecordBatch, firstOffset: UInt64, producer: ProducerStamp? = nil
  ) throws(SegmentError) {
    guard batch.count > 0 else { return }
    guard version == .two || !batch.hasHeaders && producer == nil else {
      throw .needsNewerVersion(offset: firstOffset)
    }
    guard !firstOffset.addingReportingOverflow(UInt64(batch.count - 1)).overflow else { throw .noOffsetAfterEnd }
    guard batch.count <= Self.highestRecordCount - recordCount else {
      throw .tooManyRecords(highest: Self.highestRecordCount)
    }
    try requireBlockRoom(for: batch, firstOffset: firstOffset)
    do {
      try batch.forEachRecord(firstOffset: firstOffset) { record in
        let stamp = producer.map {
          ProducerStamp(id: $0.id, epoch: $0.epoch, sequence: $0.sequence &+ (record.offset - firstOffset))
        }
        try append(record.stamped(stamp))
      }
    } catch {
      // `rethrows` forgets the type of what the closure throws.
      if let error = error as? SegmentError { throw error }
    }
  }

  /// Refuses a batch of which one record is too large for a block, before any of them is appended.
  private func requireBlockRoom(for batch: RecordBatch, firstOffset: UInt64) throws(SegmentError) {
    // No record is larger than the batch: that is nearly always enough to know.
    if batch.estimatedSize <= largestBlock - Self.highestRecordOverhead { return }
    do {
      try batch.forEachRecord(firstOffset: firstOffset) { record in
        try requireBlockRoom(
          size: (record.key?.count ?? 0) + record.value.count + record.headers.bytes.count, offset: record.offset)
      }
    } catch {
      // `rethrows` forgets the type of what the closure throws.
      if let error = error as? SegmentError { throw error }
    }
  }

  @inline(__always)
  private func requireBlockRoom(size: Int, offset: UInt64) throws(SegmentError) {
    guard size <= largestBlock - Self.highestRecordOverhead else {
      throw .recordTooLarge(offset: offset, size: size + Self.highestRecordOverhead, highest: largestBlock)
    }
  }

  private mutating func appendVersionTwo(_ record: RecordView) throws(SegmentError) {
    let size = (record.key?.count ?? 0) + record.value.count + record.headers.bytes.count
    try prepareBlock(offset: record.offset, timestamp: record.timestamp, size: size)
    // An id of 0 stands for no producer everywhere.
    let record = record.producer?.id == 0 ? record.stamped(nil) : record
    block.appendVersionTwo(
      offsetDelta: record.offset &- previousOffset, timestampDelta: record.timestamp &- previousTimestamp,
      record: record, previousProducer: previousProducer)
    previousProducer = record.producer
    highestTimestamp = max(highestTimestamp, record.timestamp)
    count(offset: record.offset, timestamp: record.timestamp, size: size)
  }

  @inline(__always)
  private mutating func count(offset: UInt64, timestamp: UInt64, size: Int) {
    previousOffset = offset
    previousTimestamp = timestamp
    lastOffset = offset
    recordCount += 1
    estimatedSize += size + RecordBatch.recordOverhead
  }

  /// Closes a full block, and begins one where there is none, before a record of `size` bytes is appended.
  @inline(__always)
  private mutating func prepareBlock(offset: UInt64, timestamp: UInt64, size: Int) throws(SegmentError) {
    try requireBlockRoom(size: size, offset: offset)
    if block.count >= blockSizeTarget || block.count > largestBlock - Self.highestRecordOverhead - size {
      try closeBlock()
    }
    guard recordCount < Self.highestRecordCount else { throw .tooManyRecords(highest: Self.highestRecordCount) }
    if block.count == 0 { try startBlock(offset: offset, timestamp: timestamp) }
  }

  private mutating func startBlock(offset: UInt64, timestamp: UInt64) throws(SegmentError) {
    if baseOffset == nil {
      guard compression != .zstd else { throw .unsupportedCompression(.zstd) }
      file.begin(blockSizeTarget: blockSizeTarget)
      baseOffset = offset
    }
    start = BlockStart(offset: offset, timestamp: timestamp, recordsBefore: recordCount)
    // Both differences of a block's first record are 0: the index alone says where it begins.
    previousOffset = offset
    previousTimestamp = timestamp
    previousProducer = nil
    highestTimestamp = 0
  }

  private mutating func closeBlock() throws(SegmentError) {
    let summary = SegmentFileBuilder.BlockSummary(
      offset: start.offset, timestamp: start.timestamp, highestTimestamp: highestTimestamp,
      recordCount: recordCount - start.recordsBefore)
    try file.append(block, summary, version: version, compression: compression)
    block.removeAll()
  }

  /// Completes the file and hands it out. The writer is then empty and keeps its memory for the next segment.
  ///
  /// - Throws: `SegmentError.noRecords` when nothing was appended; the writer is then as before.
  public mutating func finish() throws(SegmentError) -> [UInt8] {
    guard let baseOffset, let lastOffset else { throw .noRecords }
    if block.count > 0 { try closeBlock() }
    let header = SegmentHeader(
      version: version, compression: compression, baseOffset: baseOffset, endOffset: lastOffset,
      recordCount: recordCount, blockCount: file.blockCount)
    let bytes = file.finish(header)
    recordCount = 0
    estimatedSize = 0
    self.baseOffset = nil
    self.lastOffset = nil
    return bytes
  }
}
