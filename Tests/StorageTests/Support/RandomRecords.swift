import Storage
import Testing

/// Every way in which a segment can be written.
struct SegmentKind: Sendable, CustomTestStringConvertible {
  let version: SegmentVersion
  let compression: Compression

  static let all: [SegmentKind] = SegmentVersion.allCases.flatMap { version in
    [Compression.none, .lz4].map { SegmentKind(version: version, compression: $0) }
  }

  var testDescription: String { "version \(version.rawValue), \(compression)" }

  func write(_ records: [Record], blockSizeTarget: Int) throws -> [UInt8] {
    var writer = SegmentWriter(version: version, compression: compression, blockSizeTarget: blockSizeTarget)
    for record in records { try writer.append(record) }
    return try writer.finish()
  }
}

extension SplitMix64 {
  /// Records with increasing offsets, and with all that the version has room for.
  mutating func log(_ version: SegmentVersion, atMost count: Int = 200) -> [Record] {
    var offset = magnitude() >> 8
    var producer: ProducerStamp?
    return (0..<(1 + below(count))).map { _ in
      offset += 1 + UInt64(below(3) == 0 ? below(100_000) : 0)
      var record = Record(
        offset: offset, timestamp: below(4) == 0 ? magnitude() : 1_700_000_000_000 + UInt64(below(1000)),
        key: below(3) == 0 ? nil : bytes(1 + below(20)), value: below(2) == 0 ? text(below(200)) : bytes(below(50)))
      guard version == .two else { return record }
      if below(10) == 0 { record.key = [] }
      if below(5) == 0 {
        record.headers = (0...below(3)).map { _ in RecordHeader(name: text(below(6)), value: bytes(below(12))) }
      }
      producer = nextProducer(after: producer)
      record.producer = producer
      return record
    }
  }

  private mutating func nextProducer(after producer: ProducerStamp?) -> ProducerStamp? {
    switch below(6) {
    case 0: nil
    case 1: ProducerStamp(id: 1 + magnitude() / 2, epoch: UInt32(truncatingIfNeeded: next()), sequence: next())
    default: producer.map { ProducerStamp(id: $0.id, epoch: $0.epoch, sequence: $0.sequence &+ 1) }
    }
  }

  /// Offsets worth reading from: those there, those between, and the ends of the number line.
  mutating func interestingOffsets(_ records: [Record], count: Int) -> [UInt64] {
    [0, UInt64.max]
      + (0..<count).map { _ in
        let offset = records[below(records.count)].offset
        return offset &+ UInt64(below(3)) &- 1
      }
  }
}
