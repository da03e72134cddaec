import Simulation
import Storage

/// The sizes and numbers that a bucket allows; S3's, unless a test wants smaller ones.
public struct BucketLimits: Sendable, Hashable {
  /// The smallest part of an upload but its last, in bytes.
  public var minimumPartBytes = 5 * 1_048_576
  /// The largest part, and the largest body of a put or a copy, in bytes.
  public var maximumBodyBytes = 5 * 1_073_741_824
  /// The highest number of a part.
  public var partNumber = 10_000
  /// The most entries of one page of a listing.
  public var page = 1_000
  /// The longest key in bytes.
  public var keyBytes = 1_024
  /// The most bytes of names and values of a user's metadata.
  public var metadataBytes = 2_048

  /// Makes S3's limits.
  public init() {}
}

/// An object with what is stored beside it.
struct StoredObject {
  let body: [UInt8]
  let tag: EntityTag
  let attempt: UInt64
  let metadata: ObjectMetadata
  /// When it was stored, in milliseconds by the store's wall clock.
  let modified: UInt64

  /// The same with other bytes.
  func with(_ body: [UInt8]) -> StoredObject {
    StoredObject(body: body, tag: tag, attempt: attempt, metadata: metadata, modified: modified)
  }

  /// The bytes of a range, as S3 cuts them: an end past the object is moved to its end.
  ///
  /// - Throws: ``ObjectStoreError/invalidRange`` when the range begins outside the object.
  func bytes(in range: ByteRange) throws(ObjectStoreError) -> [UInt8] {
    switch range {
    case .whole: return body
    case .closed where range.isBackwards: return body
    case .closed(let first, let last):
      guard first >= 0, first < body.count else { throw .invalidRange }
      return Array(body[first...min(last, body.count - 1)])
    case .from(let first):
      guard first >= 0, first < body.count else { throw .invalidRange }
      return Array(body[first...])
    case .suffix(let count):
      guard count > 0, !body.isEmpty else { throw .invalidRange }
      return Array(body.suffix(count))
    }
  }
}

/// The objects by key, in the order of the keys' bytes, and the uploads that are on their way: what S3 keeps, without time, rates and faults.
///
/// ```swift
/// var bucket = Bucket()
/// let tag = try bucket.put(PutObject(key: ObjectKey("a"), body: [1], condition: .ifNoneMatch, attempt: 1)).tag
/// ```
public struct Bucket: Sendable {
  /// What it allows.
  public let limits: BucketLimits
  /// The time that objects are stored at, in milliseconds by a wall clock; whoever uses the bucket moves it.
  public var clock: UInt64 = 0
  /// Bytes of all objects.
  public private(set) var storedBytes = 0
  private var objects: [ObjectKey: StoredObject] = [:]
  private(set) var keys: [ObjectKey] = []
  /// Of objects that damage has come to, what they were.
  private var intact: [ObjectKey: StoredObject] = [:]
  var uploads = MultipartUploads()

  /// Makes an empty bucket.
  public init(limits: BucketLimits = BucketLimits()) { self.limits = limits }

  subscript(_ key: ObjectKey) -> StoredObject? { objects[key] }

  /// Bytes of all parts of uploads that were neither completed nor aborted.
  public var orphanBytes: Int { uploads.bytes }

  // MARK: Writing

  /// Stores an object where its condition holds.
  ///
  /// - Throws: ``ObjectStoreError/preconditionFailed``; ``ObjectStoreError/noSuchKey`` for `If-Match` on nothing; and errors for what is larger than allowed.
  public mutating func put(_ request: PutObject) throws(ObjectStoreError) -> PutObject.Response {
    try check(request.key, request.metadata)
    if request.body.count > limits.maximumBodyBytes { throw .entityTooLarge }
    try check(request.condition, of: request.key)
    let tag = EntityTag(bytes: MessageDigest.md5(request.body))
    insert(request.key, object(request.body, tag, attempt: request.attempt, request.metadata))
    return PutObject.Response(tag: tag)
  }

  /// Stores a copy of an object.
  ///
  /// - Throws: ``ObjectStoreError/noSuchKey`` without an original; ``ObjectStoreError/invalidRequest`` for a copy onto itself that changes nothing; ``ObjectStoreError/entityTooLarge`` for what only a copy in parts could hold.
  public mutating func copy(_ request: CopyObject) throws(ObjectStoreError) -> CopyObject.Response {
    try check(request.key, request.replacement?.metadata ?? .none)
    guard let original = objects[request.source] else { throw .noSuchKey }
    if request.source == request.key, request.replacement == nil { throw .invalidRequest }
    if original.body.count > limits.maximumBodyBytes { throw .entityTooLarge }
    // The copy is one piece, whatever the original was made of.
    let tag = original.tag.parts == 0 ? original.tag : EntityTag(bytes: MessageDigest.md5(original.body))
    insert(
      request.key,
      object(
        original.body, tag, attempt: request.replacement?.attempt ?? original.attempt,
        request.replacement?.metadata ?? original.metadata))
    return CopyObject.Response(tag: tag)
  }

