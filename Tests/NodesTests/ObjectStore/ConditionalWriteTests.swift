import Simulation
import Testing

@testable import Nodes

@Suite("A conditional write")
struct ConditionalWriteTests {
  let cluster = TestCluster { $0.clients = 3 }
  let key = ObjectKey("key")

  private func put(_ value: UInt8, _ condition: PutCondition = .none) -> PutObject {
    PutObject(key: key, body: [value], condition: condition, attempt: UInt64(value))
  }

  @Test("is the only one of several at a time that takes effect; the others see its object and are told 412")
  func oneWins() {
    let answers = (0..<3).map { cluster.send(put(UInt8($0), .ifNoneMatch), to: cluster.store, as: $0) }
    cluster.run(for: .milliseconds(50))
    #expect(answers.count { $0.value != nil } == 1)
    #expect(answers.count { $0.error as? ObjectStoreError == .preconditionFailed } == 2)
    #expect(cluster.object(key).map { UInt64($0[0]) } == answers.firstIndex { $0.value != nil }.map { UInt64($0) })
  }

  @Test("is told 409 when its key was written and deleted while it was on its way, and may be tried again")
  func disturbed() throws {
    cluster.trouble("objectStoreSlow", [50])
    let slow = cluster.send(put(1, .ifNoneMatch), to: cluster.store)
    cluster.run(for: .milliseconds(5))
    cluster.trouble("objectStoreSlow", [50], begins: false)
    try cluster.ask(put(2), of: cluster.store, as: 1)
    try cluster.ask(DeleteObject(key: key), of: cluster.store, as: 1)
    cluster.run(for: .milliseconds(100))
    #expect(slow.error as? ObjectStoreError == .conflict)
    #expect(cluster.object(key) == nil)
    #expect(cluster.count(of: .conditionalWriteDisturbed) == 1)
    try cluster.ask(put(1, .ifNoneMatch), of: cluster.store)
    #expect(cluster.object(key) == [1])
  }

  @Test("under If-Match is told 409 when the same content was written again meanwhile, 412 when another was")
  func disturbedMatch() throws {
    for (between, expected) in [(UInt8(7), ObjectStoreError.conflict), (8, .preconditionFailed)] {
      let tag = try cluster.ask(put(7), of: cluster.store).tag
      cluster.trouble("objectStoreSlow", [50])
      let slow = cluster.send(put(1, .ifMatch(tag)), to: cluster.store)
      cluster.run(for: .milliseconds(5))
      cluster.trouble("objectStoreSlow", [50], begins: false)
      try cluster.ask(put(between), of: cluster.store, as: 1)
      cluster.run(for: .milliseconds(100))
      #expect(slow.error as? ObjectStoreError == expected)
      #expect(cluster.object(key) == [between])
    }
  }

  @Test("is not disturbed by changes of other keys, nor by those before it came or after it was done")
  func undisturbed() throws {
    try cluster.ask(put(2), of: cluster.store)
    try cluster.ask(DeleteObject(key: key), of: cluster.store)
    let slow = cluster.send(put(1, .ifNoneMatch), to: cluster.store)
    try cluster.ask(
      PutObject(key: ObjectKey("other"), body: [], condition: .none, attempt: 0), of: cluster.store, as: 1)
    #expect(slow.value != nil)
    #expect(cluster.count(of: .conditionalWriteDisturbed) == 0)
  }

  @Test(
    "that the network delivers twice takes effect once: its second delivery is refused, its sender hears of the first")
  func duplicated() {
    cluster.hit(from: cluster.client(0), to: cluster.store, with: .duplicate, extra: .milliseconds(20))
    let answer = cluster.send(put(1, .ifNoneMatch), to: cluster.store)
    cluster.run(for: .milliseconds(100))
    #expect(answer.value != nil)
    #expect(cluster.usage.put == 2, "refused conditional writes are charged")
    #expect(cluster.object(key) == [1])
  }

  @Test("whose answer gets lost is refused when it is repeated, by the object that it stored itself")
  func answerLost() throws {
    cluster.cut(from: cluster.store, to: cluster.client(0))
    let lost = cluster.send(put(1, .ifNoneMatch), to: cluster.store, within: .seconds(1))
    cluster.run(for: .seconds(2))
    cluster.mend(from: cluster.store, to: cluster.client(0))
    #expect(lost.error as? NetworkError == .timedOut)
    #expect(throws: ObjectStoreError.preconditionFailed) { try cluster.ask(put(1, .ifNoneMatch), of: cluster.store) }
    #expect(try cluster.ask(HeadObject(key: key), of: cluster.store).attempt == 1, "by its mark it is known")
  }

  @Test("protects a newer object from an older write that comes late; an unconditional one overwrites it")
  func lateFirstAttempt() throws {
    for (condition, survivor) in [(PutCondition.ifNoneMatch, UInt8(2)), (.none, 1)] {
      let cluster = TestCluster()
      cluster.failRequests(of: cluster.client(0), [1: .appliedLate])
      let late = cluster.send(put(1, condition), to: cluster.store, within: .seconds(10))
      cluster.run(for: .seconds(11))
      #expect(late.error as? NetworkError == .timedOut)
      try cluster.ask(put(2, condition), of: cluster.store)
      cluster.run(for: .seconds(30))
      #expect(cluster.object(key) == [survivor])
    }
  }
}

