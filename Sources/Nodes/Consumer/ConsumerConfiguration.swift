import Simulation
import Storage

/// The figures of a consumer; the defaults are the original's where it has the setting.
public struct ConsumerConfiguration: Sendable, Hashable {
  /// The group under which positions are stored; nil stores none.
  public var group: String?
  /// How it takes part in the group; nil leaves the protocol out, as in the original: whoever reads a partition stores its position.
  public var groupProtocol: GroupProtocol?
  /// Where to begin without a stored position, and where to go when a position is no longer in the log.
  public var offsetReset = OffsetReset.latest
  /// What it sees of transactions.
  public var isolation = Isolation.readUncommitted
  /// How many records a poll returns at the most, over all partitions.
  public var pollRecords = 500
  /// How many records of one partition a poll returns at the most.
  public var partitionRecords = 100
  /// How often a poll stores what earlier polls have handed out; nil leaves that to the application.
  public var autoCommitInterval: VirtualDuration? = .seconds(5)
  /// How long the metadata service may hold back an answer that would bring nothing new.
  public var fetchWait = VirtualDuration.milliseconds(500)
  /// How many bytes of segments are kept on the host's disk.
  public var cacheBytes = 100 * 1_048_576
  /// How many bytes of segments are kept in memory.
  public var cacheMemoryBytes = 32 * 1_048_576
  /// How many segments of a partition are fetched ahead of their use at the most; 0 fetches none.
  public var readAhead = 4
  /// How old a list of segments may get before it is asked for again instead of used: an object outlives its row only for a while.
  public var manifestLifetime = VirtualDuration.seconds(30)
  /// How long a request to the object store may take.
  public var requestTimeout = VirtualDuration.seconds(10)
  /// How long a request to the metadata service may take.
  public var metadataTimeout = VirtualDuration.seconds(2)
  /// The first wait before something failed is tried again; it doubles up to `retryBackoffLimit`.
  public var retryBackoff = VirtualDuration.milliseconds(100)
  /// The longest such wait.
  public var retryBackoffLimit = VirtualDuration.seconds(5)

  /// The checks in force.
  public var safeguards = Safeguards.all
  /// The parts whose behaviour can be chosen.
  public var behaviour = ConsumerBehaviour()

  /// Makes the default consumer.
  public init() {}

  /// Says what is wrong with the figures.
  ///
  /// - Throws: ``ConsumerError/invalidConfiguration(_:)``.
  func validate() throws(ConsumerError) {
    if group == nil, autoCommitInterval != nil, behaviour.commitPoint != .original {
      throw .invalidConfiguration(
        "positions are to be committed automatically, but there is no group to store them under: name a group or switch the automatic commit off"
      )
    }
    if groupProtocol != nil, group == nil {
      throw .invalidConfiguration("the group protocol needs a group: name one")
    }
    try groupProtocol?.validate()
    if group?.isEmpty == true { throw .invalidConfiguration("the group's name is empty: give it one or name no group") }
    if pollRecords < 1 || partitionRecords < 1 {
      throw .invalidConfiguration("a poll has to be allowed at least one record, in all and of each partition")
    }
  }
}

/// Where to begin without a stored position, and where to go when a position is no longer in the log.
public enum OffsetReset: String, Sendable, Hashable, CaseIterable {
  /// To the log's start.
  case earliest
  /// To the watermark.
  case latest
  /// Nowhere: it is an error, and the application has to seek.
  case none
}

/// What a consumer reads.
public enum Subscription: Sendable, Hashable {
  /// All partitions of topics, by their names.
  case topics([String])
  /// These partitions, and no others.
  case partitions([NamedPartition])
}

/// A partition by its topic's name.
public struct NamedPartition: Sendable, Hashable {
  /// The topic.
  public var topic: String
  /// The partition's number, from 0.
  public var index: Int

  /// Names a partition.
  public init(topic: String, index: Int) {
    self.topic = topic
    self.index = index
  }
}
