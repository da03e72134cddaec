/// Why an entry or a file was not taken into a log.
public enum LogWriterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The log has reached its bound; release entries first.
  case full(sizeBytes: Int, entryBytes: Int, boundBytes: Int)
  /// The entry has more bytes than an entry can have.
  case entryTooLarge(bytes: Int)
  /// A file of an earlier incarnation was handed over after the first entry.
  case adoptedTooLate(file: UInt64)

  /// What is wrong, and what would help.
  public var description: String {
    switch self {
    case .full(let size, let entry, let bound):
      "the log has \(size) of \(bound) bytes, and an entry of \(entry) does not fit; release entries first"
    case .entryTooLarge(let bytes):
      "an entry of \(bytes) bytes; less than 4 GiB can be written"
    case .adoptedTooLate(let file):
      "file \(file) was handed over after an entry was taken; hand over all files of a recovery before the first entry"
    }
  }
}

/// Gathers log entries into groups that are written and synced together, over files that take turns.
///
/// A state machine that neither waits nor touches a disk: it is told the time and what happened, and answers with
/// actions to be performed in order.
///
/// ```swift
/// var log = LogWriter()
/// for action in try log.append(entry, now: clock.now).actions { perform(action) }
/// // … the write that an action asked for is synced:
/// for action in log.writeCompleted(now: clock.now) { perform(action) }
/// ```
///
/// One write is under way at a time; what arrives meanwhile is the next group. A group never spans two files. After a
/// failed write or sync its file is closed, because nobody knows what of it is on the disk: nothing in it is
/// acknowledged any more, and later groups go to a new file.
public struct LogWriter: Sendable {
  /// What the owner of the log has to do.
  public enum Action: Sendable, Hashable {
    /// Write the bytes at this position of the file and sync it; then call `writeCompleted` or `writeFailed`.
    case write(file: UInt64, position: Int, bytes: [UInt8])
    /// Call `wake` at this time, in nanoseconds.
    case wake(at: UInt64)
    /// These entries are synced: their senders can be told.
    case acknowledge(entries: Range<UInt64>)
    /// These entries may or may not be on the disk, and never will be acknowledged.
    case fail(entries: Range<UInt64>)
    /// All entries of the file were released: remove it.
    case delete(file: UInt64)
  }

  /// A group of entries: their numbers, and what they hold. They are encoded when their place in a file is known.
  private struct Group: Sendable {
    var entries: Range<UInt64>
    var content: [LogEntry] = []
    /// How many records the entries hold.
    var records = 0
    /// The size of the entries encoded, in bytes.
    var size = 0
    /// When the oldest entry came, in nanoseconds.
    var since: UInt64 = 0
    /// Whether it is written without waiting for more.
    var isUrgent = false
  }

  private struct File: Sendable {
    let number: UInt64
    var size: Int
    /// The number after its last entry.
    var endEntry: UInt64
  }

  /// When groups are written and files change.
  public let options: GroupCommitOptions
  /// The bytes of all files, of the write under way and of the group being gathered.
  public private(set) var sizeBytes = 0
  /// The number that the next entry gets.
  public var nextEntry: UInt64 { gathered.entries.upperBound }
  /// Entries before this one were released.
  public private(set) var releasedEntries: UInt64 = 0

  private var gathered = Group(entries: 0..<0)
  /// The numbers of the entries that are being written.
  private var underWay: Range<UInt64>?
  private var hasTakenEntries = false
  private var closedFiles: [File] = []
  private var current: File

  /// Makes a log without entries that begins with file `firstFile`.
  public init(options: GroupCommitOptions = GroupCommitOptions(), firstFile: UInt64 = 0) {
    self.options = options
    current = File(number: firstFile, size: 0, endEntry: 0)
  }

  /// Takes over a file that an earlier incarnation wrote, so that it counts and is removed when it is released.
  ///
  /// Call it for the files of a recovery, oldest first, before the first entry.
  ///
  /// - Returns: the numbers that its entries get.
  /// - Throws: `LogWriterError.adoptedTooLate` once an entry was taken.
  public mutating func adopt(
    file: UInt64, sizeBytes size: Int, entryCount: Int
  ) throws(LogWriterError) -> Range<UInt64> {
    guard !hasTakenEntries else { throw .adoptedTooLate(file: file) }
    let first = nextEntry
    let end = first &+ UInt64(max(0, entryCount))
    gathered = Group(entries: end..<end)
    closedFiles.append(File(number: file, size: max(0, size), endEntry: end))
    sizeBytes += max(0, size)
    if file >= current.number { current = File(number: file &+ 1, size: 0, endEntry: end) }
    return first..<end
  }

