import Simulation

/// Asks who leads one partition, by its identifier.
public struct DescribePartition: Request {
  public static let kind = MessageKind(code: 31, name: "DescribePartition")
  /// The partition.
  public var partition: TopicPartition

  /// The partition.
  public struct Response: Payload {
    /// The partition as clients see it.
    public var description: PartitionDescription
    public var wireSize: Int { messageOverhead }
    public func describe(into log: EventLog) {
      log.number("leader", UInt64(description.leader?.rawValue ?? .max))
      log.number("epoch", description.epoch)
      log.number("watermark", description.watermark)
    }
  }

  public var wireSize: Int { messageOverhead }
  public func describe(into log: EventLog) { log.partition(partition) }
}
