/// Reads a segment of which only ranges are at hand, such as a large object in a store, one block at a time.
///
/// A state machine that does not wait: it says which bytes it needs, is given them, and hands out records.
///
/// ```swift
/// var reader = RangedSegmentReader(length: objectSize, start: .offset(1_000_000))
/// while let range = reader.neededRange {
///   try reader.supply(await fetch(range)) { record in
///     print(record.offset)
///     return true
///   }
/// }
/// ```
///
/// It asks for the end of the file, which mostly holds footer and index, for the header, for the index if that was not
/// all of it, and then for the blocks that the read needs, one after another. A file that fits the first range is read
/// from it at once.
///
/// Version 1 has one checksum over the whole file, which ranges cannot be checked against: structure is checked, and
/// LZ4 and the records must decode, but a damaged value can pass. Version 2 has a checksum for each block and one for
/// header and index, and all are checked here.
public struct RangedSegmentReader: Sendable {
  private enum State: Sendable {
    case needsTail
    /// With what is there of the file's end already.
    case needsHeader(tail: [UInt8], footer: SegmentFooter)
    case needsIndex(Range<Int>, headerBytes: [UInt8], footer: SegmentFooter)
    case needsBlock(Int)
    case finished
  }

  /// How many bytes from the end are asked for first: room for footer and the index of 80 to 160 blocks.
  public static let defaultTailSize = 4096

  /// How many bytes the segment has.
  public let length: Int
  private let start: SegmentStart
  private let tailSize: Int
  private let largestBlock: Int
  private var state: State
  private var layout: SegmentLayout?
  private var scan = BlockScan(start: .offset(0), firstBlock: 0, checksBlocks: true)

  /// Begins a read.
  ///
  /// - Parameters:
  ///   - length: how many bytes the segment has.
  ///   - start: where to begin.
  ///   - tailSize: how many bytes from the end are asked for first.
  ///   - largestBlock: the most memory that a block may take uncompressed, in bytes. A range of the file that no such
  ///     block can fill is refused before it is asked for.
  public init(
    length: Int, start: SegmentStart = .offset(0), tailSize: Int = RangedSegmentReader.defaultTailSize,
    largestBlock: Int = SegmentReader.defaultLargestBlock
  ) {
    self.length = max(0, length)
    self.start = start
    self.tailSize = max(SegmentFormat.footerSize, tailSize)
    self.largestBlock = largestBlock
    state = .needsTail
  }

  private init(reading layout: SegmentLayout, length: Int, start: SegmentStart, tailSize: Int) {
    self.init(length: length, start: start, tailSize: tailSize, largestBlock: layout.largestBlock)
    begin(layout)
  }

  /// What the header says, once it is known.
  public var header: SegmentHeader? { layout?.header }
  /// The blocks, once they are known.
  public var index: [SegmentIndexEntry]? { layout?.index }
  /// True when nothing more is needed: the read is complete, was stopped, or failed.
  public var isFinished: Bool { neededRange == nil }

  /// The bytes that must be supplied next; nil when the read is over.
  public var neededRange: Range<Int>? {
    switch state {
    case .needsTail: tailRange
    case .needsIndex(let range, _, _): range
    case .needsHeader: 0..<SegmentFormat.headerSize
    case .needsBlock(let block): layout?.blockRange(block)
    case .finished: nil
    }
  }

  /// The ranges that follow the one needed now, as far as they are known, for who fetches ahead.
  ///
  /// Before the index is known these are at most the header; then they are blocks, one range each.
  public func rangesAhead(_ count: Int) -> [Range<Int>] {
    switch state {
    case .needsTail where tailRange.lowerBound > 0 && count > 0: [0..<SegmentFormat.headerSize]
    case .needsBlock(let block):
      layout.map { layout in
        ((block + 1)..<layout.index.count).prefix(max(0, count)).map { layout.blockRange($0) }
      } ?? []
    default: []
    }
  }

  private var tailRange: Range<Int> { max(0, length - tailSize)..<length }

  /// A reader of the same segment from another start, which need not ask for header and index again; nil as long as
  /// this one does not know them.
  public func restarted(at start: SegmentStart) -> RangedSegmentReader? {
    layout.map { RangedSegmentReader(reading: $0, length: length, start: start, tailSize: tailSize) }
  }

  /// Takes the bytes of `neededRange` and hands out the records that they complete, until `body` returns false.
  ///
  /// After an error the reader is finished.
  ///
  /// - Parameters:
  ///   - bytes: exactly the bytes of `neededRange`.
  ///   - buffer: memory for a block; keep one for all ranges.
  ///   - body: takes a record, valid inside the call only.
  /// - Throws: `SegmentError` when the bytes are not those of a segment, and what `body` throws.
  @inlinable
  public mutating func supply(
    _ bytes: [UInt8], buffer: SegmentReadBuffer = SegmentReadBuffer(), _ body: (RecordView) throws -> Bool
  ) throws {
    guard let blocks = try advance(bytes) else { return }
    try bytes.span.bytes.withUnsafeBytes { supplied throws(any Error) in
      for block in blocks.numbers {
        guard let layout = takeBlock() else { return }
        let range = layout.blockRange(block)
        let stored = UnsafeRawBufferPointer(
          rebasing: supplied[(range.lowerBound - blocks.bytesBefore)..<(range.upperBound - blocks.bytesBefore)])
        let goesOn = try currentScan.scan(
          block: block, stored: stored, layout: layout, buffer: buffer, wrap: { $0 as any Error }, body)
        guard goesOn else { return }
        try finishBlock(block)
      }
    }
  }

