import Simulation

/// Which agents there are, as far as their heartbeats tell.
///
/// Kept in memory only: after a restart of the service the agents report again.
struct AgentRegistry {
  struct Record {
    var incarnation: Int
    var zone: Int
    var lastHeard: VirtualTime
    /// It hands over what it leads; it stays so until its incarnation is over.
    var isLeaving = false
    /// It has said good-bye.
    var hasLeft = false
  }

  private var records: [HostID: Record] = [:]

  /// Takes in a heartbeat. One of an earlier incarnation is late and changes nothing; neither does one of an agent that has left.
  mutating func heard(from sender: Sender, zone: Int, isLeaving: Bool, at now: VirtualTime) {
    var record = Record(incarnation: sender.incarnation, zone: zone, lastHeard: now, isLeaving: isLeaving)
    if let known = records[sender.host] {
      if known.incarnation > sender.incarnation || (known.incarnation == sender.incarnation && known.hasLeft) { return }
      if known.incarnation == sender.incarnation { record.isLeaving = record.isLeaving || known.isLeaving }
    }
    records[sender.host] = record
  }

  /// Takes in that an agent has left.
  mutating func left(_ sender: Sender, at now: VirtualTime) {
    if let known = records[sender.host], known.incarnation > sender.incarnation { return }
    let zone = records[sender.host]?.zone ?? 0
    records[sender.host] = Record(
      incarnation: sender.incarnation, zone: zone, lastHeard: now, isLeaving: true, hasLeft: true)
  }

  /// Whether an agent's incarnation is known to be over, because a later one has reported or it has left.
  func isOver(_ holder: AgentIncarnation) -> Bool {
    guard let record = records[holder.agent] else { return false }
    return record.incarnation > holder.incarnation || (record.incarnation == holder.incarnation && record.hasLeft)
  }

  /// The agents that are alive, in order.
  func living(at now: VirtualTime, timeout: VirtualDuration) -> [AssignableAgent] {
    select(now, timeout) { !$0.hasLeft }
  }

  /// The agents that partitions may be assigned to, in order: those that are alive and stay. Where nobody stays, those that leave keep what they have.
  func assignable(at now: VirtualTime, timeout: VirtualDuration) -> [AssignableAgent] {
    let staying = select(now, timeout) { !$0.hasLeft && !$0.isLeaving }
    return staying.isEmpty ? living(at: now, timeout: timeout) : staying
  }

  private func select(
    _ now: VirtualTime, _ timeout: VirtualDuration, _ isMeant: (Record) -> Bool
  ) -> [AssignableAgent] {
    records.filter { now - $0.value.lastHeard < timeout && isMeant($0.value) }
      .map { AssignableAgent(host: $0.key, zone: $0.value.zone) }.sorted { $0.host < $1.host }
  }
}
