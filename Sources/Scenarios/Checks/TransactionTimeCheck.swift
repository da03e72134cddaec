import Nodes
import Simulation

/// T: no transaction is open for longer than its time; a recovery of the metadata service gives each its full time again.
struct TransactionTimeCheck {
  private struct Open {
    var began: EventStamp
    var timeout: VirtualDuration
  }

  private var open: [TransactionID: Open] = [:]
  private var recoveredAt = VirtualTime.start
  /// By how much longer a transaction may be open: what lies between a change and its telling.
  private let slack: VirtualDuration

  init(slack: VirtualDuration) { self.slack = slack }

  mutating func recovered(at time: VirtualTime) { recoveredAt = time }

  mutating func observe(_ event: TransactionEvent, _ stamp: EventStamp, _ found: inout ViolationList) {
    switch event {
    case .began(let transaction, let timeout):
      // What a producer had open before is over, also where nobody had time to tell.
      open = open.filter { $0.key.producer.id != transaction.producer.id }
      open[transaction] = Open(began: stamp, timeout: timeout)
    case .ended(let transaction, _, _):
      if let known = open.removeValue(forKey: transaction) { judge(transaction, known, at: stamp.time, &found) }
    case .recovered(let ended): for ended in ended { open[ended.transaction] = nil }
    case .rangeRegistered: break
    }
  }

  /// Judges those that are open at the end.
  func finish(at time: VirtualTime, _ found: inout ViolationList) {
    for (transaction, known) in open.sorted(by: { $0.value.began.number < $1.value.began.number }) {
      judge(transaction, known, at: time, &found)
    }
  }

  private func judge(
    _ transaction: TransactionID, _ known: Open, at time: VirtualTime, _ found: inout ViolationList
  ) {
    let since = max(known.began.time, recoveredAt)
    guard time > since + known.timeout + slack else { return }
    found.add(
      Violation(
        .transactionsEnd, at: time,
        "\(transaction), begun at \(known.began.time), was open until \(time), although its time is \(known.timeout)",
        events: [known.began.number]))
  }
}
