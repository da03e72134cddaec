import Storage
import Testing

@Suite("The largest block")
struct SegmentLimitTests {
  private static let compressed = SegmentKind.all.filter { $0.compression == .lz4 }

  /// A segment of one record of zeros, which compress to a 255th.
  private func zeros(_ kind: SegmentKind, megabytes: Int) throws -> [UInt8] {
    var writer = SegmentWriter(
      version: kind.version, compression: kind.compression, largestBlock: (megabytes + 1) << 20)
    let value = [UInt8](repeating: 0, count: megabytes << 20)
    try writer.append(Record(offset: 1, timestamp: 1, key: nil, value: value))
    return try writer.finish()
  }

  private func count(_ file: [UInt8], largestBlock: Int, tailSize: Int = 64) throws -> Int {
    var count = 0
    var reader = RangedSegmentReader(length: file.count, tailSize: tailSize, largestBlock: largestBlock)
    while let range = reader.neededRange {
      try reader.supply(Array(file[range])) { _ in
        count += 1
        return true
      }
    }
    return count
  }

  private func isAboveLimit(_ error: SegmentError?, _ limit: Int) -> Bool {
    guard case .blockAboveLimit(_, let size, limit) = error else { return false }
    return size > limit && !(error?.description.isEmpty ?? true)
  }

  @Test("bounds what a reader reserves on the word of a small file, and can be raised", arguments: compressed)
  func smallFileOfALargeBlock(kind: SegmentKind) throws {
    let file = try zeros(kind, megabytes: 80)
    #expect(file.count < 1 << 20)
    let buffer = SegmentReadBuffer()
    let whole = #expect(throws: (any Error).self) {
      try SegmentReader(file).forEachRecord(buffer: buffer) { _ in true }
    }
    #expect(isAboveLimit(whole as? SegmentError, 64 << 20), "\(String(describing: whole))")
    let ranged = #expect(throws: (any Error).self) { try count(file, largestBlock: 64 << 20) }
    #expect(ranged as? SegmentError == whole as? SegmentError)
    #expect(buffer.capacity == 0)
    #expect(try count(file, largestBlock: 81 << 20) == 1)
    #expect(try count(file, largestBlock: 81 << 20, tailSize: file.count) == 1)
    try SegmentReader(file, largestBlock: 81 << 20).forEachRecord(buffer: buffer) { $0.value.count == 80 << 20 }
    #expect(buffer.capacity > 80 << 20)
  }

  @Test("is not taken from the size in front of a block, however many bytes follow it")
  func forgedPrefix() throws {
    // Enough compressed bytes that 2 GB are plausible.
    var writer = SegmentWriter(compression: .lz4, blockSizeTarget: 16 << 20)
    var generator = SplitMix64(seed: 1)
    let noise = generator.bytes((1 << 16) + 1)
    // LZ4 finds a repetition within 64 KiB only.
    for offset in 0..<144 as Range<UInt64> {
      try writer.append(Record(offset: offset, timestamp: 1, key: nil, value: noise))
    }
    var file = try writer.finish()
    MendedChecksums.put(UInt32(0x7DFF_FFFF).byteSwapped, at: 64, in: &file)
    file = MendedChecksums.of(file)
    let buffer = SegmentReadBuffer()
    let caught = #expect(throws: (any Error).self) {
      try SegmentReader(file).forEachRecord(buffer: buffer) { _ in true }
    }
    #expect(
      caught as? SegmentError == .blockAboveLimit(position: 64, size: 0x7DFF_FFFF, limit: 64 << 20))
    #expect(buffer.capacity == 0)
  }

  @Test("of version 2 is compared with the index before memory is taken")
  func prefixAgainstIndex() throws {
    var file = try zeros(SegmentKind(version: .two, compression: .lz4), megabytes: 8)
    let claimed = UInt32(8 << 20) - 5
    MendedChecksums.put(claimed.byteSwapped, at: 64, in: &file)
    file = MendedChecksums.of(file)
    let buffer = SegmentReadBuffer()
    let caught = #expect(throws: (any Error).self) {
      try SegmentReader(file).forEachRecord(buffer: buffer) { _ in true }
    }
    guard case .decompressedSizeMismatch(64, _, Int(claimed)) = caught as? SegmentError else {
      Issue.record("\(String(describing: caught))")
      return
    }
    #expect(buffer.capacity == 0)
  }

  @Test("keeps a range from being asked for that no block can fill", arguments: SegmentKind.all)
  func rangeBeyondLimit(kind: SegmentKind) throws {
    var generator = SplitMix64(seed: 2)
    let records = (0..<40 as Range<UInt64>).map {
      Record(offset: $0, timestamp: $0, key: nil, value: generator.bytes(1000))
    }
    let file = try kind.write(records, blockSizeTarget: 100)
    #expect(try count(file, largestBlock: 1100) == 40)
    var asked: [Range<Int>] = []
    var reader = RangedSegmentReader(length: file.count, tailSize: 32, largestBlock: 900)
    let caught = #expect(throws: SegmentError.self) {
      do {
        while let range = reader.neededRange {
          asked.append(range)
          try reader.supply(Array(file[range])) { _ in true }
        }
      } catch let error as SegmentError { throw error }
    }
    #expect(isAboveLimit(caught, 900))
    // The end, the header and the index: no block.
    #expect(asked.count == 3)
    let whole = #expect(throws: SegmentError.self) { try SegmentReader(file, largestBlock: 900) }
    #expect(whole == caught)
  }

  @Test("is never exceeded by a writer, which refuses a record at its append and goes on", arguments: SegmentKind.all)
  func writerRefusesRecord(kind: SegmentKind) throws {
    var writer = SegmentWriter(
      version: kind.version, compression: kind.compression, blockSizeTarget: .max, largestBlock: 1000)
    #expect(writer.blockSizeTarget == 1000)
    var expected: [Record] = []
    for offset in 0..<30 as Range<UInt64> {
      let isTooLarge = offset % 5 == 2
      let record = Record(
        offset: offset, timestamp: offset, key: [1], value: [UInt8](repeating: 7, count: isTooLarge ? 1000 : 300))
      if isTooLarge {
        #expect(throws: SegmentError.recordTooLarge(offset: offset, size: 1082, highest: 1000)) {
          try writer.append(record)
        }
      } else {
        try writer.append(record)
        expected.append(record)
      }
    }
    let reader = try SegmentReader(writer.finish(), largestBlock: 1000)
    #expect(try reader.records() == expected)
    #expect(reader.index.count > 5)
  }

  @Test("refuses a batch as a whole for one record", arguments: SegmentVersion.allCases)
  func writerRefusesBatch(version: SegmentVersion) throws {
    var builder = RecordBatchBuilder()
    for size in [10, 950, 10] { builder.append(timestamp: 1, key: nil, value: [UInt8](repeating: 1, count: size)) }
    let batch = builder.finish()
    for size in [300, 300, 300, 300] {
      builder.append(timestamp: 1, key: nil, value: [UInt8](repeating: 1, count: size))
    }
    let largeBatchOfSmallRecords = builder.finish()
    var writer = SegmentWriter(version: version, largestBlock: 1000)
    #expect(throws: SegmentError.recordTooLarge(offset: 6, size: 1031, highest: 1000)) {
      try writer.append(batch, firstOffset: 5)
    }
    #expect(writer.isEmpty)
    try writer.append(largeBatchOfSmallRecords, firstOffset: 5)
    #expect(try SegmentReader(writer.finish(), largestBlock: 1000).records().count == 4)
  }
}
