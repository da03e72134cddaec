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
    }
  }

  /// All defects.
  public static var all: [Defect] { DefectName.allCases.map(named) }

  /// Switches the defect on.
  func apply(to scenario: inout Scenario) {
    scenario.agent.safeguards.subtract(removes)
    scenario.metadata.safeguards.subtract(removes)
    for group in scenario.producers.indices { scenario.producers[group].client.safeguards.subtract(removes) }
    swap(&scenario)
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
