/// Takes the index of a segment apart and checks that it describes blocks that can be there.
struct SegmentIndexDecoder {
  /// Exactly the index.
  let bytes: UnsafeRawBufferPointer
  /// Where the index lies in the file, which is where the last block ends.
  let position: Int
  let header: SegmentHeader
  let version: SegmentVersion

  func decode() throws(SegmentError) -> [SegmentIndexEntry] {
    let count = try checkedCount()
    var entries: [SegmentIndexEntry] = []
    entries.reserveCapacity(count)
    var lowest = SegmentFormat.headerSize
    for number in 0..<count {
      guard let entry = try decodeEntry(number, lowest: lowest) else { break }
      entries.append(entry)
      lowest = entry.position + SegmentFormat.minimumRecordSize
    }
    if version == .two { try checkRecordCounts(entries) }
    return entries
  }

  private func checkedCount() throws(SegmentError) -> Int {
    guard let count = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 0) else {
      throw .tooShort(length: bytes.count, minimum: SegmentFormat.indexCountSize)
    }
    try SegmentHeader.requireIndexSize(bytes.count, at: position, entryCount: Int(count), version: version)
    guard Int(count) == header.blockCount else {
      throw .blockCountMismatch(header: header.blockCount, index: Int(count))
    }
    // Each block has at least one record.
    guard header.recordCount >= header.blockCount else {
      throw .recordCountMismatch(header: header.recordCount, found: header.blockCount)
    }
    return Int(count)
  }

  /// Decodes an entry whose block cannot begin before `lowest`.
  private func decodeEntry(_ number: Int, lowest: Int) throws(SegmentError) -> SegmentIndexEntry? {
    let start = SegmentFormat.indexCountSize + number * SegmentFormat.indexEntrySize(version)
    guard let offset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start),
      let rawPosition = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start + 8),
      let timestamp = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start + 16)
    else { return nil }
    if number == 0, offset != header.baseOffset || rawPosition != UInt64(SegmentFormat.headerSize) {
      throw .firstEntryMismatch(
        offset: offset, position: rawPosition, expectedOffset: header.baseOffset,
        expectedPosition: SegmentFormat.headerSize)
    }
    // Room for the smallest block behind each.
    let highest = position - SegmentFormat.minimumRecordSize
    guard let blockPosition = Int(exactly: rawPosition), blockPosition >= lowest, blockPosition <= highest else {
      throw .entryOutOfOrder(entry: number, found: rawPosition, lowest: lowest, highest: highest)
    }
    let details = version == .two ? try decodeDetails(at: start + 24) : nil
    return SegmentIndexEntry(offset: offset, position: blockPosition, timestamp: timestamp, details: details)
  }

  private func decodeDetails(at start: Int) throws(SegmentError) -> SegmentBlockDetails? {
    guard let highestTimestamp = FixedWidth.bigEndian(UInt64.self, in: bytes, at: start),
      let recordCount = FixedWidth.bigEndian(UInt32.self, in: bytes, at: start + 8),
      let uncompressedSize = FixedWidth.bigEndian(UInt32.self, in: bytes, at: start + 12),
      let checksum = FixedWidth.bigEndian(UInt32.self, in: bytes, at: start + 16),
      let reserved = FixedWidth.bigEndian(UInt32.self, in: bytes, at: start + 20)
    else { return nil }
    guard reserved == 0 else { throw .reservedNotZero(position: position + start + 20) }
    return SegmentBlockDetails(
      highestTimestamp: highestTimestamp, recordCount: Int(recordCount), uncompressedSize: Int(uncompressedSize),
      checksum: checksum)
  }

  private func checkRecordCounts(_ entries: [SegmentIndexEntry]) throws(SegmentError) {
    // Cannot overflow: fewer than 2^32 entries of less than 2^32 each.
    let sum = entries.reduce(0) { $0 + ($1.details?.recordCount ?? 0) }
    guard sum == header.recordCount else { throw .recordCountMismatch(header: header.recordCount, found: sum) }
  }
}

extension SegmentHeader {
  /// Checks that an index of `size` bytes has as many entries as the header counts blocks.
  func requireIndexSize(_ size: Int, at position: Int) throws(SegmentError) {
    try Self.requireIndexSize(size, at: position, entryCount: blockCount, version: formatVersion)
  }

  static func requireIndexSize(
    _ size: Int, at position: Int, entryCount: Int, version: SegmentVersion
  ) throws(SegmentError) {
    // Cannot overflow: entries are counted in 32 bits.
    let expected = SegmentFormat.indexCountSize + entryCount * SegmentFormat.indexEntrySize(version)
    guard expected == size else {
      throw .indexSizeMismatch(position: position, entryCount: entryCount, found: size, expected: expected)
    }
  }
}
