import Nodes

extension Defect {
  static let nothingIsStable = Defect(
    name: .nothingIsStable,
    original:
      "The last stable offset of a partition that has seen no transaction is 0.",
    breaks: .readersGoOn,
    interleaving:
      "Records are written without transactions; a reader of committed records is handed none of them.",
    scenario: "careless-readers", removes: [], swap: { $0.metadata.behaviour.stableOffset = .original })

  static let transactionsNeverTimeOut = Defect(
    name: .transactionsNeverTimeOut,
    original:
      "The timeout of a transaction is stored with it, and nobody looks at it again.",
    breaks: .transactionsEnd,
    interleaving:
      "A pipeline stalls in the middle of a transaction, for longer than that may last.",
    scenario: "transaction-timeouts", removes: [.transactionsTimeOut], swap: { _ in })

  static let snapshotWithoutWatermarks = Defect(
    name: .snapshotWithoutWatermarks,
    original:
      "Snapshots hold topics and segments; after a restore the watermarks are 0.",
    breaks: .watermarkNeverFalls,
    interleaving:
      "The metadata service writes a snapshot, dies, and comes back.",
    scenario: "metadata-restart", removes: [], swap: { $0.metadata.behaviour.restoring = .original })

  static let answeredBeforeSynced = Defect(
    name: .answeredBeforeSynced,
    original:
      "Not the original's, which leaves this to its database: answers leave before what they show is on disk.",
    breaks: .acknowledgedIsStored,
    interleaving:
      "A segment is registered and its records are acknowledged; the metadata service dies before its journal is synced.",
    scenario: "slow-metadata-disk", removes: [.answersAreSynced], swap: { _ in })

  static let snapshotWrittenInPlace = Defect(
    name: .snapshotWrittenInPlace,
    original:
      "Not the original's, which puts snapshots under new names: the new snapshot is written over the old one.",
    breaks: .leadersReturn,
    interleaving:
      "The metadata service dies while it writes a snapshot, and has neither the old nor the new one.",
    scenario: "slow-metadata-disk", removes: [.snapshotIsWrittenAside], swap: { _ in })

  static let rowAndWatermarkApart = Defect(
    name: .rowAndWatermarkApart,
    original: "A segment's row is added by one call, and the watermark raised by another.",
    breaks: .noHoles,
    interleaving:
      "The metadata service dies between the two: the row is there, and the watermark below it. Its repetition counts as done, what follows does not fit, and nobody reads what it holds.",
    scenario: "slow-metadata-disk", removes: [], swap: { $0.metadata.behaviour.registration = .original })
}
