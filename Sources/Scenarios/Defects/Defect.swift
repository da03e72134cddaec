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
    }
  }

  /// All defects.
  public static var all: [Defect] { DefectName.allCases.map(named) }

  /// Switches the defect on.
  func apply(to scenario: inout Scenario) {
    scenario.agent.safeguards.subtract(removes)
    scenario.metadata.safeguards.subtract(removes)
    swap(&scenario)
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
