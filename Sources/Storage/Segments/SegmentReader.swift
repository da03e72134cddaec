/// How much of a segment is checked when it is opened.
public enum SegmentVerification: Sendable, Hashable {
  /// The checksums of all bytes, and the structure. What is needed for bytes that came from anywhere else.
  case full
  /// Header, index and footer only: for bytes whose checksums were checked before.
  ///
  /// Version 1 then goes unchecked: records must be well formed, but a damaged value goes unnoticed. Blocks of
  /// version 2 are still compared with their checksums, each when it is read.
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
/// Bytes of any origin are safe: what does not fit the format is a `SegmentError` that says where. On the word of the
/// file no more memory is taken than `largestBlock`, one block at a time, and no more than 255 times a block's
/// compressed bytes, the most that LZ4 can make of them; what claims more is an error before anything is allocated.
/// Opening checks header, index, footer
/// and their agreement; the number of records and the end offset show while reading, so a reader that goes through
/// the whole file learns of a wrong count at its end, after the records.
///
/// Version 1 has one checksum over the whole file (all but the footer). It cannot be checked where only ranges of the
/// file are at hand; `RangedSegmentReader` says more.
public struct SegmentReader: Sendable {
  @usableFromInline let layout: SegmentLayout
  /// The file.
  @usableFromInline let bytes: [UInt8]
  @usableFromInline let verification: SegmentVerification

  /// The largest uncompressed block that readers take and writers make unless told otherwise: 64 MiB, which is 64 times
  /// the original's block.
  public static let defaultLargestBlock = 64 << 20

  /// Opens a segment.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - verification: whether checksums are computed; leave it out only for bytes that were checked before.
  ///   - largestBlock: the most memory that a block may take uncompressed, in bytes, from 1 to 2,113,929,216.
  /// - Throws: `SegmentError` when the bytes are not a segment.
  /// - Complexity: O(*n*) with full verification (7 GB/s), otherwise O(*blocks*).
  public init(
    _ bytes: [UInt8], verification: SegmentVerification = .full, largestBlock: Int = SegmentReader.defaultLargestBlock
  ) throws(SegmentError) {
    layout = try bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
      try SegmentLayout(wholeFile: buffer, verification: verification, largestBlock: largestBlock)
    }
    self.bytes = bytes
    self.verification = verification
  }

  /// What the header says.
  public var header: SegmentHeader { layout.header }
  /// A block each, in file order.
  public var index: [SegmentIndexEntry] { layout.index }
  /// Where the last block ends and the index begins, in bytes from the start of the file.
  public var blocksEnd: Int { layout.blocksEnd }

  /// Calls `body` with every record whose offset is at least `offset`, in file order, until it returns false.
  ///
  /// Where the first offsets of the blocks increase, the read begins at the last block whose first offset is not above
  /// `offset`, as in the original; where they do not, at the first block. Should offsets not increase inside the
  /// blocks, a record of a block passed over is not seen: only a read from 0 is then sure to see everything.
  ///
  /// - Parameters:
  ///   - offset: the lowest offset wanted.
  ///   - buffer: memory for a block, for who reads more than once.
  /// - Throws: `SegmentError` where the file is damaged, after the records before the damage, and what `body` throws.
  @inlinable
  public func forEachRecord(
    from offset: UInt64 = 0, buffer: SegmentReadBuffer = SegmentReadBuffer(), _ body: (RecordView) throws -> Bool
  ) throws {
    try scan(from: .offset(offset), buffer: buffer, wrap: { $0 as any Error }, body)
  }

  /// Calls `body` with every record from `start` on, in file order, until it returns false.
  ///
  /// - Throws: `SegmentError` where the file is damaged, after the records before the damage, and what `body` throws.
  @inlinable
  public func forEachRecord(
    startingAt start: SegmentStart, buffer: SegmentReadBuffer = SegmentReadBuffer(),
    _ body: (RecordView) throws -> Bool
  ) throws {
    try scan(from: start, buffer: buffer, wrap: { $0 as any Error }, body)
  }

  /// Calls `body` with every record of one block, until it returns false; a number that no block has gives none.
  ///
  /// - Throws: `SegmentError` where the block is damaged, and what `body` throws.
  @inlinable
  public func forEachRecord(
    inBlock number: Int, buffer: SegmentReadBuffer = SegmentReadBuffer(), _ body: (RecordView) throws -> Bool
  ) throws {
    guard layout.index.indices.contains(number) else { return }
    var scan = BlockScan(start: .offset(0), firstBlock: number, checksBlocks: verification == .structure)
    try bytes.span.bytes.withUnsafeBytes { file throws(any Error) in
      let stored = UnsafeRawBufferPointer(rebasing: file[layout.blockRange(number)])
      _ = try scan.scan(
        block: number, stored: stored, layout: layout, buffer: buffer, wrap: { $0 as any Error }, body)
    }
  }

  /// How many bytes a block has in the file, and how many uncompressed as it says itself; nil when there is no such
  /// block.
  public func size(ofBlock number: Int) -> (stored: Int, uncompressed: Int)? {
    guard layout.index.indices.contains(number) else { return nil }
    let range = layout.blockRange(number)
    guard header.compression == .lz4 else { return (range.count, range.count) }
    let claimed = bytes.span.bytes.withUnsafeBytes {
      FixedWidth.littleEndian(UInt32.self, in: $0, at: range.lowerBound)
    }
    return claimed.map { (range.count, Int($0)) }
  }

  /// Copies out every record whose offset is at least `offset`, in file order.
  ///
  /// - Throws: `SegmentError` where the file is damaged.
  public func records(from offset: UInt64 = 0) throws(SegmentError) -> [Record] {
    try records(startingAt: .offset(offset))
  }

  /// Copies out every record from `start` on, in file order.
  ///
  /// - Throws: `SegmentError` where the file is damaged.
  public func records(startingAt start: SegmentStart) throws(SegmentError) -> [Record] {
    var records: [Record] = []
    // The count is the file's word: believe it only as far as it is cheap.
    records.reserveCapacity(min(header.recordCount, 4096))
    try scan(from: start, buffer: SegmentReadBuffer(), wrap: { $0 }) { record throws(SegmentError) in
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
    try scan(from: .offset(0), buffer: SegmentReadBuffer(), wrap: { $0 }) { record throws(SegmentError) in
      if let previous, record.offset <= previous {
        throw .offsetsNotIncreasing(previous: previous, found: record.offset)
      }
      previous = record.offset
      return true
    }
  }

  @inlinable
  func scan<Failure: Error>(
    from start: SegmentStart, buffer: SegmentReadBuffer, wrap: (SegmentError) -> Failure,
    _ body: (RecordView) throws(Failure) -> Bool
  ) throws(Failure) {
    let firstBlock = layout.firstBlock(for: start)
    var scan = BlockScan(start: start, firstBlock: firstBlock, checksBlocks: verification == .structure)
    try bytes.span.bytes.withUnsafeBytes { file throws(Failure) in
      for block in firstBlock..<layout.index.count {
        let stored = UnsafeRawBufferPointer(rebasing: file[layout.blockRange(block)])
        guard try scan.scan(block: block, stored: stored, layout: layout, buffer: buffer, wrap: wrap, body) else {
          return
        }
      }
      do throws(SegmentError) { try scan.finish(layout.header) } catch { throw wrap(error) }
    }
  }
}
