import Storage
import Testing

@Suite("Record batches")
struct RecordBatchTests {
  @Test("restore every record after a trip over the wire", arguments: UInt64(1)...20)
  func roundTrip(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var builder = RecordBatchBuilder()
    var expected: [Record] = []
    for offset in 0..<UInt64(generator.below(50)) {
      let record = Record(
        offset: 1000 + offset, timestamp: generator.magnitude(),
        key: generator.below(3) == 0 ? nil : generator.bytes(generator.below(20)),
        value: generator.bytes(generator.below(300)),
        headers: generator.below(4) == 0 ? [RecordHeader(name: generator.text(5), value: generator.bytes(9))] : [])
      expected.append(record)
      builder.append(
        timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers)
    }
    #expect(builder.count == expected.count)
    let size = builder.estimatedSize
    let batch = builder.finish()
    let restored = try RecordBatch(decoding: batch.bytes)
    #expect(restored == batch, "seed \(seed)")
    #expect(restored.estimatedSize == size)
    var found: [Record] = []
    try restored.forEachRecord(firstOffset: 1000) { found.append(try $0.copied()) }
    #expect(found == expected, "seed \(seed)")
    #expect(restored.records().map(\.value) == expected.map(\.value))
    #expect(builder.count == 0)
    #expect(builder.finish().count == 0)
  }

  @Test("keep an empty key apart from none")
  func emptyKey() throws {
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 1, key: [], value: [1])
    builder.append(timestamp: 1, key: nil, value: [1])
    let records = try RecordBatch(decoding: builder.finish().bytes).records()
    #expect(records[0].key == [])
    #expect(records[1].key == nil)
  }

  @Test("estimate their size as the original does: key, value and 16 a record")
  func estimatedSize() {
    var builder = RecordBatchBuilder()
    builder.append(timestamp: 1, key: [1, 2, 3], value: [1])
    builder.append(timestamp: 1, key: nil, value: [1, 2])
    #expect(builder.finish().estimatedSize == 3 + 1 + 16 + 2 + 16)
  }

  @Test("refuse every change of one byte and every cut with a typed error")
  func damage() {
    var builder = RecordBatchBuilder()
    for number in 0..<5 { builder.append(timestamp: UInt64(number), key: [1], value: [UInt8](repeating: 7, count: 9)) }
    let bytes = builder.finish().bytes
    for position in bytes.indices {
      for pattern: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = bytes
        damaged[position] ^= pattern
        #expect(throws: BatchError.self) { try RecordBatch(decoding: damaged) }
      }
      #expect(throws: BatchError.self) { try RecordBatch(decoding: Array(bytes[..<position])) }
    }
    #expect(throws: BatchError.self) { try RecordBatch(decoding: bytes + [0]) }
  }
}
