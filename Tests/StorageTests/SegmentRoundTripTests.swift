import Storage
import Testing

@Suite("Segments")
struct SegmentRoundTripTests {
  @Test("read back what was written, as a whole and from any offset", arguments: SegmentKind.all, UInt64(1)...20)
  func roundTrip(kind: SegmentKind, seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var writer = SegmentWriter(
      version: kind.version, compression: kind.compression, blockSizeTarget: 1 + generator.below(2000))
    for _ in 0..<3 {
      let records = generator.log(kind.version)
      for record in records { try writer.append(record) }
      #expect(writer.recordCount == records.count)
      #expect(writer.baseOffset == records.first?.offset)
      #expect(writer.lastOffset == records.last?.offset)
      let reader = try SegmentReader(writer.finish())
      #expect(writer.isEmpty)
      #expect(reader.header.version == kind.version.rawValue)
      #expect(try reader.records() == records, "seed \(seed)")
      try reader.requireLogOrder()
      for from in generator.interestingOffsets(records, count: 20) {
        #expect(try reader.records(from: from) == records.filter { $0.offset >= from }, "seed \(seed), from \(from)")
      }
    }
  }

  @Test("find the first record at or after a timestamp", arguments: SegmentKind.all, UInt64(1)...10)
  func timestamps(kind: SegmentKind, seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let records = generator.log(kind.version)
    let reader = try SegmentReader(kind.write(records, blockSizeTarget: 300))
    var ascending = records
    for (place, timestamp) in records.map(\.timestamp).sorted().enumerated() { ascending[place].timestamp = timestamp }
    let ascendingReader = try SegmentReader(kind.write(ascending, blockSizeTarget: 300))
    for _ in 0..<30 {
      let timestamp = records[generator.below(records.count)].timestamp &+ UInt64(generator.below(3)) &- 1
      let expected = records.drop { $0.timestamp < timestamp }
      #expect(try reader.records(startingAt: .timestamp(timestamp)) == Array(expected), "seed \(seed)")
      let ascendingExpected = ascending.drop { $0.timestamp < timestamp }
      #expect(
        try ascendingReader.records(startingAt: .ascendingTimestamp(timestamp)) == Array(ascendingExpected),
        "seed \(seed)")
    }
  }

  @Test("end with the records of their last block", arguments: SegmentKind.all)
  func lastBlock(kind: SegmentKind) throws {
    var generator = SplitMix64(seed: 7)
    let records = generator.log(kind.version)
    let reader = try SegmentReader(kind.write(records, blockSizeTarget: 300))
    let start = try #require(reader.index.last).offset
    #expect(reader.index.count > 3)
    #expect(try reader.records(startingAt: .lastBlock) == records.filter { $0.offset >= start })
  }

  @Test("read back block by block", arguments: SegmentKind.all)
  func blocks(kind: SegmentKind) throws {
    var generator = SplitMix64(seed: 9)
    let records = generator.log(kind.version)
    let reader = try SegmentReader(kind.write(records, blockSizeTarget: 300))
    var found: [Record] = []
    var stored = 0
    for number in reader.index.indices {
      var isFirst = true
      try reader.forEachRecord(inBlock: number) { record in
        if isFirst { #expect(record.offset == reader.index[number].offset) }
        isFirst = false
        found.append(try record.copied())
        return true
      }
      let size = try #require(reader.size(ofBlock: number))
      stored += size.stored
      #expect(size.uncompressed >= 300 || number == reader.index.count - 1)
      #expect(kind.compression == .lz4 || size.stored == size.uncompressed)
    }
    #expect(found == records)
    #expect(stored == reader.blocksEnd - 64)
    for number in [-1, reader.index.count] {
      #expect(reader.size(ofBlock: number) == nil)
      try reader.forEachRecord(inBlock: number) { _ in
        Issue.record("there is no such block")
        return true
      }
    }
  }

  @Test("of version 2 carry the producer's sequence through a batch")
  func producers() throws {
    var builder = RecordBatchBuilder()
    for number in 0..<3 as Range<UInt64> {
      builder.append(
        timestamp: number, key: nil, value: [1], headers: [RecordHeader(name: [1], value: [UInt8(number)])])
    }
    var writer = SegmentWriter(version: .two)
    try writer.append(builder.finish(), firstOffset: 10, producer: ProducerStamp(id: 7, epoch: 2, sequence: 100))
    let records = try SegmentReader(writer.finish()).records()
    #expect(records.map(\.producer?.sequence) == [100, 101, 102])
    #expect(records.map(\.producer?.id) == [7, 7, 7])
    #expect(records.map(\.headers.first?.value) == [[0], [1], [2]])
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
