import Simulation
import Storage

/// The part of an agent's write-ahead log that belongs to one open segment: a file of its own, so that it goes as a whole once the segment is registered.
///
/// Entries are committed in groups: while one group is being synced, the next gathers. Sendable because it never leaves its host.
final class SegmentLog: @unchecked Sendable {
  let name: String
  private let host: Host
  private var buffer: [UInt8] = []
  /// How many bytes of the file lie before `buffer`, written or being written.
  private var length = 0
  private var gathering: Promise<Void>
  private var isWriting = false
  private var isClosed = false

  init(host: Host, name: String) {
    self.host = host
    self.name = name
    gathering = Promise(on: host, "the log's sync")
  }

  /// Appends an entry; the promise is settled once it is on disk.
  func append(_ entry: LogEntry, on owner: some Actor) -> Promise<Void> {
    _ = WriteAheadLog.encode(entry, into: &buffer, filePosition: length)
    let promise = gathering
    if !isWriting {
      isWriting = true
      host.spawn("log", on: owner) { [self] _ in try await writeGroups() }
    }
    return promise
  }

  /// Writes and syncs groups until nothing more waits.
  private func writeGroups() async throws {
    while !buffer.isEmpty {
      let group = buffer
      let promise = gathering
      buffer = []
      length += group.count
      gathering = Promise(on: host, "the log's sync")
      if !isClosed {
        try await host.disk.append(group, to: name)
        try await host.disk.sync(name)
      }
      promise.succeed(())
    }
    isWriting = false
  }

  /// Removes the file: its records are safe elsewhere.
  func remove() async throws {
    isClosed = true
    try await host.disk.remove(name)
  }
}
