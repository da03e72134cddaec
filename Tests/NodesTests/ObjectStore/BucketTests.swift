import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("The object store")
struct BucketTests {
  let cluster = TestCluster()

  private func put(
    _ key: String, _ body: String, _ condition: PutCondition = .none, attempt: UInt64 = 0
  ) throws -> EntityTag {
    try cluster.ask(
      PutObject(key: ObjectKey(key), body: Array(body.utf8), condition: condition, attempt: attempt),
      of: cluster.store
    ).tag
  }

  private func get(_ key: String, _ range: ByteRange = .whole) throws -> String {
    let answer = try cluster.ask(GetObject(key: ObjectKey(key), range: range), of: cluster.store)
    return String(decoding: answer.body, as: UTF8.self)
  }

  @Test("returns what was put last, at once")
  func lastWriterWins() throws {
    _ = try put("key", "one")
    #expect(try get("key") == "one")
    _ = try put("key", "two")
    #expect(try get("key") == "two")
  }

  @Test("refuses a put under If-None-Match where there is an object, and keeps that object")
  func putIfNoneMatch() throws {
    _ = try put("key", "mine", .ifNoneMatch, attempt: 1)
    #expect(throws: ObjectStoreError.preconditionFailed) { try put("key", "other", .ifNoneMatch, attempt: 2) }
    #expect(try get("key") == "mine")
    #expect(try cluster.ask(HeadObject(key: ObjectKey("key")), of: cluster.store).attempt == 1)
  }

  @Test("puts under If-Match only over the object with that tag")
  func putIfMatch() throws {
    let first = try put("key", "one")
    let second = try put("key", "two", .ifMatch(first))
    #expect(throws: ObjectStoreError.preconditionFailed) { try put("key", "three", .ifMatch(first)) }
    #expect(try get("key") == "two")
    _ = try put("key", "three", .ifMatch(second))
    #expect(throws: ObjectStoreError.noSuchKey) { try put("nothing", "x", .ifMatch(second)) }
  }

  @Test("takes the MD5 of the body for the tag")
  func tagIsMD5() throws {
    let tag = try put("key", "abc")
    #expect(tag.bytes.prefix(4) == [0x90, 0x01, 0x50, 0x98])
    let head = try cluster.ask(HeadObject(key: ObjectKey("key")), of: cluster.store)
    #expect(head.tag == tag && head.size == 3)
    #expect(try cluster.ask(GetObject(key: ObjectKey("key"), range: .suffix(1)), of: cluster.store).tag == tag)
  }

  @Test(
    "cuts ranges as S3 does",
    arguments: [
      (ByteRange.closed(0, 0), "0"), (.closed(2, 4), "234"), (.closed(8, 99), "89"), (.from(7), "789"),
      (.suffix(3), "789"), (.suffix(99), "0123456789"), (.whole, "0123456789"), (.closed(4, 2), "0123456789"),
    ])
  func ranges(range: ByteRange, expected: String) throws {
    _ = try put("key", "0123456789")
    #expect(try get("key", range) == expected)
  }

  @Test(
    "answers 416 to a range outside of the object",
    arguments: [ByteRange.closed(10, 12), .closed(-1, 2), .from(10), .suffix(0)])
  func rangesOutside(range: ByteRange) throws {
    _ = try put("key", "0123456789")
    #expect(throws: ObjectStoreError.invalidRange) { try get("key", range) }
  }

  @Test("answers 404 to gets and heads of what is not there, and deletes it with success")
  func nothingThere() throws {
    #expect(throws: ObjectStoreError.noSuchKey) { try get("key") }
    #expect(throws: ObjectStoreError.noSuchKey) {
      try cluster.ask(HeadObject(key: ObjectKey("key")), of: cluster.store)
    }
    try cluster.ask(DeleteObject(key: ObjectKey("key")), of: cluster.store)
    _ = try put("key", "x")
    for _ in 0..<2 { try cluster.ask(DeleteObject(key: ObjectKey("key")), of: cluster.store) }
    #expect(throws: ObjectStoreError.noSuchKey) { try get("key") }
  }

  @Test("tells texts that look alike apart: é composed and decomposed are two keys")
  func keysAreBytes() throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    #expect(composed == decomposed, "as texts they are equal")
    _ = try put(composed, "one")
    _ = try put(decomposed, "two", .ifNoneMatch)
    #expect(try get(composed) == "one")
    #expect(try get(decomposed) == "two")
  }

  @Test("keeps its objects through a crash of nothing but its clients")
  func clientsCrash() throws {
    _ = try put("key", "x")
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    #expect(try get("key") == "x")
  }
}
