import Simulation

/// The metadata service's journal: changes are appended and synced in groups, and whoever must not show an unsynced change waits here.
final class Journal {
  static let file = "metadata.journal"

  private let host: Host
  private let work: Signal
  private var buffer: [UInt8] = []
  /// How many changes were appended, and how many of them are synced.
  private var appended: UInt64 = 0
  private var synced: UInt64 = 0
  private var waiting: [(position: UInt64, promise: Promise<Void>)] = []
  private var announcements: [(position: UInt64, event: ClusterEvent)] = []

  init(host: Host) {
    self.host = host
    work = Signal(on: host, "a change to journal")
  }

  /// Appends a change; `announcing` is told to the world once the change is durable.
  func append(_ effect: MetadataEffect, announcing event: ClusterEvent?) {
    JournalFormat.encode(effect, into: &buffer)
    appended += 1
    if let event { announcements.append((appended, event)) }
    work.notify()
  }

  /// Tells the world something once every change appended so far is durable.
  func announce(_ event: ClusterEvent) { announcements.append((appended, event)) }

  /// Waits until every change appended so far is durable.
  func settled() async throws {
    guard synced < appended else { return }
    if let last = waiting.last, last.position == appended { return try await last.promise.value }
    let promise = Promise<Void>(on: host, "the journal's sync")
    waiting.append((appended, promise))
    try await promise.value
  }

  /// Writes groups of changes as they come, until the host crashes.
  func run() async throws {
    while true {
      if buffer.isEmpty { try await work.wait() }
      guard !buffer.isEmpty else { continue }
      let group = buffer
      let position = appended
      buffer = []
      try await host.disk.append(group, to: Self.file)
      try await host.disk.sync(Self.file)
      synced = position
      while let first = announcements.first, first.position <= position {
        announcements.removeFirst()
        host.emit(first.event)
      }
      while let first = waiting.first, first.position <= position {
        waiting.removeFirst()
        first.promise.succeed(())
      }
    }
  }

  /// The changes that the disk holds, in order. A torn tail is cut off: what is appended behind it could never be read again.
  func recover() async throws -> [MetadataEffect] {
    do {
      let bytes = try await host.disk.read(Self.file)
      let (effects, length) = JournalFormat.decode(bytes)
      if length < bytes.count {
        host.probe(.journalTornTailCut)
        try await host.disk.truncate(Self.file, to: length)
      }
      return effects
    } catch DiskError.noSuchFile {
      return []
    }
  }
}
