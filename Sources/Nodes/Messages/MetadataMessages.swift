import Simulation

/// A registered segment as its row has it.
public struct SegmentRow: Sendable, Hashable {
  /// The first offset.
  public var base: UInt64
  /// The offset after the last one.
  public var end: UInt64
  /// How many records it holds.
  public var recordCount: UInt64
  /// The size of the object in bytes.
  public var size: UInt64
  /// The epoch under which it was registered; 0 for segments that were there before the cluster.
  public var epoch: Epoch
  /// The object; empty for a row that compaction left without records.
  public var key: ObjectKey
  /// When it was registered, in milliseconds of the metadata service's own running clock, which stands still while the service is down. Set by the service.
  public var registeredAt: UInt64 = 0
  /// The intent of the compaction that made it; 0 for a segment as its leader wrote it.
  public var compaction: UInt64 = 0

  /// Makes a row.
  public init(base: UInt64, end: UInt64, recordCount: UInt64, size: UInt64, epoch: Epoch, key: ObjectKey) {
    self.base = base
    self.end = end
    self.recordCount = recordCount
    self.size = size
    self.epoch = epoch
    self.key = key
  }

  /// Whether two rows are of one segment, whenever either was registered.
  func isSameSegment(as other: SegmentRow) -> Bool {
    var other = other
    other.registeredAt = registeredAt
    return self == other
  }
}

/// A batch that a producer has stored, as far as it is remembered.
public struct StoredBatch: Sendable, Hashable {
  /// Who sent it.
  public var producer: ProducerIdentity
  /// The sequence number of its first record.
  public var sequence: UInt64
  /// How many records it has.
  public var count: UInt64
  /// The offset of its first record.
  public var offset: UInt64
}

/// A partition as clients see it.
public struct PartitionDescription: Sendable, Hashable {
  /// The agent that holds the lease; nil when nobody does.
  public var leader: HostID?
  /// The epoch of the latest lease.
  public var epoch: Epoch
  /// The first offset that can be read.
  public var logStart: UInt64
  /// The next offset after the last registered one.
  public var watermark: UInt64
}

// MARK: - Agents

/// Says that an agent lives, and asks what it is to lead.
public struct AgentHeartbeat: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 20, name: "AgentHeartbeat")
  /// Where it stands.
  public var zone: Int
  /// Whether it wants to leave: its partitions go to others. An incarnation that has said so once cannot take it back.
  public var isLeaving = false
  /// How much the partitions that it leads are written to.
  public var loads: [PartitionLoad] = []

  /// What the service wants of the agent.
  public struct Response: Payload {
    /// The partitions it is to lead, in order.
    public var assigned: [TopicPartition]
    /// Those that it leads and is to hand over now, in order.
    public var handovers: [Handover]
    /// How many agents are alive.
    public var liveAgents: Int
    /// Its shares of the quotas, in order of their subjects.
    public var quotas: [Quota]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + assigned.count * 8 + handovers.count * 12 + quotas.count * 16 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("live", liveAgents)
      for partition in assigned { log.number("assigned", partition.word) }
      for handover in handovers {
        log.number("handOver", handover.partition.word)
        log.number("to", UInt64(handover.successor.rawValue))
      }
      for quota in quotas {
        log.number("quotaOf", quota.subject.word)
        log.number("bytesPerSecond", quota.bytesPerSecond)
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + loads.count * 24 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.number("zone", zone)
    if isLeaving { log.number("leaving", 1) }
    for load in loads {
      log.number("load", load.partition.word)
      log.number("records", load.records)
      log.number("bytes", load.bytes)
    }
  }
}

