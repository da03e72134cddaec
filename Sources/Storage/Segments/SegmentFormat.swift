/// How the blocks of a segment are compressed; the raw value is what the file says.
public enum Compression: UInt16, Sendable, Hashable, CaseIterable {
  /// Blocks are the encoded records as they are.
  case none = 0
  /// A block is its uncompressed length (4 bytes, little-endian) and one raw LZ4 block.
  case lz4 = 1
  /// Named by the format and never implemented, here as in the original.
  case zstd = 2
}

/// A version of the segment format; the raw value is what the file says.
public enum SegmentVersion: UInt16, Sendable, Hashable, CaseIterable {
  /// The original's: key, value and timestamp; one checksum over the whole file.
  case one = 1
  /// This project's: headers and producers too; a checksum for each block, so that ranges can be checked.
  case two = 2
}

/// What the first 64 bytes of a segment say.
public struct SegmentHeader: Sendable, Hashable {
  /// The version of the format, 1 or 2.
  public let version: UInt16
  /// How blocks are compressed.
  public let compression: Compression
  /// The offset of the first record.
  public let baseOffset: UInt64
  /// The offset of the last record, inclusive. The last one written, which is the greatest only in a log.
  public let endOffset: UInt64
  /// How many records the segment has.
  public let recordCount: Int
  /// How many blocks the segment has.
  public let blockCount: Int

  /// Reads a header from the first 64 bytes of a file, for who wants no more than that.
  ///
  /// The header alone cannot be checked against damage beyond its own fields.
  ///
  /// - Throws: `SegmentError` when the bytes are not the beginning of a segment.
  public init(decoding bytes: [UInt8]) throws(SegmentError) {
    self = try bytes.span.bytes.withUnsafeBytes { buffer throws(SegmentError) in
      try SegmentLayout.readHeader(buffer)
    }
  }

  /// The version as one of those that a header is only ever read or made with.
  var formatVersion: SegmentVersion { version == SegmentVersion.one.rawValue ? .one : .two }

  init(
    version: SegmentVersion, compression: Compression, baseOffset: UInt64, endOffset: UInt64, recordCount: Int,
    blockCount: Int
  ) {
    self.version = version.rawValue
    self.compression = compression
    self.baseOffset = baseOffset
    self.endOffset = endOffset
    self.recordCount = recordCount
    self.blockCount = blockCount
  }
}

/// Where a block begins, and with which record.
public struct SegmentIndexEntry: Sendable, Hashable {
  /// The offset of the block's first record.
  public let offset: UInt64
  /// The block's position in the file, in bytes.
  public let position: Int
  /// The timestamp of the block's first record, in milliseconds.
  public let timestamp: UInt64
  /// What version 2 knows beyond that; nil in version 1.
  public let details: SegmentBlockDetails?
}

/// What the index of version 2 says about a block.
public struct SegmentBlockDetails: Sendable, Hashable {
  /// The greatest timestamp in the block, in milliseconds.
  public let highestTimestamp: UInt64
  /// How many records the block has.
  public let recordCount: Int
  /// The block's size before compression, in bytes.
  public let uncompressedSize: Int
  /// The CRC-32 of the block as it lies in the file.
  public let checksum: UInt32
}

/// Sizes and marks of the file. All integers are big-endian.
///
/// | part   | bytes | content |
/// |--------|-------|---------|
/// | header | 64    | magic 4, version 2, compression 2, base offset 8, end offset 8, record count 4, block count 4, zeros 32 |
/// | blocks |       | back to back |
/// | index  | 4 + 24 each | entry count 4; for each block its first offset 8, position 8, first timestamp 8 |
/// | footer | 32    | index position 8, CRC-32 of all before the footer 4, magic 4, zeros 16 |
///
/// Version 2 adds to each index entry: highest timestamp 8, record count 4, uncompressed size 4, CRC-32 of the block 4,
/// zeros 4. Its footer's checksum covers header, index and the index position, and the zeros of header, index and footer
/// are checked.
@usableFromInline
enum SegmentFormat {
  /// "STRM" read as a big-endian integer.
  static let magic: UInt32 = 0x5354_524D
  static let headerSize = 64
  static let headerReservedPlace = 32
  static let indexCountSize = 4
  static let footerSize = 32
  /// Where the footer's checksum begins.
  static let footerChecksumPlace = 8
  static let footerMagicPlace = 12
  static let footerReservedPlace = 16
  /// Four single-byte integers in version 1: both differences, key length, value length.
  static let minimumRecordSize = 4
  static let minimumSize = headerSize + minimumRecordSize + indexCountSize + 24 + footerSize
  /// The size in front of an LZ4 block.
  static let lz4PrefixSize = 4

  static func indexEntrySize(_ version: SegmentVersion) -> Int {
    version == .one ? 24 : 48
  }
}
