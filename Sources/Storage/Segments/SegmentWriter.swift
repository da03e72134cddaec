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
  /// How blocks are compressed.
  public let compression: Compression
  /// The number of uncompressed bytes from which on a block is closed.
  public let blockSizeTarget: Int
  /// How many records were appended since the last `finish()`.
  public private(set) var recordCount = 0
  /// The offset of the first record, or nil when there is none yet.
  public private(set) var baseOffset: UInt64?
  /// The offset of the record appended last, or nil when there is none yet.
  public private(set) var lastOffset: UInt64?
  /// The size of what was appended, in bytes: key + value + 16 for each record, as the original counts.
  public private(set) var estimatedSize = 0

  /// The header's room and all closed blocks.
  private var output: [UInt8] = []
  private var block = ReusableBuffer()
  private var index: [SegmentIndexEntry] = []
  private var previousOffset: UInt64 = 0
  private var previousTimestamp: UInt64 = 0
  /// Of the closed blocks alone; the header, which is written last, is put in front of it at the end.
  private var blocksChecksum: UInt32 = 0
  private var previousFileSize = 0

  /// The number of uncompressed bytes from which on the original closes a block.
  public static let defaultBlockSizeTarget = 1_048_576
  private static let highestReserve = 256 << 20
  private static let highestRecordCount = Int(UInt32.max)

  /// Makes an empty writer.
  ///
  /// - Parameters:
  ///   - compression: how blocks are compressed.
  ///   - blockSizeTarget: uncompressed bytes from which on a block is closed; below 1 counts as 1.
  public init(compression: Compression = .lz4, blockSizeTarget: Int = SegmentWriter.defaultBlockSizeTarget) {
    self.compression = compression
    self.blockSizeTarget = max(1, blockSizeTarget)
  }

  /// True when nothing was appended since the last `finish()`.
  public var isEmpty: Bool { recordCount == 0 }

  /// Appends a record from borrowed memory; `timestamp` is in milliseconds.
  ///
  /// An empty key is written as no key: version 1 cannot tell them apart.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached; the record is then not part of it.
  public mutating func append(
    offset: UInt64, timestamp: UInt64, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer
  ) throws(SegmentError) {
    if block.count >= blockSizeTarget { try closeBlock() }
    if block.count == 0 { try startBlock(offset: offset, timestamp: timestamp) }
    guard recordCount < Self.highestRecordCount else { throw .tooManyRecords(highest: Self.highestRecordCount) }
    let offsetDelta = offset &- previousOffset
    let timestampDelta = timestamp &- previousTimestamp
    let key = key ?? UnsafeRawBufferPointer(start: nil, count: 0)
    block.write(atMost: key.count + value.count + 4 * ByteWriter.maximumVarintSize) { writer in
      writer.writeSignedVarint(offsetDelta)
      writer.writeSignedVarint(timestampDelta)
      writer.writeVarint(UInt64(key.count))
      writer.writeBytes(key)
      writer.writeVarint(UInt64(value.count))
      writer.writeBytes(value)
    }
    previousOffset = offset
    previousTimestamp = timestamp
    lastOffset = offset
    recordCount += 1
    estimatedSize += key.count + value.count + RecordBatch.recordOverhead
  }

  /// Appends a record.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached, or the record has headers or a producer.
  public mutating func append(_ record: Record) throws(SegmentError) {
    guard record.headers.isEmpty, record.producer == nil else { throw .needsNewerVersion(offset: record.offset) }
    try record.value.span.bytes.withUnsafeBytes { value throws(SegmentError) in
      guard let key = record.key else {
        return try append(offset: record.offset, timestamp: record.timestamp, key: nil, value: value)
      }
      try key.span.bytes.withUnsafeBytes { key throws(SegmentError) in
        try append(offset: record.offset, timestamp: record.timestamp, key: key, value: value)
      }
    }
  }

  /// Appends all records of a batch, the first at `firstOffset`, each next one at the offset after.
  ///
  /// - Throws: `SegmentError` when a segment's limits are reached, offsets would wrap, or the batch has headers;
  ///   the limits are checked before the first record.
  public mutating func append(_ batch: RecordBatch, firstOffset: UInt64) throws(SegmentError) {
    guard batch.count > 0 else { return }
    guard !batch.hasHeaders else { throw .needsNewerVersion(offset: firstOffset) }
    guard !firstOffset.addingReportingOverflow(UInt64(batch.count - 1)).overflow else { throw .noOffsetAfterEnd }
    guard batch.count <= Self.highestRecordCount - recordCount else {
      throw .tooManyRecords(highest: Self.highestRecordCount)
    }
    do {
      try batch.forEach { index, timestamp, key, value in
        try append(offset: firstOffset + UInt64(index), timestamp: timestamp, key: key, value: value)
      }
    } catch {
      // `rethrows` forgets the type of what the closure throws.
      if let error = error as? SegmentError { throw error }
    }
  }

  private mutating func startBlock(offset: UInt64, timestamp: UInt64) throws(SegmentError) {
    if baseOffset == nil {
      guard compression != .zstd else { throw .unsupportedCompression(.zstd) }
      // Segments of one writer are of similar size: room for the last one's saves copying while this one grows.
      // One block more, because LZ4 is given room for the worst case.
      if previousFileSize > 0 {
        output.reserveCapacity(min(previousFileSize, Self.highestReserve) + 2 * min(blockSizeTarget, 1 << 24))
      }
      output.append(contentsOf: repeatElement(0, count: SegmentFormat.headerSize))
      baseOffset = offset
    }
    // Both differences of a block's first record are 0: the index alone says where it begins.
    index.append(SegmentIndexEntry(offset: offset, position: output.count, timestamp: timestamp))
    previousOffset = offset
    previousTimestamp = timestamp
  }

  private mutating func closeBlock() throws(SegmentError) {
    let start = output.count
    switch compression {
    case .none, .zstd:
      block.withUnsafeBytes { output.append(contentsOf: $0) }
    case .lz4:
      try block.compress(into: &output)
    }
    blocksChecksum = output.withUnsafeBytes {
      Checksum.crc32(UnsafeRawBufferPointer(rebasing: $0[start...]), seed: blocksChecksum)
    }
    block.removeAll()
  }

  /// Completes the file and hands it out. The writer is then empty and keeps its memory for the next segment.
  ///
  /// - Throws: `SegmentError.noRecords` when nothing was appended; the writer is then as before.
  public mutating func finish() throws(SegmentError) -> [UInt8] {
    guard let baseOffset, let lastOffset else { throw .noRecords }
    if block.count > 0 { try closeBlock() }
    let indexPosition = output.count
    writeHeader(baseOffset: baseOffset, lastOffset: lastOffset)
    output.appendBigEndian(UInt32(index.count))
    for entry in index {
      output.appendBigEndian(entry.offset)
      output.appendBigEndian(UInt64(entry.position))
      output.appendBigEndian(entry.timestamp)
    }
    let checksum = output.withUnsafeBytes { bytes in
      let header = Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[..<SegmentFormat.headerSize]))
      let front = Checksum.combine(
        header, blocksChecksum, secondLength: indexPosition - SegmentFormat.headerSize)
      return Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[indexPosition...]), seed: front)
    }
    output.appendBigEndian(UInt64(indexPosition))
    output.appendBigEndian(checksum)
    output.appendBigEndian(SegmentFormat.magic)
    output.append(contentsOf: repeatElement(0, count: 16))
    return reset()
  }

  private mutating func writeHeader(baseOffset: UInt64, lastOffset: UInt64) {
    output.replaceBigEndian(SegmentFormat.magic, at: 0)
    output.replaceBigEndian(UInt16(1), at: 4)
    output.replaceBigEndian(compression.rawValue, at: 6)
    output.replaceBigEndian(baseOffset, at: 8)
    output.replaceBigEndian(lastOffset, at: 16)
    output.replaceBigEndian(UInt32(recordCount), at: 24)
    output.replaceBigEndian(UInt32(index.count), at: 28)
  }

  private mutating func reset() -> [UInt8] {
    let file = output
    previousFileSize = file.count
    output = []
    index.removeAll(keepingCapacity: true)
    recordCount = 0
    estimatedSize = 0
    baseOffset = nil
    lastOffset = nil
    blocksChecksum = 0
    return file
  }
}

extension ReusableBuffer {
  fileprivate func compress(into output: inout [UInt8]) throws(SegmentError) {
    let used = count
    try storage.span.bytes.withUnsafeBytes { bytes throws(SegmentError) in
      try BlockCodec.compress(UnsafeRawBufferPointer(rebasing: bytes[..<used]), into: &output)
    }
  }
}
