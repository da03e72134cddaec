import Nodes
import Simulation
import Storage

/// A segment file that is to be in the bucket from the start, read and checked.
public struct PreloadedFile: Sendable {
  /// Where the scenario wants it.
  public let preload: Preload
  /// The file's bytes.
  public let bytes: [UInt8]
  let header: SegmentHeader
  /// What each offset holds.
  let contents: [ObservedRecord]

  /// Checks that the bytes are a segment that a log can hold.
  ///
  /// - Throws: ``SegmentError``: damaged bytes, offsets that do not rise, or an end that leaves no room for a watermark.
  public init(_ preload: Preload, bytes: [UInt8]) throws(SegmentError) {
    let reader = try SegmentReader(bytes)
    try reader.requireLogOrder()
    self.preload = preload
    self.bytes = bytes
    header = reader.header
    var contents: [ObservedRecord] = []
    for record in try reader.records() {
      let content = record.value.withUnsafeBytes { value in
        if let key = record.key {
          key.withUnsafeBytes { ObservedRecord.contentHash(timestamp: record.timestamp, key: $0, value: value) }
        } else {
          ObservedRecord.contentHash(timestamp: record.timestamp, key: nil, value: value)
        }
      }
      contents.append(ObservedRecord(offset: record.offset, content: content))
    }
    self.contents = contents
  }

  /// The object's key in the bucket.
  func key(topic: Int) -> ObjectKey {
    ObjectKey("data/\(topic)/\(preload.partition)/preloaded-\(header.baseOffset).seg")
  }

  func row(topic: Int) -> SegmentRow {
    SegmentRow(
      base: header.baseOffset, end: header.endOffset &+ 1, recordCount: UInt64(contents.count),
      size: UInt64(bytes.count), epoch: 0, key: key(topic: topic))
  }
}
