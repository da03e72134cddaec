/// Header, index and footer of a segment, checked for agreeing with each other.
@usableFromInline
struct SegmentLayout: Sendable {
  @usableFromInline let header: SegmentHeader
  @usableFromInline let version: SegmentVersion
  @usableFromInline let index: [SegmentIndexEntry]
  /// Where the last block ends and the index begins.
  @usableFromInline let blocksEnd: Int
  /// The largest uncompressed block that is read, in bytes.
  @usableFromInline let largestBlock: Int
  /// True when the first offsets of the blocks increase, so that a block can be found by search.
  @usableFromInline let isIndexOrdered: Bool

  /// Reads the layout of a file that is there as a whole.
  init(
    wholeFile file: UnsafeRawBufferPointer, verification: SegmentVerification, largestBlock: Int
  ) throws(SegmentError) {
    guard file.count >= SegmentFormat.minimumSize else {
      throw .tooShort(length: file.count, minimum: SegmentFormat.minimumSize)
    }
    let header = try Self.readHeader(file)
    let footerPosition = file.count - SegmentFormat.footerSize
    let footer = try SegmentFooter(UnsafeRawBufferPointer(rebasing: file[footerPosition...]), at: footerPosition)
    if header.formatVersion == .one, verification == .full {
      let computed = Checksum.crc32(UnsafeRawBufferPointer(rebasing: file[..<footerPosition]))
      try footer.require(checksum: computed)
    }
    let indexPosition = try footer.checkedIndexPosition(header: header)
    try self.init(
      header: UnsafeRawBufferPointer(rebasing: file[..<SegmentFormat.headerSize]),
      index: UnsafeRawBufferPointer(rebasing: file[indexPosition..<footerPosition]), footer: footer,
      largestBlock: largestBlock)
    if version == .two, verification == .full {
      for block in index.indices {
        try requireChecksum(of: UnsafeRawBufferPointer(rebasing: file[blockRange(block)]), block: block)
      }
    }
  }

  /// Reads the layout from exactly the header's bytes and exactly the index's.
  init(
    header headerBytes: UnsafeRawBufferPointer, index indexBytes: UnsafeRawBufferPointer, footer: SegmentFooter,
    largestBlock: Int
  ) throws(SegmentError) {
    self.largestBlock = min(max(1, largestBlock), BlockCodec.largestBlock)
    header = try Self.readHeader(headerBytes)
    version = header.formatVersion
    blocksEnd = try footer.checkedIndexPosition(header: header)
    if version == .two {
      let front = Checksum.crc32(headerBytes)
      let middle = Checksum.crc32(indexBytes, seed: front)
      let computed = withUnsafeBytes(of: footer.indexPosition.bigEndian) { Checksum.crc32($0, seed: middle) }
      try footer.require(checksum: computed)
      try footer.requireZeros()
    }
    index = try SegmentIndexDecoder(bytes: indexBytes, position: blocksEnd, header: header, version: version).decode()
    isIndexOrdered = zip(index, index.dropFirst()).allSatisfy { $0.offset < $1.offset }
    try requireBlockSizes()
  }

  /// Refuses blocks beyond the limit before anybody fetches or decompresses one: an index entry can make any stretch
  /// of the file a block.
  private func requireBlockSizes() throws(SegmentError) {
    let highestStored =
      header.compression == .lz4 ? BlockCodec.highestStoredSize(of: largestBlock) : largestBlock
    for block in index.indices {
      let position = index[block].position
      let stored = blockRange(block).count
      guard stored <= highestStored else {
        throw .blockAboveLimit(position: position, size: stored, limit: largestBlock)
      }
      if let size = index[block].details?.uncompressedSize, size > largestBlock {
        throw .blockAboveLimit(position: position, size: size, limit: largestBlock)
      }
    }
  }

