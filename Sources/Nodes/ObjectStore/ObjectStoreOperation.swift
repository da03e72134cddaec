import Simulation

/// What a request to the object store does.
enum ObjectStoreOperation: Sendable {
  case put
  case copy
  case get
  case head
  case list
  case delete
  case initiate
  case uploadPart
  case complete
  case abort
  case listParts
  case listUploads

  /// Whether it counts and takes as a write.
  var isWrite: Bool {
    switch self {
    case .put, .copy, .delete, .initiate, .uploadPart, .complete, .abort: true
    case .get, .head, .list, .listParts, .listUploads: false
    }
  }

  func count(in usage: inout ObjectStoreUsage) {
    switch self {
    case .put, .copy, .initiate, .complete: usage.put += 1
    case .uploadPart:
      usage.put += 1
      usage.parts += 1
    case .get, .head: usage.get += 1
    case .list, .listParts, .listUploads: usage.list += 1
    case .delete, .abort: usage.delete += 1
    }
  }
}

/// A request to the object store, as the store sees it: where it goes and what it does to the bucket.
protocol ObjectStoreRequest: Request {
  static var operation: ObjectStoreOperation { get }
  /// The key, or the prefix, that decides which partition of the keys serves it.
  var place: ObjectKey { get }
  /// Under which condition it takes effect.
  var condition: PutCondition { get }
  /// The key whose object it changes.
  var changedKey: ObjectKey? { get }
  /// Bytes of its body.
  var bodyBytes: Int { get }

  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response
}

extension ObjectStoreRequest {
  var condition: PutCondition { .none }
  var changedKey: ObjectKey? { nil }
  var bodyBytes: Int { 0 }
}

extension PutObject: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .put }
  var place: ObjectKey { key }
  var changedKey: ObjectKey? { key }
  var bodyBytes: Int { body.count }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.put(self)
  }
}

extension CopyObject: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .copy }
  var place: ObjectKey { key }
  var changedKey: ObjectKey? { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.copy(self)
  }
}

extension GetObject: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .get }
  var place: ObjectKey { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.get(self)
  }
}

extension HeadObject: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .head }
  var place: ObjectKey { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.head(self)
  }
}

extension ListObjects: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .list }
  var place: ObjectKey { ObjectKey(prefix) }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.list(self, endsEarly: outcome == .shortPage)
  }
}

extension DeleteObject: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .delete }
  var place: ObjectKey { key }
  var changedKey: ObjectKey? { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    bucket.delete(self)
  }
}

extension InitiateMultipartUpload: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .initiate }
  var place: ObjectKey { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.initiate(self)
  }
}

extension UploadPart: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .uploadPart }
  var place: ObjectKey { key }
  var bodyBytes: Int { body.count }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.upload(self)
  }
}

extension CompleteMultipartUpload: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .complete }
  var place: ObjectKey { key }
  var changedKey: ObjectKey? { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    if outcome == .failedAfterAll { return .failedAfterAll }
    return try bucket.complete(self)
  }
}

extension AbortMultipartUpload: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .abort }
  var place: ObjectKey { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.abort(self)
  }
}

extension ListParts: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .listParts }
  var place: ObjectKey { key }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.list(self)
  }
}

extension ListMultipartUploads: ObjectStoreRequest {
  static var operation: ObjectStoreOperation { .listUploads }
  var place: ObjectKey { ObjectKey(prefix) }
  func apply(to bucket: inout Bucket, _ outcome: RequestOutcome?) throws(ObjectStoreError) -> Response {
    try bucket.list(self)
  }
}
