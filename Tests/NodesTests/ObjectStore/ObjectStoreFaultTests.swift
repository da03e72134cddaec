import Testing

@testable import Nodes
@testable import Simulation

@Suite("A fault of the object store")
struct ObjectStoreFaultTests {
  let cluster = TestCluster()

  private static let faults: [ObjectStoreFault] = [
    .outage, .errors(before: 10, after: 20), .late(30), .throttle(40), .slow(5), .slowTail(60),
    .slowPrefix(ObjectKey("data/é/"), factor: 7, errors: 80), .slowPrefix(ObjectKey(""), factor: 1, errors: 0),
    .expiredCredentials(HostID(rawValue: 9)), .shortPages(100), .rate(left: 110),
    .damage(.bitFlip, under: ObjectKey("data/é/"), objects: 3), .damage(.truncation, under: ObjectKey(""), objects: 1),
    .damage(.loss, under: ObjectKey("data/"), objects: 1_000_000),
  ]

  private func fired(_ kind: String) -> Int {
    cluster.simulation.faultCounts.first { $0.kind == kind }?.fired ?? 0
  }

  private func begin(_ fault: ObjectStoreFault) { cluster.trouble(fault.name, fault.values) }
  private func end(_ fault: ObjectStoreFault) { cluster.trouble(fault.name, fault.values, begins: false) }

  private func head(_ key: String, as client: Int = 0) -> Answer<HeadObject.Response> {
    cluster.send(HeadObject(key: ObjectKey(key)), to: cluster.store, as: client)
  }

  private func preload(_ keys: String...) throws {
    let host = try #require(cluster.simulation.host(cluster.store))
    let store = try #require(cluster.objectStore)
    host.inspect(store) { store in for key in keys { store.preload(ObjectKey(key), [1]) } }
  }

  @Test("is the same after a way through a fault script", arguments: faults)
  func script(fault: ObjectStoreFault) {
    #expect(ObjectStoreFault(name: fault.name, values: fault.values) == fault)
    #expect(ObjectStoreFault(name: "objectStoreFlood", values: []) == nil)
  }

  @Test("of the tail makes some requests take ten times as long")
  func slowTail() throws {
    try preload("k")
    begin(.slowTail(300_000))
    let begun = cluster.now
    let answers = (0..<400).map { _ in head("k") }
    cluster.run(for: .seconds(1))
    // A millisecond in the store with the preset for tests, one each way; ten in the tail.
    let late = answers.filter { ($0.time.map { $0 - begun } ?? .zero) > .milliseconds(11) }
    #expect(answers.allSatisfy { $0.value != nil })
    #expect((80...160).contains(late.count))
    #expect(fired("objectStoreSlowTail") == late.count)
    end(.slowTail(300_000))
  }

  @Test("of a prefix slows and fails the requests under it, and leaves the others alone")
  func slowPrefix() throws {
    try preload("data/1/k", "data/2/k")
    let fault = ObjectStoreFault.slowPrefix(ObjectKey("data/1/"), factor: 50, errors: 500_000)
    begin(fault)
    let (slow, usual) = ((0..<100).map { _ in head("data/1/k") }, (0..<100).map { _ in head("data/2/k") })
    cluster.run(for: .milliseconds(25))
    #expect(usual.allSatisfy { $0.value != nil })
    #expect(slow.allSatisfy { $0.value == nil })
    let errors = slow.compactMap { $0.error as? ObjectStoreError }
    cluster.run(for: .milliseconds(100))
    #expect((30...60).contains(errors.count), "half of them fail, an eighth of those without an answer")
    #expect(Set(errors).isSubset(of: [.unavailable, .internalError, .badGateway]))
    #expect((35...65).contains(slow.count { $0.value != nil }))
    #expect(fired("objectStoreSlowPrefix") >= 100)
    end(fault)
    let after = head("data/1/k")
    cluster.run(for: .milliseconds(5))
    #expect(after.value != nil)
  }

  @Test("of credentials refuses everything from one client with 403, and nothing from others")
  func expiredCredentials() throws {
    try preload("k")
    let fault = ObjectStoreFault.expiredCredentials(cluster.client(0))
    begin(fault)
    let (refused, served) = ((0..<5).map { _ in head("k") }, (0..<5).map { _ in head("k", as: 1) })
    cluster.run(for: .milliseconds(30))
    #expect(refused.allSatisfy { $0.error as? ObjectStoreError == .expiredCredentials })
    #expect(served.allSatisfy { $0.value != nil })
    #expect(fired("objectStoreExpiredCredentials") == 5)
    end(fault)
    let after = head("k")
    cluster.run(for: .milliseconds(5))
    #expect(after.value != nil)
  }

  @Test("of pages ends some of a listing's early; followed to its end, nothing is missing")
  func shortPages() throws {
    try preload("a", "b", "c", "d", "e", "f", "g")
    begin(.shortPages(700_000))
    for usesToken in [true, false] {
      var request = ListObjects(prefix: "", limit: 4)
      var (seen, pages) = ([String](), 0)
      while true {
        let page = try cluster.ask(request, of: cluster.store)
        seen += page.objects.map(\.key.description)
        pages += 1
        if usesToken { request.continuation = page.next } else { request.after = page.objects.last?.key }
        if !page.isTruncated { break }
      }
      #expect(seen == ["a", "b", "c", "d", "e", "f", "g"])
      #expect(pages > 2)
    }
    #expect(fired("objectStoreShortPages") > 0)
  }

  @Test("is counted for the requests that it hit, not for those that another one hit")
  func counted() throws {
    begin(.throttle(1_000_000))
    begin(.late(0))
    _ = (0..<5).map { _ in head("k") }
    cluster.run(for: .milliseconds(30))
    #expect(fired("objectStoreThrottle") == 5 && fired("objectStoreLate") == 0)
  }

  @Test("that was drawn is listed, and fed back it hits the same requests in the same way")
  func fedBack() throws {
    let script = FaultScript(
      entries: [
        ObjectStoreFault.slowTail(200_000), .shortPages(200_000), .errors(before: 200_000, after: 100_000),
        .slowPrefix(ObjectKey("k"), factor: 3, errors: 100_000),
      ].map {
        FaultEntry(
          at: .start + .milliseconds(10), lasts: nil, fault: .component(host: "store", name: $0.name, values: $0.values)
        )
      })
    func play(_ script: FaultScript) -> (answers: [String], digest: UInt64, resolved: FaultScript) {
      let cluster = TestCluster()
      cluster.simulation.load(script)
      cluster.run(for: .milliseconds(10))
      let answers = (0..<60).flatMap { number -> [Answer<ListObjects.Response>] in
        cluster.send(
          PutObject(key: ObjectKey("k\(number)"), body: [1], condition: .ifNoneMatch, attempt: 1), to: cluster.store,
          within: .seconds(2))
        return [cluster.send(ListObjects(prefix: "", limit: 9), to: cluster.store, within: .seconds(2))]
      }
      cluster.run(for: .seconds(3))
      return (
        answers.map { "\($0.value.map { "\($0.objects.count)" } ?? "\(String(describing: $0.error))") \($0.time!)" },
        cluster.simulation.log.digest, cluster.simulation.resolvedScript
      )
    }
    let drawn = play(script)
    let outcomes = Set((drawn.resolved.requests ?? []).map(\.outcome))
    #expect(outcomes.isSuperset(of: [RequestOutcome.slowTail, .shortPage, .unavailable].map(\.rawValue)))
    let listed = play(drawn.resolved)
    #expect(listed.answers == drawn.answers)
    #expect(listed.digest == drawn.digest)
  }
}
