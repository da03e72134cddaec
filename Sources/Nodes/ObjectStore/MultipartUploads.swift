import Simulation
import Storage

/// The uploads in parts that were begun and neither completed nor aborted.
struct MultipartUploads {
  struct Part {
    let body: [UInt8]
    let tag: EntityTag
  }

  struct Upload {
    let key: ObjectKey
    let attempt: UInt64
    let metadata: ObjectMetadata
    var parts: [Int: Part] = [:]

    var bytes: Int { parts.values.reduce(0) { $0 + $1.body.count } }
  }

  private var latest: UInt64 = 0
  private var uploads: [UploadID: Upload] = [:]
  /// Bytes of all parts.
  private(set) var bytes = 0

  mutating func begin(_ upload: Upload) -> UploadID {
    latest += 1
    let identifier = UploadID(rawValue: latest)
    uploads[identifier] = upload
    return identifier
  }

  /// The upload with this identifier, if it is one of this key.
  func find(_ identifier: UploadID, of key: ObjectKey) throws(ObjectStoreError) -> Upload {
    guard let upload = uploads[identifier], upload.key == key else { throw .noSuchUpload }
    return upload
  }

  mutating func store(_ part: Part, number: Int, in identifier: UploadID) {
    let replaced = uploads[identifier]?.parts.updateValue(part, forKey: number)
    bytes += part.body.count - (replaced?.body.count ?? 0)
  }

  mutating func remove(_ identifier: UploadID) {
    if let removed = uploads.removeValue(forKey: identifier) { bytes -= removed.bytes }
  }

  /// All of them, by key and then by when they were begun.
  var listed: [ListedUpload] {
    uploads.map { ListedUpload(key: $0.value.key, upload: $0.key) }.sorted { $0.precedes($1) }
  }
}

extension ListedUpload {
  func precedes(_ other: ListedUpload) -> Bool { key == other.key ? upload < other.upload : key < other.key }
}

// Begin -> parts, in any order, each as often as wanted -> complete or abort
extension Bucket {
  /// Begins an upload in parts.
  ///
  /// - Throws: ``ObjectStoreError/keyTooLong``, ``ObjectStoreError/metadataTooLarge``.
  public mutating func initiate(
    _ request: InitiateMultipartUpload
  ) throws(ObjectStoreError) -> InitiateMultipartUpload.Response {
    try check(request.key, request.metadata)
    let upload = MultipartUploads.Upload(key: request.key, attempt: request.attempt, metadata: request.metadata)
    return InitiateMultipartUpload.Response(upload: uploads.begin(upload))
  }

  /// Stores a part in the place of an earlier one with its number.
  ///
  /// - Throws: ``ObjectStoreError/noSuchUpload``; ``ObjectStoreError/invalidArgument`` for a number out of range; ``ObjectStoreError/entityTooLarge``.
  public mutating func upload(_ request: UploadPart) throws(ObjectStoreError) -> UploadPart.Response {
    guard (1...limits.partNumber).contains(request.number) else { throw .invalidArgument }
    _ = try uploads.find(request.upload, of: request.key)
    if request.body.count > limits.maximumBodyBytes { throw .entityTooLarge }
    let tag = EntityTag(bytes: MessageDigest.md5(request.body))
    uploads.store(MultipartUploads.Part(body: request.body, tag: tag), number: request.number, in: request.upload)
    return UploadPart.Response(tag: tag)
  }

  /// Makes an object of an upload's parts and ends the upload. One that is refused stays, and costs until it is aborted.
  ///
  /// - Throws: ``ObjectStoreError/noSuchUpload``, also when it was completed before; ``ObjectStoreError/malformedRequest``, ``ObjectStoreError/invalidPartOrder``, ``ObjectStoreError/invalidPart``, ``ObjectStoreError/entityTooSmall`` for what is wrong with the parts; and what a conditional put is refused with.
  public mutating func complete(
    _ request: CompleteMultipartUpload
  ) throws(ObjectStoreError) -> CompleteMultipartUpload.Response {
    let upload = try uploads.find(request.upload, of: request.key)
    let parts = try chosen(request.parts, of: upload)
    try check(request.condition, of: request.key)
    var body: [UInt8] = []
    body.reserveCapacity(parts.reduce(0) { $0 + $1.body.count })
    for part in parts { body += part.body }
    let tag = EntityTag(bytes: MessageDigest.md5(parts.flatMap(\.tag.bytes)), parts: parts.count)
    insert(request.key, object(body, tag, attempt: upload.attempt, upload.metadata))
    uploads.remove(request.upload)
    return .completed(tag)
  }

  private func chosen(
    _ parts: [CompletedPart], of upload: MultipartUploads.Upload
  ) throws(ObjectStoreError) -> [MultipartUploads.Part] {
    if parts.isEmpty { throw .malformedRequest }
    for (earlier, later) in zip(parts, parts.dropFirst()) where earlier.number >= later.number {
      throw .invalidPartOrder
    }
    var chosen: [MultipartUploads.Part] = []
    for part in parts {
      guard let stored = upload.parts[part.number], stored.tag == part.tag else { throw .invalidPart }
      chosen.append(stored)
    }
    for part in chosen.dropLast() where part.body.count < limits.minimumPartBytes { throw .entityTooSmall }
    return chosen
  }

  /// Gives an upload up.
  ///
  /// - Throws: ``ObjectStoreError/noSuchUpload``, also when it was aborted before.
  public mutating func abort(_ request: AbortMultipartUpload) throws(ObjectStoreError) -> AbortMultipartUpload.Response
  {
    _ = try uploads.find(request.upload, of: request.key)
    uploads.remove(request.upload)
    return AbortMultipartUpload.Response()
  }

  /// One page of an upload's parts.
  ///
  /// - Throws: ``ObjectStoreError/noSuchUpload``; ``ObjectStoreError/invalidArgument`` for a negative number or limit.
  public func list(_ request: ListParts) throws(ObjectStoreError) -> ListParts.Response {
    guard request.limit >= 0, request.after >= 0 else { throw .invalidArgument }
    let upload = try uploads.find(request.upload, of: request.key)
    let following = upload.parts.sorted { $0.key < $1.key }.filter { $0.key > request.after }
    let page = following.prefix(min(request.limit, limits.page))
    return ListParts.Response(
      parts: page.map { ListedPart(number: $0.key, tag: $0.value.tag, size: $0.value.body.count) },
      isTruncated: !page.isEmpty && page.count < following.count)
  }

  /// One page of the uploads under a prefix.
  ///
  /// - Throws: ``ObjectStoreError/invalidArgument`` for a negative limit.
  public func list(_ request: ListMultipartUploads) throws(ObjectStoreError) -> ListMultipartUploads.Response {
    guard request.limit >= 0 else { throw .invalidArgument }
    let prefix = ObjectKey(request.prefix)
    let following = uploads.listed.filter { upload in
      upload.key.hasPrefix(prefix) && request.after.map { $0.precedes(upload) } ?? true
    }
    let page = following.prefix(min(request.limit, limits.page))
    return ListMultipartUploads.Response(
      uploads: Array(page), isTruncated: !page.isEmpty && page.count < following.count)
  }
}
