/// The figures of a simulated disk: one device, operations one after another.
public struct DiskConfiguration: Sendable, Hashable {
  /// What a write takes before its bytes.
  public var writeLatency = VirtualDuration.microseconds(20)
  /// What a read takes before its bytes.
  public var readLatency = VirtualDuration.microseconds(80)
  /// What a sync takes: an NVMe drive's flush.
  public var syncLatency = VirtualDuration.microseconds(500)
  /// Bytes a second, reading and writing.
  public var bytesPerSecond: Int64 = 2_000_000_000

  /// Makes the default disk.
  public init() {}
}

/// Why a disk operation failed.
public enum DiskError: Error, Sendable, Hashable {
  /// There is no file of this name.
  case noSuchFile(String)
  /// The disk is full: nothing of what was to be appended to this file is there.
  case noSpace(String)
  /// A sync failed: what was appended to this file since the last one that succeeded may never become durable, also when a later sync succeeds.
  case syncFailed(String)
}

/// The content of a machine's disk; it outlives incarnations.
final class DiskState {
  struct File {
    var content: [UInt8] = []
    /// How many bytes from the start a crash cannot take away.
    var syncedLength = 0
    /// What a failed sync left out, while the process still reads it: a crash takes it away, whatever is synced later.
    var neverSynced: [Range<Int>] = []
  }

  let configuration: DiskConfiguration
  /// Sorted by the UTF-8 bytes of the name.
  private(set) var files: [(name: String, file: File)] = []
  private var freeAt = VirtualTime.start
  private(set) var syncs: UInt64 = 0
  /// What is wrong with the device.
  var trouble = DiskTrouble()

  init(configuration: DiskConfiguration) { self.configuration = configuration }

  private func place(_ name: String) -> (index: Int, found: Bool) {
    var low = 0
    var high = files.count
    while low < high {
      let middle = (low + high) / 2
      if Self.precedes(files[middle].name, name) { low = middle + 1 } else { high = middle }
    }
    // Not before it, and not behind it.
    return (low, low < files.count && !Self.precedes(name, files[low].name))
  }

  /// By their bytes, which a native string has in one piece: going through its characters takes ten times as long.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    let answer = left.utf8.withContiguousStorageIfAvailable { left in
      right.utf8.withContiguousStorageIfAvailable { right in
        // The first bytes that differ decide; of two that begin alike the shorter goes first.
        let common = min(left.count, right.count)
        var index = 0
        while index < common, left[index] == right[index] { index += 1 }
        return index < common ? left[index] < right[index] : left.count < right.count
      }
    }
    return (answer ?? nil) ?? left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  func content(_ name: String) -> [UInt8]? {
    let (index, found) = place(name)
    return found ? files[index].file.content : nil
  }

  func append(_ bytes: [UInt8], to name: String) {
    let (index, found) = place(name)
    if !found { files.insert((name, File()), at: index) }
    files[index].file.content.append(contentsOf: bytes)
  }

  func sync(_ name: String) {
    let (index, found) = place(name)
    guard found else { return }
    files[index].file.syncedLength = files[index].file.content.count
    syncs += 1
  }

  /// A sync that fails: the system takes the bytes for written and will not try again.
  func failSync(_ name: String) {
    let (index, found) = place(name)
    guard found else { return }
    let file = files[index].file
    if file.syncedLength < file.content.count {
      files[index].file.neverSynced.append(file.syncedLength..<file.content.count)
      files[index].file.syncedLength = file.content.count
    }
    syncs += 1
  }

  /// Flips one bit of what the files hold; tells the file and the byte, nil when there is none.
  func flipBit(_ draw: UInt64) -> (name: String, position: Int)? {
    let total = files.reduce(0) { $0 + $1.file.content.count }
    guard total > 0 else { return nil }
    var position = Int(draw.scaled(below: UInt64(total)))
    for index in files.indices {
      let count = files[index].file.content.count
      if position < count {
        files[index].file.content[position] ^= 1 << UInt8(mixed(draw) & 7)
        return (files[index].name, position)
      }
      position -= count
    }
    return nil
  }

  /// Cuts a file to a length; durable at once, as removal is.
  func truncate(_ name: String, to length: Int) {
    let (index, found) = place(name)
    guard found, length < files[index].file.content.count else { return }
    files[index].file.content.removeLast(files[index].file.content.count - max(length, 0))
    files[index].file.syncedLength = min(files[index].file.syncedLength, max(length, 0))
    files[index].file.neverSynced = files[index].file.neverSynced.map { $0.clamped(to: 0..<max(length, 0)) }
  }

  /// Removal is taken to be durable at once: a file that comes back costs recovery work, one that is gone too early costs records.
  func remove(_ name: String) {
    let (index, found) = place(name)
    if found { files.remove(at: index) }
  }

  /// Gives a file another name, in the place of a file that had it; durable at once, as removal is. What was not synced stays so.
  func rename(_ name: String, to target: String) {
    let (index, found) = place(name)
    guard found, !name.utf8.elementsEqual(target.utf8) else { return }
    let file = files.remove(at: index).file
    let (goal, isThere) = place(target)
    if isThere { files[goal].file = file } else { files.insert((target, file), at: goal) }
  }

  func names(prefix: String) -> [String] {
    files.map(\.name).filter { $0.utf8.starts(with: prefix.utf8) }
  }

  /// A crash takes what was not synced, but for a drawn number of bytes that had reached the device: a torn write.
  func crash(_ survivors: (_ name: String, _ unsynced: UInt64) -> UInt64) -> Int {
    freeAt = .start
    var lost = 0
    for index in files.indices {
      lost += files[index].file.loseWhatNeverSynced()
      let unsynced = files[index].file.content.count - files[index].file.syncedLength
      guard unsynced > 0 else { continue }
      let kept = Int(survivors(files[index].name, UInt64(unsynced)))
      files[index].file.content.removeLast(unsynced - kept)
      files[index].file.syncedLength = files[index].file.content.count
      lost += unsynced - kept
    }
    return lost
  }

  func erase() { files = [] }

  /// How many bytes all files hold.
  var size: Int { files.reduce(0) { $0 + $1.file.content.count } }

  /// When an operation that begins now behind all others is done.
  func completion(at now: VirtualTime, latency: VirtualDuration, bytes: Int) -> VirtualTime {
    let begin = now < freeAt ? freeAt : now
    freeAt =
      begin + latency + trouble.stall
      + VirtualDuration(nanoseconds: Int64(bytes) * 1_000_000_000 / configuration.bytesPerSecond)
    return freeAt
  }
}

