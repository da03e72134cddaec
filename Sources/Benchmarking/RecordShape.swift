/// A kind of records that storage is measured with: the four of the original's own benchmarks.
public enum RecordShape: String, Sendable, CaseIterable {
  /// A million values of 100 random letters, without key, LZ4.
  case letters100Compressed = "letters100.lz4"
  /// The same without compression.
  case letters100Plain = "letters100.none"
  /// A million JSON events of 100 bytes with a key of 10, LZ4.
  case json100 = "json100.lz4"
  /// Ten thousand values of 1024 times the letter x, all in the same memory, with a key each, LZ4.
  case repeated1024 = "repeated1024.lz4"

  /// How many records are measured.
  public var recordCount: Int {
    self == .repeated1024 ? 10_000 : 1_000_000
  }

  /// True when blocks are compressed with LZ4.
  public var isCompressed: Bool { self != .letters100Plain }
}

/// The records of a shape in one piece of memory, so that making them is not measured.
struct ShapedRecords {
  private(set) var bytes: [UInt8] = []
  let keyLength: Int
  let valueLength: Int
  let count: Int
  /// Where the value lies that all records share; nil when each lies behind its key.
  private var sharedValue: Int?

  /// Where the key of a record lies; empty for none.
  func keyRange(_ number: Int) -> Range<Int> {
    let start = number * (sharedValue == nil ? keyLength + valueLength : keyLength)
    return start..<(start + keyLength)
  }

  /// Where the value of a record lies.
  func valueRange(_ number: Int) -> Range<Int> {
    let start = sharedValue ?? keyRange(number).upperBound
    return start..<(start + valueLength)
  }

  init(_ shape: RecordShape) {
    count = shape.recordCount
    var generator = LinearGenerator()
    switch shape {
    case .letters100Compressed, .letters100Plain:
      (keyLength, valueLength) = (0, 100)
      bytes.reserveCapacity(count * 100)
      for _ in 0..<(count * 100) { bytes.append(UInt8(ascii: "a") + UInt8(generator.below(26))) }
    case .json100:
      (keyLength, valueLength) = (10, 100)
      bytes.reserveCapacity(count * 110)
      for number in 0..<count { appendEvent(number, &generator) }
    case .repeated1024:
      (keyLength, valueLength) = (10, 1024)
      for number in 0..<count { appendPadded("key-\(number)", to: 10) }
      sharedValue = bytes.count
      bytes.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: 1024))
    }
  }

  private mutating func appendEvent(_ number: Int, _ generator: inout LinearGenerator) {
    let user = generator.below(100_000)
    appendPadded("user-\(user)", to: 10)
    let action = ["view", "click", "order", "search"][generator.below(4)]
    appendPadded(
      "{\"user\":\(user),\"event\":\"\(action)\",\"page\":\"/item/\(generator.below(1000))\",\"at\":\(1_700_000_000_000 + number),"
        + "\"price\":\(generator.below(10_000))}", to: 100)
  }

  private mutating func appendPadded(_ text: String, to length: Int) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8.prefix(length))
    while bytes.count - start < length { bytes.append(UInt8(ascii: " ")) }
  }
}

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct LinearGenerator {
  private var state: UInt64 = 42

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func below(_ bound: Int) -> Int {
    Int(next() % UInt64(bound))
  }
}
