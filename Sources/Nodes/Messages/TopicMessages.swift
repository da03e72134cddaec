import Simulation

/// How long a topic keeps its records.
public struct TopicSettings: Sendable, Hashable {
  /// How long after its registration a segment is kept, by the metadata service's own running clock; nil keeps it for ever.
  public var retentionTime: VirtualDuration?
  /// How many bytes of segments each partition keeps; the oldest segments go while the others hold as much. Nil sets no limit.
  public var retentionBytes: UInt64?
  /// Whether older records of a key go once there is a newer one.
  public var cleanup = CleanupPolicy.delete
  /// How long an empty value, which marks its key as deleted, is kept by compaction at the least. A day, as in the original.
  public var tombstoneRetention = VirtualDuration.seconds(86_400)

  /// Keeps everything.
  public init() {}
}

/// How a topic's old records go.
public enum CleanupPolicy: String, Sendable, Hashable, CaseIterable {
  /// Only by the retention limits.
  case delete
  /// Also one by one: of each key the newest record is kept.
  case compact
}

/// A topic as a listing shows it.
public struct TopicSummary: Sendable, Hashable {
  /// The identifier.
  public var topic: TopicID
  /// The name.
  public var name: String
  /// How many partitions it has.
  public var partitions: Int
  /// Its settings.
  public var settings: TopicSettings
}

/// Makes a topic.
public struct CreateTopic: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 70, name: "CreateTopic")
  /// The longest name, as in Kafka.
  public static let longestName = 249
  /// The name: 1 to 249 letters, digits, dots, underscores and hyphens of ASCII; neither `.` nor `..`.
  public var name: String
  /// How many partitions.
  public var partitions: Int
  /// Its settings.
  public var settings: TopicSettings
  /// Rises with each administrative request of an incarnation; the same number asks for the same answer.
  public var request: UInt64

  /// Makes a request.
  public init(name: String, partitions: Int, settings: TopicSettings = TopicSettings(), request: UInt64) {
    self.name = name
    self.partitions = partitions
    self.settings = settings
    self.request = request
  }

  /// The new topic.
  public struct Response: Payload {
    /// Its identifier.
    public var topic: TopicID
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.number("topic", UInt64(topic.rawValue)) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + name.utf8.count + 32 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("name", name)
    log.number("partitions", partitions)
    log.number("request", request)
  }
}

/// Deletes a topic for ever. By its identifier, so that a late duplicate never meets a later topic of the same name.
public struct DeleteTopic: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 71, name: "DeleteTopic")
  /// The topic.
  public var topic: TopicID

  /// Makes a request.
  public init(topic: TopicID) { self.topic = topic }

  /// Nothing but success; also when it had been deleted already.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("topic", UInt64(topic.rawValue)) }
}

/// Gives a topic other settings.
public struct AlterTopic: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 72, name: "AlterTopic")
  /// The topic.
  public var topic: TopicID
  /// All of its settings from now on.
  public var settings: TopicSettings
  /// Rises with each administrative request of an incarnation; the same number asks for the same answer.
  public var request: UInt64

  /// Makes a request.
  public init(topic: TopicID, settings: TopicSettings, request: UInt64) {
    self.topic = topic
    self.settings = settings
    self.request = request
  }

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + 32 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.number("topic", UInt64(topic.rawValue))
    log.number("request", request)
  }
}

/// Lists topics in order of their identifiers.
public struct ListTopics: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 73, name: "ListTopics")
  /// The topic after which to go on; nil begins at the first.
  public var after: TopicID?
  /// The most topics to return; the service returns at most 1,000.
  public var limit: Int

  /// Makes a request.
  public init(after: TopicID? = nil, limit: Int = 1_000) {
    self.after = after
    self.limit = limit
  }

  /// One page of the listing.
  public struct Response: Payload {
    /// The topics.
    public var topics: [TopicSummary]
    /// Whether more follow.
    public var isTruncated: Bool
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + topics.reduce(0) { $0 + 40 + $1.name.utf8.count } }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for topic in topics { log.number("topic", UInt64(topic.topic.rawValue)) }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("after", UInt64(after?.rawValue ?? 0)) }
}

/// What is wrong with a topic that someone wants.
public enum TopicProblem: Sendable, Hashable {
  /// The name is empty, too long, `.` or `..`, or has other characters than letters, digits, dots, underscores and hyphens.
  case name
  /// There has to be at least one partition, and no more than this.
  case partitions(atMost: Int)
  /// A retention limit of nothing would keep nothing; it has to be above zero, or left out.
  case settings
  /// The service has as many topics as it takes.
  case tooManyTopics(limit: Int)
  /// The service would have more partitions than it takes.
  case tooManyPartitions(limit: Int)

  var code: UInt64 {
    switch self {
    case .name: 1
    case .partitions: 2
    case .settings: 3
    case .tooManyTopics: 4
    case .tooManyPartitions: 5
    }
  }
}