  @usableFromInline
  struct SuppliedBlocks {
    @usableFromInline let numbers: Range<Int>
    /// Where in the file the supplied bytes begin.
    @usableFromInline let bytesBefore: Int
  }

  @usableFromInline var currentScan: BlockScan {
    get { scan }
    _modify { yield &scan }
  }

  /// Moves the state on with bytes that are not blocks; answers the blocks that lie in the bytes.
  @usableFromInline
  mutating func advance(_ bytes: [UInt8]) throws(SegmentError) -> SuppliedBlocks? {
    guard let range = neededRange else { return nil }
    let current = state
    // An error ends the read.
    state = .finished
    guard bytes.count == range.count else { throw .rangeLengthMismatch(range: range, found: bytes.count) }
    switch current {
    case .needsTail:
      return try takeTail(bytes, from: range.lowerBound)
    case .needsHeader(let tail, let footer):
      try takeHeader(bytes, tail: tail, footer: footer)
    case .needsIndex(_, let headerBytes, let footer):
      begin(try makeLayout(header: headerBytes, index: bytes[...], footer: footer))
    case .needsBlock(let block):
      return SuppliedBlocks(numbers: block..<(block + 1), bytesBefore: range.lowerBound)
    case .finished:
      break
    }
    return nil
  }

  private mutating func takeTail(_ bytes: [UInt8], from start: Int) throws(SegmentError) -> SuppliedBlocks? {
    if start == 0 {
      let layout = try SegmentReader(bytes, largestBlock: largestBlock).layout
      begin(layout)
      guard case .needsBlock(let first) = state else { return nil }
      return SuppliedBlocks(numbers: first..<layout.index.count, bytesBefore: 0)
    }
    guard length >= SegmentFormat.minimumSize else {
      throw .tooShort(length: length, minimum: SegmentFormat.minimumSize)
    }
    let footerPosition = length - SegmentFormat.footerSize
    let footerStart = bytes.count - SegmentFormat.footerSize
    let footer = try bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
      try SegmentFooter(UnsafeRawBufferPointer(rebasing: buffer[footerStart...]), at: footerPosition)
    }
    state = .needsHeader(tail: bytes, footer: footer)
    return nil
  }

  private mutating func takeHeader(
    _ bytes: [UInt8], tail: [UInt8], footer: SegmentFooter
  ) throws(SegmentError) {
    let header = try SegmentHeader(decoding: bytes)
    let indexPosition = try footer.checkedIndexPosition(header: header)
    let indexRange = indexPosition..<(length - SegmentFormat.footerSize)
    // Before an index is asked for that cannot be one: the footer may say anything.
    try header.requireIndexSize(indexRange.count, at: indexPosition)
    let tailStart = length - tail.count
    guard indexPosition >= tailStart else {
      state = .needsIndex(indexRange, headerBytes: bytes, footer: footer)
      return
    }
    let index = tail[(indexPosition - tailStart)..<(tail.count - SegmentFormat.footerSize)]
    begin(try makeLayout(header: bytes, index: index, footer: footer))
  }

  private func makeLayout(
    header: [UInt8], index: ArraySlice<UInt8>, footer: SegmentFooter
  ) throws(SegmentError) -> SegmentLayout {
    try header.span.bytes.withUnsafeBytes { header throws(SegmentError) in
      try index.span.bytes.withUnsafeBytes { index throws(SegmentError) in
        try SegmentLayout(header: header, index: index, footer: footer, largestBlock: largestBlock)
      }
    }
  }

  private mutating func begin(_ layout: SegmentLayout) {
    self.layout = layout
    let first = layout.firstBlock(for: start)
    scan = BlockScan(start: start, firstBlock: first, checksBlocks: true)
    state = first < layout.index.count ? .needsBlock(first) : .finished
  }

  /// The layout for a block that is about to be scanned; the read is over unless the scan comes to the block's end.
  @usableFromInline
  mutating func takeBlock() -> SegmentLayout? {
    state = .finished
    return layout
  }

  @usableFromInline
  mutating func finishBlock(_ block: Int) throws(SegmentError) {
    guard let layout else { return }
    guard block + 1 < layout.index.count else { return try scan.finish(layout.header) }
    state = .needsBlock(block + 1)
  }
}

extension SegmentSource {
  /// Reads records from a source by ranges, until `body` returns false.
  ///
  /// - Parameters:
  ///   - start: where to begin.
  ///   - largestBlock: the most memory that a block may take uncompressed, in bytes.
  ///   - body: takes a record, valid inside the call only.
  /// - Throws: `SegmentError` when the source is not a segment, and what the source or `body` throws.
  @inlinable
  public mutating func forEachRecord(
    startingAt start: SegmentStart, largestBlock: Int = SegmentReader.defaultLargestBlock,
    _ body: (RecordView) throws -> Bool
  ) throws {
    var reader = RangedSegmentReader(length: length, start: start, largestBlock: largestBlock)
    let buffer = SegmentReadBuffer()
    while let range = reader.neededRange {
      try reader.supply(read(range), buffer: buffer, body)
    }
  }
}
