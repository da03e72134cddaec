import Simulation
import Storage

/// The part of an agent's write-ahead log that belongs to one open segment: files of its own, so that it goes as a whole once the segment is registered.
///
/// Entries are committed in groups by number, size and age; while one group is being synced, the next gathers. Sendable because it never leaves its host.
final class SegmentLog: @unchecked Sendable {
  /// The first file's name; a file that follows one in which a write failed has its number behind it.
  let name: String
  private let host: Host
  private let tally: AgentTally
  private var writer: LogWriter
  /// Settled once the group that gathers is on disk.
  private var gathering: Promise<Void>
  private var gathered = 0
  /// Settled once the group that is being written is on disk.
  private var underWay: Promise<Void>?
  private var files: Set<String> = []
  private var isClosed = false
  /// When the task that waits for the gathering group's age wakes up: each entry asks for it, one task is enough.
  private var wakesAt: UInt64?

  init(host: Host, name: String, groups: GroupCommitOptions, tally: AgentTally) {
    self.host = host
    self.tally = tally
    self.name = name
    // One segment's log is as large as its segment: it needs no bounds of its own.
    writer = LogWriter(
      options: GroupCommitOptions(
        recordCount: groups.recordCount, byteCount: groups.byteCount, ageNanoseconds: groups.ageNanoseconds,
        fileSizeBytes: .max, totalSizeBytes: .max))
    gathering = Promise(on: host, "the log's sync")
  }

  /// Appends an entry; the promise is settled once it is on disk, and fails when nobody can know whether it is.
  func append(_ entry: LogEntry, on owner: some Actor) -> Promise<Void> {
    let promise = gathering
    do {
      let (_, actions) = try writer.append(entry, now: now)
      gathered += 1
      perform(actions, on: owner)
      if host.fires(.logWrittenAtOnce) { perform(writer.flush(now: now), on: owner) }
      return promise
    } catch {
      let refused = Promise<Void>(on: host, "the log's sync")
      refused.fail(ProduceError.invalid)
      return refused
    }
  }

  /// Writes what was gathered without waiting for more, and waits until all of it is on disk.
  func settle(on owner: some Actor, isolation: isolated (any Actor)? = #isolation) async throws {
    perform(writer.flush(now: now), on: owner)
    while underWay != nil || gathered > 0 {
      do {
        try await (underWay ?? gathering).value
      } catch is ProduceError {
        // Whoever waits for it has been told.
      }
    }
  }

  /// Removes the files: the records are safe elsewhere.
  func remove() async throws {
    isClosed = true
    for file in [name] + files.subtracting([name]).sorted() { try await host.disk.remove(file) }
  }

  private var now: UInt64 { UInt64(max(host.now.nanoseconds, 0)) }

  private func perform(_ actions: [LogWriter.Action], on owner: some Actor) {
    for action in actions {
      switch action {
      case .write(let file, _, let bytes):
        tally.logGroups.record(Int64(gathered))
        underWay = gathering
        gathering = Promise(on: host, "the log's sync")
        gathered = 0
        host.spawn("log", on: owner) { [self] owner in try await write(bytes, to: file, on: owner) }
      case .wake(let time):
        if wakesAt == time { continue }
        wakesAt = time
        host.spawn("log group", on: owner) { [self] owner in
          try await host.sleep(for: .nanoseconds(Int64(time - min(time, now))))
          if wakesAt == time { wakesAt = nil }
          perform(writer.wake(now: now), on: owner)
        }
      case .acknowledge:
        underWay?.succeed(())
        underWay = nil
      case .fail:
        underWay?.fail(ProduceError.outcomeUnknown)
        underWay = nil
      case .delete: break
      }
    }
  }

  // Isolated by name: without a wait on its way, an optimised build would go on outside of the owner.
  private func write(_ bytes: [UInt8], to file: UInt64, on owner: isolated some Actor) async throws {
    let name = file == 0 ? name : "\(name).\(file)"
    do {
      if !isClosed {
        files.insert(name)
        try await host.disk.append(bytes, to: name)
        try await host.disk.sync(name)
      }
      perform(writer.writeCompleted(now: now), on: owner)
    } catch is DiskError {
      perform(writer.writeFailed(now: now), on: owner)
    }
  }
}
