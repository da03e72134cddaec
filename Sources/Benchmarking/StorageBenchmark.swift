import Storage

/// Measures writing and reading segments in memory, on one thread, beside what the codec alone costs.
///
/// Storage and codec take turns, so that a neighbour on the machine slows both; compare figures of one run only.
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
    try RecordShape.allCases.flatMap(measure) + [try measureSeek()]
  }

  /// The four figures of one shape, in records a second: `storage.write`, `storage.read`, `codec.write`, `codec.read`.
  public func measure(_ shape: RecordShape) throws -> [Measurement] {
    let records = ShapedRecords(shape)
    var file: [UInt8] = []
    var codecWrite: [UInt64] = []
    var codecRead: [UInt64] = []
    var write: [UInt64] = []
    var read: [UInt64] = []
    var seen: UInt64 = 0
    var writer = SegmentWriter(compression: shape.isCompressed ? .lz4 : .none)
    for _ in 0..<repetitions {
      file = []
      write.append(try stopwatch.time { file = try Self.write(records, with: &writer) })
      var codec = try CodecBenchmark(file: file)
      codecWrite.append(stopwatch.time { seen &+= UInt64(codec.write()) })
      read.append(try stopwatch.time { seen &+= try Self.readEveryByte(file) })
      codecRead.append(stopwatch.time { seen &+= UInt64(codec.read()) })
    }
    // Keeps the optimiser from leaving out what nobody looks at.
    guard seen != 0 else { return [] }
    return [
      rate("storage.write", shape, write), rate("storage.read", shape, read), rate("codec.write", shape, codecWrite),
      rate("codec.read", shape, codecRead),
    ]
  }

  private func rate(_ name: String, _ shape: RecordShape, _ times: [UInt64]) -> Measurement {
    Measurement(
      name: "\(name).\(shape.rawValue)", value: Double(shape.recordCount) / (Double(median(times)) / 1e9),
      unit: "records/s", higherIsBetter: true)
  }

  @inline(never)
  private static func write(_ records: ShapedRecords, with writer: inout SegmentWriter) throws -> [UInt8] {
    try records.bytes.withUnsafeBytes { bytes in
      let recordLength = records.keyLength + records.valueLength
      for number in 0..<records.count {
        let start = number * recordLength
        let middle = start + records.keyLength
        let key = records.keyLength == 0 ? nil : UnsafeRawBufferPointer(rebasing: bytes[start..<middle])
        try writer.append(
          offset: UInt64(number), timestamp: 1_700_000_000_000 + UInt64(number), key: key,
          value: UnsafeRawBufferPointer(rebasing: bytes[middle..<(start + recordLength)]))
      }
    }
    return try writer.finish()
  }

  /// Opens the file with its checksum, and looks at every byte of every key and value.
  @inline(never)
  private static func readEveryByte(_ file: [UInt8]) throws -> UInt64 {
    var sum: UInt64 = 0
    try SegmentReader(file).forEachRecord { record in
      if let key = record.key { sum &+= touch(key) }
      sum &+= touch(record.value)
      return true
    }
    return sum
  }

  @inline(__always)
  private static func touch(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum: UInt64 = 0
    var position = 0
    while position &+ 8 <= bytes.count {
      sum &+= bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      position &+= 8
    }
    while position < bytes.count {
      sum &+= UInt64(bytes[position])
      position &+= 1
    }
    return sum
  }

  /// The time to find the record at 90 % of a segment of 10,000 records of 1 KiB, opened once, in microseconds.
  public func measureSeek() throws -> Measurement {
    let shape = RecordShape.repeated1024
    var writer = SegmentWriter()
    let reader = try SegmentReader(Self.write(ShapedRecords(shape), with: &writer))
    let target = UInt64(shape.recordCount / 10 * 9)
    var times: [UInt64] = []
    var found: UInt64 = 0
    for _ in 0..<(repetitions * 50) {
      times.append(
        try stopwatch.time {
          try reader.forEachRecord(from: target) { record in
            found = record.offset
            return false
          }
        })
    }
    guard found == target else { throw SegmentError.endOffsetMismatch(header: target, found: found) }
    return Measurement(
      name: "storage.seek.repeated1024.lz4", value: Double(median(times)) / 1000, unit: "us", higherIsBetter: false)
  }
}
