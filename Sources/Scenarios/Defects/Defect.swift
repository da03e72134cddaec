import Nodes

/// The name of a defect of the original, as scenarios switch it on.
public enum DefectName: String, Sendable, Hashable, CaseIterable {
  // Segments and their log.

  /// A segment whose upload failed three times is forgotten.
  case segmentLostWhenUploadFails
  /// Those who wait for a forgotten segment are told that it is stored.
  case forgottenSegmentCountsAsStored
  /// A batch is acknowledged before its log entry is on disk.
  case acknowledgedBeforeSync
  /// After a crash the log is replayed whether or not it was registered.
  case logReplayedAfterRegistration
  /// An agent that leaves stores nothing of what it holds.
  case leavesWithoutStoring

  // Leases and epochs.

  /// The lease is checked before the append and never again.
  case leaseCheckedOnlyBeforeAppend
  /// Two writers with one base have one object, and the later one puts over it.
  case lateWriterPutsOverObject
  /// A partition counts as led once it is assigned, whatever became of the lease.
  case assignmentCountsAsLease
  /// Whether a lease has run out is told by the clock of whoever wants it.
  case leaseRunsOutByAskersClock
  /// Giving a lease back forgets its epoch.
  case epochsBeginAgain
  /// Whoever gave a lease back does so again, whoever holds it.
  case lateReleaseCounts

  // Producers and their sequences.

  /// A sequence counts as stored before its batch is appended.
  case sequenceRecordedBeforeAppend
  /// A batch and its repetition both pass the check.
  case concurrentRepetitionsPass
  /// A batch that is given up leaves a gap for ever.
  case givenUpBatchLeavesGap
  /// Answers are given to whoever has waited longest.
  case answersGoToTheFirstInLine
  /// A refusal ends a batch as failed, whatever became of an earlier try.
  case refusalCountsAsFailure

  // Transactions.

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
  /// By what it shows.
  public let breaks: DefectSign
  /// How it comes about.
  public let interleaving: String
  /// The scenario of the library that shows it.
  public let scenario: String
  /// The safeguards that it removes.
  let removes: Safeguards
  /// The behaviours that it swaps, of whichever role.
  let swap: @Sendable (inout Scenario) -> Void

  /// Makes a row of the catalogue.
  init(
    name: DefectName, original: String, breaks: DefectSign, interleaving: String, scenario: String,
    removes: Safeguards, swap: @escaping @Sendable (inout Scenario) -> Void = { _ in }
  ) {
    self.name = name
    self.original = original
    self.breaks = breaks
    self.interleaving = interleaving
    self.scenario = scenario
    self.removes = removes
    self.swap = swap
  }

  /// Makes a row of a defect that breaks an invariant.
  init(
    name: DefectName, original: String, breaks invariant: InvariantName, interleaving: String, scenario: String,
    removes: Safeguards, swap: @escaping @Sendable (inout Scenario) -> Void = { _ in }
  ) {
    self.init(
      name: name, original: original, breaks: .invariant(invariant), interleaving: interleaving, scenario: scenario,
      removes: removes, swap: swap)
  }

  /// The defect of this name.
  public static func named(_ name: DefectName) -> Defect {
    switch name {
    case .segmentLostWhenUploadFails: segmentLostWhenUploadFails
    case .forgottenSegmentCountsAsStored: forgottenSegmentCountsAsStored
    case .acknowledgedBeforeSync: acknowledgedBeforeSync
    case .logReplayedAfterRegistration: logReplayedAfterRegistration
    case .leavesWithoutStoring: leavesWithoutStoring
    case .leaseCheckedOnlyBeforeAppend: leaseCheckedOnlyBeforeAppend
    case .lateWriterPutsOverObject: lateWriterPutsOverObject
    case .assignmentCountsAsLease: assignmentCountsAsLease
    case .leaseRunsOutByAskersClock: leaseRunsOutByAskersClock
    case .epochsBeginAgain: epochsBeginAgain
    case .lateReleaseCounts: lateReleaseCounts
    case .sequenceRecordedBeforeAppend: sequenceRecordedBeforeAppend
    case .concurrentRepetitionsPass: concurrentRepetitionsPass
    case .givenUpBatchLeavesGap: givenUpBatchLeavesGap
    case .answersGoToTheFirstInLine: answersGoToTheFirstInLine
    case .refusalCountsAsFailure: refusalCountsAsFailure
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
    for group in scenario.producers.indices { scenario.producers[group].client.safeguards.subtract(removes) }
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

/// By what a defect shows in a run.
public enum DefectSign: Sendable, Hashable {
  /// An invariant is violated.
  case invariant(InvariantName)
  /// The run does not come to rest.
  case liveness

  /// As `hunt` names it: the invariant, or `liveness`.
  public var name: String {
    switch self {
    case .invariant(let invariant): invariant.rawValue
    case .liveness: Verdict.liveness.rawValue
    }
  }
}
