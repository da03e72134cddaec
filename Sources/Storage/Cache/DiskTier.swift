/// Which files of the cache are on disk, and which are on their way there or away.
///
/// Everything that takes room is counted: files, room promised to files being written, and files that were evicted
/// while somebody reads them and go when the reading ends.
struct DiskTier: Sendable {
  private struct File: Sendable {
    var readers = 0
  }

  /// The bound in bytes, at most `highestCapacity`; lowered when the disk turns out to be smaller, and grown back.
  private(set) var capacity: Int
  private let highestCapacity: Int
  /// Which part of a file's size a lowered bound grows by: a disk that stays full fails one fill in so many.
  private static let growthShare = 16
  private var store: BoundedStore<String, File>
  /// Sizes of files being written, by their final names.
  private var fills: [String: Int] = [:]
  private var promisedBytes = 0
  /// Files that were evicted and are still being read: how many readers, and the size.
  private var leaving: [String: (readers: Int, size: Int)] = [:]
  private var leavingBytes = 0
  private(set) var evictions: UInt64 = 0

  init(capacity: Int, policy: EvictionPolicyKind) {
    self.capacity = max(0, capacity)
    highestCapacity = self.capacity
    store = BoundedStore(policy: policy.makePolicy(capacity: self.capacity))
  }

  /// All bytes that are taken or promised.
  var bytes: Int { store.bytes + promisedBytes + leavingBytes }
  var fileCount: Int { store.count }

  static func temporaryName(_ name: String) -> String { name + ".tmp" }

  func contains(_ name: String) -> Bool { store.value(of: name) != nil }

  /// Counts a reader, which keeps the file from being removed under it.
  mutating func beginReading(_ name: String) {
    store.use(name)
    store.update(name) { $0.readers += 1 }
  }

  /// Ends a reading; answers the files that can be removed now.
  mutating func endReading(_ name: String) -> [String] {
    guard let left = leaving[name] else {
      store.update(name) { $0.readers = max(0, $0.readers - 1) }
      return []
    }
    guard left.readers <= 1 else {
      leaving[name] = (left.readers - 1, left.size)
      return []
    }
    leaving[name] = nil
    leavingBytes -= left.size
    return [name]
  }

  /// Promises room for a file, evicting others; answers the files to remove, or nil when it cannot be stored now.
  mutating func beginFill(_ name: String, size: Int) -> [String]? {
    guard size <= highestCapacity, fills[name] == nil, !contains(name), leaving[name] == nil else { return nil }
    guard size <= capacity else {
      // Nothing this large will ever succeed below this bound, so that waiting for success would last for ever.
      growBack(size)
      return nil
    }
    var removed: [String] = []
    while bytes > capacity - size {
      guard let victim = store.evict() else {
        // The rest is being read or written; what was evicted is gone all the same.
        return removed.isEmpty ? nil : giveUp(removed)
      }
      evictions += 1
      removed += leave(victim.key, victim.value, size: victim.size)
    }
    fills[name] = size
    promisedBytes += size
    return removed
  }

  /// Files removed for a fill that then found no room: reported with the next actions.
  private(set) var orphaned: [String] = []

  private mutating func giveUp(_ removed: [String]) -> [String]? {
    orphaned += removed
    return nil
  }

  mutating func takeOrphaned() -> [String] {
    defer { orphaned = [] }
    return orphaned
  }

  /// Ends a fill; with success the file is there from now on.
  mutating func endFill(_ name: String, succeeded: Bool, identity: UInt64) {
    guard let size = fills.removeValue(forKey: name) else { return }
    promisedBytes -= size
    guard succeeded else { return }
    store.insert(name, File(), size: size, identity: identity)
    growBack(size)
  }

  /// Raises a lowered bound a little, because others may have freed the disk meanwhile.
  private mutating func growBack(_ size: Int) {
    let (sum, overflow) = capacity.addingReportingOverflow(max(1, size / Self.growthShare))
    capacity = overflow ? highestCapacity : min(highestCapacity, sum)
  }

  func isFilling(_ name: String) -> Bool { fills[name] != nil }

  /// Takes the disk at its word: no more than what is there now, or is being written by others, fits.
  mutating func lowerCapacityToContent() {
    capacity = min(capacity, bytes)
  }

  /// Takes in a file that an earlier incarnation left.
  mutating func adopt(_ name: String, size: Int) -> Bool {
    guard size >= 0, size <= capacity - bytes, !contains(name) else { return false }
    store.insert(name, File(), size: size, identity: Hashing.xxh3(Array(name.utf8)))
    return true
  }

  /// Forgets a file; answers the files that can be removed now.
  mutating func remove(_ name: String, size: Int? = nil) -> [String] {
    let before = store.bytes
    guard let file = store.remove(name) else { return [] }
    return leave(name, file, size: before - store.bytes)
  }

  private mutating func leave(_ name: String, _ file: File, size: Int) -> [String] {
    guard file.readers > 0 else { return [name] }
    leaving[name] = (file.readers, size)
    leavingBytes += size
    return []
  }
}
