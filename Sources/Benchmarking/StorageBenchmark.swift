import Storage

/// Measures writing and reading segments in memory, on one thread, beside what the codec alone costs.
///
/// Storage and codec take turns, so that a neighbour on the machine slows both; compare figures of one run only. On a
/// clock of processor time neighbours hardly matter, since nothing here waits.
public struct StorageBenchmark {
  private let stopwatch: Stopwatch
  private let repetitions: Int

  /// Makes a benchmark.
  ///
  /// - Parameters:
  ///   - repetitions: how often each figure is measured; the median is given.
  ///   - now: nanoseconds since any fixed instant.
  public init(repetitions: Int = 5, now: @escaping () -> UInt64) {
    self.repetitions = max(1, repetitions)
    stopwatch = Stopwatch(now: now)
  }

  /// The figures for all shapes, and for seeking.
  public func measureAll() throws -> [Measurement] {
    try RecordShape.allCases.flatMap { try measure($0) } + measure(.json100, version: .two) + [measureSeek()]
  }

  /// The figures of one shape, in records a second: `storage.write`, `storage.read`, `codec.write`, `codec.read`; and
  /// how many times the codec's time storage takes: `storage.overCodec.write`, `storage.overCodec.read`.
  ///
  /// Without compression the codec is CRC-32 alone. Version 2 of the format has `.version2` behind its names.
  public func measure(_ shape: RecordShape, version: SegmentVersion = .one) throws -> [Measurement] {
    let records = ShapedRecords(shape)
    var file: [UInt8] = []
    var codecWrite: [UInt64] = []
    var codecRead: [UInt64] = []
    var write: [UInt64] = []
    var read: [UInt64] = []
    var seen: UInt64 = 0
    var writer = SegmentWriter(version: version, compression: shape.isCompressed ? .lz4 : .none)
    let buffer = SegmentReadBuffer()
    for _ in 0..<repetitions {
      file = []
      write.append(try stopwatch.time { file = try Self.write(records, with: &writer) })
      var codec = try CodecBenchmark(file: file)
      codecWrite.append(stopwatch.time { seen &+= UInt64(codec.write()) })
      read.append(try stopwatch.time { seen &+= try Self.readEveryByte(file, buffer) })
      codecRead.append(stopwatch.time { seen &+= UInt64(codec.read()) })
    }
    // Keeps the optimiser from leaving out what nobody looks at.
    guard seen != 0 else { return [] }
    let name = shape.rawValue + (version == .two ? ".version2" : "")
    let rates = [
      ("storage.write.", write), ("storage.read.", read), ("codec.write.", codecWrite), ("codec.read.", codecRead),
    ]
    .map { prefix, times in
      Measurement(
        name: prefix + name, value: Double(shape.recordCount) / (Double(median(times)) / 1e9), unit: "records/s",
        higherIsBetter: true)
    }
    return rates + [
      Self.ratio("storage.overCodec.write." + name, write, codecWrite),
      Self.ratio("storage.overCodec.read." + name, read, codecRead),
    ]
  }

  /// The median of the ratios of times that were measured one after the other, so that a neighbour hardly matters.
  private static func ratio(_ name: String, _ times: [UInt64], _ codec: [UInt64]) -> Measurement {
    let thousandths = zip(times, codec).map { $0 * 1000 / max(1, $1) }
    return Measurement(name: name, value: Double(median(thousandths)) / 1000, unit: "ratio", higherIsBetter: false)
  }

  @inline(never)
  private static func write(_ records: ShapedRecords, with writer: inout SegmentWriter) throws -> [UInt8] {
    try records.bytes.withUnsafeBytes { bytes in
      for number in 0..<records.count {
        let key = UnsafeRawBufferPointer(rebasing: bytes[records.keyRange(number)])
        try writer.append(
          offset: UInt64(number), timestamp: 1_700_000_000_000 + UInt64(number), key: key.isEmpty ? nil : key,
          value: UnsafeRawBufferPointer(rebasing: bytes[records.valueRange(number)]))
      }
    }
    return try writer.finish()
  }

  /// Opens the file with its checksum, and looks at every byte of every key and value.
  @inline(never)
  private static func readEveryByte(_ file: [UInt8], _ buffer: SegmentReadBuffer) throws -> UInt64 {
    var sum: UInt64 = 0
    try SegmentReader(file).forEachRecord(buffer: buffer) { record in
      if let key = record.key { sum &+= touch(key) }
      sum &+= touch(record.value)
      return true
    }
    return sum
  }

  /// A seek found another record than the one sought: a defect of the reader, whose time would mean nothing.
  public struct WrongSeek: Error, Sendable, CustomStringConvertible {
    /// The offset sought.
    public let wanted: UInt64
    /// The offset found.
    public let found: UInt64
    /// What was sought, and what was found.
    public var description: String { "a seek to offset \(wanted) found offset \(found)" }
  }

  /// The time to find the record at 90 % of a segment of 10,000 records of 1 KiB, opened once, in microseconds.
  public func measureSeek() throws -> Measurement {
    let shape = RecordShape.repeated1024
    var writer = SegmentWriter()
    let reader = try SegmentReader(Self.write(ShapedRecords(shape), with: &writer))
    let target = UInt64(shape.recordCount / 10 * 9)
    let buffer = SegmentReadBuffer()
    var times: [UInt64] = []
    var found: UInt64 = 0
    for _ in 0..<(repetitions * 50) {
      times.append(
        try stopwatch.time {
          try reader.forEachRecord(from: target, buffer: buffer) { record in
            found = record.offset
            return false
          }
        })
    }
    guard found == target else { throw WrongSeek(wanted: target, found: found) }
    return Measurement(
      name: "storage.seek.repeated1024.lz4", value: Double(median(times)) / 1000, unit: "us", higherIsBetter: false)
  }
}

/// Looks at every byte: the sum of the words, and of the bytes that are left.
@inline(__always)
func touch(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  guard let base = bytes.baseAddress else { return 0 }
  var sum: UInt64 = 0
  let words = bytes.count / 8
  for word in 0..<words { sum &+= base.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self) }
  for position in (words &* 8)..<bytes.count { sum &+= UInt64(base.load(fromByteOffset: position, as: UInt8.self)) }
  return sum
}