/// Asks for a partition's lease; every grant raises the epoch.
public struct AcquireLease: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 21, name: "AcquireLease")
  /// The partition.
  public var partition: TopicPartition
  /// Rises with each request of an incarnation; the same number asks for the same answer.
  public var request: UInt64
  /// How long the service may hold the request back while another agent holds the lease of a partition that is assigned to the sender: it is granted in the instant in which that agent gives it back.
  public var waitAtMost = VirtualDuration.zero
  /// The time with which the service is to compare lease times, if not its own.
  public var clock: VirtualTime?

  /// The lease with all that its holder has to know, read in the transaction that granted it.
  public struct Response: Payload {
    /// The fencing token.
    public var epoch: Epoch
    /// Where to append.
    public var watermark: UInt64
    /// The producers' latest batches, at most five each.
    public var batches: [StoredBatch]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + batches.count * 40 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("epoch", epoch)
      log.number("watermark", watermark)
      log.number("batches", batches.count)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("request", request)
    if let clock { log.number("clock", UInt64(max(clock.nanoseconds, 0))) }
  }
}

/// A lease by the partition and the epoch under which it is held.
public struct HeldLease: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// The epoch.
  public var epoch: Epoch
}

/// Prolongs leases by a full term from now; each keeps its epoch.
public struct RenewLeases: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 22, name: "RenewLeases")
  /// The leases.
  public var leases: [HeldLease]

  /// Which of them the sender no longer holds.
  public struct Response: Payload {
    /// The leases that belong to another holder or epoch by now.
    public var lost: [HeldLease]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + lost.count * 16 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for lease in lost {
        log.number("lost", lease.partition.word)
        log.number("epoch", lease.epoch)
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + leases.count * 16 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    for lease in leases {
      log.number("lease", lease.partition.word)
      log.number("epoch", lease.epoch)
    }
  }
}

/// Gives a lease back; the epoch stays in the partition's row.
public struct ReleaseLease: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 23, name: "ReleaseLease")
  /// The lease.
  public var lease: HeldLease

  /// Nothing but success; also when it was over already.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(lease.partition)
    log.number("epoch", lease.epoch)
  }
}

/// Makes sure that an epoch is over, and asks what it registered: from the answer on that is final.
public struct FenceEpoch: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 24, name: "FenceEpoch")
  /// The partition and the epoch that is to be over.
  public var lease: HeldLease

  /// What the epoch left behind.
  public struct Response: Payload {
    /// The offset after the last one that the epoch registered; nil when it registered none.
    public var registeredEnd: UInt64?
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      if let registeredEnd { log.number("registeredEnd", registeredEnd) }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(lease.partition)
    log.number("epoch", lease.epoch)
  }
}

/// Makes an uploaded segment part of its partition: a compare-and-set on (epoch, base = watermark).
public struct RegisterSegment: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 25, name: "RegisterSegment")
  /// The partition.
  public var partition: TopicPartition
  /// The segment; its epoch must be the partition's current one, its base the watermark.
  public var row: SegmentRow
  /// The batches of idempotent producers that it holds, in order.
  public var batches: [StoredBatch]
  /// Which of its offsets belong to transactions, in order.
  public var ranges: [TransactionRange] = []

  /// The partition's new state.
  public struct Response: Payload {
    /// The offset after the segment.
    public var watermark: UInt64
    /// The transactions with records in it that are over without a commit: nobody will see those records as committed.
    public var aborted: [TransactionID] = []
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + aborted.count * 20 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("watermark", watermark)
      for transaction in aborted { log.transaction(transaction) }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + 100 + batches.count * 40 + ranges.count * 36 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("base", row.base)
    log.number("end", row.end)
    log.number("epoch", row.epoch)
    log.number("batches", batches.count)
    for range in ranges {
      log.transaction(range.transaction)
      log.number("first", range.offsets.first)
      log.number("end", range.offsets.end)
    }
  }
}

// MARK: - Clients

