/// Why a segment cannot be read or written. Positions are bytes from the start of the file.
public enum SegmentError: Error, Sendable, Hashable {
  /// Fewer bytes than the smallest segment has.
  case tooShort(length: Int, minimum: Int)
  /// The mark `STRM` is missing, in the header (position 0) or in the footer.
  case wrongMagic(position: Int, found: UInt32)
  /// A version that this reader does not know.
  case unsupportedVersion(UInt16)
  /// A compression that no version of the format names.
  case unknownCompression(UInt16)
  /// A compression that the format names and nobody implements.
  case unsupportedCompression(Compression)
  /// The content does not match its checksum.
  case checksumMismatch(position: Int, stored: UInt32, computed: UInt32)
  /// The footer points outside the space between header and footer.
  case indexPositionOutOfBounds(found: UInt64, lowest: Int, highest: Int)
  /// The index does not end where the footer begins.
  case indexSizeMismatch(position: Int, entryCount: Int, found: Int, expected: Int)
  /// Header and index disagree about the number of blocks.
  case blockCountMismatch(header: Int, index: Int)
  /// The first entry of the index is not (base offset, first byte after the header).
  case firstEntryMismatch(offset: UInt64, position: UInt64, expectedOffset: UInt64, expectedPosition: Int)
  /// A block begins before the one in front of it ends, or behind the index.
  case entryOutOfOrder(entry: Int, found: UInt64, lowest: Int, highest: Int)
  /// The header's record count does not fit the content.
  case recordCountMismatch(header: Int, found: Int)
  /// The header's end offset is not the offset of the last record.
  case endOffsetMismatch(header: UInt64, found: UInt64)
  /// A block claims an uncompressed size that its compressed bytes cannot have.
  case implausibleBlockSize(position: Int, claimed: UInt32, highest: Int)
  /// A block is larger than the reader takes, or takes more room in the file than a block of that size can.
  case blockAboveLimit(position: Int, size: Int, limit: Int)
  /// The compressed bytes of a block are not what LZ4 writes for the claimed size.
  case decompressionFailed(position: Int, claimed: Int)
  /// A block decompresses to fewer bytes than it claims.
  case decompressedSizeMismatch(position: Int, claimed: Int, found: Int)
  /// A record is malformed: in the block at `blockPosition`, `offsetInBlock` uncompressed bytes in.
  case damagedRecord(blockPosition: Int, offsetInBlock: Int, fault: DecodingFault)
  /// The first record of a block does not have the offset and timestamp of its index entry.
  case blockStartMismatch(position: Int, offset: UInt64, expectedOffset: UInt64)
  /// The index and the block disagree about the block's records.
  case blockRecordCountMismatch(position: Int, index: Int, found: Int)
  /// The greatest timestamp in a block is not the one that the index names.
  case highestTimestampMismatch(position: Int, index: UInt64, found: UInt64)
  /// Bytes that version 2 keeps at zero are not.
  case reservedNotZero(position: Int)
  /// Another number of bytes was supplied than asked for.
  case rangeLengthMismatch(range: Range<Int>, found: Int)
  /// Offsets do not increase, which a log needs and the format does not.
  case offsetsNotIncreasing(previous: UInt64, found: UInt64)
  /// The last record has the greatest offset there is, so that no record could follow.
  case noOffsetAfterEnd
  /// A segment without a record cannot be written.
  case noRecords
  /// A segment counts its records in 32 bits.
  case tooManyRecords(highest: Int)
  /// A block is larger than LZ4 can compress.
  case blockTooLarge(size: Int, highest: Int)
  /// A record is larger than the largest block that the writer makes; `size` counts all its fields at their longest.
  case recordTooLarge(offset: UInt64, size: Int, highest: Int)
  /// A record has headers or a producer, for which version 1 has no room.
  case needsNewerVersion(offset: UInt64)
}

