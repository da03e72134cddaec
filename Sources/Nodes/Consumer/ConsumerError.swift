/// Why a consumer cannot go on; it never skips and never stalls without a word.
public enum ConsumerError: Error, Sendable, Hashable {
  /// The figures contradict each other; the text says what would be right.
  case invalidConfiguration(String)
  /// There is no such topic.
  case noSuchTopic(String)
  /// The topic has no partition of this number; its partitions are 0 to `count` − 1.
  case noSuchPartition(NamedPartition, count: Int)
  /// The partition is gone: its topic was deleted.
  case partitionGone(TopicPartition)
  /// An offset below the watermark cannot be read: no segment has it, or its object is gone.
  case hole(TopicPartition, offset: UInt64, detail: String)
  /// A segment's object does not hold what its row says.
  case damaged(TopicPartition, offset: UInt64, detail: String)
  /// There is no stored position, and ``OffsetReset/none`` says that nothing takes its place: seek.
  case noStoredPosition(TopicPartition)
  /// The position is not in the log, and ``OffsetReset/none`` says that nothing takes its place: seek.
  case offsetOutOfRange(TopicPartition, offset: UInt64, logStart: UInt64, watermark: UInt64)
  /// The consumer does not read this partition now.
  case notAssigned(TopicPartition)
  /// A commit without a group.
  case noGroup
  /// A commit brought no answer: the positions may be stored or not.
  case commitUnanswered
  /// A commit was refused: the partitions may be another member's by now, and what was handed out will be read again.
  case commitRefused
  /// Another process has joined the group under this static member's name.
  case instanceTaken(String)
  /// The group's other members share the partitions otherwise.
  case assignorDiffers(GroupAssignor)
  /// The consumer was closed.
  case closed
}
