import Simulation
import Storage

/// The files of journal and snapshot, and the order in which they change.
///
/// `metadata.journal.N` holds the changes of generation N; `metadata.snapshot` holds the state before the first change of the generation that it names. At any time the snapshot and the journals from its generation on hold everything:
///
/// 1. journal N is complete and synced; from now on changes go to journal N + 1
/// 2. the snapshot of generation N + 1 is written to `metadata.snapshot.new`, and synced
/// 3. it is renamed to `metadata.snapshot`
/// 4. journals up to N are removed
///
/// A crash before 3 leaves the old snapshot with the journals N and N + 1; one behind it leaves journals that a recovery removes.
struct JournalFiles {
  static let snapshot = "metadata.snapshot"
  static let newSnapshot = "metadata.snapshot.new"
  static let journalPrefix = "metadata.journal."
  /// So much of a snapshot is written at once, in bytes: what is journaled meanwhile need not wait for the whole of it.
  private static let chunk = 262_144

  let host: Host
  let safeguards: Safeguards

  static func journal(_ generation: UInt64) -> String { journalPrefix + generation.twentyDigits }

  // MARK: Writing

  func append(_ group: [UInt8], generation: UInt64) async throws {
    try await host.disk.append(group, to: Self.journal(generation))
    try await host.disk.sync(Self.journal(generation))
  }

  func replaceSnapshot(_ bytes: [UInt8], generation: UInt64) async throws {
    let isAside = safeguards.contains(.snapshotIsWrittenAside)
    let file = isAside ? Self.newSnapshot : Self.snapshot
    if !isAside { try await host.disk.remove(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      try await host.disk.append(Array(rest.prefix(Self.chunk)), to: file)
      rest = rest.dropFirst(Self.chunk)
    }
    try await host.disk.sync(file)
    if isAside { try await host.disk.rename(file, to: Self.snapshot) }
    try await removeJournals(before: generation)
  }

  private func removeJournals(before generation: UInt64) async throws {
    for journal in journals where journal.generation < generation { try await host.disk.remove(journal.name) }
  }

  private var journals: [(name: String, generation: UInt64)] {
    host.disk.names(prefix: Self.journalPrefix).compactMap { name in
      UInt64(name.dropFirst(Self.journalPrefix.count)).map { (name, $0) }
    }
  }

  // MARK: Recovery

  /// Reads what the disk holds, and leaves nothing on it that a crash left half done.
  ///
  /// - Throws: ``JournalDamage``, ``HostCrashed``.
  func recover() async throws -> RecoveredState {
    try await host.disk.remove(Self.newSnapshot)
    var recovered = try await readSnapshot()
    try await removeJournals(before: recovered.generation)
    let journals = self.journals
    for (index, journal) in journals.enumerated() {
      guard journal.generation == recovered.generation || index > 0 && journal.generation == recovered.generation + 1
      else { throw JournalDamage.missing(Self.journal(recovered.generation)) }
      recovered.generation = journal.generation
      try await replay(journal.name, isLast: index == journals.count - 1, into: &recovered)
    }
    return recovered
  }

  private func readSnapshot() async throws -> RecoveredState {
    do {
      let bytes = try await host.disk.read(Self.snapshot)
      // It was synced before it got this name: unlike a journal's tail, it is never torn by a crash.
      guard let (state, generation) = SnapshotFormat.decode(bytes) else { throw JournalDamage.snapshot }
      host.probe(.metadataRecoveredFromSnapshot)
      return RecoveredState(state: state, isEmpty: false, generation: generation, snapshotBytes: bytes.count)
    } catch DiskError.noSuchFile {
      return RecoveredState()
    }
  }

  /// Applies a journal's changes. A torn tail is cut off: what is appended behind it could never be read again.
  private func replay(_ name: String, isLast: Bool, into recovered: inout RecoveredState) async throws {
    let bytes = try await host.disk.read(name)
    let (effects, length) = JournalFormat.decode(bytes)
    if length < bytes.count {
      // A journal is complete before the next one begins.
      guard isLast else { throw JournalDamage.journal(name, at: length) }
      host.probe(.journalTornTailCut)
      try await host.disk.truncate(name, to: length)
    }
    for effect in effects { recovered.state.apply(effect) }
    if !effects.isEmpty { recovered.isEmpty = false }
    recovered.journaledBytes += length
  }
}

/// What a recovery found.
struct RecoveredState {
  var state = MetadataState()
  /// Whether nothing had ever been stored.
  var isEmpty = true
  /// The generation to go on with.
  var generation: UInt64 = 0
  /// How many bytes of changes follow the snapshot.
  var journaledBytes = 0
  var snapshotBytes = 0
}

/// Why a metadata service cannot recover: its disk lost what had been synced.
enum JournalDamage: Error, Hashable, CustomStringConvertible {
  /// The snapshot is not what was written.
  case snapshot
  /// A journal is damaged before its end, at this byte.
  case journal(String, at: Int)
  /// A journal between others is not there.
  case missing(String)

  var description: String {
    switch self {
    case .snapshot: "the snapshot is damaged"
    case .journal(let name, let position): "\(name) is damaged at byte \(position)"
    case .missing(let name): "\(name) is missing"
    }
  }
}
