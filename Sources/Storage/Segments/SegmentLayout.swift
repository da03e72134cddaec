/// Header, index and footer of a segment, checked for agreeing with each other.
struct SegmentLayout {
  let header: SegmentHeader
  let index: [SegmentIndexEntry]
  let indexPosition: Int
  let isIndexOrdered: Bool

  /// Reads the layout of a file that is there as a whole.
  init(wholeFile file: UnsafeRawBufferPointer, verification: SegmentVerification) throws(SegmentError) {
    guard file.count >= SegmentFormat.minimumSize else {
      throw .tooShort(length: file.count, minimum: SegmentFormat.minimumSize)
    }
    header = try Self.readHeader(file)
    let footerPosition = file.count - SegmentFormat.footerSize
    let footer = try Self.readFooter(file, at: footerPosition)
    if verification == .full {
      let computed = Checksum.crc32(UnsafeRawBufferPointer(rebasing: file[..<footerPosition]))
      guard computed == footer.checksum else {
        throw .checksumMismatch(position: footerPosition + 8, stored: footer.checksum, computed: computed)
      }
    }
    let lowest = SegmentFormat.headerSize + SegmentFormat.minimumRecordSize
    let highest = footerPosition - SegmentFormat.indexCountSize - SegmentFormat.indexEntrySize
    guard let position = Int(exactly: footer.indexPosition), position >= lowest, position <= highest else {
      throw .indexPositionOutOfBounds(found: footer.indexPosition, lowest: lowest, highest: highest)
    }
    indexPosition = position
    index = try Self.readIndex(
      UnsafeRawBufferPointer(rebasing: file[position..<footerPosition]), at: position, header: header)
    isIndexOrdered = zip(index, index.dropFirst()).allSatisfy { $0.offset < $1.offset }
  }

  /// Reads the first 64 bytes of a file.
  static func readHeader(_ bytes: UnsafeRawBufferPointer) throws(SegmentError) -> SegmentHeader {
    guard bytes.count >= SegmentFormat.headerSize,
      let magic = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 0),
      let version = FixedWidth.bigEndian(UInt16.self, in: bytes, at: 4),
      let rawCompression = FixedWidth.bigEndian(UInt16.self, in: bytes, at: 6),
      let baseOffset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: 8),
      let endOffset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: 16),
      let recordCount = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 24),
      let blockCount = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 28)
    else { throw .tooShort(length: bytes.count, minimum: SegmentFormat.headerSize) }
    guard magic == SegmentFormat.magic else { throw .wrongMagic(position: 0, found: magic) }
    guard version == 1 else { throw .unsupportedVersion(version) }
    guard let compression = Compression(rawValue: rawCompression) else { throw .unknownCompression(rawCompression) }
    guard compression != .zstd else { throw .unsupportedCompression(.zstd) }
    return SegmentHeader(
      version: version, compression: compression, baseOffset: baseOffset, endOffset: endOffset,
      recordCount: Int(recordCount), blockCount: Int(blockCount))
  }

  static func readFooter(
    _ bytes: UnsafeRawBufferPointer, at position: Int
  ) throws(SegmentError) -> (indexPosition: UInt64, checksum: UInt32) {
    guard let indexPosition = FixedWidth.bigEndian(UInt64.self, in: bytes, at: position),
      let checksum = FixedWidth.bigEndian(UInt32.self, in: bytes, at: position + 8),
      let magic = FixedWidth.bigEndian(UInt32.self, in: bytes, at: position + 12)
    else { throw .tooShort(length: bytes.count, minimum: SegmentFormat.minimumSize) }
    guard magic == SegmentFormat.magic else { throw .wrongMagic(position: position + 12, found: magic) }
    return (indexPosition, checksum)
  }

  /// Reads the index from exactly its bytes, which lie at `position` in the file.
  static func readIndex(
    _ bytes: UnsafeRawBufferPointer, at position: Int, header: SegmentHeader
  ) throws(SegmentError) -> [SegmentIndexEntry] {
    guard let count = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 0) else {
      throw .tooShort(length: bytes.count, minimum: SegmentFormat.indexCountSize)
    }
    let expected = SegmentFormat.indexCountSize + Int(count) * SegmentFormat.indexEntrySize
    guard expected == bytes.count else {
      throw .indexSizeMismatch(position: position, entryCount: count, found: bytes.count, expected: expected)
    }
    guard Int(count) == header.blockCount else {
      throw .blockCountMismatch(header: header.blockCount, index: Int(count))
    }
    guard header.recordCount >= header.blockCount else {
      throw .recordCountMismatch(header: header.recordCount, found: header.blockCount)
    }
    var entries: [SegmentIndexEntry] = []
    entries.reserveCapacity(Int(count))
    var lowest = SegmentFormat.headerSize
    // Room for the smallest block behind each.
    let highest = position - SegmentFormat.minimumRecordSize
    for entry in 0..<Int(count) {
      let start = SegmentFormat.indexCountSize + entry * SegmentFormat.indexEntrySize
      guard let offset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start),
        let rawPosition = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start + 8),
        let timestamp = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start + 16)
      else { break }
      if entry == 0, offset != header.baseOffset || rawPosition != UInt64(SegmentFormat.headerSize) {
        throw .firstEntryMismatch(
          offset: offset, position: rawPosition, expectedOffset: header.baseOffset,
          expectedPosition: SegmentFormat.headerSize)
      }
      guard let found = Int(exactly: rawPosition), found >= lowest, found <= highest else {
        throw .entryOutOfOrder(entry: entry, found: rawPosition, lowest: lowest, highest: highest)
      }
      entries.append(SegmentIndexEntry(offset: offset, position: found, timestamp: timestamp))
      lowest = found + SegmentFormat.minimumRecordSize
    }
    return entries
  }
}