extension SegmentError: CustomStringConvertible {
  /// What is wrong, where, and what would be right.
  public var description: String {
    switch self {
    case .tooShort(let length, let minimum):
      "the file has \(length) bytes; the smallest segment has \(minimum)"
    case .wrongMagic(let position, let found):
      "byte \(position): found \(hex(found)) where a segment has 0x5354524d (STRM)"
    case .unsupportedVersion(let version):
      "byte 4: version \(version) of the format is not known; versions 1 and 2 are"
    case .unknownCompression(let raw):
      "byte 6: compression \(raw) is not known; 0 (none) and 1 (lz4) are"
    case .unsupportedCompression(let compression):
      "byte 6: compression \(compression.rawValue) (\(compression)) is not implemented; 0 (none) and 1 (lz4) are"
    case .checksumMismatch(let position, let stored, let computed):
      "byte \(position): the checksum says \(hex(stored)), the content has \(hex(computed))"
    case .indexPositionOutOfBounds(let found, let lowest, let highest):
      "the footer puts the index at byte \(found); it can begin at \(lowest) to \(highest)"
    case .indexSizeMismatch(let position, let count, let found, let expected):
      "byte \(position): an index of \(count) entries has \(expected) bytes, but \(found) lie before the footer"
    case .blockCountMismatch(let header, let index):
      "byte 28: the header counts \(header) blocks, the index \(index)"
    case .firstEntryMismatch(let offset, let position, let expectedOffset, let expectedPosition):
      "the first index entry says offset \(offset) at byte \(position); "
        + "the header makes it offset \(expectedOffset) at byte \(expectedPosition)"
    case .entryOutOfOrder(let entry, let found, let lowest, let highest):
      "index entry \(entry) puts its block at byte \(found); it can begin at \(lowest) to \(highest)"
    case .recordCountMismatch(let header, let found):
      "byte 24: the header counts \(header) records, the blocks hold \(found)"
    case .endOffsetMismatch(let header, let found):
      "byte 16: the header ends at offset \(header), the last record is \(found)"
    default:
      contentDescription
    }
  }

  private var contentDescription: String {
    switch self {
    case .implausibleBlockSize(let position, let claimed, let highest):
      "byte \(position): the block claims \(claimed) uncompressed bytes; its compressed bytes hold at most \(highest)"
    case .blockAboveLimit(let position, let size, let limit):
      "byte \(position): a block of \(size) bytes; this reader takes at most \(limit), a limit that can be raised"
    case .decompressionFailed(let position, let claimed):
      "byte \(position): the block is not LZ4 data of \(claimed) uncompressed bytes"
    case .decompressedSizeMismatch(let position, let claimed, let found):
      "byte \(position): the block claims \(claimed) uncompressed bytes and has \(found)"
    case .damagedRecord(let blockPosition, let offsetInBlock, let fault):
      "block at byte \(blockPosition), uncompressed byte \(offsetInBlock): \(fault)"
    case .blockStartMismatch(let position, let offset, let expectedOffset):
      "block at byte \(position): its first record is offset \(offset) by the differences, "
        + "\(expectedOffset) by the index; both differences of a first record are 0"
    case .blockRecordCountMismatch(let position, let index, let found):
      "block at byte \(position): the index counts \(index) records, the block holds \(found)"
    case .highestTimestampMismatch(let position, let index, let found):
      "block at byte \(position): the index says that no timestamp is above \(index), the greatest is \(found)"
    case .reservedNotZero(let position):
      "byte \(position): reserved bytes are set; version 2 keeps them at 0"
    case .rangeLengthMismatch(let range, let found):
      "bytes \(range.lowerBound) to \(range.upperBound - 1) were asked for, \(found) bytes supplied instead of \(range.count)"
    case .offsetsNotIncreasing(let previous, let found):
      "offset \(found) follows offset \(previous); in a log each is greater than the one before"
    case .noOffsetAfterEnd:
      "the last record has offset \(UInt64.max), so that no record could follow"
    case .noRecords:
      "a segment needs at least one record"
    case .tooManyRecords(let highest):
      "a segment holds at most \(highest) records"
    case .blockTooLarge(let size, let highest):
      "a block of \(size) bytes; LZ4 takes at most \(highest)"
    case .recordTooLarge(let offset, let size, let highest):
      "record \(offset) may take \(size) bytes; a block holds at most \(highest), a limit that can be raised"
    case .needsNewerVersion(let offset):
      "record \(offset) has headers or a producer, which version 1 has no room for; version 2 has"
    default:
      "the segment is damaged"
    }
  }

  private func hex(_ value: UInt32) -> String {
    "0x" + String(value, radix: 16)
  }
}