  /// Takes an entry.
  ///
  /// - Parameter now: the time in nanoseconds, on any clock that does not go back.
  /// - Returns: the entry's number, and what to do.
  /// - Throws: `LogWriterError` when the log is full; the entry is then not part of it.
  public mutating func append(
    _ entry: LogEntry, now: UInt64
  ) throws(LogWriterError) -> (entry: UInt64, actions: [Action]) {
    let size = WriteAheadLog.entryOverhead + entry.batch.bytes.count
    guard size <= options.totalSizeBytes - sizeBytes else {
      throw .full(sizeBytes: sizeBytes, entryBytes: size, boundBytes: options.totalSizeBytes)
    }
    guard WriteAheadLog.canEncode(entry) else { throw .entryTooLarge(bytes: size) }
    hasTakenEntries = true
    gathered.content.append(entry)
    gathered.size += size
    gathered.records += entry.batch.count
    let number = nextEntry
    let isFirst = gathered.entries.isEmpty
    if isFirst { gathered.since = now }
    gathered.entries = gathered.entries.lowerBound..<(number + 1)
    sizeBytes += size
    var actions = writeIfDue(now: now)
    if isFirst, actions.isEmpty { actions.append(.wake(at: deadline)) }
    return (number, actions)
  }

  /// Tells the time; needed when an action has asked for it, harmless at any other time.
  public mutating func wake(now: UInt64) -> [Action] {
    writeIfDue(now: now)
  }

  /// Writes what was gathered without waiting for more, as soon as the write under way is over.
  public mutating func flush(now: UInt64) -> [Action] {
    guard !gathered.entries.isEmpty else { return [] }
    gathered.isUrgent = true
    return writeIfDue(now: now)
  }

  /// Tells that the write under way is synced.
  public mutating func writeCompleted(now: UInt64) -> [Action] {
    guard let entries = underWay else { return [] }
    underWay = nil
    current.endEntry = entries.upperBound
    return [.acknowledge(entries: entries)] + releaseFiles() + writeIfDue(now: now)
  }

  /// Tells that the write under way, or its sync, has failed.
  public mutating func writeFailed(now: UInt64) -> [Action] {
    guard let entries = underWay else { return [] }
    underWay = nil
    current.endEntry = entries.upperBound
    closeCurrentFile()
    return [.fail(entries: entries)] + releaseFiles() + writeIfDue(now: now)
  }

  /// Tells that entries before `entry` are not needed any more, because they are durable elsewhere or were given up.
  public mutating func release(before entry: UInt64) -> [Action] {
    releasedEntries = max(releasedEntries, min(entry, nextEntry))
    return releaseFiles()
  }

  private var deadline: UInt64 {
    let (sum, overflow) = gathered.since.addingReportingOverflow(options.ageNanoseconds)
    return overflow ? .max : sum
  }

  private mutating func writeIfDue(now: UInt64) -> [Action] {
    guard underWay == nil, !gathered.entries.isEmpty else { return [] }
    let isDue =
      gathered.isUrgent || gathered.records >= options.recordCount || gathered.size >= options.byteCount
      || now >= deadline
    return isDue ? [write()] : [.wake(at: deadline)]
  }

  private mutating func write() -> Action {
    let group = gathered
    gathered = Group(entries: group.entries.upperBound..<group.entries.upperBound)
    underWay = group.entries
    if current.size > 0, group.size > options.fileSizeBytes - current.size { closeCurrentFile() }
    let position = current.size
    var bytes: [UInt8] = []
    bytes.reserveCapacity(group.size)
    for entry in group.content { WriteAheadLog.encode(entry, into: &bytes, filePosition: position) }
    current.size += bytes.count
    return .write(file: current.number, position: position, bytes: bytes)
  }

  private mutating func closeCurrentFile() {
    closedFiles.append(current)
    current = File(number: current.number &+ 1, size: 0, endEntry: current.endEntry)
  }

  /// Removes the files whose entries were all released, the current one too when nothing is being written to it.
  private mutating func releaseFiles() -> [Action] {
    var actions: [Action] = []
    if underWay == nil, current.size > 0, current.endEntry <= releasedEntries { closeCurrentFile() }
    while let file = closedFiles.first, file.endEntry <= releasedEntries {
      closedFiles.removeFirst()
      sizeBytes -= file.size
      actions.append(.delete(file: file.number))
    }
    return actions
  }
}
