import Simulation
import Testing

@testable import Nodes

@Suite("A time of trouble in the object store")
struct ObjectStoreTroubleTests {
  let cluster = TestCluster()

  /// Heads of a key that is there: how many were refused with what.
  private func heads(_ count: Int) throws -> [ObjectStoreError] {
    let key = ObjectKey("key")
    let host = try #require(cluster.simulation.host(cluster.store))
    let store = try #require(cluster.objectStore)
    host.inspect(store) { $0.preload(key, [1]) }
    let answers = (0..<count).map { _ in
      cluster.send(HeadObject(key: key), to: cluster.store, within: .milliseconds(500))
    }
    cluster.run(for: .seconds(1))
    #expect(answers.allSatisfy { $0.isThere })
    return answers.compactMap { $0.error as? ObjectStoreError }
  }

  @Test("refuses everything while there is an outage, and nothing afterwards")
  func outage() throws {
    cluster.trouble("objectStoreOutage")
    #expect(try heads(20) == Array(repeating: .unavailable, count: 20))
    cluster.trouble("objectStoreOutage", begins: false)
    #expect(try heads(20).isEmpty)
  }

  @Test("refuses a share of the requests with SlowDown while it throttles, and counts them")
  func throttle() throws {
    cluster.trouble("objectStoreThrottle", [300_000])
    let errors = try heads(1_000)
    #expect(errors.allSatisfy { $0 == .slowDown })
    #expect((250...350).contains(errors.count))
    #expect(cluster.usage.throttled == UInt64(errors.count))
  }

  @Test("spreads errors before a request is applied over 503, 500, 502 and silence")
  func errorsBefore() throws {
    cluster.trouble("objectStoreErrors", [1_000_000, 0])
    let errors = try heads(1_000)
    func share(_ error: ObjectStoreError) -> Int { errors.count { $0 == error } }
    #expect((350...450).contains(share(.unavailable)))
    #expect((250...350).contains(share(.internalError)))
    #expect((110...190).contains(share(.badGateway)))
    #expect((110...190).contains(1_000 - errors.count), "the rest is never answered")
  }

  @Test("takes so many times longer while it is slow, for each of two overlapping times its own factor")
  func slow() throws {
    func duration() throws -> VirtualDuration {
      let begin = cluster.now
      let answer = cluster.send(ListObjects(prefix: "", after: nil, limit: 1), to: cluster.store)
      cluster.run(for: .seconds(1))
      return try #require(answer.time) - begin
    }
    let usual = try duration()
    cluster.trouble("objectStoreSlow", [10])
    #expect(try duration() == usual + .milliseconds(9))
    cluster.trouble("objectStoreSlow", [3])
    #expect(try duration() == usual + .milliseconds(29))
    cluster.trouble("objectStoreSlow", [10], begins: false)
    #expect(try duration() == usual + .milliseconds(2))
    cluster.trouble("objectStoreSlow", [3], begins: false)
    #expect(try duration() == usual)
  }

  @Test("counts what was asked and moved, refused conditional puts included, and what it costs")
  func usageAndCost() throws {
    let put = PutObject(key: ObjectKey("k"), body: [1, 2, 3, 4], condition: .ifNoneMatch, attempt: 0)
    try cluster.ask(put, of: cluster.store)
    #expect(throws: ObjectStoreError.preconditionFailed) { try cluster.ask(put, of: cluster.store) }
    try cluster.ask(GetObject(key: ObjectKey("k"), range: .from(1)), of: cluster.store)
    try cluster.ask(HeadObject(key: ObjectKey("k")), of: cluster.store)
    try cluster.ask(ListObjects(prefix: "", after: nil, limit: 10), of: cluster.store)
    try cluster.ask(DeleteObject(key: ObjectKey("k")), of: cluster.store)
    var expected = ObjectStoreUsage()
    expected.put = 2
    expected.get = 2
    expected.list = 1
    expected.delete = 1
    expected.bytesIn = 8
    expected.bytesOut = 3
    // Four bytes were kept for the two answers, the two requests and the four milliseconds of the others' work.
    expected.storedByteMilliseconds = cluster.usage.storedByteMilliseconds
    #expect((16...60).contains(expected.storedByteMilliseconds))
    #expect(cluster.usage == expected)
    #expect(cluster.usage.nanoDollars == 3 * 5_000 + 2 * 400)
  }

  @Test("moves the bytes of a body at the stream's bandwidth")
  func bandwidth() throws {
    let body = [UInt8](repeating: 7, count: 8_000_000)
    let begin = cluster.now
    let answer = cluster.send(
      PutObject(key: ObjectKey("k"), body: body, condition: .none, attempt: 0), to: cluster.store)
    cluster.run(for: .seconds(1))
    let duration = try #require(answer.time) - begin
    // 100 ms at 80 MB/s, 3 ms for the ways and the first byte, 6.4 ms on the network.
    #expect((.milliseconds(103)...(.milliseconds(112))).contains(duration))
  }
}
