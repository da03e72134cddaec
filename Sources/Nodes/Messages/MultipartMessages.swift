import Simulation

/// Begins an upload in parts; nothing is visible under the key until it is completed.
public struct InitiateMultipartUpload: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 7, name: "InitiateMultipartUpload")
  /// The key.
  public var key: ObjectKey
  /// The writer's mark of this upload, kept in the object's metadata.
  public var attempt: UInt64
  /// What else is kept beside the object.
  public var metadata: ObjectMetadata

  /// Makes the beginning of an upload.
  public init(key: ObjectKey, attempt: UInt64, metadata: ObjectMetadata = .none) {
    self.key = key
    self.attempt = attempt
    self.metadata = metadata
  }

  /// The upload. Of a repeated request each makes an upload of its own.
  public struct Response: Payload {
    /// Its identifier.
    public var upload: UploadID
    /// Its length on the wire in bytes.
    public var wireSize: Int { 300 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.number("upload", upload.rawValue) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + metadata.size }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("attempt", attempt)
    metadata.describe(into: log)
  }
}

/// Stores one part of an upload; a part with the same number is replaced.
public struct UploadPart: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 8, name: "UploadPart")
  /// The key.
  public var key: ObjectKey
  /// The upload.
  public var upload: UploadID
  /// The part's number, 1 to 10,000; parts come together in order of their numbers, which need not be without gaps.
  public var number: Int
  /// The content.
  public var body: [UInt8]

  /// Makes a part.
  public init(key: ObjectKey, upload: UploadID, number: Int, body: [UInt8]) {
    self.key = key
    self.upload = upload
    self.number = number
    self.body = body
  }

  /// The tag of the part.
  public struct Response: Payload {
    /// The MD5 of its body.
    public var tag: EntityTag
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { log.tag("tag", tag) }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + body.count }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("upload", upload.rawValue)
    log.number("number", number)
    log.bytes("body", body)
  }
}

/// A part of which an object is to be made.
public struct CompletedPart: Sendable, Hashable {
  /// Its number.
  public let number: Int
  /// Its tag, as the store answered it.
  public let tag: EntityTag

  /// Names a part.
  public init(number: Int, tag: EntityTag) {
    self.number = number
    self.tag = tag
  }
}

/// Makes an object of the parts of an upload; parts that are not named are thrown away.
public struct CompleteMultipartUpload: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 9, name: "CompleteMultipartUpload")
  /// The key.
  public var key: ObjectKey
  /// The upload.
  public var upload: UploadID
  /// The parts in ascending order of their numbers.
  public var parts: [CompletedPart]
  /// When it takes effect.
  public var condition: PutCondition

  /// Makes the completion of an upload.
  public init(key: ObjectKey, upload: UploadID, parts: [CompletedPart], condition: PutCondition = .none) {
    self.key = key
    self.upload = upload
    self.parts = parts
    self.condition = condition
  }

  /// What became of it: the status 200 is sent before the parts are put together, so that it is no success yet.
  public enum Response: Payload, Hashable {
    /// The object is there.
    case completed(EntityTag)
    /// It failed after the status 200 had been sent; nothing was applied.
    case failedAfterAll

    /// Its length on the wire in bytes.
    public var wireSize: Int { 300 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      switch self {
      case .completed(let tag): log.tag("tag", tag)
      case .failedAfterAll: log.number("failed", 1)
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 300 + parts.count * 100 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("upload", upload.rawValue)
    for part in parts {
      log.number("number", part.number)
      log.tag("tag", part.tag)
    }
    log.condition(condition)
  }
}

/// Gives an upload up and frees its parts.
public struct AbortMultipartUpload: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 10, name: "AbortMultipartUpload")
  /// The key.
  public var key: ObjectKey
  /// The upload.
  public var upload: UploadID

  /// Makes an end without an object.
  public init(key: ObjectKey, upload: UploadID) {
    self.key = key
    self.upload = upload
  }

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { 150 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 250 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("upload", upload.rawValue)
  }
}

/// Lists the parts of an upload in order of their numbers.
public struct ListParts: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 11, name: "ListParts")
  /// The key.
  public var key: ObjectKey
  /// The upload.
  public var upload: UploadID
  /// The number after which to go on; 0 begins at the first.
  public var after: Int
  /// The most parts to return; the store returns at most 1,000.
  public var limit: Int

  /// Makes a listing of parts.
  public init(key: ObjectKey, upload: UploadID, after: Int = 0, limit: Int = 1_000) {
    self.key = key
    self.upload = upload
    self.after = after
    self.limit = limit
  }

  /// One page of a listing of parts.
  public struct Response: Payload {
    /// The parts.
    public var parts: [ListedPart]
    /// Whether more follow.
    public var isTruncated: Bool
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 + parts.count * 150 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for part in parts {
        log.number("number", part.number)
        log.tag("tag", part.tag)
      }
      log.number("isTruncated", isTruncated ? 1 : 0)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 250 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.bytes("key", key.bytes)
    log.number("upload", upload.rawValue)
    log.number("after", after)
    log.number("limit", limit)
  }
}

/// A part as a listing shows it.
public struct ListedPart: Sendable, Hashable {
  /// Its number.
  public let number: Int
  /// Its tag.
  public let tag: EntityTag
  /// Its size in bytes.
  public let size: Int
}

/// Lists the uploads that were begun and neither completed nor aborted, by key and then by when they were begun.
public struct ListMultipartUploads: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 12, name: "ListMultipartUploads")
  /// What the keys begin with.
  public var prefix: String
  /// The upload after which to go on; nil begins at the first.
  public var after: ListedUpload?
  /// The most uploads to return; the store returns at most 1,000.
  public var limit: Int

  /// Makes a listing of uploads.
  public init(prefix: String, after: ListedUpload? = nil, limit: Int = 1_000) {
    self.prefix = prefix
    self.after = after
    self.limit = limit
  }

  /// One page of a listing of uploads.
  public struct Response: Payload {
    /// The uploads.
    public var uploads: [ListedUpload]
    /// Whether more follow.
    public var isTruncated: Bool
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 + uploads.count * 200 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for upload in uploads {
        log.bytes("key", upload.key.bytes)
        log.number("upload", upload.upload.rawValue)
      }
      log.number("isTruncated", isTruncated ? 1 : 0)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 250 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("prefix", prefix)
    if let after {
      log.bytes("after", after.key.bytes)
      log.number("upload", after.upload.rawValue)
    }
    log.number("limit", limit)
  }
}

/// An upload as a listing shows it.
public struct ListedUpload: Sendable, Hashable {
  /// The key.
  public let key: ObjectKey
  /// The upload.
  public let upload: UploadID

  /// Names an upload.
  public init(key: ObjectKey, upload: UploadID) {
    self.key = key
    self.upload = upload
  }
}
