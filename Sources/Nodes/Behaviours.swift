/// The parts of an agent whose behaviour is chosen when the cluster is built.
public struct AgentBehaviour: Sendable, Hashable {
  /// How an object's key is made.
  public var keyNaming = KeyNaming.withEpoch
  /// When a buffered batch is acknowledged.
  public var acknowledgesBuffered = AcknowledgementMoment.afterLogSync
  /// What becomes of a segment whose upload fails again and again.
  public var failedUpload = FailedUpload.keepTrying
  /// What of a log is stored again after a crash.
  public var logReplay = LogReplay.whatIsNotRegistered
  /// What senders are told whose segment is forgotten.
  public var forgottenSenders = ForgottenSenders.learnThatNothingIsKnown
  /// What a repeated batch is answered.
  public var repetition = RepetitionAnswer.onceStored
  /// How leases are asked for.
  public var leaseRequests = LeaseRequests.untilGranted
  /// Whose clock tells whether a lease has run out.
  public var leaseClock = LeaseClock.services
  /// How an agent leaves.
  public var leaving = Leaving.handsOver
  /// What has to wait for an upload that is under way.
  public var uploadWaits = UploadWaits.itsOwnRecords

  /// The protocol's own behaviour.
  public init() {}
}

/// How an object's key is made.
public enum KeyNaming: Sendable, Hashable {
  /// Topic identifier, partition, base offset and epoch: two holders never share a key.
  case withEpoch
  /// As the original does it, see `Original/`.
  case original
}

/// When a buffered batch is acknowledged.
public enum AcknowledgementMoment: Sendable, Hashable {
  /// When the log has it on disk.
  case afterLogSync
  /// As the original does it, see `Original/`.
  case original
}

/// What becomes of a segment whose upload fails again and again.
public enum FailedUpload: Sendable, Hashable {
  /// It is tried again until it is stored or its epoch is over.
  case keepTrying
  /// As the original does it, see `Original/`.
  case original
}

/// What of a log is stored again after a crash.
public enum LogReplay: Sendable, Hashable {
  /// What its epoch did not register, once, under the log's own producer identity.
  case whatIsNotRegistered
  /// As the original does it, see `Original/`.
  case original
}

/// What senders are told whose segment is forgotten.
public enum ForgottenSenders: Sendable, Hashable {
  /// That nobody knows whether their records are stored.
  case learnThatNothingIsKnown
  /// As the original does it, see `Original/`.
  case original
}

/// What a repeated batch is answered.
public enum RepetitionAnswer: Sendable, Hashable {
  /// Its offset, once it is as safe as asked for.
  case onceStored
  /// As the original does it, see `Original/`.
  case original
}

/// How leases are asked for.
public enum LeaseRequests: Sendable, Hashable {
  /// Again and again, for as long as the partition is assigned.
  case untilGranted
  /// As the original does it, see `Original/`.
  case original
}

/// Whose clock tells whether a lease has run out.
public enum LeaseClock: Sendable, Hashable {
  /// The metadata service's monotonic one.
  case services
  /// As the original does it, see `Original/`.
  case original
}

/// How an agent leaves.
public enum Leaving: Sendable, Hashable {
  /// It stores what it has, or leaves it to its successors, partition by partition.
  case handsOver
  /// As the original does it, see `Original/`.
  case original
}

/// What has to wait for an upload that is under way.
public enum UploadWaits: Sendable, Hashable {
  /// The records that it stores, and nobody else.
  case itsOwnRecords
  /// As the original does it, see `Original/`.
  case original
}

/// The parts of the metadata service whose behaviour is chosen when the cluster is built.
public struct MetadataBehaviour: Sendable, Hashable {
  /// What a snapshot brings back.
  public var restoring = SnapshotRestoring.everything
  /// Up to where readers of committed records may read.
  public var stableOffset = StableOffset.beforeOpenTransactions
  /// How epochs are numbered.
  public var epochs = EpochNumbering.alwaysRises
  /// How a segment becomes part of its partition.
  public var registration = Registration.atOnce

  /// The protocol's own behaviour.
  public init() {}
}

/// How a segment becomes part of its partition.
public enum Registration: Sendable, Hashable {
  /// Its row and the watermark are one change.
  case atOnce
  /// As the original does it, see `Original/`.
  case original
}

/// How epochs are numbered.
public enum EpochNumbering: Sendable, Hashable {
  /// Every grant raises the partition's epoch, whatever was before.
  case alwaysRises
  /// As the original does it, see `Original/`.
  case original
}

/// The parts of a producer whose behaviour is chosen when the cluster is built.
public struct ProducerBehaviour: Sendable, Hashable {
  /// To which batch an answer belongs.
  public var answers = AnswerMatching.byRequest
  /// What a refusal makes of a batch.
  public var refusals = RefusalMeaning.sendElsewhere
  /// How large a batch may grow.
  public var batchGrowth = BatchGrowth.upToItsCaps
  /// What flushing and closing do.
  public var closing = Closing.sendsEverything

  /// The protocol's own behaviour.
  public init() {}
}

/// To which batch an answer belongs.
public enum AnswerMatching: Sendable, Hashable {
  /// To the one that was sent with the request.
  case byRequest
  /// As the original does it, see `Original/`.
  case original
}

/// What a refusal of an agent that does not lead makes of a batch.
public enum RefusalMeaning: Sendable, Hashable {
  /// It goes to whoever leads now.
  case sendElsewhere
  /// As the original does it, see `Original/`.
  case original
}

/// How large a batch may grow.
public enum BatchGrowth: Sendable, Hashable {
  /// Up to its numbers of records and bytes, whatever is under way.
  case upToItsCaps
  /// As the original does it, see `Original/`.
  case original
}

/// What flushing and closing do.
public enum Closing: Sendable, Hashable {
  /// Everything is sent, and the outcome of each batch waited for and told.
  case sendsEverything
  /// As the original does it, see `Original/`.
  case original
}
