/// Puts blocks, index, header and footer of a segment together in one piece of memory.
struct SegmentFileBuilder: Sendable {
  /// The header's room and all blocks so far.
  private var output: [UInt8] = []
  private var index: [SegmentIndexEntry] = []
  /// Of the blocks alone; the header, which is written last, is put in front of it at the end.
  private var blocksChecksum: UInt32 = 0
  private var previousFileSize = 0

  /// What the index says about a block.
  struct BlockSummary {
    let offset: UInt64
    let timestamp: UInt64
    let highestTimestamp: UInt64
    let recordCount: Int
  }

  private static let highestReserve = 256 << 20

  var blockCount: Int { index.count }

  /// Begins a file.
  mutating func begin(blockSizeTarget: Int) {
    // Segments of one writer are of similar size: room for the last one's saves copying while this one grows. Two
    // blocks more, because LZ4 is given room for the worst case, but never more than double.
    let expected = min(previousFileSize, Self.highestReserve)
    output.reserveCapacity(expected + min(expected, 2 * min(blockSizeTarget, Self.highestReserve)))
    output.append(contentsOf: repeatElement(0, count: SegmentFormat.headerSize))
  }

  /// Appends a block, compressed as asked for, and its index entry.
  mutating func append(
    _ block: ReusableBuffer, _ summary: BlockSummary, version: SegmentVersion, compression: Compression
  ) throws(SegmentError) {
    try block.storage.span.bytes.withUnsafeBytes { bytes throws(SegmentError) in
      let block = UnsafeRawBufferPointer(rebasing: bytes[..<block.count])
      try append(block, summary, version: version, compression: compression)
    }
  }

  private mutating func append(
    _ block: UnsafeRawBufferPointer, _ summary: BlockSummary, version: SegmentVersion, compression: Compression
  ) throws(SegmentError) {
    guard version == .one || block.count <= Int(UInt32.max) else {
      throw .blockTooLarge(size: block.count, highest: Int(UInt32.max))
    }
    let position = output.count
    if compression == .lz4 {
      try BlockCodec.compress(block, into: &output)
    } else {
      output.append(contentsOf: block)
    }
    // While the block is still in the processor's cache.
    let stored = output.withUnsafeBytes { bytes in
      Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[position...]), seed: version == .one ? blocksChecksum : 0)
    }
    blocksChecksum = stored
    let details =
      version == .one
      ? nil
      : SegmentBlockDetails(
        highestTimestamp: summary.highestTimestamp, recordCount: summary.recordCount,
        uncompressedSize: block.count, checksum: stored)
    index.append(
      SegmentIndexEntry(
        offset: summary.offset, position: position, timestamp: summary.timestamp, details: details))
  }

  /// Completes the file, hands it out and is empty again.
  mutating func finish(_ header: SegmentHeader) -> [UInt8] {
    let indexPosition = output.count
    write(header)
    writeIndex()
    let checksum = self.checksum(header.formatVersion, indexPosition: indexPosition)
    output.appendBigEndian(UInt64(indexPosition))
    output.appendBigEndian(checksum)
    output.appendBigEndian(SegmentFormat.magic)
    output.append(contentsOf: repeatElement(0, count: SegmentFormat.footerSize - SegmentFormat.footerReservedPlace))
    let file = output
    previousFileSize = file.count
    output = []
    index.removeAll(keepingCapacity: true)
    blocksChecksum = 0
    return file
  }

  private mutating func write(_ header: SegmentHeader) {
    output.replaceBigEndian(SegmentFormat.magic, at: 0)
    output.replaceBigEndian(header.version, at: 4)
    output.replaceBigEndian(header.compression.rawValue, at: 6)
    output.replaceBigEndian(header.baseOffset, at: 8)
    output.replaceBigEndian(header.endOffset, at: 16)
    output.replaceBigEndian(UInt32(truncatingIfNeeded: header.recordCount), at: 24)
    output.replaceBigEndian(UInt32(truncatingIfNeeded: header.blockCount), at: 28)
  }

  private mutating func writeIndex() {
    output.appendBigEndian(UInt32(truncatingIfNeeded: index.count))
    for entry in index {
      output.appendBigEndian(entry.offset)
      output.appendBigEndian(UInt64(entry.position))
      output.appendBigEndian(entry.timestamp)
      guard let details = entry.details else { continue }
      output.appendBigEndian(details.highestTimestamp)
      output.appendBigEndian(UInt32(truncatingIfNeeded: details.recordCount))
      output.appendBigEndian(UInt32(truncatingIfNeeded: details.uncompressedSize))
      output.appendBigEndian(details.checksum)
      output.appendBigEndian(UInt32(0))
    }
  }

  private func checksum(_ version: SegmentVersion, indexPosition: Int) -> UInt32 {
    output.withUnsafeBytes { bytes in
      let header = Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[..<SegmentFormat.headerSize]))
      let index = UnsafeRawBufferPointer(rebasing: bytes[indexPosition...])
      switch version {
      case .one:
        let blocksLength = indexPosition - SegmentFormat.headerSize
        return Checksum.crc32(index, seed: Checksum.combine(header, blocksChecksum, secondLength: blocksLength))
      case .two:
        let front = Checksum.crc32(index, seed: header)
        return withUnsafeBytes(of: UInt64(indexPosition).bigEndian) { Checksum.crc32($0, seed: front) }
      }
    }
  }
}
