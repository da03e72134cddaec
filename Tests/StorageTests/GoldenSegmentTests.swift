import Foundation
import Storage
import Testing

@Suite("Segments written by the original")
struct GoldenSegmentTests {
  struct Meta: Decodable {
    struct Entry: Decodable {
      let offset: UInt64
      let position: Int
      let timestamp: UInt64
    }
    let version: UInt16
    let compression: UInt16
    let baseOffset: UInt64
    let endOffset: UInt64
    let recordCount: Int
    let blockCount: Int
    let index: [Entry]
  }

  @Test("read back exactly", arguments: Golden.segments)
  func readBackExactly(name: String) throws {
    let expected = try Golden.lines(name + ".jsonl", as: GoldenRecord.self)
    let records = try SegmentReader(Golden.bytes(name + ".seg")).records()
    #expect(records.count == expected.count)
    for (record, expected) in zip(records, expected) {
      #expect(expected.matches(record), "record \(expected.offset)")
    }
  }

  @Test("have the header and the index that their description says", arguments: Golden.segments)
  func headerAndIndex(name: String) throws {
    let meta = try Golden.object(name + ".meta.json", as: Meta.self)
    let reader = try SegmentReader(Golden.bytes(name + ".seg"))
    #expect(reader.header.version == meta.version)
    #expect(reader.header.compression.rawValue == meta.compression)
    #expect(reader.header.baseOffset == meta.baseOffset)
    #expect(reader.header.endOffset == meta.endOffset)
    #expect(reader.header.recordCount == meta.recordCount)
    #expect(reader.header.blockCount == meta.blockCount)
    #expect(reader.index.map(\.offset) == meta.index.map(\.offset))
    #expect(reader.index.map(\.position) == meta.index.map(\.position))
    #expect(reader.index.map(\.timestamp) == meta.index.map(\.timestamp))
  }

  @Test("are written again byte for byte when they are uncompressed", arguments: Golden.segments)
  func writtenAgain(name: String) throws {
    let file = try Golden.bytes(name + ".seg")
    let reader = try SegmentReader(file)
    var writer = SegmentWriter(compression: reader.header.compression)
    for record in try reader.records() { try writer.append(record) }
    let copy = try writer.finish()
    if reader.header.compression == .none {
      #expect(copy == file)
    } else {
      // Another compressor may find other matches, but blocks break at the same records.
      let again = try SegmentReader(copy)
      #expect(again.header == reader.header)
      #expect(again.index.map(\.offset) == reader.index.map(\.offset))
      #expect(try again.records() == reader.records())
    }
  }

  struct ReadFrom: Decodable {
    let file: String
    let from: UInt64
    let count: Int
    let first: UInt64?
    let last: UInt64?
  }

  @Test("answer a read from an offset as the original does")
  func readFromOffset() throws {
    for expected in try Golden.lines("read_from_offset.jsonl", as: ReadFrom.self) {
      let records = try SegmentReader(Golden.bytes(expected.file)).records(from: expected.from)
      let place = "\(expected.file) from \(expected.from)"
      #expect(records.count == expected.count, "\(place)")
      #expect(records.first?.offset == expected.first, "\(place)")
      #expect(records.last?.offset == expected.last, "\(place)")
    }
  }

  @Test("can be part of a log, but for those that are made not to", arguments: Golden.segments)
  func logOrder(name: String) throws {
    let reader = try SegmentReader(Golden.bytes(name + ".seg"))
    switch name {
    case "offset_max_none", "offset_max_lz4":
      #expect(throws: SegmentError.noOffsetAfterEnd) { try reader.requireLogOrder() }
    case "offset_unordered_none", "offset_unordered_lz4":
      #expect(throws: SegmentError.offsetsNotIncreasing(previous: 5, found: 4)) { try reader.requireLogOrder() }
    default:
      try reader.requireLogOrder()
    }
  }
}
