import Simulation

/// Lists keys in order of their bytes.
///
/// A page may end before it is full: whether more follow says ``Response/isTruncated``, never the number of keys.
public struct ListObjects: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 4, name: "ListObjects")
  /// What the keys begin with.
  public var prefix: String
  /// The key after which to begin (`start-after`); nil begins at the first. Without effect beside a continuation.
  public var after: ObjectKey?
  /// The most keys and common prefixes to return; the store returns at most 1,000.
  public var limit: Int
  /// Where keys are cut after the prefix, so that those alike up to there show as one common prefix; nil shows every key.
  public var delimiter: String?
  /// Where an earlier page ended.
  public var continuation: ContinuationToken?

  /// Makes a listing.
  public init(
    prefix: String, after: ObjectKey? = nil, limit: Int, delimiter: String? = nil,
    continuation: ContinuationToken? = nil
  ) {
    self.prefix = prefix
    self.after = after
    self.limit = limit
    self.delimiter = delimiter
    self.continuation = continuation
  }

  /// One page of a listing.
  public struct Response: Payload {
    /// The keys with the sizes of their objects.
    public var objects: [ListedObject]
    /// What keys with the delimiter in them have in common up to it, each once.
    public var commonPrefixes: [ObjectKey] = []
    /// Whether more follow.
    public var isTruncated: Bool
    /// Where the next page begins; nil when nothing follows.
    public var next: ContinuationToken?
    /// Its length on the wire in bytes.
    public var wireSize: Int { 200 + (objects.count + commonPrefixes.count) * 150 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      log.number("objects", objects.count)
      for object in objects { log.bytes("key", object.key.bytes) }
      for prefix in commonPrefixes { log.bytes("commonPrefix", prefix.bytes) }
      log.number("isTruncated", isTruncated ? 1 : 0)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { 200 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.text("prefix", prefix)
    log.number("limit", limit)
    if let after { log.bytes("after", after.bytes) }
    if let delimiter { log.text("delimiter", delimiter) }
    if let continuation { log.bytes("continuation", continuation.last.bytes) }
  }
}

/// An object as a listing shows it.
public struct ListedObject: Sendable, Hashable {
  /// The key.
  public let key: ObjectKey
  /// The size in bytes.
  public let size: Int
  /// The tag.
  public let tag: EntityTag
  /// When it was stored, in milliseconds by the store's wall clock.
  public let modified: UInt64
}
