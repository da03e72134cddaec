import Simulation

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

/// How much a partition is written to, as its leader measured it.
public struct PartitionLoad: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// Records a second.
  public var records: UInt64
  /// Bytes a second, by the records' estimated size.
  public var bytes: UInt64

  /// Makes a load.
  public init(partition: TopicPartition, records: UInt64, bytes: UInt64) {
    self.partition = partition
    self.records = records
    self.bytes = bytes
  }
}

/// A partition that an agent leads and is to hand over: its successor already waits for the lease.
public struct Handover: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// Who waits for it.
  public var successor: HostID
}

/// Says that an agent has handed everything over and ends now: nobody has to wait for its heartbeats any more.
public struct LeaveCluster: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 80, name: "LeaveCluster")

  /// Makes the request.
  public init() {}

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {}
}
