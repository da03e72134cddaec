/// How the blocks of a segment are compressed; the raw value is what the file says.
public enum Compression: UInt16, Sendable, Hashable, CaseIterable {
  /// Blocks are the encoded records as they are.
  case none = 0
  /// A block is its uncompressed length (4 bytes, little-endian) and one raw LZ4 block.
  case lz4 = 1
  /// Named by the format and never implemented, here as in the original.
  case zstd = 2
}

/// What the first 64 bytes of a segment say.
public struct SegmentHeader: Sendable, Hashable {
  /// The version of the format.
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
}

/// Where a block begins, and with which record.
public struct SegmentIndexEntry: Sendable, Hashable {
  /// The offset of the block's first record.
  public let offset: UInt64
  /// The block's position in the file, in bytes.
  public let position: Int
  /// The timestamp of the block's first record, in milliseconds.
  public let timestamp: UInt64
}

/// Sizes and marks of the file. All integers are big-endian.
///
/// | part   | bytes | content |
/// |--------|-------|---------|
/// | header | 64    | magic 4, version 2, compression 2, base offset 8, end offset 8, record count 4, block count 4, reserved 32 |
/// | blocks |       | back to back |
/// | index  | 4 + 24 each | entry count 4; for each block its first offset 8, position 8, first timestamp 8 |
/// | footer | 32    | index position 8, CRC-32 of all before the footer 4, magic 4, reserved 16 |
enum SegmentFormat {
  /// "STRM" read as a big-endian integer.
  static let magic: UInt32 = 0x5354_524D
  static let headerSize = 64
  static let indexEntrySize = 24
  static let indexCountSize = 4
  static let footerSize = 32
  /// Four single-byte integers: both differences, key length, value length.
  static let minimumRecordSize = 4
  static let minimumSize = headerSize + minimumRecordSize + indexCountSize + indexEntrySize + footerSize
  /// The size in front of an LZ4 block.
  static let lz4PrefixSize = 4
}
