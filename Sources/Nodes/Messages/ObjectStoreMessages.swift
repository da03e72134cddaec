import Simulation

/// An object's key: bytes, compared as bytes, since texts that look alike can differ.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The key's UTF-8 bytes.
  public let bytes: [UInt8]

  /// Makes a key of a text.
  public init(_ text: String) { bytes = Array(text.utf8) }
  /// Makes a key of its bytes.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// In the order in which a listing shows them.
  public static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

  /// The key as text.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What identifies an object's content: the MD5 of its body, as S3 has it for objects put in one piece.
public struct EntityTag: Sendable, Hashable {
  /// The 16 bytes of the hash.
  public let bytes: [UInt8]
  /// Makes a tag of a hash.
  public init(bytes: [UInt8]) { self.bytes = bytes }
}

/// Under which condition a put takes effect.
public enum PutCondition: Sendable, Hashable {
  /// Always; the last writer wins.
  case none
  /// Only when the key has no object (`If-None-Match: *`).
  case ifNoneMatch
  /// Only when the key's object has this tag (`If-Match`).
  case ifMatch(EntityTag)
}

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

  /// The tag of the stored object.
  public struct Response: Payload {
    /// The tag.
    public var tag: EntityTag
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.bytes("tag", tag.bytes) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + body.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.bytes("body", body)
    log.number("attempt", attempt)
  }
}

/// Which bytes of an object are wanted.
public enum ByteRange: Sendable, Hashable {
  /// All.
  case whole
  /// From one position to another, both inclusive (`bytes=a-b`).
  case closed(Int, Int)
  /// From a position to the end (`bytes=a-`).
  case from(Int)
  /// The last so many (`bytes=-n`).
  case suffix(Int)
}

/// Reads an object or a part of it.
public struct GetObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 2, name: "GetObject")
  /// The key.
  public var key: ObjectKey
  /// The part.
  public var range: ByteRange

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

  /// What is known of the object.
  public struct Response: Payload {
    /// Its tag.
    public var tag: EntityTag
    /// Its size in bytes.
    public var size: Int
    /// The mark of the upload that stored it.
    public var attempt: UInt64
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.bytes("tag", tag.bytes)
      log.number("attempt", attempt)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.bytes("key", key.bytes) }
}

/// Lists keys in order of their bytes.
public struct ListObjects: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 4, name: "ListObjects")
  /// What the keys begin with.
  public var prefix: String
  /// The key after which to go on; nil begins at the first.
  public var after: ObjectKey?
  /// The most keys to return; the store returns at most 1,000.
  public var limit: Int

  /// One page of a listing.
  public struct Response: Payload {
    /// The keys with the sizes of their objects.
    public var objects: [ListedObject]
    /// Whether more keys follow.
    public var isTruncated: Bool
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 + objects.count * 150 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("objects", objects.count)
      for object in objects { log.bytes("key", object.key.bytes) }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("prefix", prefix)
    log.number("limit", limit)
  }
}

/// An object as a listing shows it.
public struct ListedObject: Sendable, Hashable {
  /// The key.
  public let key: ObjectKey
  /// The size in bytes.
  public let size: Int
}

/// Removes an object; succeeds also when there is none.
public struct DeleteObject: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 5, name: "DeleteObject")
  /// The key.
  public var key: ObjectKey

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

/// Why the object store refuses; the numbers are the HTTP statuses of S3.
public enum ObjectStoreError: UInt64, ReplyError, Hashable {
  /// 404: there is no such key.
  case noSuchKey = 404
  /// 409: a concurrent conditional write interferes.
  case conflict = 409
  /// 412: the condition of a put does not hold.
  case preconditionFailed = 412
  /// 416: the range lies outside the object.
  case invalidRange = 416
  /// 500: an internal error; the request may have been applied.
  case internalError = 500
  /// 502: a gateway failed; the request may have been applied.
  case badGateway = 502
  /// 503: the service is not available; the request was not applied.
  case unavailable = 503
  /// 503 SlowDown: too many requests; the request was not applied.
  case slowDown = 5030

  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("status", rawValue) }
}
