import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("An upload in parts")
struct MultipartTests {
  let key = ObjectKey("key")

  private func started(_ parts: [Int: String] = [:]) throws -> (bucket: Bucket, upload: UploadID) {
    var bucket = Bucket(limits: .small)
    let upload = try bucket.initiate(InitiateMultipartUpload(key: key, attempt: 9, metadata: ["a": "b"])).upload
    for (number, body) in parts.sorted(by: { $0.key < $1.key }) { try send(body, number, upload, &bucket) }
    return (bucket, upload)
  }

  @discardableResult
  private func send(
    _ body: String, _ number: Int, _ upload: UploadID, _ bucket: inout Bucket
  ) throws -> CompletedPart {
    let request = UploadPart(key: key, upload: upload, number: number, body: Array(body.utf8))
    return CompletedPart(number: number, tag: try bucket.upload(request).tag)
  }

  private func part(_ number: Int, _ body: String) -> CompletedPart {
    CompletedPart(number: number, tag: EntityTag(bytes: MessageDigest.md5(Array(body.utf8))))
  }

  private func complete(
    _ bucket: inout Bucket, _ upload: UploadID, _ parts: [CompletedPart], _ condition: PutCondition = .none
  ) throws -> CompleteMultipartUpload.Response {
    try bucket.complete(CompleteMultipartUpload(key: key, upload: upload, parts: parts, condition: condition))
  }

  private func content(_ bucket: Bucket) throws -> String {
    String(decoding: try bucket.get(GetObject(key: key, range: .whole)).body, as: UTF8.self)
  }

  @Test("is invisible until it is completed; then it has its parts in order, its mark and its metadata")
  func complete() throws {
    var (bucket, upload) = try started([2: "later", 1: "first"])
    #expect(throws: ObjectStoreError.noSuchKey) { try bucket.head(HeadObject(key: key)) }
    #expect(try bucket.list(ListObjects(prefix: "", limit: 9)).objects.isEmpty)
    #expect(bucket.storedBytes == 0 && bucket.orphanBytes == 10)
    let answer = try complete(&bucket, upload, [part(1, "first"), part(2, "later")])
    #expect(try content(bucket) == "firstlater")
    let head = try bucket.head(HeadObject(key: key))
    #expect(answer == .completed(head.tag))
    #expect(head.attempt == 9 && head.metadata == ["a": "b"] && head.size == 10)
    #expect(bucket.storedBytes == 10 && bucket.orphanBytes == 0)
  }

  @Test("has for its tag the MD5 of its parts' MD5s and their number")
  func tag() throws {
    var (bucket, upload) = try started([1: "abcd", 2: "e"])
    _ = try complete(&bucket, upload, [part(1, "abcd"), part(2, "e")])
    let parts = MessageDigest.md5(Array("abcd".utf8)) + MessageDigest.md5(Array("e".utf8))
    let tag = try bucket.head(HeadObject(key: key)).tag
    #expect(tag == EntityTag(bytes: MessageDigest.md5(parts), parts: 2))
    #expect(tag.description == "\(EntityTag(bytes: MessageDigest.md5(parts)))-2")
  }

  @Test("keeps the last of several parts with one number, and leaves out parts that are not named")
  func replaced() throws {
    var (bucket, upload) = try started([1: "older", 5: "unused"])
    try send("newer", 1, upload, &bucket)
    #expect(throws: ObjectStoreError.invalidPart) { try complete(&bucket, upload, [part(1, "older")]) }
    _ = try complete(&bucket, upload, [part(1, "newer")])
    #expect(try content(bucket) == "newer")
    #expect(bucket.orphanBytes == 0, "what is not named is freed")
  }

