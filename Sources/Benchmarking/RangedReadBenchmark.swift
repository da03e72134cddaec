import Storage

/// Measures reading a segment of more than a gigabyte by ranges, and what memory that takes.
///
/// Memory can only be measured in a process that does nothing else, so writing and reading are apart: one process
/// writes the segment, another reads it.
public struct RangedReadBenchmark {
  /// How often the million records of the JSON shape are written: 1.1 GB of keys and values.
  private static let rounds = 10

  /// What a read came to.
  public struct Outcome: Sendable {
    /// How many records were read.
    public var records = 0
    /// How many bytes their keys and values have.
    public var bytes = 0
    /// The sum of these bytes, eight at a time, so that all are looked at.
    public var sum: UInt64 = 0
    /// How many bytes the largest range had that was asked for.
    public var largestRange = 0
    /// How long it took.
    public var nanoseconds: UInt64 = 0
  }

  /// Writes the segment: version 2, whose blocks can be checked by ranges, with LZ4.
  public static func makeSegment() throws -> [UInt8] {
    let records = ShapedRecords(.json100)
    var writer = SegmentWriter(version: .two)
    try records.bytes.withUnsafeBytes { bytes in
      var offset: UInt64 = 0
      for _ in 0..<rounds {
        for number in 0..<records.count {
          try writer.append(
            offset: offset, timestamp: 1_700_000_000_000 + offset,
            key: UnsafeRawBufferPointer(rebasing: bytes[records.keyRange(number)]),
            value: UnsafeRawBufferPointer(rebasing: bytes[records.valueRange(number)]))
          offset += 1
        }
      }
    }
    return try writer.finish()
  }

  /// Reads every record of a segment and looks at every byte of it, one range at a time.
  public static func read(_ source: some SegmentSource, now: @escaping () -> UInt64) throws -> Outcome {
    var outcome = Outcome()
    var source = source
    let time = try Stopwatch(now: now).time {
      var reader = RangedSegmentReader(length: source.length)
      let buffer = SegmentReadBuffer()
      while let range = reader.neededRange {
        outcome.largestRange = max(outcome.largestRange, range.count)
        try reader.supply(try source.read(range), buffer: buffer) { record in
          outcome.records += 1
          outcome.bytes += (record.key?.count ?? 0) + record.value.count
          if let key = record.key { outcome.sum &+= touch(key) }
          outcome.sum &+= touch(record.value)
          return true
        }
      }
    }
    outcome.nanoseconds = time
    return outcome
  }
}
