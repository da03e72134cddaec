/// What must hold in every run.
public enum InvariantName: String, Sendable, Hashable, CaseIterable {
  /// Every record acknowledged as durable or buffered is read back in the end, with its content.
  case acknowledgedIsStored = "A"
  /// An offset, once visible, never changes its content.
  case offsetsAreImmutable = "B"
  /// From the log start to the high watermark no offset is unreadable.
  case noHoles = "C"
  /// The high watermark never falls.
  case watermarkNeverFalls = "D"
  /// Lease epochs only rise, each has one holder, and nothing of an older one is registered after a newer one began.
  case epochsFence = "E"
  /// The offset told to a durable send is where the record reads back.
  case toldOffsetIsTrue = "F"
  /// Every partition gets a leader within a bound once faults have stopped.
  case leadersReturn = "G"
  /// A committed offset never passes a record that the application has not handled.
  case commitsFollowHandling = "H"
  /// Rows of segments are contiguous, and each agrees with its object.
  case rowsMatchObjects = "I"
  /// A record is stored at most as often as it was sent, with idempotence once.
  case storedAsOftenAsSent = "K"
  /// In a group each partition has at most one owner, under rising generations, and in the end exactly one.
  case ownersAreUnique = "N"
  /// Between two polls of a consumer no record is left out.
  case pollsSkipNothing = "poll-skip"
  /// A poll of a consumer goes on behind the one before it.
  case pollsAreInOrder = "nonmonotonic-poll"
  /// Inside a poll no record is left out.
  case pollsAreWhole = "int-poll-skip"
  /// Inside a poll records come in the order of their offsets.
  case recordsInPollAreInOrder = "int-nonmonotonic-poll"
  /// An idempotent producer's record is seen at one offset only.
  case valuesAreUnique = "duplicate"
  /// Readers from the start miss no acknowledged record below what they have read.
  case writesAreNotLost = "lost-write"
  /// In the end every acknowledged record has been handed to a reader from the start.
  case writesAreSeen = "unseen"
  /// What an idempotent producer sends after something else stands behind it.
  case sendsAreInOrder = "nonmonotonic-send"
  /// Records of an idempotent producer's batch stand in its order.
  case recordsInBatchAreInOrder = "int-nonmonotonic-send"
  /// Readers of committed records see the committed transactions' records, all of them, and no others.
  case committedIsVisible = "J"
  /// Each record that a pipeline reads is made into one record, once.
  case exactlyOnce = "exactly-once"
  /// No transaction is handed what it has sent itself.
  case ownWritesAreUnseen = "precommitted-read"
  /// What certainly was not sent is seen by nobody.
  case failedIsUnseen = "G1a"
  /// The records of transactions that follow one another in time follow one another in the log.
  case writesFollowTime = "G0"
  /// No transactions are handed one another's records in a circle.
  case readsAreNotCircular = "G1c"
  /// No read by a manifest younger than half the reader grace finds its object gone.
  case manifestsHold = "M"
  /// A cache serves what the object holds, and keeps no more than it may.
  case cachesAreTrue = "L"
  /// A group's stored position goes back only where a consumer was sent back.
  case positionsStand = "P"
  /// Once the faults have stopped, every reader comes to the end of what it may read, or says what keeps it.
  case readersGoOn = "R"
  /// What closing a producer returns is what became of its records.
  case closingTellsTheTruth = "close-truth"
  /// A commit that is told to be stored has stored where the consumer stood.
  case commitsAreStored = "commit-truth"
  /// No transaction is open for longer than its time.
  case transactionsEnd = "T"
  /// A record goes to the topic and partition that its application names, and is refused where there is none.
  case recordsGoWhereAimed = "S"
  /// Of a partition that is paused nothing is handed out.
  case pausedPartitionsRest = "O"

  /// The invariant in a sentence.
  public var sentence: String {
    switch self {
    case .acknowledgedIsStored: "every acknowledged record is read back in the end, with its content"
    case .offsetsAreImmutable: "an offset, once visible, never changes its content"
    case .noHoles: "from the log start to the high watermark no offset is unreadable"
    case .watermarkNeverFalls: "the high watermark never falls"
    case .epochsFence: "epochs rise, each has one holder, and an older one registers nothing after a newer one began"
    case .toldOffsetIsTrue: "the offset told to a durable send is where the record reads back"
    case .leadersReturn: "every partition gets a leader within a bound once faults have stopped"
    case .commitsFollowHandling: "a committed offset never passes a record that was not handled"
    case .rowsMatchObjects: "rows of segments are contiguous, and each agrees with its object"
    case .ownersAreUnique: "in a group each partition has at most one owner, and in the end exactly one"
    case .pollsSkipNothing: "between two polls of a consumer no record is left out"
    case .pollsAreInOrder: "a poll of a consumer goes on behind the one before it"
    case .pollsAreWhole: "inside a poll no record is left out"
    case .recordsInPollAreInOrder: "inside a poll records come in the order of their offsets"
    case .valuesAreUnique: "an idempotent producer's record is seen at one offset only"
    case .writesAreNotLost: "readers from the start miss no acknowledged record below what they have read"
    case .writesAreSeen: "in the end every acknowledged record has been handed to a reader from the start"
    case .sendsAreInOrder: "what an idempotent producer sends after something else stands behind it"
    case .recordsInBatchAreInOrder: "records of an idempotent producer's batch stand in its order"
    case .committedIsVisible:
      "readers of committed records see the committed transactions' records, all of them, and no others"
    case .exactlyOnce: "each record that a pipeline reads is made into one record, once"
    case .ownWritesAreUnseen: "no transaction is handed what it has sent itself"
    case .failedIsUnseen: "what certainly was not sent is seen by nobody"
    case .writesFollowTime: "the records of transactions that follow one another in time follow one another in the log"
    case .readsAreNotCircular: "no transactions are handed one another's records in a circle"
    case .manifestsHold: "no read by a manifest younger than half the reader grace finds its object gone"
    case .cachesAreTrue: "a cache serves what the object holds, and keeps no more than it may"
    case .positionsStand: "a group's stored position goes back only where a consumer was sent back"
    case .readersGoOn: "once the faults have stopped, every reader comes to the end, or says what keeps it"
    case .closingTellsTheTruth: "what closing a producer returns is what became of its records"
    case .commitsAreStored: "a commit that is told to be stored has stored where the consumer stood"
    case .transactionsEnd: "no transaction is open for longer than its time"
    case .recordsGoWhereAimed:
      "a record goes to the topic and partition that its application names, and is refused where there is none"
    case .pausedPartitionsRest: "of a partition that is paused nothing is handed out"
    case .storedAsOftenAsSent: "a record is stored at most as often as it was sent, with idempotence once"
    }
  }
}