  @Test("is refused with parts out of order, unknown ones, none, or one before the last that is too small")
  func refusedParts() throws {
    var (bucket, upload) = try started([1: "abcd", 2: "abc", 3: "abcd"])
    #expect(throws: ObjectStoreError.malformedRequest) { try complete(&bucket, upload, []) }
    #expect(throws: ObjectStoreError.invalidPartOrder) {
      try complete(&bucket, upload, [part(3, "abcd"), part(1, "abcd")])
    }
    #expect(throws: ObjectStoreError.invalidPartOrder) {
      try complete(&bucket, upload, [part(1, "abcd"), part(1, "abcd")])
    }
    #expect(throws: ObjectStoreError.invalidPart) { try complete(&bucket, upload, [part(4, "abcd")]) }
    #expect(throws: ObjectStoreError.entityTooSmall) {
      try complete(&bucket, upload, [part(1, "abcd"), part(2, "abc"), part(3, "abcd")])
    }
    _ = try complete(&bucket, upload, [part(1, "abcd"), part(2, "abc")])
    #expect(try content(bucket) == "abcdabc", "what was refused stays, and the last part may be small")
  }

  @Test("takes numbers from 1 to the limit and bodies up to the limit, and of no other upload")
  func refusedPart() throws {
    var (bucket, upload) = try started()
    for number in [0, -1, 11] {
      #expect(throws: ObjectStoreError.invalidArgument) { try send("x", number, upload, &bucket) }
    }
    try send("x", 10, upload, &bucket)
    #expect(throws: ObjectStoreError.entityTooLarge) {
      try send(String(repeating: "x", count: 17), 1, upload, &bucket)
    }
    #expect(throws: ObjectStoreError.noSuchUpload) { try send("x", 1, UploadID(rawValue: 99), &bucket) }
    #expect(throws: ObjectStoreError.noSuchUpload, "an upload belongs to its key") {
      try bucket.upload(UploadPart(key: ObjectKey("other"), upload: upload, number: 1, body: []))
    }
  }

  @Test("under a condition that does not hold is refused, and stays until it is aborted")
  func condition() throws {
    var (bucket, upload) = try started([1: "mine"])
    _ = try bucket.put(PutObject(key: key, body: [7], condition: .none, attempt: 1))
    #expect(throws: ObjectStoreError.preconditionFailed) {
      try complete(&bucket, upload, [part(1, "mine")], .ifNoneMatch)
    }
    #expect(bucket.orphanBytes == 4)
    let tag = try bucket.head(HeadObject(key: key)).tag
    _ = try complete(&bucket, upload, [part(1, "mine")], .ifMatch(tag))
    #expect(try content(bucket) == "mine")
  }

  @Test("once completed or aborted is no upload any more: whoever repeats it is told 404")
  func over() throws {
    for ends in ["complete", "abort"] {
      var (bucket, upload) = try started([1: "abcd"])
      if ends == "complete" {
        _ = try complete(&bucket, upload, [part(1, "abcd")])
      } else {
        _ = try bucket.abort(AbortMultipartUpload(key: key, upload: upload))
        #expect(bucket.orphanBytes == 0)
        #expect(throws: ObjectStoreError.noSuchKey) { try content(bucket) }
      }
      #expect(throws: ObjectStoreError.noSuchUpload) { try complete(&bucket, upload, [part(1, "abcd")]) }
      #expect(throws: ObjectStoreError.noSuchUpload) {
        try bucket.abort(AbortMultipartUpload(key: key, upload: upload))
      }
      #expect(throws: ObjectStoreError.noSuchUpload) { try send("x", 1, upload, &bucket) }
      #expect(throws: ObjectStoreError.noSuchUpload) { try bucket.list(ListParts(key: key, upload: upload)) }
    }
  }

  @Test("shows its parts by number, page by page")
  func listParts() throws {
    let bodies = Dictionary(uniqueKeysWithValues: (1...5).map { ($0 * 2, "part\($0)") })
    let (bucket, upload) = try started(bodies)
    let first = try bucket.list(ListParts(key: key, upload: upload))
    #expect(first.parts.map(\.number) == [2, 4, 6] && first.isTruncated, "the page's limit is three")
    #expect(first.parts[0] == ListedPart(number: 2, tag: part(2, "part1").tag, size: 5))
    let second = try bucket.list(ListParts(key: key, upload: upload, after: 6))
    #expect(second.parts.map(\.number) == [8, 10] && !second.isTruncated)
    #expect(throws: ObjectStoreError.invalidArgument) {
      try bucket.list(ListParts(key: key, upload: upload, after: -1))
    }
  }

  @Test("is listed until it is over, by key and then by when it was begun")
  func listUploads() throws {
    var bucket = Bucket(limits: .small)
    var uploads: [UploadID] = []
    for key in ["b", "a", "b", "c", "a"] {
      uploads.append(try bucket.initiate(InitiateMultipartUpload(key: ObjectKey(key), attempt: 0)).upload)
    }
    let first = try bucket.list(ListMultipartUploads(prefix: ""))
    #expect(first.uploads.map(\.upload) == [uploads[1], uploads[4], uploads[0]] && first.isTruncated)
    let second = try bucket.list(ListMultipartUploads(prefix: "", after: first.uploads.last))
    #expect(second.uploads.map(\.upload) == [uploads[2], uploads[3]] && !second.isTruncated)
    #expect(try bucket.list(ListMultipartUploads(prefix: "a")).uploads.count == 2)
    _ = try bucket.abort(AbortMultipartUpload(key: ObjectKey("a"), upload: uploads[1]))
    #expect(try bucket.list(ListMultipartUploads(prefix: "a")).uploads.map(\.upload) == [uploads[4]])
  }

  @Test("whose beginning is delivered twice makes two uploads; the one that nobody knows holds no bytes")
  func begunTwice() throws {
    let cluster = TestCluster()
    cluster.hit(from: cluster.client(0), to: cluster.store, with: .duplicate, extra: .milliseconds(5))
    let begun = try cluster.ask(InitiateMultipartUpload(key: key, attempt: 1), of: cluster.store)
    cluster.run(for: .milliseconds(20))
    let listed = try cluster.ask(ListMultipartUploads(prefix: ""), of: cluster.store).uploads
    #expect(listed.count == 2 && listed.map(\.upload).contains(begun.upload))
    #expect(cluster.usage.orphanBytes == 0)
  }

  @Test("whose completion is answered with an error inside of a success is not applied, and can be completed again")
  func failedAfterAll() throws {
    let cluster = TestCluster()
    let upload = try cluster.ask(InitiateMultipartUpload(key: key, attempt: 1), of: cluster.store).upload
    let tag = try cluster.ask(UploadPart(key: key, upload: upload, number: 1, body: [1, 2]), of: cluster.store).tag
    let request = CompleteMultipartUpload(
      key: key, upload: upload, parts: [CompletedPart(number: 1, tag: tag)], condition: .ifNoneMatch)
    cluster.failRequests(of: cluster.client(0), [3: .failedAfterAll])
    #expect(try cluster.ask(request, of: cluster.store) == .failedAfterAll)
    #expect(cluster.object(key) == nil)
    guard case .completed = try cluster.ask(request, of: cluster.store) else {
      Issue.record("the second completion did not succeed")
      return
    }
    #expect(cluster.object(key) == [1, 2])
  }

  @Test("costs a request for each step and storage for its parts until they are an object or gone")
  func cost() throws {
    let cluster = TestCluster()
    let upload = try cluster.ask(InitiateMultipartUpload(key: key, attempt: 1), of: cluster.store).upload
    let body = [UInt8](repeating: 1, count: 1_000_000)
    try cluster.ask(UploadPart(key: key, upload: upload, number: 1, body: body), of: cluster.store)
    #expect(cluster.usage.put == 2 && cluster.usage.parts == 1 && cluster.usage.orphanBytes == 1_000_000)
    cluster.run(for: .seconds(3_600))
    let hour: UInt64 = 1_000_000 * 3_600_000
    #expect((hour...(hour + hour / 1_000)).contains(cluster.usage.orphanByteMilliseconds))
    #expect(cluster.usage.storedByteMilliseconds == 0)
    try cluster.ask(AbortMultipartUpload(key: key, upload: upload), of: cluster.store)
    let usage = cluster.usage
    cluster.run(for: .seconds(3_600))
    #expect(cluster.usage.orphanBytes == 0 && cluster.usage.orphanByteMilliseconds == usage.orphanByteMilliseconds)
    #expect(usage.delete == 1 && usage.put == 2)
    // A megabyte for an hour of a month of 730 hours, at $0.023 a gigabyte and month.
    #expect(usage.storageNanoDollars == 29)
  }
}
