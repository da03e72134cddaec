import Simulation

/// Whose bytes a quota counts.
public enum QuotaSubject: Sendable, Hashable, Comparable {
  /// What a machine produces.
  case client(HostID)
  /// What is produced to a topic.
  case topic(TopicID)

  /// Clients before topics, each by number.
  public static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.client(let left), .client(let right)): left < right
    case (.topic(let left), .topic(let right)): left < right
    case (.client, .topic): true
    case (.topic, .client): false
    }
  }

  /// Kind and number in one word.
  var word: UInt64 {
    switch self {
    case .client(let host): UInt64(host.rawValue)
    case .topic(let topic): 1 << 32 | UInt64(topic.rawValue)
    }
  }
}

/// How many bytes may be produced a second.
public struct Quota: Sendable, Hashable {
  /// Whose bytes.
  public var subject: QuotaSubject
  /// Bytes a second, by the records' estimated size.
  public var bytesPerSecond: UInt64

  /// Makes a quota.
  public init(subject: QuotaSubject, bytesPerSecond: UInt64) {
    self.subject = subject
    self.bytesPerSecond = bytesPerSecond
  }
}

/// Sets or removes a quota. Agents enforce it from their next heartbeat on, each its share.
public struct SetQuota: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 81, name: "SetQuota")
  /// Whose bytes.
  public var subject: QuotaSubject
  /// Bytes a second; nil removes the quota.
  public var bytesPerSecond: UInt64?
  /// Rises with each change to this subject; one that is not above the latest is old and changes nothing.
  public var revision: UInt64

  /// Makes a request.
  public init(subject: QuotaSubject, bytesPerSecond: UInt64?, revision: UInt64) {
    self.subject = subject
    self.bytesPerSecond = bytesPerSecond
    self.revision = revision
  }

  /// Nothing but success; also for a repetition of the latest change.
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
    log.number("subject", subject.word)
    if let bytesPerSecond { log.number("bytesPerSecond", bytesPerSecond) }
    log.number("revision", revision)
  }
}
