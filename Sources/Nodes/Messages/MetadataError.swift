import Simulation

/// Why the metadata service refuses.
public enum MetadataError: ReplyError, Hashable {
  /// There is no such topic or partition.
  case noSuchTopic
  /// The lease is held by somebody else and not over.
  case leaseHeld(by: HostID)
  /// The epoch is not the current one: another holder has followed.
  case fenced(current: Epoch)
  /// A segment's base is not the watermark.
  case notAtWatermark(UInt64)
  /// The request is older than one of the same sender that was answered already.
  case staleRequest
  /// The service is recovering its state.
  case recovering
  /// The sender is no member of the group, or not any more.
  case unknownMember
  /// A position of a partition that the member did not own without a break since the generation it named; its own is another.
  case commitFenced(current: UInt64)
  /// The group shares its partitions otherwise.
  case assignorDiffers(GroupAssignor)
  /// Another process has taken the static member's name.
  case instanceTaken
  /// The request makes no sense.
  case invalid
  /// The topic was deleted; its identifier will never mean another one.
  case topicDeleted
  /// There is a topic of this name.
  case topicExists(TopicID)
  /// There cannot be such a topic.
  case invalidTopic(TopicProblem)
  /// The intent is not the partition's current one, or its rows have changed.
  case intentOver
  /// A later user of this producer's name has followed.
  case producerFenced(current: UInt32)
  /// The transaction is over, and ended so.
  case transactionOver(TransactionOutcome)
  /// The service does not have all records that the commit names; the transaction was aborted.
  case transactionIncomplete

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .noSuchTopic: log.number("error", 1)
    case .leaseHeld(let holder):
      log.number("error", 2)
      log.number("holder", UInt64(holder.rawValue))
    case .fenced(let current):
      log.number("error", 3)
      log.number("current", current)
    case .notAtWatermark(let watermark):
      log.number("error", 4)
      log.number("watermark", watermark)
    case .staleRequest: log.number("error", 5)
    case .recovering: log.number("error", 6)
    case .unknownMember: log.number("error", 20)
    case .commitFenced(let current):
      log.number("error", 21)
      log.number("current", current)
    case .assignorDiffers(let assignor):
      log.number("error", 22)
      log.text("assignor", assignor.rawValue)
    case .instanceTaken: log.number("error", 23)
    case .invalid: log.number("error", 7)
    case .topicDeleted: log.number("error", 40)
    case .topicExists(let topic):
      log.number("error", 41)
      log.number("topic", UInt64(topic.rawValue))
    case .invalidTopic(let problem):
      log.number("error", 42)
      log.number("problem", problem.code)
    case .intentOver: log.number("error", 43)
    case .producerFenced(let current):
      log.number("error", 30)
      log.number("current", UInt64(current))
    case .transactionOver(let outcome):
      log.number("error", 31)
      log.text("outcome", outcome.rawValue)
    case .transactionIncomplete: log.number("error", 32)
    }
  }
}
