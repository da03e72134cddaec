import Simulation

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
