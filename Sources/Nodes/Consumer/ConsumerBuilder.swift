import Simulation

/// Puts a consumer together, one setting after another.
///
/// ```swift
/// let consumer = try Consumer.builder()
///   .topics("orders", "returns")
///   .group("billing")
///   .offsetReset(.earliest)
///   .build(on: host, addresses)
/// ```
///
/// What is not set is as in the original: no group, automatic commits every 5 seconds, at first the newest records, 100 records of a partition a poll, a cache of 100 MiB. What contradicts itself is refused by `build`.
public struct ConsumerBuilder: Sendable {
  private var configuration = ConsumerConfiguration()
  private var subscription = Subscription.topics([])

  init() {}

  private func with(_ change: (inout Self) -> Void) -> Self {
    var changed = self
    change(&changed)
    return changed
  }

  /// Reads all partitions of these topics.
  public func topics(_ names: String...) -> Self { with { $0.subscription = .topics(names) } }
  /// Reads these partitions and no others.
  public func assign(_ partitions: NamedPartition...) -> Self { assign(partitions) }
  /// Reads these partitions and no others.
  public func assign(_ partitions: [NamedPartition]) -> Self { with { $0.subscription = .partitions(partitions) } }
  /// Stores positions under this group's name.
  public func group(_ name: String) -> Self { with { $0.configuration.group = name } }
  /// Shares the topics' partitions with the other members of the group.
  public func groupProtocol(_ configured: GroupProtocol = GroupProtocol()) -> Self {
    with { $0.configuration.groupProtocol = configured }
  }
  /// Where to begin without a stored position.
  public func offsetReset(_ reset: OffsetReset) -> Self { with { $0.configuration.offsetReset = reset } }
  /// What it sees of transactions.
  public func isolation(_ isolation: Isolation) -> Self { with { $0.configuration.isolation = isolation } }
  /// How often positions are stored; nil leaves it to the application.
  public func autoCommit(every interval: VirtualDuration?) -> Self {
    with { $0.configuration.autoCommitInterval = interval }
  }
  /// How many records a poll returns at the most, in all and of each partition.
  public func pollRecords(_ records: Int, ofEachPartition each: Int? = nil) -> Self {
    with {
      $0.configuration.pollRecords = records
      $0.configuration.partitionRecords = each ?? records
    }
  }
  /// How many bytes of segments are kept on disk and in memory.
  public func cache(diskBytes: Int, memoryBytes: Int) -> Self {
    with {
      $0.configuration.cacheBytes = diskBytes
      $0.configuration.cacheMemoryBytes = memoryBytes
    }
  }
  /// Changes any other figure.
  public func configure(_ change: (inout ConsumerConfiguration) -> Void) -> Self { with { change(&$0.configuration) } }

  /// Makes the consumer.
  ///
  /// - Throws: ``ConsumerError/invalidConfiguration(_:)``.
  public func build(on host: Host, _ addresses: ClusterAddresses) throws(ConsumerError) -> Consumer {
    try Consumer(host: host, subscription: subscription, addresses: addresses, configuration: configuration)
  }
}

extension Consumer {
  /// Begins to put a consumer together.
  public static func builder() -> ConsumerBuilder { ConsumerBuilder() }
}
