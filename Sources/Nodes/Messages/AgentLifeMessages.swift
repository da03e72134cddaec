import Simulation

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
