import Simulation

// Keys in order -> those under the prefix and after where it begins -> cut at the delimiter -> one page
extension Bucket {
  /// One page of the keys under a prefix.
  ///
  /// - Parameter endsEarly: Whether the page holds only half of what it could.
  /// - Throws: ``ObjectStoreError/invalidArgument`` for a negative limit.
  /// - Complexity: O(*page* · log *keys*) key comparisons; a common prefix is passed over by a search, not key by key.
  public func list(_ request: ListObjects, endsEarly: Bool = false) throws(ObjectStoreError) -> ListObjects.Response {
    guard request.limit >= 0 else { throw .invalidArgument }
    var page = ListObjects.Response(objects: [], isTruncated: false)
    var limit = min(request.limit, limits.page)
    if limit == 0 { return page }
    if endsEarly { limit = min(limit, (entries(request, limit: limit).count + 1) / 2) }
    let entries = entries(request, limit: limit + 1)
    for entry in entries.prefix(limit) {
      switch entry {
      case .object(let key):
        guard let object = self[key] else { continue }
        page.objects.append(
          ListedObject(key: key, size: object.body.count, tag: object.tag, modified: object.modified))
      case .commonPrefix(let prefix): page.commonPrefixes.append(prefix)
      }
    }
    page.isTruncated = entries.count > limit
    if page.isTruncated, let last = entries.prefix(limit).last { page.next = last.token }
    return page
  }

  private enum Entry {
    case object(ObjectKey)
    case commonPrefix(ObjectKey)

    var token: ContinuationToken {
      switch self {
      case .object(let key): ContinuationToken(last: key, isPrefix: false)
      case .commonPrefix(let prefix): ContinuationToken(last: prefix, isPrefix: true)
      }
    }
  }

  private func entries(_ request: ListObjects, limit: Int) -> [Entry] {
    let prefix = ObjectKey(request.prefix)
    let delimiter = request.delimiter.map { Array($0.utf8) } ?? []
    var index = max(place(of: prefix), beginning(request))
    var entries: [Entry] = []
    while entries.count < limit, index < keys.count, keys[index].hasPrefix(prefix) {
      let key = keys[index]
      if let common = Self.commonPrefix(of: key, after: prefix.bytes.count, delimiter) {
        entries.append(.commonPrefix(common))
        index = placeAfterAll(under: common)
      } else {
        entries.append(.object(key))
        index += 1
      }
    }
    return entries
  }

  private func beginning(_ request: ListObjects) -> Int {
    if let token = request.continuation {
      return token.isPrefix ? placeAfterAll(under: token.last) : placeAfter(token.last)
    }
    return request.after.map { placeAfter($0) } ?? 0
  }

  private func placeAfter(_ key: ObjectKey) -> Int {
    let index = place(of: key)
    return index < keys.count && keys[index] == key ? index + 1 : index
  }

  /// The first place past all keys that begin so.
  private func placeAfterAll(under prefix: ObjectKey) -> Int {
    // The smallest key greater than all of them: the last byte that can be raised is, those behind it go.
    var bound = prefix.bytes
    while let last = bound.popLast() {
      if last < 0xFF { return place(of: ObjectKey(bytes: bound + [last + 1])) }
    }
    return keys.count
  }

  private static func commonPrefix(of key: ObjectKey, after start: Int, _ delimiter: [UInt8]) -> ObjectKey? {
    guard !delimiter.isEmpty, key.bytes.count >= start + delimiter.count else { return nil }
    for index in start...(key.bytes.count - delimiter.count)
    where key.bytes[index..<(index + delimiter.count)].elementsEqual(delimiter) {
      return ObjectKey(bytes: Array(key.bytes[..<(index + delimiter.count)]))
    }
    return nil
  }
}
