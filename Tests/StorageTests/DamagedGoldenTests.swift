import Storage
import Testing

@Suite("Damaged segments made from the original's")
struct DamagedGoldenTests {
  /// What our reader says of each file; the original panics or stays silent on some of them (errors.jsonl).
  static let expected: [(file: String, error: String)] = [
    ("bad_empty", "the file has 0 bytes; the smallest segment has 128"),
    ("bad_95_bytes", "the file has 95 bytes; the smallest segment has 128"),
    ("bad_truncated", "byte 243: found"),
    ("bad_header_magic", "byte 0: found"),
    ("bad_version", "the footer puts the index at byte 213; it can begin at 68 to 189"),
    ("bad_compression", "byte 6: compression 7"),
    ("bad_zstd", "byte 6: compression 2"),
    ("bad_block_byte", "byte 249: the checksum says"),
    ("bad_reserved_header", "byte 249: the checksum says"),
    ("bad_crc", "byte 249: the checksum says"),
    ("bad_footer_magic", "byte 253: found"),
    ("bad_index_position_far", "the footer puts the index at byte"),
    ("bad_index_position_plus1", "the footer puts the index at byte 214; it can begin at 68 to 213"),
    ("bad_index_count", "an index of 9 entries"),
    ("ok_record_count_wrong", "byte 24: the header counts 3 records, the blocks hold 10"),
    ("ok_block_count_wrong", "byte 28: the header counts 77 blocks, the index 1"),
    ("bad_key_length", "block at byte 64, uncompressed byte 0: a value claims 108 bytes where 18 are left"),
    ("bad_varint", "block at byte 64, uncompressed byte 0: a variable-length integer is too large"),
    ("bad_lz4_size_small", "byte 64: the block is not LZ4 data of 1 uncompressed bytes"),
  ]

  @Test("give a typed error that says what is wrong and where", arguments: expected)
  func typedError(file: String, error: String) throws {
    let bytes = try Golden.bytes(file + ".seg")
    let caught = #expect(throws: SegmentError.self) { try SegmentReader(bytes).records() }
    let description = caught?.description ?? ""
    #expect(description.contains(error), "\(description)")
    let other = #expect(throws: (any Error).self) { try SegmentReader(bytes).forEachRecord { _ in true } }
    #expect(other as? SegmentError == caught)
  }

  @Test("read like the original where a mended checksum covers a changed value")
  func mendedChecksum() throws {
    // Version 1 has one checksum and no other trace of a value: once it is mended, the change cannot be seen.
    let changed = try SegmentReader(Golden.bytes("bad_last_block_byte.seg")).records()
    let whole = try SegmentReader(Golden.bytes("ten_none.seg")).records()
    #expect(changed.count == 10)
    #expect(changed.dropLast() == whole.dropLast())
    #expect(changed.last != whole.last)
  }

  @Test("read like the original where only a reserved byte of the footer is set")
  func reservedFooter() throws {
    let changed = try SegmentReader(Golden.bytes("ok_reserved_footer.seg")).records()
    #expect(try changed == SegmentReader(Golden.bytes("ten_none.seg")).records())
  }
}
