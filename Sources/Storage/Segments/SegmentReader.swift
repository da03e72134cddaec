/// How much of a segment is checked when it is opened.
public enum SegmentVerification: Sendable, Hashable {
  /// The checksum of all bytes, and the structure. What is needed for bytes that came from anywhere else.
  case full
  /// Header, index and footer only: for bytes whose checksum was checked before. Records are still checked for
  /// being well formed as they are read, but a damaged value goes unnoticed.
  case structure
}

/// Reads a segment file that lies in memory as a whole.
///
/// ```swift
/// let reader = try SegmentReader(file)
/// try reader.forEachRecord(from: 1_000) { record in
///   print(record.offset, record.value.count)
///   return true
/// }
/// ```
///
/// Bytes of any origin are safe: what does not fit the format is a `SegmentError` that says where, and nothing is
/// allocated on the word of the file. Opening checks header, index, footer and their agreement; the number of records
/// and the end offset show while reading, so a reader that goes through the whole file learns of a wrong count at its
/// end, after the records.
///
/// Version 1 has one checksum over the whole file (all but the footer). It cannot be checked where only ranges of the
/// file are at hand.
public struct SegmentReader: Sendable {
  /// What the header says.
  public let header: SegmentHeader
  /// A block each, in file order.
  public let index: [SegmentIndexEntry]
  /// Where the last block ends and the index begins, in bytes from the start of the file.
  public let blocksEnd: Int
  /// The file.
  @usableFromInline let bytes: [UInt8]
  /// True when the first offsets of the blocks increase, so that a block can be found by search.
  let isIndexOrdered: Bool