  /// Removes an object, if there is one.
  public mutating func delete(_ request: DeleteObject) -> DeleteObject.Response {
    intact[request.key] = nil
    remove(request.key)
    return DeleteObject.Response()
  }

  private mutating func remove(_ key: ObjectKey) {
    guard let removed = objects.removeValue(forKey: key) else { return }
    storedBytes -= removed.body.count
    keys.remove(at: place(of: key))
  }

  /// Whether a condition holds for a key now.
  ///
  /// - Throws: ``ObjectStoreError/preconditionFailed``, or ``ObjectStoreError/noSuchKey`` for `If-Match` on nothing.
  func check(_ condition: PutCondition, of key: ObjectKey) throws(ObjectStoreError) {
    switch condition {
    case .none: break
    case .ifNoneMatch:
      if objects[key] != nil { throw .preconditionFailed }
    case .ifMatch(let tag):
      guard let present = objects[key] else { throw .noSuchKey }
      if present.tag != tag { throw .preconditionFailed }
    }
  }

  func check(_ key: ObjectKey, _ metadata: ObjectMetadata) throws(ObjectStoreError) {
    if key.bytes.isEmpty { throw .invalidArgument }
    if key.bytes.count > limits.keyBytes { throw .keyTooLong }
    if metadata.size > limits.metadataBytes { throw .metadataTooLarge }
  }

  func object(_ body: [UInt8], _ tag: EntityTag, attempt: UInt64, _ metadata: ObjectMetadata) -> StoredObject {
    StoredObject(body: body, tag: tag, attempt: attempt, metadata: metadata, modified: clock)
  }

  mutating func insert(_ key: ObjectKey, _ object: StoredObject) {
    intact[key] = nil
    storedBytes += object.body.count
    if let replaced = objects.updateValue(object, forKey: key) {
      storedBytes -= replaced.body.count
    } else {
      keys.insert(key, at: place(of: key))
    }
  }

  // MARK: Damage

  /// The objects under a prefix that no damage has come to, in order.
  func undamaged(under prefix: ObjectKey) -> [ObjectKey] {
    keys.filter { $0.hasPrefix(prefix) && intact[$0] == nil && objects[$0]?.body.isEmpty == false }
  }

  /// Does damage to an object; what is stored beside it stays as it is. `bits` says where.
  mutating func damage(_ key: ObjectKey, _ damage: ObjectDamage, bits: UInt64) {
    guard let object = objects[key], intact[key] == nil else { return }
    if let body = damage.left(of: object.body, bits: bits) {
      insert(key, object.with(body))
    } else {
      remove(key)
    }
    intact[key] = object
  }

  /// Makes an object what it was; one that was deleted or written anew since stays so.
  mutating func repair(_ key: ObjectKey) {
    if let object = intact[key] { insert(key, object) }
  }

  /// What an object holds, or held before damage came to it.
  func trueContent(_ key: ObjectKey) -> [UInt8]? { (intact[key] ?? objects[key])?.body }

  // MARK: Reading

  /// The bytes of an object's range.
  ///
  /// - Throws: ``ObjectStoreError/noSuchKey``, ``ObjectStoreError/invalidRange``.
  public func get(_ request: GetObject) throws(ObjectStoreError) -> GetObject.Response {
    guard let object = objects[request.key] else { throw .noSuchKey }
    return GetObject.Response(body: try object.bytes(in: request.range), tag: object.tag, size: object.body.count)
  }

  /// What is known of an object.
  ///
  /// - Throws: ``ObjectStoreError/noSuchKey``.
  public func head(_ request: HeadObject) throws(ObjectStoreError) -> HeadObject.Response {
    guard let object = objects[request.key] else { throw .noSuchKey }
    return HeadObject.Response(
      tag: object.tag, size: object.body.count, attempt: object.attempt, metadata: object.metadata,
      modified: object.modified)
  }

  /// The first place whose key is not smaller.
  func place(of key: ObjectKey) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  var snapshot: Snapshot {
    .list(
      keys.map { key in
        .fields([
          Snapshot.Field("key", .text(key.description)),
          Snapshot.Field("size", .number(Int64(objects[key]?.body.count ?? 0))),
          Snapshot.Field("attempt", .number(objects[key]?.attempt ?? 0)),
        ])
      })
  }
}
