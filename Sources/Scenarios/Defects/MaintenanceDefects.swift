import Nodes

extension Defect {
  static let silenceMakesOrphans = Defect(
    name: .silenceMakesOrphans,
    original:
      "The reconciler asks for the known objects; when that fails it knows of none, and deletes everything that is old enough.",
    breaks: .noHoles,
    interleaving:
      "The metadata service is down while the reconciler works.",
    scenario: "careless-upkeep", removes: [], swap: { $0.maintainer.behaviour.reconciling = .original })

  static let lateUploadsAreOrphans = Defect(
    name: .lateUploadsAreOrphans,
    original:
      "An object that has no row and is older than an hour is deleted, whoever may still register it.",
    breaks: .noHoles,
    interleaving:
      "An agent uploads a segment and is late to register it; the reconciler deletes the object in between.",
    scenario: "careless-upkeep", removes: [.orphansCannotRegister], swap: { _ in })

  static let compactionStopsReading = Defect(
    name: .compactionStopsReading,
    original:
      "A compaction reads so many records at the most, and deletes all segments that it had picked.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "More records are due than one compaction reads.",
    scenario: "compaction-race", removes: [], swap: { $0.maintainer.behaviour.compactionReading = .original })

  static let compactionsCollide = Defect(
    name: .compactionsCollide,
    original:
      "Nothing keeps two servers from compacting one partition at once.",
    breaks: .rowsMatchObjects,
    interleaving:
      "Two workers read the same rows; both put theirs in their place.",
    scenario: "compaction-race", removes: [.oneCompactionAtATime, .swapIsExact], swap: { _ in })

  static let objectsGoBeforeRows = Defect(
    name: .objectsGoBeforeRows,
    original:
      "The old objects are deleted first; their rows are left, since the deletion of rows matches none.",
    breaks: .manifestsHold,
    interleaving:
      "A compaction deletes what it has read; a reader comes to a row whose object is gone.",
    scenario: "compaction-race", removes: [.rowsGoBeforeObjects], swap: { _ in })

  static let objectsGoWithRows = Defect(
    name: .objectsGoWithRows,
    original:
      "Objects are deleted at once, while readers use lists that are up to 30 s old.",
    breaks: .manifestsHold,
    interleaving:
      "A compaction swaps rows, and a maintainer deletes the old objects; a reader comes to them by its list.",
    scenario: "compaction-race", removes: [.objectsOutliveRows], swap: { _ in })

  static let tombstonesGoAtOnce = Defect(
    name: .tombstonesGoAtOnce,
    original:
      "Not the original's: empty values go with the first compaction that sees them.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "A key is deleted; a compaction drops the empty value before every reader has had time to see it.",
    scenario: "compaction-race", removes: [.tombstonesAreKept], swap: { _ in })
}