/// Asks for a topic and who leads its partitions.
public struct DescribeTopic: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 26, name: "DescribeTopic")
  /// The topic's name.
  public var name: String

  /// The topic.
  public struct Response: Payload {
    /// The topic's identifier.
    public var topic: TopicID
    /// Its partitions by number.
    public var partitions: [PartitionDescription]
    /// Its settings.
    public var settings: TopicSettings
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + partitions.count * 32 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for partition in partitions {
        log.number("leader", UInt64(partition.leader?.rawValue ?? .max))
        log.number("epoch", partition.epoch)
        log.number("watermark", partition.watermark)
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + name.utf8.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.text("topic", name) }
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

/// Takes up the identity of an idempotent producer; earlier users of the name are fenced.
public struct InitializeProducer: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 30, name: "InitializeProducer")
  /// What the producer calls itself.
  public var name: String
  /// Rises with each request of an incarnation; the same number asks for the same answer.
  public var request: UInt64
  /// The identity that the sender holds and wants renewed: refused when somebody else has followed. Nil takes the name over from whoever has it.
  public var replacing: ProducerIdentity?

  /// The identity.
  public struct Response: Payload {
    /// The identity with its new epoch.
    public var identity: ProducerIdentity
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("producer", identity.id)
      log.number("epoch", UInt64(identity.epoch))
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + name.utf8.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("name", name)
    log.number("request", request)
    if let replacing { log.number("replacing", UInt64(replacing.epoch)) }
  }
}

/// Why the metadata service refuses.
public enum MetadataError: ReplyError, Hashable {
  /// There is no such topic or partition.
  case noSuchTopic
  /// The lease is held by somebody else and not over.
  case leaseHeld(by: HostID)
  /// The epoch is not the current one: another holder has followed.
  case fenced(current: Epoch)
  /// A segment's base is not the watermark.
  case notAtWatermark(UInt64)
  /// The request is older than one of the same sender that was answered already.
  case staleRequest
  /// The service is recovering its state.
  case recovering
  /// The sender is no member of the group, or not any more.
  case unknownMember
  /// A position of a partition that the member did not own without a break since the generation it named; its own is another.
  case commitFenced(current: UInt64)
  /// The group shares its partitions otherwise.
  case assignorDiffers(GroupAssignor)
  /// Another process has taken the static member's name.
  case instanceTaken
  /// The request makes no sense.
  case invalid
  /// The topic was deleted; its identifier will never mean another one.
  case topicDeleted
  /// There is a topic of this name.
  case topicExists(TopicID)
  /// There cannot be such a topic.
  case invalidTopic(TopicProblem)
  /// The intent is not the partition's current one, or its rows have changed.
  case intentOver
  /// A later user of this producer's name has followed.
  case producerFenced(current: UInt32)
  /// The transaction is over, and ended so.
  case transactionOver(TransactionOutcome)
  /// The service does not have all records that the commit names; the transaction was aborted.
  case transactionIncomplete

  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    switch self {
    case .noSuchTopic: log.number("error", 1)
    case .leaseHeld(let holder):
      log.number("error", 2)
      log.number("holder", UInt64(holder.rawValue))
    case .fenced(let current):
      log.number("error", 3)
      log.number("current", current)
    case .notAtWatermark(let watermark):
      log.number("error", 4)
      log.number("watermark", watermark)
    case .staleRequest: log.number("error", 5)
    case .recovering: log.number("error", 6)
    case .unknownMember: log.number("error", 20)
    case .commitFenced(let current):
      log.number("error", 21)
      log.number("current", current)
    case .assignorDiffers(let assignor):
      log.number("error", 22)
      log.text("assignor", assignor.rawValue)
    case .instanceTaken: log.number("error", 23)
    case .invalid: log.number("error", 7)
    case .topicDeleted: log.number("error", 40)
    case .topicExists(let topic):
      log.number("error", 41)
      log.number("topic", UInt64(topic.rawValue))
    case .invalidTopic(let problem):
      log.number("error", 42)
      log.number("problem", problem.code)
    case .intentOver: log.number("error", 43)
    case .producerFenced(let current):
      log.number("error", 30)
      log.number("current", UInt64(current))
    case .transactionOver(let outcome):
      log.number("error", 31)
      log.text("outcome", outcome.rawValue)
    case .transactionIncomplete: log.number("error", 32)
    }
  }
}
