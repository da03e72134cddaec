import Nodes

/// The name of a defect of the original, as scenarios switch it on.
public enum DefectName: String, Sendable, Hashable, CaseIterable {
  /// A segment whose upload failed three times is forgotten.
  case segmentLostWhenUploadFails
  /// The lease is checked before the append and never again.
  case leaseCheckedOnlyBeforeAppend
  /// A batch is acknowledged before its log entry is on disk.
  case acknowledgedBeforeSync
  /// After a crash the log is replayed whether or not it was registered.
  case logReplayedAfterRegistration
  /// Readers of committed records are handed those of open transactions.
  case openTransactionsShow
  /// Readers of committed records are handed aborted ones.
  case abortedRecordsAreDelivered
  /// Records that come after the end of their transaction are visible.
  case lateRecordsCountAsCommitted

  /// An offset that no segment holds passes for the end of the log.
  case holesPassForTheEnd
  /// A poll commits what it is about to hand out.
  case committedBeforeHandled
  /// Positions are committed by default also where there is no group to store them under.
  case committedWithoutGroup
  /// A list of segments is used however old it is, and a missing object is not looked up again.
  case staleListsAreUsed

  /// A cache writes its files in place and believes what they hold.
  case cacheFilesAreTorn
  /// A cache knows a segment by its topic's name, partition and base offset.
  case cacheKnowsNamesOnly
  /// A cache that starts counts nothing of what lies in its folder.
  case cacheForgetsItsFiles

  /// A member that is not heard of keeps its partitions.
  case sessionsNeverExpire
  /// A member is given partitions while another one still works on them.
  case takenBeforeGivenBack
  /// Whoever names a group may store its positions.
  case lateMembersCommit
  /// A commit that comes late undoes a newer one.
  case lateCommitsCount

  /// Where there was no transaction readers of committed records see nothing.
  case nothingIsStable
  /// The time of a transaction is stored and never enforced.
  case transactionsNeverTimeOut
  /// A snapshot of the metadata leaves the watermarks out.
  case snapshotWithoutWatermarks
  /// The metadata service answers before its journal is synced.
  case answeredBeforeSynced
  /// A snapshot is written over the one before it.
  case snapshotWrittenInPlace

  /// A reconciler that gets no answer takes every object for an orphan.
  case silenceMakesOrphans
  /// An object without a row is an orphan, whoever may still register it.
  case lateUploadsAreOrphans
  /// A compaction stops reading early, and replaces everything all the same.
  case compactionStopsReading
  /// Two workers compact one partition at once.
  case compactionsCollide
  /// A compaction deletes the old objects while rows still name them.
  case objectsGoBeforeRows
  /// Objects go as soon as their rows have gone.
  case objectsGoWithRows
  /// A compaction drops empty values at once.
  case tombstonesGoAtOnce
}

/// A defect of the original StreamHouse: what it leaves out or does otherwise, and what comes of it.
public struct Defect: Sendable {
  /// The name.
  public let name: DefectName
  /// What the original does.
  public let original: String
  /// The invariant that it breaks.
  public let breaks: InvariantName
  /// How it comes about.
  public let interleaving: String
  /// The scenario of the library that shows it.
  public let scenario: String
  /// The safeguards that it removes.
  let removes: Safeguards
  /// The behaviours that it swaps, of whichever role.
  let swap: @Sendable (inout Scenario) -> Void

