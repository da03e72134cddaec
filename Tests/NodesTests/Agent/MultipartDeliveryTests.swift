import Simulation
import Storage
import Testing

@testable import Nodes

@Suite("An agent's upload in parts")
struct MultipartDeliveryTests {
  /// Segments from 100 bytes on go in parts of 60.
  let cluster: TestCluster

  init() {
    cluster = TestCluster {
      $0.agents = 1
      $0.agent.segmentBytes = 1
      $0.agent.multipartThreshold = 100
      $0.agent.partBytes = 60
      $0.agent.partsInFlight = 2
      $0.store.limits.minimumPartBytes = 60
    }
    cluster.awaitLeaders()
  }

  /// The requests of one upload, in the order in which the store gets them, from 1: begin, parts, complete.
  private func numberOfParts() -> Int { Int(cluster.usage.parts) }

  private var key: ObjectKey { SegmentNaming.key(.first, base: 0, epoch: 1) }

  private func produce() throws -> AcknowledgedOffset {
    try cluster.ask(Produce("some", "records", "of a segment"), of: cluster.agent(0)).offset
  }

  private func expectStored(orphans: Int = 0) throws {
    // What failed is aborted beside what goes on.
    cluster.run(for: .seconds(3))
    #expect(cluster.values() == ["some", "records", "of a segment"])
    let listed = try cluster.ask(ListMultipartUploads(prefix: ""), of: cluster.store, as: 1).uploads
    #expect(listed.count == orphans)
    let tag = try cluster.ask(HeadObject(key: key), of: cluster.store, as: 1).tag
    #expect(tag.parts == ((cluster.object(key)?.count ?? 0) + 59) / 60, "the object is made of parts")
  }

  @Test("is one object of all its parts, stored under the condition that there is none yet")
  func stored() throws {
    #expect(try produce() == .final(0))
    try expectStored()
    #expect(numberOfParts() >= 3)
    #expect(cluster.usage.put == UInt64(numberOfParts() + 2), "one to begin, one to complete")
    #expect(cluster.count(of: .multipartUploadCompleted) == 1)
  }

  @Test("does not happen below the threshold")
  func below() throws {
    let cluster = TestCluster {
      $0.agents = 1
      $0.agent.segmentBytes = 1
      $0.agent.multipartThreshold = 100_000
    }
    cluster.awaitLeaders()
    try cluster.ask(Produce("a"), of: cluster.agent(0))
    #expect(cluster.usage.put == 1 && cluster.usage.parts == 0)
  }

  @Test("sends several parts at a time, up to a limit")
  func inFlight() throws {
    cluster.trouble("objectStoreSlow", [100])
    cluster.send(Produce("some", "records", "of a segment"), to: cluster.agent(0))
    // A hundred milliseconds to begin, then two parts at a time.
    cluster.run(for: .milliseconds(230))
    #expect(cluster.usage.parts == 2)
  }

  @Test(
    "goes on when single requests fail, and leaves no parts behind",
    arguments: [1, 2, 3, 4, 5, 6] as [UInt64],
    [.unavailable, .appliedThenError, .internalError, .neverApplied, .appliedThenSilence] as [RequestOutcome])
  func failures(ordinal: UInt64, outcome: RequestOutcome) throws {
    cluster.failRequests(of: cluster.agent(0), [ordinal: outcome])
    #expect(try produce() == .final(0))
    // A beginning that was applied and not answered is an upload that nobody knows; it holds no bytes.
    let isUnknown = ordinal == 1 && (outcome == .appliedThenError || outcome == .appliedThenSilence)
    try expectStored(orphans: isUnknown ? 1 : 0)
    #expect(cluster.usage.orphanBytes == 0)
  }

  @Test("that cannot send a part is aborted and begun anew")
  func aborted() throws {
    let first = cluster.send(Produce("some", "records", "of a segment"), to: cluster.agent(0))
    // Enough to begin; none of the parts comes through.
    cluster.run(for: .milliseconds(4))
    cluster.trouble("objectStoreOutage")
    cluster.run(for: .seconds(1))
    #expect(!first.isThere)
    cluster.trouble("objectStoreOutage", begins: false)
    cluster.run(until: "an answer") { first.isThere }
    #expect(cluster.count(of: .multipartUploadAborted) >= 1)
    try expectStored()
    #expect(cluster.usage.orphanBytes == 0)
  }

  @Test("whose completion was applied without an answer finds its own object")
  func completionLost() throws {
    #expect(try produce() == .final(0))
    let requests = UInt64(numberOfParts() + 2)
    let other = TestCluster {
      $0.agents = 1
      $0.agent = cluster.settings.agent
      $0.store = cluster.settings.store
    }
    other.awaitLeaders()
    other.failRequests(of: other.agent(0), [requests: .appliedThenSilence])
    try other.ask(Produce("some", "records", "of a segment"), of: other.agent(0))
    #expect(other.count(of: .completionFoundItsOwnObject) == 1)
    #expect(other.values() == ["some", "records", "of a segment"])
    #expect(other.usage.orphanBytes == 0)
  }

  @Test("whose completion fails after it was answered with success is completed again")
  func failedAfterAll() throws {
    #expect(try produce() == .final(0))
    let requests = UInt64(numberOfParts() + 2)
    cluster.failRequests(of: cluster.agent(0), [requests * 2: .failedAfterAll])
    #expect(try produce() == .final(3))
    #expect(cluster.count(of: .completionFailedAfterAll) == 1)
    #expect(cluster.values().count == 6)
    #expect(cluster.usage.orphanBytes == 0)
  }

  @Test("that finds another writer's object in its place is aborted and ends the leadership")
  func foreignObject() throws {
    try cluster.ask(
      PutObject(key: key, body: [1, 2, 3], condition: .none, attempt: 1), of: cluster.store, as: 1)
    #expect(throws: ProduceError.outcomeUnknown) { try produce() }
    #expect(cluster.object(key) == [1, 2, 3])
    #expect(cluster.usage.orphanBytes == 0)
    #expect(
      cluster.clusterEvents.contains {
        if case .leadershipEnded(_, _, .objectTaken) = $0 { true } else { false }
      })
  }

  @Test("that its agent does not live to complete leaves parts that cost until somebody aborts them")
  func orphans() throws {
    cluster.trouble("objectStoreSlow", [100])
    cluster.send(Produce("some", "records", "of a segment"), to: cluster.agent(0))
    cluster.run(for: .milliseconds(230))
    cluster.crash(cluster.agent(0))
    cluster.run(for: .seconds(1))
    #expect(cluster.usage.orphanBytes > 0)
    for upload in try cluster.ask(ListMultipartUploads(prefix: "data/"), of: cluster.store, as: 1).uploads {
      try cluster.ask(AbortMultipartUpload(key: upload.key, upload: upload.upload), of: cluster.store, as: 1)
    }
    #expect(cluster.usage.orphanBytes == 0)
  }
}
