import Simulation

/// The metadata service's journal: changes are appended and synced in groups, and whoever must not show an unsynced change waits here.
///
/// Once a journal has grown enough, a snapshot of the whole state takes its place, see ``JournalFiles``: changes from then on go to the journal of the next generation.
final class Journal {
  private let host: Host
  private let files: JournalFiles
  private let snapshotBytes: Int
  private let safeguards: Safeguards
  private let work: Signal
  private let snapshotWork: Signal
  private var buffer: [UInt8] = []
  /// How many changes were appended, and how many of them are synced.
  private(set) var appended: UInt64 = 0
  private(set) var synced: UInt64 = 0
  private var waiting: [(position: UInt64, promise: Promise<Void>)] = []
  private var announcements: [(position: UInt64, event: ClusterEvent)] = []
  /// The generation of the journal that is written now.
  private var generation: UInt64 = 0
  /// How many bytes were journaled since the latest snapshot was taken.
  private(set) var journaledBytes = 0
  private(set) var latestSnapshotBytes = 0
  /// What was journaled since the service began, for its metrics.
  private(set) var written = JournalTally()
  private var pendingSnapshot: (bytes: [UInt8], generation: UInt64)?

  /// Makes a journal; a snapshot is due once `snapshotBytes` were journaled, and no less than the latest snapshot took, so that snapshots never cost more than the changes themselves.
  init(host: Host, snapshotBytes: Int, safeguards: Safeguards) {
    self.host = host
    self.snapshotBytes = snapshotBytes
    self.safeguards = safeguards
    files = JournalFiles(host: host, safeguards: safeguards)
    work = Signal(on: host, "a change to journal")
    snapshotWork = Signal(on: host, "a snapshot to write")
  }

  /// Appends a change; `announcing` is told to the world once the change is durable.
  func append(_ effect: MetadataEffect, announcing event: ClusterEvent?) {
    JournalFormat.encode(effect, into: &buffer)
    appended += 1
    if let event { announcements.append((appended, event)) }
    work.notify()
  }

  /// Tells the world something once every change appended so far is durable.
  func announce(_ event: ClusterEvent) {
    announcements.append((appended, event))
    work.notify()
  }

  /// Whether a change was made that is not durable yet, and so was not told to the world.
  var hasUnsyncedChanges: Bool { synced < appended || !announcements.isEmpty }

  /// Waits until every change appended so far is durable.
  func settled() async throws {
    guard safeguards.contains(.answersAreSynced), synced < appended else { return }
    if let last = waiting.last, last.position == appended { return try await last.promise.value }
    let promise = Promise<Void>(on: host, "the journal's sync")
    waiting.append((appended, promise))
    try await promise.value
  }

  /// Writes groups of changes as they come, until the host crashes.
  ///
  /// - Parameter state: The state with every change appended so far.
  func run(_ state: () -> MetadataState) async throws {
    while true {
      if buffer.isEmpty { try await work.wait() }
      guard !buffer.isEmpty else {
        tell(upTo: synced)
        continue
      }
      let group = buffer
      let position = appended
      buffer = []
      journaledBytes += group.count
      // Taken before anything is waited for: it holds what this and all earlier groups hold, and nothing more.
      let snapshot = snapshotIsDue ? SnapshotFormat.encode(state(), generation: generation + 1) : nil
      let startedAt = host.now
      try await files.append(group, generation: generation)
      written.add(entries: position - synced, bytes: group.count, took: host.now - startedAt)
      synced = position
      tell(upTo: position)
      while let first = waiting.first, first.position <= position {
        waiting.removeFirst()
        first.promise.succeed(())
      }
      if let snapshot { begin(snapshot) }
    }
  }

  private func tell(upTo position: UInt64) {
    while let first = announcements.first, first.position <= position {
      announcements.removeFirst()
      host.emit(first.event)
    }
  }

  // MARK: Snapshots

  private var snapshotIsDue: Bool {
    guard pendingSnapshot == nil else { return false }
    return journaledBytes >= max(snapshotBytes, latestSnapshotBytes) || host.fires(.snapshotWrittenNow)
  }

  private func begin(_ snapshot: [UInt8]) {
    generation += 1
    journaledBytes = 0
    latestSnapshotBytes = snapshot.count
    pendingSnapshot = (snapshot, generation)
    snapshotWork.notify()
  }

  /// Writes snapshots as they are taken, beside the journal, until the host crashes.
  func writeSnapshots() async throws {
    while true {
      guard let snapshot = pendingSnapshot else {
        try await snapshotWork.wait()
        continue
      }
      try await files.replaceSnapshot(snapshot.bytes, generation: snapshot.generation)
      host.probe(.metadataSnapshotWritten)
      pendingSnapshot = nil
    }
  }

  // MARK: Recovery

  /// What the disk holds: the snapshot's state with the changes of the journals behind it.
  ///
  /// - Throws: ``JournalDamage``, ``HostCrashed``.
  func recover() async throws -> RecoveredState {
    let recovered = try await files.recover()
    generation = recovered.generation
    journaledBytes = recovered.journaledBytes
    latestSnapshotBytes = recovered.snapshotBytes
    return recovered
  }
}

/// What a journal has written, for metrics: nothing decides by it.
struct JournalTally {
  var bytes: UInt64 = 0
  /// Changes that were synced together.
  var groups = MetricHistogram(MetricBounds.counts)
  /// How long a group took to be on disk.
  var syncs = MetricHistogram(MetricBounds.latency)

  mutating func add(entries: UInt64, bytes: Int, took: VirtualDuration) {
    self.bytes += UInt64(bytes)
    groups.record(Int64(entries))
    syncs.record(took)
  }
}
