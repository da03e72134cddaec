import Nodes

extension Defect {
  static let openTransactionsShow = Defect(
    name: .openTransactionsShow,
    original:
      "The commit of a transaction sets a partition's last stable offset behind its last record, past others that are open.",
    breaks: .committedIsVisible,
    interleaving:
      "Two transactions write to a partition; the later one commits; readers of committed records are handed those of the earlier one, which is aborted afterwards.",
    scenario: "transaction-timeouts", removes: [.openTransactionsHoldReaders], swap: { _ in })

  static let abortedRecordsAreDelivered = Defect(
    name: .abortedRecordsAreDelivered,
    original: "The end of a transaction is a row that no reader asks for: aborted records look like all others.",
    breaks: .committedIsVisible,
    interleaving:
      "A pipeline stalls and its transaction is aborted; readers of committed records are handed its records.",
    scenario: "transaction-timeouts", removes: [.abortedOffsetsAreTold], swap: { _ in })

  static let lateRecordsCountAsCommitted = Defect(
    name: .lateRecordsCountAsCommitted,
    original:
      "Adding records to a transaction asks neither whether it is open nor whose it is: what comes after its end belongs to none, and is visible.",
    breaks: .committedIsVisible,
    interleaving:
      "A pipeline stalls in the middle of a transaction, which is aborted; the pipeline wakes up and sends the rest.",
    scenario: "transaction-timeouts", removes: [.transactionIsOpen], swap: { _ in })
}
