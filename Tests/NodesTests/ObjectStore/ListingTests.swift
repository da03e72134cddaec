import Simulation
import Testing

@testable import Nodes

@Suite("A listing")
struct ListingTests {
  let cluster = TestCluster()

  private func fill(_ keys: [String]) throws {
    for key in keys {
      try cluster.ask(
        PutObject(key: ObjectKey(key), body: Array(key.utf8), condition: .none, attempt: 0), of: cluster.store)
    }
  }

  private func list(
    _ prefix: String, after: String? = nil, limit: Int = 1_000
  ) throws -> (keys: [String], isTruncated: Bool) {
    let page = try cluster.ask(
      ListObjects(prefix: prefix, after: after.map { ObjectKey($0) }, limit: limit), of: cluster.store)
    return (page.objects.map(\.key.description), page.isTruncated)
  }

  @Test("is in the order of the keys' bytes")
  func order() throws {
    try fill(["b", "a", "Z", "\u{E9}", "e\u{301}", "ab", "a/", "10", "9"])
    let keys = try list("").keys
    #expect(
      keys.map { Array($0.utf8) }
        == ["10", "9", "Z", "a", "a/", "ab", "b", "e\u{301}", "\u{E9}"].map { Array($0.utf8) })
  }

  @Test("holds the keys under its prefix, and the sizes of their objects")
  func prefix() throws {
    try fill(["data/1/x", "data/1/y", "data/10/x", "date", "d"])
    #expect(try list("data/1/").keys == ["data/1/x", "data/1/y"])
    #expect(try list("data").keys == ["data/1/x", "data/1/y", "data/10/x"])
    #expect(try list("nothing").keys.isEmpty)
    #expect(
      try cluster.ask(ListObjects(prefix: "date", after: nil, limit: 1), of: cluster.store).objects.map(\.size) == [4])
  }

  @Test("comes in pages that together are the whole, each key once")
  func paging() throws {
    let keys = (0..<25).map { "k\($0 / 10)\($0 % 10)" }
    try fill(keys + ["j", "l"])
    for usesToken in [true, false] {
      var seen: [String] = []
      var pages = 0
      var request = ListObjects(prefix: "k", limit: 10)
      while true {
        let page = try cluster.ask(request, of: cluster.store)
        seen += page.objects.map(\.key.description)
        pages += 1
        if usesToken { request.continuation = page.next } else { request.after = page.objects.last?.key }
        #expect((page.next != nil) == page.isTruncated)
        if !page.isTruncated { break }
      }
      #expect(seen == keys)
      #expect(pages == 3)
    }
  }

  @Test("says that nothing follows when the last page is full to the brim")
  func exactlyFull() throws {
    try fill(["k1", "k2"])
    let page = try list("k", limit: 2)
    #expect(page.keys.count == 2 && !page.isTruncated)
  }

  @Test("goes on after a key that has been deleted meanwhile")
  func deletedMeanwhile() throws {
    try fill(["a", "b", "c"])
    let first = try list("", limit: 2)
    try cluster.ask(DeleteObject(key: ObjectKey("b")), of: cluster.store)
    #expect(try list("", after: first.keys.last).keys == ["c"])
  }

  @Test("has at most 1,000 keys a page, whatever is asked for")
  func atMostThousand() throws {
    guard let host = cluster.simulation.host(cluster.store), let store = cluster.objectStore else { return }
    host.inspect(store) { store in for number in 0..<1_001 { store.preload(ObjectKey("k\(number)"), []) } }
    let page = try list("", limit: 5_000)
    #expect(page.keys.count == 1_000 && page.isTruncated)
  }

  @Test("of no keys is empty and says that nothing follows, as S3 has it; of a negative number is refused")
  func ofNone() throws {
    try fill(["a", "b"])
    let page = try list("", limit: 0)
    #expect(page.keys.isEmpty && !page.isTruncated)
    #expect(throws: ObjectStoreError.invalidArgument) { try list("", limit: -1) }
  }
}
