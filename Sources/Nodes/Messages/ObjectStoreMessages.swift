import Simulation

/// Stores an object whole.
public struct PutObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 1, name: "PutObject")
  /// The key.
  public var key: ObjectKey
  /// The content.
  public var body: [UInt8]
  /// When it takes effect.
  public var condition: PutCondition
  /// The writer's mark of this upload, kept in the object's metadata: by it a writer knows its own object again.
  public var attempt: UInt64
  /// What else is kept beside the object.
  public var metadata: ObjectMetadata

  /// Makes a put.
  public init(
    key: ObjectKey, body: [UInt8], condition: PutCondition, attempt: UInt64, metadata: ObjectMetadata = .none
  ) {
    self.key = key
    self.body = body
    self.condition = condition
    self.attempt = attempt
    self.metadata = metadata
  }

  /// The tag of the stored object.
  public struct Response: Payload {
    /// The tag.
    public var tag: EntityTag
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.tag("tag", tag) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + body.count + metadata.size }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.bytes("body", body)
    log.condition(condition)
    log.number("attempt", attempt)
    metadata.describe(into: log)
  }
}

/// Stores a copy of an object under another key, or the same object with other metadata.
public struct CopyObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 6, name: "CopyObject")
  /// The key of the original.
  public var source: ObjectKey
  /// The key of the copy.
  public var key: ObjectKey
  /// What is kept beside the copy; nil keeps what the original has.
  public var replacement: Replacement?

  /// Metadata that take the place of the original's.
  public struct Replacement: Sendable, Hashable {
    /// The writer's mark.
    public var attempt: UInt64
    /// What else is kept.
    public var metadata: ObjectMetadata

    /// Makes a replacement.
    public init(attempt: UInt64, metadata: ObjectMetadata = .none) {
      self.attempt = attempt
      self.metadata = metadata
    }
  }

  /// Makes a copy.
  public init(from source: ObjectKey, to key: ObjectKey, replacing replacement: Replacement? = nil) {
    self.source = source
    self.key = key
    self.replacement = replacement
  }

  /// The tag of the copy.
  public struct Response: Payload {
    /// The tag.
    public var tag: EntityTag
    /// Its length on the wire in bytes.
    public var wireSize: Int { 300 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.tag("tag", tag) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + (replacement?.metadata.size ?? 0) }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("source", source.bytes)
    log.bytes("key", key.bytes)
    guard let replacement else { return }
    log.number("attempt", replacement.attempt)
    replacement.metadata.describe(into: log)
  }
}

/// Reads an object or a part of it.
public struct GetObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 2, name: "GetObject")
  /// The key.
  public var key: ObjectKey
  /// The part.
  public var range: ByteRange

  /// Makes a get.
  public init(key: ObjectKey, range: ByteRange) {
    self.key = key
    self.range = range
  }

  /// The bytes asked for.
  public struct Response: Payload {
    /// The content of the range.
    public var body: [UInt8]
    /// The tag of the whole object.
    public var tag: EntityTag
    /// The size of the whole object.
    public var size: Int
    /// Its length on the wire in bytes.
    public var wireSize: Int { 300 + body.count }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.bytes("body", body) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    switch range {
    case .whole: break
    case .closed(let first, let last):
      log.number("first", first)
      log.number("last", last)
    case .from(let first): log.number("first", first)
    case .suffix(let count): log.number("suffix", count)
    }
  }
}

/// Asks for an object's metadata.
public struct HeadObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 3, name: "HeadObject")
  /// The key.
  public var key: ObjectKey

  /// Makes a head.
  public init(key: ObjectKey) { self.key = key }

  /// What is known of the object.
  public struct Response: Payload {
    /// Its tag.
    public var tag: EntityTag
    /// Its size in bytes.
    public var size: Int
    /// The mark of the upload that stored it.
    public var attempt: UInt64
    /// What else is kept beside it.
    public var metadata: ObjectMetadata
    /// When it was stored, in milliseconds by the store's wall clock.
    public var modified: UInt64
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 + metadata.size }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.tag("tag", tag)
      log.number("attempt", attempt)
      metadata.describe(into: log)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.bytes("key", key.bytes) }
}

/// Removes an object; succeeds also when there is none.
public struct DeleteObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 5, name: "DeleteObject")
  /// The key.
  public var key: ObjectKey

  /// Makes a deletion.
  public init(key: ObjectKey) { self.key = key }

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { 150 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.bytes("key", key.bytes) }
}
