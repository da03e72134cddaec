import Storage
import Testing

@Suite("Segments read by ranges")
struct RangedSegmentReaderTests {
  /// What a read by ranges gave, and what it asked for.
  struct Reading {
    var records: [Record] = []
    var ranges: [Range<Int>] = []
  }

  static func read(_ file: [UInt8], from start: SegmentStart = .offset(0), tailSize: Int = 64) throws -> Reading {
    var reading = Reading()
    var reader = RangedSegmentReader(length: file.count, start: start, tailSize: tailSize)
    while let range = reader.neededRange {
      reading.ranges.append(range)
      try reader.supply(Array(file[range])) { record in
        reading.records.append(try record.copied())
        return true
      }
    }
    return reading
  }

  @Test("give the same records as the whole, from any start", arguments: SegmentKind.all, UInt64(1)...10)
  func sameAsWhole(kind: SegmentKind, seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let file = try kind.write(generator.log(kind.version), blockSizeTarget: 1 + generator.below(1000))
    let whole = try SegmentReader(file)
    let records = try whole.records()
    var starts: [SegmentStart] = [.lastBlock]
    starts += generator.interestingOffsets(records, count: 8).map { .offset($0) }
    starts += records.prefix(8).map { .timestamp($0.timestamp) }
    for start in starts {
      let expected = try whole.records(startingAt: start)
      for tailSize in [1, 100, 1000, file.count - 1, file.count, 1 << 20] {
        let reading = try Self.read(file, from: start, tailSize: tailSize)
        #expect(reading.records == expected, "seed \(seed), \(start), tail \(tailSize)")
      }
    }
  }

