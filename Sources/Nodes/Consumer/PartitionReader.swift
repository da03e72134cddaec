import DequeModule
import Simulation
import Storage

/// One partition as a consumer reads it: where it stands, and the segments known to lie ahead. Sendable because it never leaves its host.
final class PartitionReader: @unchecked Sendable {
  let partition: TopicPartition
  /// The next offset to hand out.
  var position: UInt64
  /// What the application has been given before the poll that runs now: safe to commit.
  var handedOut: UInt64
  var committed: UInt64?
  /// The segments ahead, as the metadata service listed them.
  var ahead: Deque<SegmentRow> = []
  var watermark: UInt64 = 0
  var logStart: UInt64 = 0
  /// The segment that is being read.
  var current: (row: SegmentRow, reader: SegmentReader)?

  init(partition: TopicPartition, position: UInt64) {
    self.partition = partition
    self.position = position
    handedOut = position
  }

  /// The offset up to which segments are known.
  var knownEnd: UInt64 { max(position, ahead.last?.end ?? position) }

  /// Takes in a manifest's rows that lie beyond what is known.
  func learn(_ manifest: FetchManifest.Response) {
    watermark = max(watermark, manifest.watermark)
    logStart = manifest.logStart
    for row in manifest.rows where row.end > knownEnd { ahead.append(row) }
  }

  /// The row that holds the position.
  var row: SegmentRow? {
    while let first = ahead.first, first.end <= position { ahead.removeFirst() }
    guard let first = ahead.first, first.base <= position else { return nil }
    return first
  }
}
