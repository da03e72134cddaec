import Testing

@testable import Nodes
@testable import Simulation

/// A snapshot takes the place of the journal before it, in steps; whichever of them is the last before a crash, nothing answered is forgotten.
@Suite("A metadata service that takes snapshots")
struct SnapshotTests {
  private static func cluster(snapshotBytes: Int = 1) -> TestCluster {
    TestCluster { $0.metadata.snapshotBytes = snapshotBytes }
  }

  private static func restart(_ cluster: TestCluster, keepingUnsynced kept: UInt64 = 0) {
    cluster.crash(cluster.metadata, keepingUnsynced: kept)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  private static func state(_ cluster: TestCluster) -> Snapshot? {
    cluster.simulation.snapshots().first { $0.host == "metadata" }?.snapshot
  }

  private static func work(_ cluster: TestCluster) throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    for base in 0..<20 as Range<UInt64> {
      try cluster.ask(RegisterSegment(base..<base + 1, epoch: 1), of: cluster.metadata)
    }
    try cluster.ask(InitializeProducer(name: "billing", request: 1), of: cluster.metadata)
    try cluster.ask(
      CommitOffsets(group: "readers", offsets: [CommittedOffset(partition: .first, offset: 7)], request: 1),
      of: cluster.metadata)
    cluster.run(for: .milliseconds(50))
  }

  @Test("keeps one snapshot and the journal behind it")
  func files() throws {
    let cluster = Self.cluster()
    try Self.work(cluster)
    #expect(cluster.count(of: .metadataSnapshotWritten) > 3)
    let files = cluster.files(cluster.metadata, prefix: "metadata.")
    #expect(files.contains(JournalFiles.snapshot) && !files.contains(JournalFiles.newSnapshot))
    #expect(files.count <= 2)
  }

  @Test("takes none while its journal is short")
  func shortJournal() throws {
    let cluster = Self.cluster(snapshotBytes: 1 << 20)
    try Self.work(cluster)
    #expect(cluster.count(of: .metadataSnapshotWritten) == 0)
  }

  @Test(
    "takes the next one only after as much journal as the latest took, so that large states are not written again and again"
  )
  func amortised() throws {
    let cluster = Self.cluster()
    try Self.work(cluster)
    let disk = cluster.machine(cluster.metadata).disk
    let before = cluster.count(of: .metadataSnapshotWritten)
    let size = disk.content(JournalFiles.snapshot)?.count ?? 0
    var journaled = 0
    while cluster.count(of: .metadataSnapshotWritten) == before {
      try cluster.ask(
        CommitOffsets(
          group: "readers", offsets: [CommittedOffset(partition: .first, offset: 1)],
          request: UInt64(cluster.now.nanoseconds)),
        of: cluster.metadata)
      journaled += 40
      cluster.run(for: .milliseconds(5))
    }
    #expect(size > 1_000 && journaled > size / 4)
  }

  @Test("recovers from snapshot and journal")
  func recovery() throws {
    let cluster = Self.cluster()
    try Self.work(cluster)
    try cluster.ask(RegisterSegment(20..<23, epoch: 1), of: cluster.metadata)
    let before = Self.state(cluster)
    Self.restart(cluster)
    #expect(Self.state(cluster) == before)
    #expect(cluster.count(of: .metadataRecoveredFromSnapshot) == 1)
    Self.restart(cluster)
    #expect(Self.state(cluster) == before, "also once more")
  }

  private func register(_ base: UInt64, after wait: VirtualDuration, on cluster: TestCluster) {
    let metadata = cluster.metadata
    _ = cluster.begin(on: cluster.clients[1]!, of: cluster.client(1)) { client in
      try await client.host.sleep(for: wait)
      _ = try await client.host.call(
        RegisterSegment(base..<base + 1, epoch: 1), to: metadata, deadline: .milliseconds(50))
    }
  }