  /// The defect of this name.
  public static func named(_ name: DefectName) -> Defect {
    switch name {
    case .segmentLostWhenUploadFails: segmentLostWhenUploadFails
    case .leaseCheckedOnlyBeforeAppend: leaseCheckedOnlyBeforeAppend
    case .acknowledgedBeforeSync: acknowledgedBeforeSync
    case .logReplayedAfterRegistration: logReplayedAfterRegistration
    case .openTransactionsShow: openTransactionsShow
    case .abortedRecordsAreDelivered: abortedRecordsAreDelivered
    case .lateRecordsCountAsCommitted: lateRecordsCountAsCommitted
    case .holesPassForTheEnd: holesPassForTheEnd
    case .committedBeforeHandled: committedBeforeHandled
    case .committedWithoutGroup: committedWithoutGroup
    case .staleListsAreUsed: staleListsAreUsed
    case .cacheFilesAreTorn: cacheFilesAreTorn
    case .cacheKnowsNamesOnly: cacheKnowsNamesOnly
    case .cacheForgetsItsFiles: cacheForgetsItsFiles
    case .sessionsNeverExpire: sessionsNeverExpire
    case .takenBeforeGivenBack: takenBeforeGivenBack
    case .lateMembersCommit: lateMembersCommit
    case .lateCommitsCount: lateCommitsCount
    case .nothingIsStable: nothingIsStable
    case .transactionsNeverTimeOut: transactionsNeverTimeOut
    case .snapshotWithoutWatermarks: snapshotWithoutWatermarks
    case .answeredBeforeSynced: answeredBeforeSynced
    case .snapshotWrittenInPlace: snapshotWrittenInPlace
    case .silenceMakesOrphans: silenceMakesOrphans
    case .lateUploadsAreOrphans: lateUploadsAreOrphans
    case .compactionStopsReading: compactionStopsReading
    case .compactionsCollide: compactionsCollide
    case .objectsGoBeforeRows: objectsGoBeforeRows
    case .objectsGoWithRows: objectsGoWithRows
    case .tombstonesGoAtOnce: tombstonesGoAtOnce
    }
  }

  /// All defects.
  public static var all: [Defect] { DefectName.allCases.map(named) }

  /// Switches the defect on.
  func apply(to scenario: inout Scenario) {
    scenario.agent.safeguards.subtract(removes)
    scenario.metadata.safeguards.subtract(removes)
    scenario.maintainer.safeguards.subtract(removes)
    scenario.changeReaders { $0.safeguards.subtract(removes) }
    swap(&scenario)
  }
}

extension Scenario {
  /// Changes the figures of every consumer, whoever uses it.
  mutating func changeReaders(_ change: (inout ConsumerConfiguration) -> Void) {
    for index in consumers.indices { change(&consumers[index].client) }
    for index in pipelines.indices { change(&pipelines[index].consumer) }
    for index in lifecycles.indices { change(&lifecycles[index].reader) }
  }
}

extension Defect {
  static let segmentLostWhenUploadFails = Defect(
    name: .segmentLostWhenUploadFails,
    original:
      "A segment is swapped out before its upload; when three tries have failed it is dropped, and its log with it.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "Batches are acknowledged as buffered; the object store fails three times in a row; the segment is forgotten.",
    scenario: "object-store-outage", removes: [], swap: { $0.agent.behaviour.failedUpload = .original })

  static let leaseCheckedOnlyBeforeAppend = Defect(
    name: .leaseCheckedOnlyBeforeAppend,
    original:
      "The lease is looked at before an append. Neither upload nor registration carries an epoch, and writers outlive their lease.",
    breaks: .rowsMatchObjects,
    interleaving:
      "An agent takes batches and stalls; its lease runs out and another agent writes from the same offset; the first one wakes up and puts its segment over the other one's object.",
    scenario: "paused-agent", removes: [.epochIsCurrent, .baseIsWatermark, .putIsConditional, .writerEndsWithLease],
    swap: { $0.agent.behaviour.keyNaming = .original })

  static let acknowledgedBeforeSync = Defect(
    name: .acknowledgedBeforeSync,
    original: "With group commit an append returns once the log's writer has it in memory.",
    breaks: .acknowledgedIsStored,
    interleaving: "A batch is acknowledged as buffered; its agent dies before the log is synced.",
    scenario: "agent-crash", removes: [], swap: { $0.agent.behaviour.acknowledgesBuffered = .original })

  static let logReplayedAfterRegistration = Defect(
    name: .logReplayedAfterRegistration,
    original: "The log has no offsets: after a crash everything in it is appended again, registered or not.",
    breaks: .storedAsOftenAsSent,
    interleaving:
      "A segment is registered; its agent dies before the log is removed; the restart stores the same records again.",
    scenario: "agent-crash", removes: [], swap: { $0.agent.behaviour.logReplay = .original })
}
