/// A walk over the blocks of a segment, one at a time, with what must be remembered between them.
@usableFromInline
struct BlockScan: Sendable {
  @usableFromInline var filter: RecordFilter
  /// Blocks that were not looked at because the read begins behind them.
  @usableFromInline let blocksBefore: Int
  @usableFromInline var recordCount = 0
  @usableFromInline var lastOffset: UInt64 = 0
  /// Whether blocks are compared with their checksums, where they have any.
  @usableFromInline let checksBlocks: Bool

  @usableFromInline
  init(start: SegmentStart, firstBlock: Int, checksBlocks: Bool) {
    filter = RecordFilter(start)
    blocksBefore = firstBlock
    self.checksBlocks = checksBlocks
  }

  /// Hands the records of a block to `body`.
  ///
  /// - Parameters:
  ///   - stored: the block as it lies in the file.
  ///   - wrap: makes the caller's error of a segment's.
  /// - Returns: false when `body` has asked to stop.
  @inlinable
  mutating func scan<Failure: Error>(
    block: Int, stored: UnsafeRawBufferPointer, layout: SegmentLayout, buffer: SegmentReadBuffer,
    wrap: (SegmentError) -> Failure, _ body: (RecordView) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    let content: UnsafeRawBufferPointer
    do throws(SegmentError) {
      content = try uncompressed(block, stored: stored, layout: layout, buffer: buffer)
    } catch {
      throw wrap(error)
    }
    let entry = layout.index[block]
    // Any address will do for a block without bytes, which then has no record.
    let empty = UnsafeRawPointer(bitPattern: 1) ?? UnsafeRawPointer(buffer.memory)
    switch layout.version {
    case .one:
      let decoder = BlockDecoderOne(block: content, entry: entry, empty: empty)
      return try scanRecords(decoder, entry: entry, wrap: wrap, body)
    case .two:
      let decoder = BlockDecoderTwo(block: content, entry: entry, empty: empty)
      return try scanRecords(decoder, entry: entry, wrap: wrap, body)
    }
  }

  @inlinable @inline(__always)
  mutating func scanRecords<Decoder: BlockDecoder, Failure: Error>(
    _ start: Decoder, entry: SegmentIndexEntry, wrap: (SegmentError) -> Failure,
    _ body: (RecordView) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    var decoder = start
    var count = 0
    var highestTimestamp: UInt64 = 0
    repeat {
      let position = decoder.cursor.position
      let record: RecordView
      do throws(DecodingFault) {
        record = try decoder.next()
      } catch {
        throw wrap(
          .damagedRecord(
            blockPosition: entry.position, offsetInBlock: position - start.cursor.position, fault: error))
      }
      if count == 0, record.offset != entry.offset || record.timestamp != entry.timestamp {
        throw wrap(
          .blockStartMismatch(position: entry.position, offset: record.offset, expectedOffset: entry.offset))
      }
      count &+= 1
      lastOffset = record.offset
      highestTimestamp = max(highestTimestamp, record.timestamp)
      if filter.lets(record), try !body(record) { return false }
    } while !decoder.cursor.isAtEnd
    recordCount &+= count
    if let details = entry.details, details.recordCount != count {
      throw wrap(
        .blockRecordCountMismatch(position: entry.position, index: details.recordCount, found: count))
    }
    // Reads by time pass over blocks on the word of the index.
    if let details = entry.details, details.highestTimestamp != highestTimestamp {
      throw wrap(
        .highestTimestampMismatch(
          position: entry.position, index: details.highestTimestamp, found: highestTimestamp))
    }
    return true
  }

  @usableFromInline
  func uncompressed(
    _ block: Int, stored: UnsafeRawBufferPointer, layout: SegmentLayout, buffer: SegmentReadBuffer
  ) throws(SegmentError) -> UnsafeRawBufferPointer {
    if checksBlocks { try layout.requireChecksum(of: stored, block: block) }
    let position = layout.index[block].position
    let expected = layout.index[block].details?.uncompressedSize
    switch layout.header.compression {
    case .none:
      if let expected, expected != stored.count {
        throw .decompressedSizeMismatch(position: position, claimed: expected, found: stored.count)
      }
      return stored
    case .lz4:
      return try BlockCodec.decompress(
        stored, position: position, expected: expected, limit: layout.largestBlock, buffer: buffer)
    case .zstd:
      throw .unsupportedCompression(.zstd)
    }
  }

  /// Compares what was seen up to the end of the file with what the header says.
  @usableFromInline
  func finish(_ header: SegmentHeader) throws(SegmentError) {
    // Nothing was read: the start lies behind all records.
    guard blocksBefore < header.blockCount else { return }
    if blocksBefore == 0, recordCount != header.recordCount {
      throw .recordCountMismatch(header: header.recordCount, found: recordCount)
    }
    // Each block in front has at least one record.
    if recordCount > header.recordCount - blocksBefore {
      throw .recordCountMismatch(header: header.recordCount, found: recordCount + blocksBefore)
    }
    guard lastOffset == header.endOffset else {
      throw .endOffsetMismatch(header: header.endOffset, found: lastOffset)
    }
  }
}
