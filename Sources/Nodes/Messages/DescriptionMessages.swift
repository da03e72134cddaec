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
