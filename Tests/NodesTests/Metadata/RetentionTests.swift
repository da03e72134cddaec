import Simulation
import Testing

@testable import Nodes

@Suite("Retention")
struct RetentionTests {
  private static func cluster(
    _ settings: (inout TopicSettings) -> Void, _ change: (inout ClusterSettings) -> Void = { _ in }
  ) throws -> TestCluster {
    let cluster = TestCluster {
      settings(&$0.topic)
      $0.metadata.retentionInterval = .seconds(1)
      change(&$0)
    }
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    return cluster
  }

  private static func register(_ cluster: TestCluster, _ range: Range<UInt64>) throws {
    try cluster.ask(RegisterSegment(range, epoch: 1), of: cluster.metadata)
  }

  private static func restart(_ cluster: TestCluster, downFor time: VirtualDuration = .zero) {
    cluster.crash(cluster.metadata)
    cluster.run(for: time)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  @Test("by time takes segments once they are old enough, and not before")
  func time() throws {
    let cluster = try Self.cluster { $0.retentionTime = .seconds(10) }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(5))
    try Self.register(cluster, 3..<7)
    cluster.run(for: .milliseconds(4_900))
    #expect(cluster.manifest().logStart == 0 && cluster.manifest().rows.count == 2)
    cluster.run(for: .milliseconds(1_200))
    #expect(cluster.manifest().logStart == 3 && cluster.manifest().rows.map(\.base) == [3])
    cluster.run(for: .seconds(6))
    #expect(cluster.manifest().logStart == 7 && cluster.manifest().rows.isEmpty && cluster.watermark() == 7)
    #expect(cluster.count(of: .retentionByTime) == 2)
  }

  @Test("by bytes takes the oldest segments while the others hold as much as is to be kept")
  func bytes() throws {
    // A test's segments have 100 bytes.
    let cluster = try Self.cluster { $0.retentionBytes = 250 }
    for base in 0..<3 as Range<UInt64> { try Self.register(cluster, base..<base + 1) }
    cluster.run(for: .seconds(3))
    #expect(cluster.manifest().logStart == 0, "without the first there would be less than the limit")
    for base in 3..<5 as Range<UInt64> { try Self.register(cluster, base..<base + 1) }
    cluster.run(for: .seconds(2))
    #expect(cluster.manifest().logStart == 2 && cluster.watermark() == 5)
  }

  @Test("takes nothing where no limit is set")
  func unlimited() throws {
    let cluster = try Self.cluster { _ in }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(100_000))
    #expect(cluster.manifest().logStart == 0)
  }

  @Test("begins when the settings are changed")
  func altered() throws {
    let cluster = try Self.cluster { _ in }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(20))
    var settings = TopicSettings()
    settings.retentionTime = .seconds(15)
    try cluster.ask(AlterTopic(topic: TopicID(rawValue: 1), settings: settings, request: 1), of: cluster.metadata)
    cluster.run(for: .seconds(2))
    #expect(cluster.manifest().logStart == 3)
  }

  @Test("does not count the time in which the service is down, and does not begin anew after a restart")
  func restarts() throws {
    let cluster = try Self.cluster { $0.retentionTime = .seconds(20) }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(8))
    try Self.register(cluster, 3..<4)
    Self.restart(cluster, downFor: .seconds(100))
    cluster.run(for: .seconds(10))
    #expect(cluster.manifest().logStart == 0, "eight seconds before and ten behind the restart")
    cluster.run(for: .milliseconds(3_100))
    #expect(cluster.manifest().logStart == 3)
  }

  @Test("does not follow a wall clock that jumps")
  func wallClock() throws {
    let cluster = try Self.cluster { $0.retentionTime = .seconds(60) }
    try Self.register(cluster, 0..<3)
    cluster.simulation.load(
      FaultScript(entries: [
        FaultEntry(
          at: cluster.now + .milliseconds(100), lasts: nil, fault: .clockStep(host: "metadata", by: .seconds(100_000)))
      ]))
    cluster.run(for: .seconds(20))
    #expect(cluster.manifest().logStart == 0)
  }

  @Test("leaves a registration that is repeated later a success: its epoch did register it")
  func repeatedRegistration() throws {
    let cluster = try Self.cluster { $0.retentionTime = .seconds(5) }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(10))
    #expect(cluster.manifest().logStart == 3)
    #expect(try cluster.ask(RegisterSegment(0..<3, epoch: 1), of: cluster.metadata).watermark == 3)
    #expect(cluster.manifest().rows.isEmpty, "and the row does not come back")
  }

  @Test("tells readers that stand below the log's start where it is, at once")
  func outOfRange() throws {
    let cluster = try Self.cluster { $0.retentionTime = .seconds(5) }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(4))
    try Self.register(cluster, 3..<5)
    cluster.run(for: .seconds(3))
    let answer = try cluster.ask(
      FetchManifest(partition: .first, from: 0, limit: 9, waitAtMost: .seconds(60)), of: cluster.metadata,
      within: .seconds(1)
    ).partitions.first
    #expect(answer?.logStart == 3 && answer?.watermark == 5 && answer?.rows.map(\.base) == [3])
  }

  // MARK: Objects

  @Test("lets objects go a reader grace after their rows, until they are confirmed to be gone")
  func grace() throws {
    let cluster = try Self.cluster({ $0.retentionTime = .seconds(5) }, { $0.metadata.readerGrace = .seconds(30) })
    func due() throws -> [ObjectKey] { try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata).keys }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(6))
    #expect(try due().isEmpty)
    cluster.run(for: .seconds(29))
    #expect(try due().isEmpty)
    cluster.run(for: .seconds(2))
    let keys = try due()
    #expect(keys == [SegmentNaming.key(.first, base: 0, epoch: 1)])
    #expect(try due() == keys, "asked again they are told again")
    try cluster.ask(ConfirmRemovals(keys: keys), of: cluster.metadata)
    #expect(try due().isEmpty)
    try cluster.ask(ConfirmRemovals(keys: keys), of: cluster.metadata)
  }

  @Test("gives objects their full grace again when the service restarts")
  func graceAfterRestart() throws {
    let cluster = try Self.cluster({ $0.retentionTime = .seconds(5) }, { $0.metadata.readerGrace = .seconds(30) })
    func due() throws -> [ObjectKey] { try cluster.ask(FetchRemovals(limit: 9), of: cluster.metadata).keys }
    try Self.register(cluster, 0..<3)
    cluster.run(for: .seconds(6))
    _ = try due()
    cluster.run(for: .seconds(20))
    Self.restart(cluster)
    cluster.run(for: .seconds(29))
    #expect(try due().isEmpty)
    cluster.run(for: .seconds(2))
    #expect(try due().count == 1)
  }
}