@Suite("An object's copy")
struct CopyTests {
  let cluster = TestCluster()
  let source = ObjectKey("source")

  private func fill() throws {
    try cluster.ask(
      PutObject(key: source, body: [1, 2], condition: .none, attempt: 5, metadata: ["Colour": "blue"]),
      of: cluster.store)
  }

  private func head(_ key: String) throws -> HeadObject.Response {
    try cluster.ask(HeadObject(key: ObjectKey(key)), of: cluster.store)
  }

  @Test("has the original's content, tag, mark and metadata")
  func copy() throws {
    try fill()
    let tag = try cluster.ask(CopyObject(from: source, to: ObjectKey("copy")), of: cluster.store).tag
    #expect(cluster.object(ObjectKey("copy")) == [1, 2])
    let (original, copy) = (try head("source"), try head("copy"))
    #expect(copy.tag == tag && copy.tag == original.tag)
    #expect(copy.attempt == 5 && copy.metadata == ["colour": "blue"])
  }

  @Test("has other metadata when they are given")
  func replaced() throws {
    try fill()
    try cluster.ask(
      CopyObject(from: source, to: source, replacing: .init(attempt: 6, metadata: ["colour": "red"])),
      of: cluster.store)
    let head = try head("source")
    #expect(head.attempt == 6 && head.metadata == ["colour": "red"] && head.size == 2)
  }

  @Test("of nothing is refused with 404, onto itself without a change with 400")
  func refused() throws {
    #expect(throws: ObjectStoreError.noSuchKey) {
      try cluster.ask(CopyObject(from: source, to: ObjectKey("copy")), of: cluster.store)
    }
    try fill()
    #expect(throws: ObjectStoreError.invalidRequest) {
      try cluster.ask(CopyObject(from: source, to: source), of: cluster.store)
    }
  }

  @Test("of an object made of parts is in one piece: its tag is the MD5 of the whole")
  func ofParts() throws {
    var bucket = Bucket(limits: .small)
    let upload = try bucket.initiate(InitiateMultipartUpload(key: source, attempt: 1)).upload
    let part = try bucket.upload(UploadPart(key: source, upload: upload, number: 1, body: Array("abc".utf8))).tag
    _ = try bucket.complete(
      CompleteMultipartUpload(key: source, upload: upload, parts: [CompletedPart(number: 1, tag: part)]))
    #expect(try bucket.head(HeadObject(key: source)).tag.description.hasSuffix("-1"))
    #expect(
      try bucket.copy(CopyObject(from: source, to: ObjectKey("copy"))).tag.description
        == "900150983cd24fb0d6963f7d28e17f72")
  }
}

extension BucketLimits {
  /// Limits that tests reach with few bytes.
  static let small: BucketLimits = {
    var limits = BucketLimits()
    limits.minimumPartBytes = 4
    limits.maximumBodyBytes = 16
    limits.partNumber = 10
    limits.page = 3
    return limits
  }()
}

@Suite("What S3 limits")
struct BucketLimitTests {
  @Test("are keys of 1 to 1,024 bytes")
  func keys() throws {
    var bucket = Bucket()
    func put(_ key: String) -> PutObject {
      PutObject(key: ObjectKey(key), body: [], condition: .none, attempt: 0)
    }
    _ = try bucket.put(put(String(repeating: "k", count: 1_024)))
    #expect(throws: ObjectStoreError.keyTooLong) { try bucket.put(put(String(repeating: "k", count: 1_025))) }
    #expect(throws: ObjectStoreError.keyTooLong) { try bucket.put(put(String(repeating: "é", count: 513))) }
    #expect(throws: ObjectStoreError.invalidArgument) { try bucket.put(put("")) }
  }

  @Test("are metadata of 2,048 bytes, names and values together")
  func metadata() throws {
    var bucket = Bucket()
    func put(_ bytes: Int) -> PutObject {
      PutObject(
        key: ObjectKey("k"), body: [], condition: .none, attempt: 0,
        metadata: ["name": String(repeating: "v", count: bytes - 4)])
    }
    _ = try bucket.put(put(2_048))
    #expect(throws: ObjectStoreError.metadataTooLarge) { try bucket.put(put(2_049)) }
  }

  @Test("are bodies of 5 GiB, parts of 5 MiB to 5 GiB, 10,000 of them, and pages of 1,000")
  func figures() {
    let limits = BucketLimits()
    #expect(limits.maximumBodyBytes == 5_368_709_120 && limits.minimumPartBytes == 5_242_880)
    #expect(limits.partNumber == 10_000 && limits.page == 1_000)
  }

  @Test("is refused when it is exceeded, and nothing is stored")
  func bodies() throws {
    var bucket = Bucket(limits: .small)
    let request = PutObject(
      key: ObjectKey("k"), body: [UInt8](repeating: 0, count: 17), condition: .none, attempt: 0)
    #expect(throws: ObjectStoreError.entityTooLarge) { try bucket.put(request) }
    #expect(bucket.storedBytes == 0)
  }
}
