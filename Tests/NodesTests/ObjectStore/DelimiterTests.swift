import Simulation
import Testing

@testable import Nodes

@Suite("A listing with a delimiter")
struct DelimiterTests {
  private func bucket(_ keys: [String]) throws -> Bucket {
    var bucket = Bucket()
    for key in keys {
      _ = try bucket.put(PutObject(key: ObjectKey(key), body: Array(key.utf8), condition: .none, attempt: 0))
    }
    return bucket
  }

  private func names(_ page: ListObjects.Response) -> (keys: [String], prefixes: [String]) {
    (page.objects.map(\.key.description), page.commonPrefixes.map(\.description))
  }

  @Test("shows keys that are alike up to it as one common prefix, once, and the others as they are")
  func folders() throws {
    let bucket = try bucket(["a/1", "a/2", "b", "c/d/1", "c/e/1", "/x"])
    let top = names(try bucket.list(ListObjects(prefix: "", limit: 100, delimiter: "/")))
    #expect(top.keys == ["b"] && top.prefixes == ["/", "a/", "c/"])
    let inner = names(try bucket.list(ListObjects(prefix: "c/", limit: 100, delimiter: "/")))
    #expect(inner.keys.isEmpty && inner.prefixes == ["c/d/", "c/e/"])
    let leaf = names(try bucket.list(ListObjects(prefix: "c/d", limit: 100, delimiter: "/")))
    #expect(leaf.prefixes == ["c/d/"], "the delimiter counts only after the prefix")
  }

  @Test("takes delimiters of several bytes, and none for an empty one")
  func delimiters() throws {
    let bucket = try bucket(["a--b", "a--c", "a-d"])
    #expect(names(try bucket.list(ListObjects(prefix: "", limit: 9, delimiter: "--"))).prefixes == ["a--"])
    #expect(names(try bucket.list(ListObjects(prefix: "", limit: 9, delimiter: ""))).keys.count == 3)
  }

  @Test("counts a common prefix as one entry of a page, and goes on after all that it stands for")
  func paging() throws {
    let bucket = try bucket(["a/1", "a/2", "b/1", "b/2", "c", "d/1"])
    var request = ListObjects(prefix: "", limit: 2, delimiter: "/")
    let first = try bucket.list(request)
    #expect(names(first).prefixes == ["a/", "b/"] && first.isTruncated)
    request.continuation = first.next
    let second = try bucket.list(request)
    #expect(names(second) == (["c"], ["d/"]) && !second.isTruncated && second.next == nil)
  }

  @Test("shows a common prefix whose keys partly lie before where the listing starts")
  func startAfter() throws {
    let bucket = try bucket(["a/1", "a/2", "b"])
    let page = try bucket.list(ListObjects(prefix: "", after: ObjectKey("a/1"), limit: 9, delimiter: "/"))
    #expect(names(page) == (["b"], ["a/"]))
  }

  @Test("never skips past the last byte value: a prefix of bytes 255 ends at the end of the keys")
  func lastBytes() throws {
    var bucket = Bucket()
    for bytes: [UInt8] in [[0x61], [0xFF, 0x2F, 1], [0xFF, 0x2F, 2], [0xFF, 0xFF, 0xFF]] {
      _ = try bucket.put(PutObject(key: ObjectKey(bytes: bytes), body: [], condition: .none, attempt: 0))
    }
    let page = try bucket.list(ListObjects(prefix: "", limit: 9, delimiter: "/"))
    #expect(page.objects.count == 2 && page.commonPrefixes.map(\.bytes) == [[0xFF, 0x2F]])
  }

  @Test("gives page by page what a list of all keys gives by hand, whatever the keys", arguments: 1...UInt64(40))
  func againstByHand(seed: UInt64) throws {
    var generator = RandomGenerator(state: seed)
    let alphabet = ["a", "b", "/", "é", "0"]
    var keys: Set<[UInt8]> = []
    for _ in 0..<60 {
      let key = (0...generator.below(6)).map { _ in alphabet[Int(generator.below(5))] }.joined()
      keys.insert(Array(key.utf8))
    }
    let bucket = try bucket(keys.map { String(decoding: $0, as: UTF8.self) })
    let prefix = ["", "a", "a/", "é"][Int(generator.below(4))]
    let delimiter = [nil, "/", "a"][Int(generator.below(3))]
    let expected = entriesByHand(keys.map { ObjectKey(bytes: $0) }.sorted(), prefix, delimiter)
    var request = ListObjects(prefix: prefix, limit: Int(generator.below(5)) + 1, delimiter: delimiter)
    var seen: [ObjectKey] = []
    for _ in 0..<200 {
      let page = try bucket.list(request, endsEarly: generator.below(2) == 0)
      #expect(page.objects.count + page.commonPrefixes.count <= request.limit)
      seen += (page.objects.map(\.key) + page.commonPrefixes).sorted()
      request.continuation = page.next
      if !page.isTruncated { break }
      #expect(page.objects.count + page.commonPrefixes.count > 0, "seed \(seed): a page that gets on")
    }
    #expect(seen == expected, "seed \(seed), prefix \(prefix), delimiter \(delimiter ?? "none")")
  }

  private func entriesByHand(_ keys: [ObjectKey], _ prefix: String, _ delimiter: String?) -> [ObjectKey] {
    var entries: [ObjectKey] = []
    for key in keys where key.hasPrefix(ObjectKey(prefix)) {
      var entry = key
      if let mark = delimiter?.utf8.first,
        let place = key.bytes.dropFirst(prefix.utf8.count).firstIndex(of: mark)
      {
        entry = ObjectKey(bytes: Array(key.bytes[...place]))
      }
      if entries.last != entry { entries.append(entry) }
    }
    return entries
  }
}