  @Test("are asked for footer, header, index and then only the blocks needed", arguments: SegmentKind.all)
  func onlyWhatIsNeeded(kind: SegmentKind) throws {
    var generator = SplitMix64(seed: 3)
    let file = try kind.write(generator.log(kind.version), blockSizeTarget: 300)
    let whole = try SegmentReader(file)
    let last = try #require(whole.index.last)
    let reading = try Self.read(file, from: .offset(last.offset), tailSize: 32)
    #expect(
      reading.ranges == [
        (file.count - 32)..<file.count, 0..<64, whole.blocksEnd..<(file.count - 32), last.position..<whole.blocksEnd,
      ])
  }

  @Test("to seek to 90 of 100 in ten thousand records of a KiB fetch footer with index, header and one block")
  func seek() throws {
    for version in SegmentVersion.allCases {
      var writer = SegmentWriter(version: version)
      let value = [UInt8](repeating: UInt8(ascii: "x"), count: 1024)
      for offset in 0..<10_000 as Range<UInt64> {
        try writer.append(Record(offset: offset, timestamp: offset, key: Array("key-\(offset)".utf8), value: value))
      }
      let file = try writer.finish()
      let index = try SegmentReader(file).index
      let block = try #require(index.lastIndex { $0.offset <= 9000 })
      #expect(index.count > 5 && block > 0 && block + 1 < index.count)
      var ranges: [Range<Int>] = []
      var found: UInt64?
      var reader = RangedSegmentReader(length: file.count, start: .offset(9000))
      while let range = reader.neededRange {
        ranges.append(range)
        try reader.supply(Array(file[range])) { record in
          found = record.offset
          return false
        }
      }
      #expect(found == 9000)
      let tail = (file.count - RangedSegmentReader.defaultTailSize)..<file.count
      #expect(ranges == [tail, 0..<64, index[block].position..<index[block + 1].position])
    }
  }

  @Test("tell which ranges they will need, for who fetches ahead", arguments: SegmentKind.all)
  func rangesAhead(kind: SegmentKind) throws {
    var generator = SplitMix64(seed: 8)
    let file = try kind.write(generator.log(kind.version), blockSizeTarget: 300)
    let whole = try SegmentReader(file)
    var reader = RangedSegmentReader(length: file.count, tailSize: file.count / 2)
    #expect(reader.rangesAhead(5) == [0..<64])
    var expected: [Range<Int>] = []
    while let range = reader.neededRange {
      if !expected.isEmpty { #expect(range == expected.removeFirst()) }
      if reader.index != nil {
        expected = reader.rangesAhead(3)
        let first = try #require(whole.index.firstIndex { $0.position == range.lowerBound })
        #expect(expected.count == min(3, whole.index.count - 1 - first))
        #expect(reader.rangesAhead(0) == [] && reader.rangesAhead(-1) == [])
      }
      try reader.supply(Array(file[range])) { _ in true }
    }
    #expect(reader.rangesAhead(3) == [])
    // A file that fits the first range needs no other.
    #expect(RangedSegmentReader(length: file.count, tailSize: file.count).rangesAhead(3) == [])
  }

  @Test("need the header and the index once for many reads")
  func restart() throws {
    var generator = SplitMix64(seed: 4)
    let file = try SegmentKind.all[3].write(generator.log(.two), blockSizeTarget: 300)
    var reader = RangedSegmentReader(length: file.count, start: .lastBlock, tailSize: 64)
    #expect(reader.restarted(at: .lastBlock) == nil)
    while let range = reader.neededRange { try reader.supply(Array(file[range])) { _ in true } }
    let again = try #require(reader.restarted(at: .offset(0)))
    #expect(again.neededRange?.lowerBound == 64)
  }

  @Test("stop when the consumer has enough")
  func stop() throws {
    var generator = SplitMix64(seed: 5)
    let file = try SegmentKind.all[1].write(generator.log(.one), blockSizeTarget: 100)
    var reader = RangedSegmentReader(length: file.count, tailSize: 64)
    var count = 0
    while let range = reader.neededRange {
      try reader.supply(Array(file[range])) { _ in
        count += 1
        return count < 2
      }
    }
    #expect(count == 2)
    #expect(reader.isFinished)
  }

  @Test("refuse another number of bytes than asked for, and end there")
  func wrongLength() throws {
    var generator = SplitMix64(seed: 6)
    let file = try SegmentKind.all[1].write(generator.log(.one), blockSizeTarget: 100)
    var reader = RangedSegmentReader(length: file.count, tailSize: 64)
    let range = try #require(reader.neededRange)
    #expect(throws: SegmentError.rangeLengthMismatch(range: range, found: 3)) {
      try reader.supply([1, 2, 3]) { _ in true }
    }
    #expect(reader.isFinished)
  }

  @Test("ask for no byte beyond the end, however short the file is", arguments: SegmentKind.all)
  func shortFiles(kind: SegmentKind) throws {
    let record = Record(offset: 1, timestamp: 1, key: nil, value: [])
    let file = try kind.write([record], blockSizeTarget: 1)
    for length in 0..<file.count {
      // The end of the file is whole, its beginning is missing.
      #expect(throws: SegmentError.self) { try Self.read(Array(file.suffix(length)), tailSize: 32) }
    }
  }

  @Test("of a gigabyte uncompressed hold one block at a time")
  func oneBlockAtATime() throws {
    let value = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    var writer = SegmentWriter(version: .two)
    for offset in 0..<1024 as Range<UInt64> {
      try writer.append(Record(offset: offset, timestamp: offset, key: nil, value: value))
    }
    var source = CountingSource(segment: WholeSegment(try writer.finish()))
    var count = 0
    try source.forEachRecord(startingAt: .offset(0)) { record in
      count += record.value.count == 1 << 20 ? 1 : 0
      return true
    }
    #expect(count == 1024)
    // A block of 1 MiB beside what was supplied for it: far below the 64 MiB that a read may take.
    #expect(source.largestRange < 1 << 20)
  }

  struct CountingSource: SegmentSource {
    let segment: WholeSegment
    var largestRange = 0
    var length: Int { segment.length }

    mutating func read(_ range: Range<Int>) -> [UInt8] {
      largestRange = max(largestRange, range.count)
      return segment.read(range)
    }
  }
}