  /// Opens a segment.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - verification: whether the checksum is computed; skip it only for bytes that were checked before.
  /// - Throws: `SegmentError` when the bytes are not a segment.
  /// - Complexity: O(*n*) with full verification (7 GB/s), otherwise O(*blocks*).
  public init(_ bytes: [UInt8], verification: SegmentVerification = .full) throws(SegmentError) {
    let layout = try bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
      try SegmentLayout(wholeFile: buffer, verification: verification)
    }
    self.bytes = bytes
    header = layout.header
    index = layout.index
    blocksEnd = layout.indexPosition
    isIndexOrdered = layout.isIndexOrdered
  }

  /// Calls `body` with every record whose offset is at least `offset`, in file order, until it returns false.
  ///
  /// In a file whose offsets increase, blocks before `offset` are not touched. Otherwise the block is chosen by the
  /// index as in the original, and only a read from 0 is sure to see everything.
  ///
  /// - Throws: `SegmentError` where the file is damaged, after the records before the damage, and what `body` throws.
  @inlinable
  public func forEachRecord(from offset: UInt64 = 0, _ body: (RecordView) throws -> Bool) throws {
    try scan(from: offset, wrap: { $0 as any Error }, body)
  }

  /// Copies out every record whose offset is at least `offset`, in file order.
  ///
  /// - Throws: `SegmentError` where the file is damaged.
  public func records(from offset: UInt64 = 0) throws(SegmentError) -> [Record] {
    var records: [Record] = []
    // The count is the file's word: believe it only as far as it is cheap.
    records.reserveCapacity(min(header.recordCount, 4096))
    try scan(from: offset, wrap: { $0 }) { record throws(SegmentError) in
      // Headers were walked by the decoder, so they decode.
      if let copy = try? record.copied() { records.append(copy) }
      return true
    }
    return records
  }

  /// Checks that this segment can be part of a log: offsets increase from record to record, and one more fits after
  /// the last.
  ///
  /// - Throws: `SegmentError.offsetsNotIncreasing`, `.noOffsetAfterEnd`, or what is wrong with the file.
  /// - Complexity: O(*n*); decodes every record.
  public func requireLogOrder() throws(SegmentError) {
    guard header.endOffset != UInt64.max else { throw .noOffsetAfterEnd }
    var previous: UInt64?
    try scan(from: 0, wrap: { $0 }) { record throws(SegmentError) in
      if let previous, record.offset <= previous {
        throw .offsetsNotIncreasing(previous: previous, found: record.offset)
      }
      previous = record.offset
      return true
    }
  }

  @inlinable
  func scan<Failure: Error>(
    from offset: UInt64, wrap: (SegmentError) -> Failure, _ body: (RecordView) throws(Failure) -> Bool
  ) throws(Failure) {
    let scratch = BlockScratch()
    let firstBlock = blockIndex(for: offset)
    try bytes.span.bytes.withUnsafeBytes { file throws(Failure) in
      guard let base = file.baseAddress else { return }
      var tally = ScanTally(blocksBefore: firstBlock)
      for blockIndex in firstBlock..<index.count {
        let block: UnsafeRawBufferPointer
        do throws(SegmentError) { block = try uncompressedBlock(blockIndex, file: file, scratch: scratch) } catch {
          throw wrap(error)
        }
        var decoder = BlockDecoder(block: block, entry: index[blockIndex], empty: base)
        var isFirst = true
        repeat {
          let start = decoder.cursor.position
          let record: RecordView
          do throws(DecodingFault) { record = try decoder.next() } catch {
            let position = index[blockIndex].position
            throw wrap(
              .damagedRecord(
                blockPosition: position, offsetInBlock: start - (block.baseAddress ?? base), fault: error))
          }
          if isFirst {
            do throws(SegmentError) { try checkStart(of: blockIndex, record) } catch { throw wrap(error) }
            isFirst = false
          }
          tally.add(record.offset)
          if record.offset >= offset, try !body(record) { return }
        } while !decoder.cursor.isAtEnd
      }
      do throws(SegmentError) { try check(tally) } catch { throw wrap(error) }
    }
  }

  /// The block in which a read from `offset` begins.
  @usableFromInline
  func blockIndex(for offset: UInt64) -> Int {
    guard isIndexOrdered else { return 0 }
    var low = 0
    var high = index.count
    while low < high {
      let middle = low + (high - low) / 2
      if index[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  @usableFromInline
  func uncompressedBlock(
    _ blockIndex: Int, file: UnsafeRawBufferPointer, scratch: BlockScratch
  ) throws(SegmentError) -> UnsafeRawBufferPointer {
    let start = index[blockIndex].position
    let end = blockIndex + 1 < index.count ? index[blockIndex + 1].position : blocksEnd
    let block = UnsafeRawBufferPointer(rebasing: file[start..<end])
    switch header.compression {
    case .none: return block
    case .lz4: return try BlockCodec.decompress(block, position: start, scratch: scratch)
    case .zstd: throw .unsupportedCompression(.zstd)
    }
  }

  @usableFromInline
  func checkStart(of blockIndex: Int, _ record: RecordView) throws(SegmentError) {
    let entry = index[blockIndex]
    guard record.offset == entry.offset, record.timestamp == entry.timestamp else {
      throw .blockStartMismatch(position: entry.position, offset: record.offset, expectedOffset: entry.offset)
    }
  }

  @usableFromInline
  func check(_ tally: ScanTally) throws(SegmentError) {
    if tally.blocksBefore == 0, tally.records != header.recordCount {
      throw .recordCountMismatch(header: header.recordCount, found: tally.records)
    }
    // Each block that was skipped has at least one record.
    if tally.records > header.recordCount - tally.blocksBefore {
      throw .recordCountMismatch(header: header.recordCount, found: tally.records + tally.blocksBefore)
    }
    guard tally.lastOffset == header.endOffset else {
      throw .endOffsetMismatch(header: header.endOffset, found: tally.lastOffset)
    }
  }
}

/// What a scan has seen, to be compared with the header at the end of the file.
@usableFromInline
struct ScanTally {
  @usableFromInline let blocksBefore: Int
  @usableFromInline var records = 0
  @usableFromInline var lastOffset: UInt64 = 0

  @inlinable
  init(blocksBefore: Int) {
    self.blocksBefore = blocksBefore
  }

  @inlinable @inline(__always)
  mutating func add(_ offset: UInt64) {
    records &+= 1
    lastOffset = offset
  }
}
