import Foundation
import Nodes
import Storage

/// Answers operations on a bucket, a line of JSON each, so that another object store can be asked the same and the answers compared.
///
/// ```
/// {"op": "put", "key": "a", "body": {"seed": 1, "length": 3}, "ifNoneMatch": true}
/// {"status": 200, "tag": "…"}
/// ```
///
/// A body is not written out: it is 251 bytes, byte i being (31 · seed + 7 · i) mod 251, over and over up to its length.
public struct BucketDialogue {
  private var bucket: Bucket

  /// Begins with an empty bucket.
  public init(limits: BucketLimits = BucketLimits()) { bucket = Bucket(limits: limits) }

  /// Why a line is no operation.
  public struct Problem: Error, CustomStringConvertible {
    /// What is wrong, and what would be right.
    public let description: String
  }

  /// The answer to a line, as a line.
  ///
  /// - Throws: ``Problem`` for what is no operation; what S3 would refuse is an answer.
  public mutating func answer(_ line: String) throws(Problem) -> String {
    let operation: BucketOperation
    do {
      operation = try JSONDecoder().decode(BucketOperation.self, from: Data(line.utf8))
    } catch {
      throw Problem(
        description: "this is no operation; write for example {\"op\": \"get\", \"key\": \"a\"} (\(error))")
    }
    do {
      return try perform(operation).compact
    } catch let error as ObjectStoreError {
      return JSON.object([
        JSON.Member("status", .number(error.status)), JSON.Member("code", .text(error.code)),
      ]).compact
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(description: "\(error)")
    }
  }

  private mutating func perform(_ operation: BucketOperation) throws -> JSON {
    let key = ObjectKey(operation.key ?? "")
    let upload = UploadID(rawValue: operation.upload ?? 0)
    switch operation.op {
    case .put:
      let request = PutObject(
        key: key, body: operation.bytes, condition: try operation.condition(), attempt: 0,
        metadata: operation.objectMetadata)
      return ["status": .number(200), "tag": .text(try bucket.put(request).tag.description)]
    case .copy:
      let replacement = operation.metadata.map { _ in
        CopyObject.Replacement(attempt: 0, metadata: operation.objectMetadata)
      }
      let request = CopyObject(from: ObjectKey(operation.source ?? ""), to: key, replacing: replacement)
      return ["status": .number(200), "tag": .text(try bucket.copy(request).tag.description)]
    case .get: return try get(key, operation.range)
    case .head:
      let head = try bucket.head(HeadObject(key: key))
      return [
        "status": .number(200), "tag": .text(head.tag.description), "size": .number(head.size),
        "metadata": .object(head.metadata.entries.map { JSON.Member($0.name, .text($0.value)) }),
      ]
    case .delete:
      _ = bucket.delete(DeleteObject(key: key))
      return ["status": .number(204)]
    case .list: return try list(operation)
    case .initiate:
      let request = InitiateMultipartUpload(key: key, attempt: 0, metadata: operation.objectMetadata)
      return ["status": .number(200), "upload": .number(try bucket.initiate(request).upload.rawValue)]
    case .part:
      let request = UploadPart(key: key, upload: upload, number: operation.number ?? 0, body: operation.bytes)
      return ["status": .number(200), "tag": .text(try bucket.upload(request).tag.description)]
    case .complete:
      let request = CompleteMultipartUpload(
        key: key, upload: upload, parts: try operation.completedParts(), condition: try operation.condition())
      guard case .completed(let tag) = try bucket.complete(request) else { return ["status": .number(500)] }
      return ["status": .number(200), "tag": .text(tag.description)]
    case .abort:
      _ = try bucket.abort(AbortMultipartUpload(key: key, upload: upload))
      return ["status": .number(204)]
    case .parts: return try parts(key, upload, operation)
    case .uploads: return try uploads(operation)
    }
  }

  private func get(_ key: ObjectKey, _ range: ByteRange) throws -> JSON {
    let answer = try bucket.get(GetObject(key: key, range: range))
    let md5 = EntityTag(bytes: MessageDigest.md5(answer.body)).description
    return [
      "status": .number(range == .whole || range.isBackwards ? 200 : 206), "tag": .text(answer.tag.description),
      "size": .number(answer.size), "length": .number(answer.body.count), "md5": .text(md5),
    ]
  }

