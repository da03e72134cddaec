import Simulation

/// How a group's partitions are shared among its members.
public enum GroupAssignor: String, Sendable, Hashable, CaseIterable {
  /// Of each topic neighbouring partitions, the first members getting one more where it does not come out even.
  case range
  /// Partition after partition in turn.
  case roundRobin
  /// Evenly, and so that as few partitions as possible change hands.
  case sticky
}

/// Takes a consumer into a group.
///
/// Idempotent by the sender and `request`: a repetition is answered with the same membership, and does not make another one.
public struct JoinGroup: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 50, name: "JoinGroup")
  /// The group.
  public var group: String
  /// Rises with each joining of an incarnation; the same number asks for the same membership.
  public var request: UInt64
  /// The topics of interest.
  public var topics: [String]
  /// The name of a static member: whoever comes back under it takes the membership over.
  public var instance: String?
  /// How partitions are shared; all members of a group have to want the same.
  public var assignor: GroupAssignor
  /// After how long without a heartbeat the member is taken for dead.
  public var sessionTimeout: VirtualDuration

  /// The new member's share.
  public typealias Response = GroupShare

  /// Its length on the wire in bytes.
  public var wireSize: Int { topics.reduce(messageOverhead + group.utf8.count) { $0 + $1.utf8.count } }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("request", request)
    if let instance { log.text("instance", instance) }
  }
}

/// Says that a member is alive and what it works on, and asks what it is to work on.
///
/// What the member reports under its current generation is taken at its word: a partition that is missing is given back, for good under this generation. Reports of older generations give nothing back.
public struct GroupHeartbeat: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 51, name: "GroupHeartbeat")
  /// The group.
  public var group: String
  /// The member.
  public var member: UInt64
  /// The generation of the share that the member has taken up.
  public var generation: UInt64
  /// The partitions that it works on.
  public var owned: [TopicPartition]
  /// How long the service may hold back an answer that would change nothing.
  public var waitAtMost: VirtualDuration

  /// What the member is to work on.
  public typealias Response = GroupShare

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + group.utf8.count + owned.count * 8 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("member", member)
    log.number("generation", generation)
    for partition in owned { log.partition(partition) }
  }
}

/// What a member of a group is to work on.
public struct GroupShare: Payload, Hashable {
  /// The member.
  public var member: UInt64
  /// The generation of the share; commits and heartbeats carry it.
  public var generation: UInt64
  /// The partitions, in order. One that the member works on and that is missing here is to be given back.
  public var partitions: [TopicPartition]

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + partitions.count * 8 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.number("member", member)
    log.number("generation", generation)
    for partition in partitions { log.partition(partition) }
  }
}

/// Ends a membership; one that is over already is no error.
public struct LeaveGroup: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 52, name: "LeaveGroup")
  /// The group.
  public var group: String
  /// The member.
  public var member: UInt64

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + group.utf8.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("member", member)
  }
}

/// As whom a member of a group commits.
public struct GroupMembership: Sendable, Hashable {
  /// The member.
  public var member: UInt64
  /// The generation of the share that it has taken up.
  public var generation: UInt64

  /// Names a member.
  public init(member: UInt64, generation: UInt64) {
    self.member = member
    self.generation = generation
  }
}

/// Stores a group's positions.
///
/// A group with members takes positions from its members only, each for the partitions that it has owned without a break since the generation that it names. A group without members takes them from anyone, and the last one counts.
public struct CommitOffsets: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 28, name: "CommitOffsets")
  /// The group.
  public var group: String
  /// The positions.
  public var offsets: [CommittedOffset]
  /// Rises with each commit of an incarnation: a late older one must not undo a newer one.
  public var request: UInt64
  /// The committing member; nil for who is no member.
  public var membership: GroupMembership?

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + offsets.count * 16 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("group", group)
    log.number("request", request)
    if let membership {
      log.number("member", membership.member)
      log.number("generation", membership.generation)
    }
    for offset in offsets {
      log.number("partition", offset.partition.word)
      log.number("offset", offset.offset)
    }
  }
}

/// Asks for a group's positions.
public struct FetchOffsets: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 29, name: "FetchOffsets")
  /// The group.
  public var group: String
  /// The partitions of interest.
  public var partitions: [TopicPartition]

  /// The positions that are stored; a partition without one is left out.
  public struct Response: Payload {
    /// The positions.
    public var offsets: [CommittedOffset]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + offsets.count * 16 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for offset in offsets {
        log.number("partition", offset.partition.word)
        log.number("offset", offset.offset)
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + partitions.count * 8 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.text("group", group) }
}

/// A group's position in a partition: the next offset to read.
public struct CommittedOffset: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// The next offset to read.
  public var offset: UInt64

  /// Makes a position.
  public init(partition: TopicPartition, offset: UInt64) {
    self.partition = partition
    self.offset = offset
  }
}
