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
    var position: Int
    var storedBytes: Int
    var recordBytes = 0
    var records = 0
  }

  /// Reads a segment through.
  ///
  /// - Throws: `SegmentError` with what is wrong and where.
  public init(_ bytes: [UInt8]) throws {
    let reader = try SegmentReader(bytes)
    header = reader.header
    index = reader.index
    size = bytes.count
    blocksEnd = reader.blocksEnd
    var blocks = index.enumerated().map { place, entry in
      let end = place + 1 < reader.index.count ? Int(reader.index[place + 1].position) : reader.blocksEnd
      return Block(
        offset: entry.offset, position: Int(entry.position), storedBytes: end - Int(entry.position))
    }
    var block = 0
    var first: Record?
    var last: Record?
    try reader.forEachRecord { record in
      while block + 1 < blocks.count, record.offset == blocks[block + 1].offset, blocks[block].records > 0 {
        block += 1
      }
      blocks[block].records += 1
      blocks[block].recordBytes += (record.key?.count ?? 0) + record.value.count
      if first == nil { first = try record.copied() }
      last = Record(
        offset: record.offset, timestamp: record.timestamp, key: record.key.map { [UInt8]($0) },
        value: [UInt8](record.value))
      return true
    }
    self.blocks = blocks
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
      "block  first offset          position      stored       keys and values  records  ratio",
    ]
    for (number, block) in blocks.enumerated() {
      lines.append(
        "\(number)".padded(5) + "  " + "\(block.offset)".padded(20) + "  " + "\(block.position)".padded(10) + "  "
          + "\(block.storedBytes)".padded(10) + "  " + "\(block.recordBytes)".padded(20) + "  "
          + "\(block.records)".padded(7) + "  " + ratio(block).padded(5))
    }
    lines.append("")
    if let first { lines.append("first record: \(shown(first))") }
    if let last { lines.append("last record:  \(shown(last))") }
    return lines.joined(separator: "\n")
  }

  /// How many bytes of keys and values a stored byte carries, to two decimals.
  private func ratio(_ block: Block) -> String {
    guard block.storedBytes > 0 else { return "-" }
    let hundredths = block.recordBytes * 100 / block.storedBytes
    return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
  }

  private func shown(_ record: Record) -> String {
    let key = record.key.map { shown($0) } ?? "none"
    return "offset \(record.offset), timestamp \(record.timestamp), key \(key), value \(shown(record.value))"
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

  /// The summary as one JSON document.
  public var json: String {
    let blocks = blocks.map {
      "{\"offset\":\($0.offset),\"position\":\($0.position),\"storedBytes\":\($0.storedBytes),\"recordBytes\":\($0.recordBytes),\"records\":\($0.records)}"
    }
    return
      "{\"version\":\(header.version),\"compression\":\"\(header.compression)\",\"size\":\(size),\"baseOffset\":\(header.baseOffset),"
      + "\"endOffset\":\(header.endOffset),\"recordCount\":\(header.recordCount),\"indexPosition\":\(blocksEnd),"
      + "\"blocks\":[\(blocks.joined(separator: ","))]}"
  }
}

extension String {
  /// The text with spaces before it up to a width.
  func padded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
