import Simulation

/// What the metadata service tells of groups, each once it is durable.
public enum GroupEvent: DomainEvent {
  /// A consumer became a member, or took a static member's place or its own again.
  case memberJoined(group: String, member: UInt64, by: HostID, incarnation: Int, generation: UInt64, isNew: Bool)
  /// A membership ended.
  case memberRemoved(group: String, member: UInt64, generation: UInt64, hasLeft: Bool)
  /// What a member owns from now on.
  case owned(group: String, member: UInt64, generation: UInt64, [TopicPartition])
  /// The service has recovered and knows of these memberships, by member.
  case recovered(group: String, generation: UInt64, owned: [GroupShare])

  /// What the network and the digest know it as.
  public var kind: EventKind {
    switch self {
    case .memberJoined: EventKind(code: 63, name: "memberJoined")
    case .memberRemoved: EventKind(code: 64, name: "memberRemoved")
    case .owned: EventKind(code: 65, name: "memberOwns")
    case .recovered: EventKind(code: 66, name: "groupRecovered")
    }
  }

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .memberJoined(let group, let member, let host, let incarnation, let generation, let isNew):
      log.text("group", group)
      log.number("member", member)
      log.number("by", UInt64(host.rawValue))
      log.number("byIncarnation", incarnation)
      log.number("generation", generation)
      log.number("isNew", isNew ? 1 : 0)
    case .memberRemoved(let group, let member, let generation, let hasLeft):
      log.text("group", group)
      log.number("member", member)
      log.number("generation", generation)
      log.number("hasLeft", hasLeft ? 1 : 0)
    case .owned(let group, let member, let generation, let partitions):
      log.text("group", group)
      log.number("member", member)
      log.number("generation", generation)
      for partition in partitions { log.partition(partition) }
    case .recovered(let group, let generation, let owned):
      log.text("group", group)
      log.number("generation", generation)
      for share in owned { share.describe(into: log) }
    }
  }
}
