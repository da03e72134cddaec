import Testing

@testable import Storage

@Suite("A batch on its way")
struct EncodedBatchTests {
  private func batch(_ values: [[UInt8]]) -> RecordBatch {
    var builder = RecordBatchBuilder()
    for (number, value) in values.enumerated() {
      builder.append(timestamp: UInt64(number), key: [UInt8(number % 7)], value: value)
    }
    return builder.finish()
  }

  private var repetitive: RecordBatch {
    batch((0..<100).map { Array("user \($0 % 5) has logged in from the same place as always".utf8) })
  }

  private var random: RecordBatch {
    var generator = SplitMix64(seed: 3)
    return batch((0..<20).map { _ in (0..<100).map { _ in UInt8(truncatingIfNeeded: generator.next()) } })
  }

  @Test("is compressed where that makes it smaller, and restored byte for byte")
  func compressed() throws {
    let batch = repetitive
    let encoded = EncodedBatch(batch, compression: .lz4)
    #expect(encoded.isCompressed)
    #expect(encoded.bytes.count * 3 < batch.bytes.count)
    #expect(encoded.count == 100)
    #expect(try encoded.decode(limit: batch.bytes.count) == batch)
  }

  @Test("goes as it is when it does not compress, or is not to be")
  func plain() throws {
    for encoded in [EncodedBatch(random, compression: .lz4), EncodedBatch(random, compression: .none)] {
      #expect(!encoded.isCompressed)
      #expect(encoded.bytes == random.bytes)
      #expect(try encoded.decode(limit: 1 << 20) == random)
    }
    #expect(!EncodedBatch(repetitive, compression: .none).isCompressed)
    let empty = EncodedBatch(RecordBatchBuilder.empty, compression: .lz4)
    #expect(!empty.isCompressed)
  }

  @Test("is refused when it is, or claims to be, larger than the receiver takes")
  func bound() {
    let batch = repetitive
    let limit = batch.bytes.count - 1
    #expect(throws: BatchError.tooLarge(size: batch.bytes.count, limit: limit)) {
      try EncodedBatch(batch, compression: .lz4).decode(limit: limit)
    }
    #expect(throws: BatchError.tooLarge(size: batch.bytes.count, limit: limit)) {
      try EncodedBatch(batch).decode(limit: limit)
    }
    // Four gigabytes claimed by a few bytes: refused before anything is allocated.
    let bomb = EncodedBatch(compressed: [255, 255, 255, 255, 0], count: 1, estimatedSize: 1)
    #expect(throws: BatchError.tooLarge(size: Int(UInt32.max), limit: 1 << 20)) { try bomb.decode(limit: 1 << 20) }
    let smallBomb = EncodedBatch(compressed: [0, 0, 16, 0, 0], count: 1, estimatedSize: 1)
    #expect(throws: BatchError.self) { try smallBomb.decode(limit: 1 << 24) }
  }

  @Test("is refused when its bytes are cut, changed or no batch at all")
  func damaged() throws {
    let bytes = EncodedBatch(repetitive, compression: .lz4).bytes
    for length in 0..<bytes.count {
      let cut = EncodedBatch(compressed: Array(bytes.prefix(length)), count: 1, estimatedSize: 1)
      #expect(throws: BatchError.self) { try cut.decode(limit: 1 << 24) }
    }
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 0x41
      let encoded = EncodedBatch(compressed: changed, count: 1, estimatedSize: 1)
      // A match that is copied from elsewhere may come to the same bytes; then it is the same batch.
      if let decoded = try? encoded.decode(limit: 1 << 24) { #expect(decoded == repetitive) }
    }
  }
}

extension RecordBatchBuilder {
  fileprivate static var empty: RecordBatch {
    var builder = RecordBatchBuilder()
    return builder.finish()
  }
}
