import Simulation

/// What agents tell the world of their coming and going.
public enum AgentEvent: DomainEvent {
  /// An agent has reported for the first time and was answered.
  case joined
  /// An agent was told to leave and begins to hand over what it leads.
  case leaving
  /// An agent has handed everything over, and ends.
  case left
  /// A leader takes no more batches: what it has is on its way, and its successor waits.
  case leadershipFrozen(TopicPartition, epoch: Epoch, successor: HostID?)
  /// The object store failed so often in a row that an agent gives it a rest.
  case breakerOpened
  /// An agent tries whether the object store works again.
  case breakerHalfOpened
  /// The object store works again.
  case breakerClosed

  /// What the network and the digest know it as.
  public var kind: EventKind {
    switch self {
    case .joined: EventKind(code: 90, name: "agentJoined")
    case .leaving: EventKind(code: 91, name: "agentLeaving")
    case .left: EventKind(code: 92, name: "agentLeft")
    case .leadershipFrozen: EventKind(code: 93, name: "leadershipFrozen")
    case .breakerOpened: EventKind(code: 94, name: "breakerOpened")
    case .breakerHalfOpened: EventKind(code: 95, name: "breakerHalfOpened")
    case .breakerClosed: EventKind(code: 96, name: "breakerClosed")
    }
  }

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .joined, .leaving, .left, .breakerOpened, .breakerHalfOpened, .breakerClosed: break
    case .leadershipFrozen(let partition, let epoch, let successor):
      log.partition(partition)
      log.number("epoch", epoch)
      if let successor { log.number("successor", UInt64(successor.rawValue)) }
    }
  }
}