  private func list(_ operation: BucketOperation) throws -> JSON {
    var continuation: ContinuationToken?
    if let text = operation.continuation {
      guard let token = ContinuationToken(text: text) else {
        throw Problem(description: "`continuation` is no token of an earlier answer's `next`")
      }
      continuation = token
    }
    let page = try bucket.list(
      ListObjects(
        prefix: operation.prefix ?? "", after: operation.after.map { ObjectKey($0) },
        limit: operation.limit ?? 1_000, delimiter: operation.delimiter, continuation: continuation))
    return [
      "status": .number(200),
      "keys": .array(
        page.objects.map {
          ["key": .text($0.key.description), "size": .number($0.size), "tag": .text($0.tag.description)]
        }),
      "prefixes": .array(page.commonPrefixes.map { .text($0.description) }),
      "truncated": .boolean(page.isTruncated), "next": page.next.map { .text($0.text) } ?? .null,
    ]
  }

  private func parts(_ key: ObjectKey, _ upload: UploadID, _ operation: BucketOperation) throws -> JSON {
    let page = try bucket.list(
      ListParts(key: key, upload: upload, after: operation.number ?? 0, limit: operation.limit ?? 1_000))
    return [
      "status": .number(200),
      "parts": .array(
        page.parts.map {
          ["number": .number($0.number), "tag": .text($0.tag.description), "size": .number($0.size)]
        }),
      "truncated": .boolean(page.isTruncated),
    ]
  }

  private func uploads(_ operation: BucketOperation) throws -> JSON {
    let page = try bucket.list(
      ListMultipartUploads(prefix: operation.prefix ?? "", limit: operation.limit ?? 1_000))
    return [
      "status": .number(200),
      "uploads": .array(
        page.uploads.map { ["key": .text($0.key.description), "upload": .number($0.upload.rawValue)] }),
    ]
  }
}

/// A line of the dialogue.
private struct BucketOperation: Decodable {
  enum Name: String, Decodable {
    case put, copy, get, head, delete, list, initiate, part, complete, abort, parts, uploads
  }

  struct Body: Decodable {
    var seed: Int
    var length: Int
  }

  struct Part: Decodable {
    var number: Int
    var tag: String
  }

  var op: Name
  var key: String?
  var source: String?
  var body: Body?
  var metadata: [String: String]?
  var ifNoneMatch: Bool?
  var ifMatch: String?
  var first: Int?
  var last: Int?
  var suffix: Int?
  var prefix: String?
  var delimiter: String?
  var after: String?
  var continuation: String?
  var limit: Int?
  var upload: UInt64?
  var number: Int?
  var parts: [Part]?

  var bytes: [UInt8] {
    guard let body, body.length > 0 else { return [] }
    let block = (0..<251).map { UInt8(((31 * body.seed + 7 * $0) % 251 + 251) % 251) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.length + 251)
    while bytes.count < body.length { bytes += block }
    bytes.removeLast(bytes.count - body.length)
    return bytes
  }

  var objectMetadata: ObjectMetadata {
    ObjectMetadata((metadata ?? [:]).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
  }

  var range: ByteRange {
    if let suffix { return .suffix(suffix) }
    guard let first else { return .whole }
    return last.map { .closed(first, $0) } ?? .from(first)
  }

  func condition() throws -> PutCondition {
    if let ifMatch { return .ifMatch(try Self.tag(ifMatch)) }
    return ifNoneMatch == true ? .ifNoneMatch : .none
  }

  func completedParts() throws -> [CompletedPart] {
    try (parts ?? []).map { CompletedPart(number: $0.number, tag: try Self.tag($0.tag)) }
  }

  private static func tag(_ text: String) throws -> EntityTag {
    guard let tag = EntityTag(text) else {
      throw BucketDialogue.Problem(description: "`\(text)` is no tag; write 32 digits, with `-N` for N parts")
    }
    return tag
  }
}