  /// Between any two steps of writing a snapshot: a disk operation takes 20 µs or 500 µs, and every 10 µs are tried.
  @Test(
    "loses nothing answered when it dies at any instant of a snapshot", arguments: [0, 3, 40, .max] as [UInt64])
  func crashAnywhere(kept: UInt64) throws {
    var seen: Set<[String]> = []
    for instant in 0..<300 {
      let cluster = Self.cluster()
      try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
      cluster.run(for: .milliseconds(20))
      var answered: UInt64 = 0
      cluster.onEvent = { if case .segmentRegistered(_, let row) = $0 { answered = max(answered, row.end) } }
      // Long enough to make a snapshot due; the registrations go into the journals before and behind it.
      let long = String(repeating: "g", count: 5_000)
      cluster.send(
        CommitOffsets(group: long, offsets: [CommittedOffset(partition: .first, offset: 1)], request: 1),
        to: cluster.metadata, within: .milliseconds(50))
      for base in 0..<3 as Range<UInt64> { register(base, after: .microseconds(Int64(base) * 700), on: cluster) }
      cluster.run(for: .microseconds(1_000 + Int64(instant) * 10))
      cluster.crash(cluster.metadata, keepingUnsynced: kept)
      seen.insert(cluster.files(cluster.metadata, prefix: "metadata."))
      cluster.restart(cluster.metadata)
      cluster.run(for: .milliseconds(20))
      #expect(cluster.watermark() >= answered, "crash at \(instant * 10) µs")
      #expect(cluster.manifest().rows.count == Int(cluster.watermark()), "crash at \(instant * 10) µs")
      // What was not answered can be sent again, and what is appended now survives the next restart.
      for base in 0..<4 as Range<UInt64> {
        try cluster.ask(RegisterSegment(base..<base + 1, epoch: 1), of: cluster.metadata)
      }
      Self.restart(cluster)
      #expect(cluster.watermark() == 4 && cluster.manifest().rows.count == 4, "crash at \(instant * 10) µs")
      #expect(!cluster.files(cluster.metadata, prefix: "metadata.").contains(JournalFiles.newSnapshot))
    }
    #expect(seen.contains { $0.contains(JournalFiles.newSnapshot) }, "a crash while the snapshot is written")
    #expect(
      seen.contains { $0.count { $0.hasPrefix(JournalFiles.journalPrefix) } == 2 }, "a crash between two journals")
    #expect(seen.count >= 4)
  }

  @Test("stays silent when its disk lost what had been synced, and says why", arguments: [true, false])
  func damage(ofSnapshot: Bool) throws {
    let cluster = Self.cluster()
    try Self.work(cluster)
    cluster.crash(cluster.metadata)
    let disk = cluster.machine(cluster.metadata).disk
    if ofSnapshot {
      disk.truncate(JournalFiles.snapshot, to: 100)
    } else {
      disk.remove(JournalFiles.snapshot)
      disk.append([1, 2, 3], to: JournalFiles.journal(90))
    }
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(throws: MetadataError.recovering) {
      try cluster.ask(DescribePartition(partition: .first), of: cluster.metadata)
    }
    #expect(cluster.clusterEvents.contains { if case .metadataUnrecoverable = $0 { true } else { false } })
  }

  @Test("makes the topics that it begins with also when it died while it made them", arguments: 0...60)
  func initialTopics(kept: Int) throws {
    let cluster = TestCluster {
      for base in 0..<3 as Range<UInt64> {
        $0.preloaded.append((PreloadedSegment(partition: 0, row: SegmentRow(base..<base + 1, epoch: 0)), nil))
      }
    }
    // As if the first start had got so far.
    cluster.crash(cluster.metadata)
    cluster.machine(cluster.metadata).disk.truncate(JournalFiles.journal(0), to: kept * 4)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(cluster.manifest().rows.map(\.base) == [0, 1, 2])
    #expect(try cluster.ask(DescribeTopic(name: "orders"), of: cluster.metadata).topic == TopicID(rawValue: 1))
  }
}
