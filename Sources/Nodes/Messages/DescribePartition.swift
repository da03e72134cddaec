import Simulation

/// Asks who leads one partition, by its identifier.
public struct DescribePartition: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 31, name: "DescribePartition")
  /// The partition.
  public var partition: TopicPartition

  /// The partition.
  public struct Response: Payload {
    /// The partition as clients see it.
    public var description: PartitionDescription
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("leader", UInt64(description.leader?.rawValue ?? .max))
      log.number("epoch", description.epoch)
      log.number("watermark", description.watermark)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.partition(partition) }
}
