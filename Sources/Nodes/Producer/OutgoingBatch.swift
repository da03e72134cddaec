import Simulation
import Storage

/// A batch that still takes records.
struct GatheringBatch {
  var builder = RecordBatchBuilder()
  var tags: [UInt64] = []
  var firstAppendedAt = VirtualTime.start
  var isEmpty: Bool { tags.isEmpty }
}

/// A closed batch until its outcome is known. Sendable because it never leaves its host.
final class OutgoingBatch: @unchecked Sendable {
  let partition: TopicPartition
  let records: RecordBatch
  let tags: [UInt64]
  let appendedAt: VirtualTime
  let deadline: VirtualTime
  var identity: ProducerIdentity?
  var sequence: UInt64 = 0
  var attempts = 0
  /// How often in a row it was sent on to a successor.
  var redirects = 0
  /// The transaction that it belongs to.
  var transaction: OpenTransaction?
  /// Whether some try may have been stored although nobody said so.
  var mayBeStored = false
  /// Whether a try has failed: those behind it in its partition wait until it is settled.
  var isRetrying = false

  init(
    partition: TopicPartition, records: RecordBatch, tags: [UInt64], appendedAt: VirtualTime, deadline: VirtualTime
  ) {
    self.partition = partition
    self.records = records
    self.tags = tags
    self.appendedAt = appendedAt
    self.deadline = deadline
  }
}
