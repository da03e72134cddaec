import Storage
import Testing

@Suite("Segments")
struct SegmentRoundTripTests {
  @Test("read back what was written", arguments: [Compression.none, .lz4], UInt64(1)...20)
  func roundTrip(compression: Compression, seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var writer = SegmentWriter(compression: compression, blockSizeTarget: 1 + generator.below(2000))
    for _ in 0..<3 {
      let records = Self.randomLog(&generator)
      for record in records { try writer.append(record) }
      #expect(writer.recordCount == records.count)
      #expect(writer.baseOffset == records.first?.offset)
      #expect(writer.lastOffset == records.last?.offset)
      let reader = try SegmentReader(writer.finish())
      #expect(writer.isEmpty)
      #expect(try reader.records() == records, "seed \(seed)")
      try reader.requireLogOrder()
      for _ in 0..<20 {
        let from = records[generator.below(records.count)].offset &+ UInt64(generator.below(2))
        #expect(try reader.records(from: from) == records.filter { $0.offset >= from }, "seed \(seed), from \(from)")
      }
    }
  }

  static func randomLog(_ generator: inout SplitMix64) -> [Record] {
    var offset = generator.magnitude() >> 8
    return (0..<(1 + generator.below(200))).map { _ in
      offset += 1 + UInt64(generator.below(3) == 0 ? generator.below(100_000) : 0)
      return Record(
        offset: offset, timestamp: generator.magnitude(),
        key: generator.below(3) == 0 ? nil : generator.bytes(1 + generator.below(20)),
        value: generator.below(2) == 0 ? generator.text(generator.below(200)) : generator.bytes(generator.below(50)))
    }
  }

  @Test("take whole batches")
  func batches() throws {
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 5, key: [1], value: [2])
    builder.append(timestamp: 6, key: nil, value: [3])
    var writer = SegmentWriter()
    try writer.append(builder.finish(), firstOffset: 10)
    let records = try SegmentReader(writer.finish()).records()
    #expect(
      records == [
        Record(offset: 10, timestamp: 5, key: [1], value: [2]), Record(offset: 11, timestamp: 6, key: nil, value: [3]),
      ])
  }

  @Test("stop when the reader has seen enough")
  func stopEarly() throws {
    var writer = SegmentWriter(blockSizeTarget: 10)
    for offset in 0..<100 as Range<UInt64> {
      try writer.append(Record(offset: offset, timestamp: 0, key: nil, value: [1, 2, 3]))
    }
    var seen: [UInt64] = []
    try SegmentReader(writer.finish()).forEachRecord(from: 50) { record in
      seen.append(record.offset)
      return seen.count < 3
    }
    #expect(seen == [50, 51, 52])
  }

  @Test("refuse what they cannot hold with a typed error")
  func limits() throws {
    var writer = SegmentWriter()
    #expect(throws: SegmentError.noRecords) { try writer.finish() }
    let header = RecordHeader(name: [1], value: [2])
    let record = Record(offset: 3, timestamp: 0, key: nil, value: [], headers: [header])
    #expect(throws: SegmentError.needsNewerVersion(offset: 3)) { try writer.append(record) }
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 0, key: nil, value: [], headers: [header])
    let batch = builder.finish()
    #expect(throws: SegmentError.needsNewerVersion(offset: 0)) { try writer.append(batch, firstOffset: 0) }
    builder.append(timestamp: 0, key: nil, value: [])
    builder.append(timestamp: 0, key: nil, value: [])
    let two = builder.finish()
    #expect(throws: SegmentError.noOffsetAfterEnd) { try writer.append(two, firstOffset: .max) }
    var zstd = SegmentWriter(compression: .zstd)
    #expect(throws: SegmentError.unsupportedCompression(.zstd)) {
      try zstd.append(Record(offset: 0, timestamp: 0, key: nil, value: []))
    }
  }
}
