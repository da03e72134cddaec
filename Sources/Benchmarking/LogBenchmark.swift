import Storage

/// Measures what lies between a producer and a segment: batches and the write-ahead log, in memory, on one thread.
public struct LogBenchmark {
  private let stopwatch: Stopwatch
  private let repetitions: Int
  private static let recordsPerBatch = 100
  private static let batchCount = 1000

  /// Makes a benchmark.
  ///
  /// - Parameters:
  ///   - repetitions: how often each figure is measured; the median is given.
  ///   - now: nanoseconds since any fixed instant.
  public init(repetitions: Int = 5, now: @escaping () -> UInt64) {
    self.repetitions = max(1, repetitions)
    stopwatch = Stopwatch(now: now)
  }

  /// `storage.batch.encode`, `storage.batch.decode`, `storage.log.encode` and `storage.log.recover`, in records of 110
  /// bytes a second, in batches of 100.
  public func measureAll() throws -> [Measurement] {
    let key = [UInt8](repeating: 1, count: 10)
    let value = [UInt8](repeating: 2, count: 100)
    var batches: [RecordBatch] = []
    var log: [UInt8] = []
    var times: [[UInt64]] = [[], [], [], []]
    var seen = 0
    for _ in 0..<repetitions {
      times[0].append(stopwatch.time { batches = Self.build(key, value) })
      times[1].append(
        try stopwatch.time { for batch in batches { seen += try RecordBatch(decoding: batch.bytes).count } })
      times[2].append(stopwatch.time { log = Self.encode(batches) })
      times[3].append(stopwatch.time { seen += WriteAheadLog.recover(log).entries.count })
    }
    guard seen > 0 else { return [] }
    return zip(["batch.encode", "batch.decode", "log.encode", "log.recover"], times).map { name, times in
      Measurement(
        name: "storage." + name,
        value: Double(Self.recordsPerBatch * Self.batchCount) / (Double(median(times)) / 1e9), unit: "records/s",
        higherIsBetter: true)
    }
  }

  private static func build(_ key: [UInt8], _ value: [UInt8]) -> [RecordBatch] {
    var builder = RecordBatchBuilder()
    return (0..<batchCount).map { number in
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in
          for record in 0..<recordsPerBatch {
            builder.append(timestamp: 1_700_000_000_000 + UInt64(number + record), key: key, value: value)
          }
        }
      }
      return builder.finish()
    }
  }

  private static func encode(_ batches: [RecordBatch]) -> [UInt8] {
    var log: [UInt8] = []
    for (number, batch) in batches.enumerated() {
      let entry = LogEntry(
        offset: UInt64(number * recordsPerBatch), epoch: 1, producer: 0, producerEpoch: 0, sequence: 0, batch: batch)
      WriteAheadLog.encode(entry, into: &log, filePosition: 0)
    }
    return log
  }
}
