import Simulation

/// Names a topic for ever: an identifier is never reused, also when a topic of the same name is made again.
public struct TopicID: Sendable, Hashable, Comparable {
  /// The topic's number; the first is 1.
  public let rawValue: UInt32
  /// Makes an identifier.
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// The older topic comes first.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A partition of a topic.
public struct TopicPartition: Sendable, Hashable, Comparable {
  /// The topic.
  public let topic: TopicID
  /// The partition's number, from 0.
  public let index: UInt32

  /// Names a partition.
  public init(topic: TopicID, index: UInt32) {
    self.topic = topic
    self.index = index
  }

  /// By topic, then by number.
  public static func < (left: Self, right: Self) -> Bool {
    left.topic != right.topic ? left.topic < right.topic : left.index < right.index
  }

  /// Both numbers in one word.
  public var word: UInt64 { UInt64(topic.rawValue) << 32 | UInt64(index) }
}

extension TopicPartition: CustomStringConvertible {
  /// For example `topic 1 partition 3`.
  public var description: String { "topic \(topic.rawValue) partition \(index)" }
}

/// A lease's fencing token: it only ever rises, and every acquire raises it.
public typealias Epoch = UInt64

/// Who writes with idempotence: an identity and the number of times it was taken up.
public struct ProducerIdentity: Sendable, Hashable {
  /// The identity's number. The topmost bit marks an agent's log that hands over what its agent may no longer write.
  public let id: UInt64
  /// Rises each time the identity is taken up; lower ones are fenced.
  public let epoch: UInt32

  /// Names a producer.
  public init(id: UInt64, epoch: UInt32) {
    self.id = id
    self.epoch = epoch
  }

  /// The identity under which an agent hands over its log of one epoch; sequences are the log's offsets.
  public static func log(of agent: HostID, epoch: Epoch) -> ProducerIdentity {
    ProducerIdentity(id: 1 << 63 | UInt64(agent.rawValue) << 40 | epoch & 0xFF_FFFF_FFFF, epoch: 0)
  }

  /// Whether this is an agent's log: its sequences may begin anywhere and have gaps.
  public var isLog: Bool { id >> 63 == 1 }
}

/// One incarnation of an agent.
public struct AgentIncarnation: Sendable, Hashable {
  /// The agent's machine.
  public let agent: HostID
  /// The incarnation.
  public let incarnation: Int

  /// Names an incarnation.
  public init(agent: HostID, incarnation: Int) {
    self.agent = agent
    self.incarnation = incarnation
  }
}

/// When a producer is told that its batch is safe.
public enum Acknowledgement: String, Sendable, Hashable, CaseIterable {
  /// When the agent has it in memory.
  case none
  /// When the agent's log has it on disk; the offset is provisional.
  case buffered
  /// When its segment is registered; the offset is final.
  case durable
}

/// The offset that a producer is told.
public enum AcknowledgedOffset: Sendable, Hashable {
  /// The batch is registered and will read back at this offset.
  case final(UInt64)
  /// The batch is logged; should its agent die it may be stored at another offset.
  case provisional(UInt64)
  /// The batch was stored by an earlier try whose offset is no longer known.
  case unknown

  /// The number, final or not.
  public var number: UInt64? {
    switch self {
    case .final(let offset), .provisional(let offset): offset
    case .unknown: nil
    }
  }
}

extension EventLog {
  /// Adds a partition to the event being written.
  func partition(_ partition: TopicPartition) {
    number("topic", UInt64(partition.topic.rawValue))
    number("partition", UInt64(partition.index))
  }
}

/// What a request or a plain answer weighs on the wire besides its own content.
let messageOverhead = 64
