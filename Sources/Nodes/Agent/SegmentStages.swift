import Simulation
import Storage

// A segment's two stages in an agent: it takes batches, and then it is on its way.

/// A segment that still takes batches. Sendable because it never leaves its host.
final class OpenSegment: @unchecked Sendable {
  let base: UInt64
  let log: SegmentLog
  /// Settled once the segment is registered, with its transactions that were over by then; or failed with the error that waiting senders get.
  let registered: Promise<[TransactionID]>
  /// When it is closed at the latest.
  var closeBy: VirtualTime
  /// The estimated size of its records.
  var size = 0
  var batches: [StoredBatch] = []
  /// What was taken without a log entry because nobody waits for it; it is logged when it cannot be stored here.
  var unlogged: [LogEntry] = []
  /// Which of its offsets belong to transactions, in order.
  var ranges: [TransactionRange] = []
  var isRegistered = false

  init(
    host: Host, base: UInt64, closeBy: VirtualTime, logName: String, groups: GroupCommitOptions, tally: AgentTally
  ) {
    self.base = base
    self.closeBy = closeBy
    log = SegmentLog(host: host, name: logName, groups: groups, tally: tally)
    registered = Promise(on: host, "a segment's registration")
  }
}

/// A closed segment on its way. Sendable because it never leaves its host.
final class SealedSegment: @unchecked Sendable {
  enum Upload {
    case waiting
    case running
    case done
  }

  let origin: OpenSegment
  let end: UInt64
  let key: ObjectKey
  let bytes: [UInt8]
  /// This upload's mark in the object's metadata.
  let attempt: UInt64
  let closedAt: VirtualTime
  var upload = Upload.waiting

  var base: UInt64 { origin.base }

  init(
    _ origin: OpenSegment, end: UInt64, key: ObjectKey, bytes: [UInt8], attempt: UInt64, closedAt: VirtualTime
  ) {
    self.origin = origin
    self.end = end
    self.key = key
    self.bytes = bytes
    self.attempt = attempt
    self.closedAt = closedAt
  }
}
