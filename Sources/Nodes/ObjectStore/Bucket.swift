import Simulation
import Storage

/// An object with what is stored beside it.
struct StoredObject {
  let body: [UInt8]
  let tag: EntityTag
  let attempt: UInt64

  /// The bytes of a range, as S3 cuts them: an end past the object is moved to its end.
  ///
  /// - Throws: ``ObjectStoreError/invalidRange`` when the range begins outside the object.
  func bytes(in range: ByteRange) throws(ObjectStoreError) -> [UInt8] {
    switch range {
    case .whole: return body
    case .closed(let first, let last):
      guard first >= 0, first < body.count, last >= first else { throw .invalidRange }
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

/// The objects by key, in the order of the keys' bytes.
struct Bucket {
  private var objects: [ObjectKey: StoredObject] = [:]
  private var keys: [ObjectKey] = []

  subscript(_ key: ObjectKey) -> StoredObject? { objects[key] }

  /// Stores an object where its condition holds.
  ///
  /// - Throws: ``ObjectStoreError/preconditionFailed``; ``ObjectStoreError/noSuchKey`` for `If-Match` on nothing.
  mutating func put(_ request: PutObject) throws(ObjectStoreError) -> EntityTag {
    switch request.condition {
    case .none: break
    case .ifNoneMatch:
      if objects[request.key] != nil { throw .preconditionFailed }
    case .ifMatch(let tag):
      guard let present = objects[request.key] else { throw .noSuchKey }
      if present.tag != tag { throw .preconditionFailed }
    }
    return insert(request.key, request.body, attempt: request.attempt)
  }

  @discardableResult
  mutating func insert(_ key: ObjectKey, _ body: [UInt8], attempt: UInt64) -> EntityTag {
    let tag = EntityTag(bytes: MessageDigest.md5(body))
    if objects.updateValue(StoredObject(body: body, tag: tag, attempt: attempt), forKey: key) == nil {
      keys.insert(key, at: place(of: key))
    }
    return tag
  }

  mutating func remove(_ key: ObjectKey) {
    if objects.removeValue(forKey: key) != nil { keys.remove(at: place(of: key)) }
  }

  func list(prefix: String, after: ObjectKey?, limit: Int) -> ListObjects.Response {
    let prefix = ObjectKey(prefix)
    var index = place(of: prefix)
    if let after, !(after < prefix) {
      index = place(of: after)
      if index < keys.count, keys[index] == after { index += 1 }
    }
    var page: [ListedObject] = []
    while index < keys.count, page.count < limit, keys[index].bytes.starts(with: prefix.bytes) {
      page.append(ListedObject(key: keys[index], size: objects[keys[index]]?.body.count ?? 0))
      index += 1
    }
    let isTruncated = index < keys.count && keys[index].bytes.starts(with: prefix.bytes)
    return ListObjects.Response(objects: page, isTruncated: isTruncated)
  }

  /// The first place whose key is not smaller.
  private func place(of key: ObjectKey) -> Int {
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
