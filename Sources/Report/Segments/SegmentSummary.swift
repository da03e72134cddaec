import Simulation
import Storage

/// What people and programs are told of a segment file.
public struct SegmentSummary: Sendable {
  private let header: SegmentHeader
  private let index: [SegmentIndexEntry]
  private let size: Int
  private let blocksEnd: Int
  private let blocks: [Block]
  private let first: Record?
  private let last: Record?

  private struct Block: Sendable {
    var offset: UInt64
    var timestamp: UInt64
    var position: Int
    var storedBytes: Int
    var uncompressedBytes: Int
    var recordBytes = 0
    var records = 0
  }

  /// Reads a segment through.
  ///
  /// - Throws: `SegmentError` with what is wrong and where.
  public init(_ bytes: [UInt8]) throws {
    let reader = try SegmentReader(bytes)
    // The counts and the end offset are only checked by a read of the whole.
    let buffer = SegmentReadBuffer()
    try reader.forEachRecord(buffer: buffer) { _ in true }
    header = reader.header
    index = reader.index
    size = bytes.count
    blocksEnd = reader.blocksEnd
    var first: Record?
    var last: Record?
    blocks = try index.indices.map { number in
      let entry = reader.index[number]
      let size = reader.size(ofBlock: number) ?? (stored: 0, uncompressed: 0)
      var block = Block(
        offset: entry.offset, timestamp: entry.timestamp, position: entry.position, storedBytes: size.stored,
        uncompressedBytes: size.uncompressed)
      let isLast = number == reader.index.count - 1
      try reader.forEachRecord(inBlock: number, buffer: buffer) { record in
        block.records += 1
        block.recordBytes += (record.key?.count ?? 0) + record.value.count + record.headers.bytes.count
        if first == nil { first = try record.copied() }
        if isLast { last = try record.copied() }
        return true
      }
      return block
    }
    self.first = first
    self.last = last
  }

  /// The summary for people.
  public var text: String {
    var lines = [
      "version \(header.version), compression \(header.compression), \(size) bytes",
      "offsets \(header.baseOffset) to \(header.endOffset), \(header.recordCount) records in \(blocks.count) blocks",
      "index at \(blocksEnd)",
      "",
      "block  first offset          first timestamp       position      stored  uncompressed  ratio  records",
    ]
    for (number, block) in blocks.enumerated() {
      lines.append(
        "\(number)".padded(5) + "  " + "\(block.offset)".padded(20) + "  " + "\(block.timestamp)".padded(20) + "  "
          + "\(block.position)".padded(8) + "  " + "\(block.storedBytes)".padded(10) + "  "
          + "\(block.uncompressedBytes)".padded(12) + "  " + ratio(block).padded(5) + "  "
          + "\(block.records)".padded(7))
    }
    lines.append("")
    if let first { lines.append("first record: \(shown(first))") }
    if let last { lines.append("last record:  \(shown(last))") }
    return lines.joined(separator: "\n")
  }

  /// How many uncompressed bytes a stored byte stands for, to two decimals.
  private func ratio(_ block: Block) -> String {
    guard block.storedBytes > 0 else { return "0.00" }
    let hundredths = block.uncompressedBytes * 100 / block.storedBytes
    return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
  }

  private func shown(_ record: Record) -> String {
    let key = record.key.map { shown($0) } ?? "none"
    var text = "offset \(record.offset), timestamp \(record.timestamp), key \(key), value \(shown(record.value))"
    for header in record.headers { text += ", header \(shown(header.name)) \(shown(header.value))" }
    if let producer = record.producer {
      text += ", producer \(producer.id) epoch \(producer.epoch) sequence \(producer.sequence)"
    }
    return text
  }

  private func shown(_ bytes: [UInt8]) -> String {
    let head = bytes.prefix(32)
    let isText = head.allSatisfy { (0x20..<0x7F).contains($0) }
    let text =
      isText
      ? "\"" + String(decoding: head, as: UTF8.self) + "\""
      : head.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return bytes.count > 32 ? "\(text)… (\(bytes.count) bytes)" : text
  }

  /// The summary as one JSON document; first and last record are as in ``RecordLines``.
  public var json: String {
    let blocks = blocks.map { block in
      "{\"offset\":\(block.offset),\"timestamp\":\(block.timestamp),\"position\":\(block.position),"
        + "\"storedBytes\":\(block.storedBytes),\"uncompressedBytes\":\(block.uncompressedBytes),"
        + "\"ratio\":\(ratio(block)),\"recordBytes\":\(block.recordBytes),\"records\":\(block.records)}"
    }
    return
      "{\"version\":\(header.version),\"compression\":\"\(header.compression)\",\"size\":\(size),\"baseOffset\":\(header.baseOffset),"
      + "\"endOffset\":\(header.endOffset),\"recordCount\":\(header.recordCount),\"blockCount\":\(header.blockCount),"
      + "\"indexPosition\":\(blocksEnd),\"blocks\":[\(blocks.joined(separator: ","))],"
      + "\"firstRecord\":\(first.map(RecordLines.line) ?? "null"),\"lastRecord\":\(last.map(RecordLines.line) ?? "null")}"
  }
}

extension String {
  /// The text with spaces before it up to a width.
  func padded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