  /// Reads the first 64 bytes of a file.
  static func readHeader(_ bytes: UnsafeRawBufferPointer) throws(SegmentError) -> SegmentHeader {
    guard bytes.count >= SegmentFormat.headerSize,
      let magic = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 0),
      let rawVersion = FixedWidth.bigEndian(UInt16.self, in: bytes, at: 4),
      let rawCompression = FixedWidth.bigEndian(UInt16.self, in: bytes, at: 6),
      let baseOffset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: 8),
      let endOffset = FixedWidth.bigEndian(UInt64.self, in: bytes, at: 16),
      let recordCount = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 24),
      let blockCount = FixedWidth.bigEndian(UInt32.self, in: bytes, at: 28)
    else { throw .tooShort(length: bytes.count, minimum: SegmentFormat.headerSize) }
    guard magic == SegmentFormat.magic else { throw .wrongMagic(position: 0, found: magic) }
    guard let version = SegmentVersion(rawValue: rawVersion) else { throw .unsupportedVersion(rawVersion) }
    guard let compression = Compression(rawValue: rawCompression) else { throw .unknownCompression(rawCompression) }
    guard compression != .zstd else { throw .unsupportedCompression(.zstd) }
    if version == .two,
      !bytes[SegmentFormat.headerReservedPlace..<SegmentFormat.headerSize].allSatisfy({ $0 == 0 })
    {
      throw .reservedNotZero(position: SegmentFormat.headerReservedPlace)
    }
    return SegmentHeader(
      version: version, compression: compression, baseOffset: baseOffset, endOffset: endOffset,
      recordCount: Int(recordCount), blockCount: Int(blockCount))
  }

  /// The bytes of a block in the file.
  @usableFromInline
  func blockRange(_ block: Int) -> Range<Int> {
    let end = block + 1 < index.count ? index[block + 1].position : blocksEnd
    return index[block].position..<end
  }

  /// Compares a block as it lies in the file with its checksum; version 1 has none.
  func requireChecksum(of stored: UnsafeRawBufferPointer, block: Int) throws(SegmentError) {
    guard let expected = index[block].details?.checksum else { return }
    let computed = Checksum.crc32(stored)
    guard computed == expected else {
      throw .checksumMismatch(position: index[block].position, stored: expected, computed: computed)
    }
  }

  /// The first block that a read has to look at.
  @usableFromInline
  func firstBlock(for start: SegmentStart) -> Int {
    switch start {
    case .offset(let offset):
      guard isIndexOrdered else { return 0 }
      return max(0, firstBlock { $0.offset > offset } - 1)
    case .ascendingTimestamp(let timestamp):
      // Several records may share the timestamp, so the block in front may end with it.
      return max(0, firstBlock { $0.timestamp >= timestamp } - 1)
    case .timestamp(let timestamp):
      return index.firstIndex { $0.details.map { $0.highestTimestamp >= timestamp } ?? true } ?? index.count
    case .lastBlock:
      return index.count - 1
    }
  }

  /// The first block for which `isBehind` holds, where it holds for all after the first.
  private func firstBlock(where isBehind: (SegmentIndexEntry) -> Bool) -> Int {
    var low = 0
    var high = index.count
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(index[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The last 32 bytes of a segment.
struct SegmentFooter: Sendable {
  let indexPosition: UInt64
  private let checksum: UInt32
  private let reservedIsZero: Bool
  /// Where the footer begins in the file.
  private let position: Int

  /// Reads the footer that begins at `position` of the file from exactly its bytes.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(SegmentError) {
    guard bytes.count == SegmentFormat.footerSize,
      let indexPosition = FixedWidth.bigEndian(UInt64.self, in: bytes, at: 0),
      let checksum = FixedWidth.bigEndian(UInt32.self, in: bytes, at: SegmentFormat.footerChecksumPlace),
      let magic = FixedWidth.bigEndian(UInt32.self, in: bytes, at: SegmentFormat.footerMagicPlace)
    else { throw .tooShort(length: bytes.count, minimum: SegmentFormat.footerSize) }
    guard magic == SegmentFormat.magic else {
      throw .wrongMagic(position: position + SegmentFormat.footerMagicPlace, found: magic)
    }
    self.indexPosition = indexPosition
    self.checksum = checksum
    self.position = position
    reservedIsZero = bytes[SegmentFormat.footerReservedPlace...].allSatisfy { $0 == 0 }
  }

  func require(checksum computed: UInt32) throws(SegmentError) {
    guard computed == checksum else {
      throw .checksumMismatch(
        position: position + SegmentFormat.footerChecksumPlace, stored: checksum, computed: computed)
    }
  }

  func requireZeros() throws(SegmentError) {
    guard reservedIsZero else { throw .reservedNotZero(position: position + SegmentFormat.footerReservedPlace) }
  }

  /// The index position, when there is room for a block before it and for an entry behind it.
  func checkedIndexPosition(header: SegmentHeader) throws(SegmentError) -> Int {
    let entrySize = SegmentFormat.indexEntrySize(header.formatVersion)
    let lowest = SegmentFormat.headerSize + SegmentFormat.minimumRecordSize
    let highest = position - SegmentFormat.indexCountSize - entrySize
    guard let found = Int(exactly: indexPosition), found >= lowest, found <= highest else {
      throw .indexPositionOutOfBounds(found: indexPosition, lowest: lowest, highest: highest)
    }
    return found
  }
}