/// A host's disk as node code sees it: append-only files by name, each operation a wait.
public struct Disk: Sendable {
  let host: Host

  /// Appends bytes to a file, which is made when it is not there. They survive a crash only once synced.
  ///
  /// - Throws: ``HostCrashed``, ``DiskError/noSpace(_:)``.
  public func append(_ bytes: [UInt8], to name: String) async throws {
    let disk = host.machine.disk
    try await operation("append", disk.configuration.writeLatency, bytes: bytes.count, name) {
      if disk.trouble.isFull && !bytes.isEmpty { return DiskError.noSpace(name) }
      disk.append(bytes, to: name)
      return nil
    }
  }

  /// Makes all that was appended to a file before durable.
  ///
  /// - Throws: ``HostCrashed``, ``DiskError/syncFailed(_:)``.
  public func sync(_ name: String) async throws {
    let (disk, machine) = (host.machine.disk, host.machine)
    try await operation("sync", disk.configuration.syncLatency, bytes: 0, name) {
      if machine.simulation.faults.failsSync(of: machine) {
        disk.failSync(name)
        return DiskError.syncFailed(name)
      }
      disk.sync(name)
      return nil
    }
  }

  /// The content of a file.
  ///
  /// - Throws: ``HostCrashed``, ``DiskError/noSuchFile(_:)``.
  public func read(_ name: String) async throws -> [UInt8] {
    let disk = host.machine.disk
    let size = disk.content(name)?.count ?? 0
    try await operation("read", disk.configuration.readLatency, bytes: size, name) { nil }
    guard let content = disk.content(name) else { throw DiskError.noSuchFile(name) }
    return content
  }

  /// Removes a file; does nothing when it is not there.
  ///
  /// - Throws: ``HostCrashed``.
  public func remove(_ name: String) async throws {
    let disk = host.machine.disk
    try await operation("remove", disk.configuration.writeLatency, bytes: 0, name) {
      disk.remove(name)
      return nil
    }
  }

  /// Gives a file another name in one step, in the place of a file that had it; does nothing when it is not there.
  ///
  /// What was not synced under the old name can still be lost under the new one.
  ///
  /// - Throws: ``HostCrashed``.
  public func rename(_ name: String, to target: String) async throws {
    let disk = host.machine.disk
    try await operation("rename", disk.configuration.writeLatency, bytes: 0, name) {
      disk.rename(name, to: target)
      return nil
    }
  }

  /// Cuts a file to a length; does nothing when it is not longer.
  ///
  /// - Throws: ``HostCrashed``.
  public func truncate(_ name: String, to length: Int) async throws {
    let disk = host.machine.disk
    try await operation("truncate", disk.configuration.writeLatency, bytes: 0, name) {
      disk.truncate(name, to: length)
      return nil
    }
  }

  /// The size of a file in bytes; nil when it is not there.
  public func size(of name: String) -> Int? { host.machine.disk.content(name)?.count }

  /// The names of the files that begin with a prefix, in the order of their UTF-8 bytes.
  public func names(prefix: String) -> [String] { host.machine.disk.names(prefix: prefix) }

  private func operation(
    _ label: StaticString, _ latency: VirtualDuration, bytes: Int, _ name: String,
    _ effect: @escaping () -> DiskError?
  ) async throws {
    let operation = DiskOperation(host: host, label: label, name: name, bytes: bytes, effect: effect)
    let simulation = host.simulation
    try await operation.wait {
      let done = host.machine.disk.completion(at: simulation.now, latency: latency, bytes: bytes)
      simulation.schedule(operation, at: done)
    }
  }
}

/// One task's wait for its disk.
private final class DiskOperation: Suspension<Void> {
  private let name: String
  private let bytes: Int
  private let effect: () -> DiskError?

  init(host: Host, label: StaticString, name: String, bytes: Int, effect: @escaping () -> DiskError?) {
    self.name = name
    self.bytes = bytes
    self.effect = effect
    super.init(host: host, label: label)
  }

  override var detail: String { "file \(name)" }

  // The device works on while the host is paused; only the task has to wait.
  override func fire(_ simulation: Simulation) {
    let error = effect()
    simulation.record(.disk, on: host) { log in
      log.text("operation", label.description)
      log.text("file", name)
      log.number("bytes", bytes)
      if error != nil { log.number("failed", 1) }
    }
    if let error { fail(error) } else { resume(()) }
  }
}

extension Host {
  /// This host's disk.
  public var disk: Disk { Disk(host: self) }
}
