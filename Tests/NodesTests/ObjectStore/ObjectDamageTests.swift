import Testing

@testable import Nodes
@testable import Simulation

@Suite("Damage to objects of the object store")
struct ObjectDamageTests {
  let cluster = TestCluster()
  private let keys = (0..<6).map { ObjectKey("data/1/\($0)") }
  private let body: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7]

  init() throws {
    for key in keys + [ObjectKey("log/0")] { try put(key) }
  }

  private func put(_ key: ObjectKey) throws {
    try cluster.ask(PutObject(key: key, body: body, condition: .ifNoneMatch, attempt: 1), of: cluster.store)
  }

  private func begin(_ fault: ObjectStoreFault) { cluster.trouble(fault.name, fault.values) }
  private func end(_ fault: ObjectStoreFault) { cluster.trouble(fault.name, fault.values, begins: false) }

  /// What a client reads; nil where there is no object.
  private func read(_ key: ObjectKey) throws -> [UInt8]? {
    do {
      return try cluster.ask(GetObject(key: key, range: .whole), of: cluster.store).body
    } catch ObjectStoreError.noSuchKey {
      return nil
    }
  }

  private func readAll() throws -> [[UInt8]?] { try keys.map { try read($0) } }

  @Test("flips one bit of as many objects as it says, of those under its prefix, until it is over")
  func bitFlip() throws {
    let fault = ObjectStoreFault.damage(.bitFlip, under: ObjectKey("data/"), objects: 4)
    begin(fault)
    let now = try readAll()
    #expect(now.count { $0 != body } == 4)
    for read in now {
      let read = try #require(read)
      #expect(read.count == body.count)
      #expect(zip(read, body).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount } == (read == body ? 0 : 1))
    }
    #expect(try read(ObjectKey("log/0")) == body)
    #expect(cluster.simulation.faultCounts.first { $0.kind == "objectStoreDamage" }?.fired == 4)
    end(fault)
    #expect(try readAll() == keys.map { _ in body })
  }

  @Test("cuts objects short, and leaves what is stored beside them as it is")
  func truncation() throws {
    begin(.damage(.truncation, under: ObjectKey("data/"), objects: 100))
    for (key, read) in zip(keys, try readAll()) {
      let read = try #require(read)
      #expect(read.count < body.count && read == Array(body.prefix(read.count)))
      #expect(try cluster.ask(HeadObject(key: key), of: cluster.store).attempt == 1)
    }
  }

  @Test("takes objects away, also from listings, and brings them back")
  func loss() throws {
    let fault = ObjectStoreFault.damage(.loss, under: ObjectKey("data/"), objects: 2)
    begin(fault)
    #expect(try readAll().count { $0 == nil } == 2)
    let listing = try cluster.ask(ListObjects(prefix: "data/", limit: 100), of: cluster.store)
    #expect(listing.objects.count == keys.count - 2)
    end(fault)
    #expect(try readAll() == keys.map { _ in body })
  }

  @Test("leaves alone what was deleted or written anew meanwhile")
  func overtaken() throws {
    let fault = ObjectStoreFault.damage(.loss, under: ObjectKey("data/"), objects: 6)
    begin(fault)
    try cluster.ask(DeleteObject(key: keys[0]), of: cluster.store)
    try cluster.ask(PutObject(key: keys[1], body: [9], condition: .ifNoneMatch, attempt: 2), of: cluster.store)
    end(fault)
    #expect(try readAll() == [nil, [9]] + keys.dropFirst(2).map { _ in body })
  }

  @Test("of two faults at once is each its own: what one has hit the other does not")
  func both() throws {
    let (one, other) = (
      ObjectStoreFault.damage(.bitFlip, under: ObjectKey("data/"), objects: 3),
      ObjectStoreFault.damage(.loss, under: ObjectKey("data/"), objects: 3)
    )
    begin(one)
    begin(other)
    let now = try readAll()
    #expect(now.count { $0 == nil } == 3 && now.count { $0 != nil && $0 != body } == 3)
    end(one)
    #expect(try readAll().count { $0 == body } == 3)
    end(other)
    #expect(try readAll().count { $0 == body } == 6)
  }
}
