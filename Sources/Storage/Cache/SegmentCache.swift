/// Segments kept in memory, bounded in bytes; the one used longest ago makes room.
///
/// ```swift
/// var cache = SegmentCache(capacity: 64 << 20)
/// let key = CacheKey(object: Array("data/orders/0/00.seg".utf8), version: 1)
/// cache.insert(key, bytes: file)
/// let again = cache.lookup(key)
/// ```
///
/// Never holds more than its capacity. Entries carry a hash that is checked at every lookup: damaged ones are dropped
/// and count as missing. Losing the whole cache costs time and nothing else.
public struct SegmentCache: Sendable {
  private struct Entry {
    var key: CacheKey
    var bytes: [UInt8]
    var checksum: UInt64
  }

  /// The most bytes that are held; keys are not counted.
  public let capacity: Int
  /// What the cache has done so far.
  public private(set) var statistics = CacheStatistics()

  private var slots: [Entry?] = []
  private var freeSlots: [Int] = []
  private var slotOfKey: [CacheKey: Int] = [:]
  private var usage = SlotList()

  /// Makes an empty cache of `capacity` bytes; a negative capacity counts as 0.
  public init(capacity: Int) {
    self.capacity = max(0, capacity)
  }

  /// The bytes of `key`, or nil when they are not held or were found damaged.
  ///
  /// - Complexity: O(*n*) in the bytes, for the check (20 GB/s).
  public mutating func lookup(_ key: CacheKey) -> [UInt8]? {
    guard let slot = slotOfKey[key], let entry = slots[slot] else {
      statistics.misses += 1
      return nil
    }
    guard Hashing.xxh3(entry.bytes) == entry.checksum else {
      statistics.corruptions += 1
      statistics.misses += 1
      drop(slot)
      return nil
    }
    statistics.hits += 1
    usage.remove(slot)
    usage.pushNewest(slot)
    return entry.bytes
  }

  /// Stores bytes, making room as needed; bytes larger than the whole cache are not stored.
  ///
  /// A key that is held already gets the new bytes, which are the same unless the old ones were damaged.
  public mutating func insert(_ key: CacheKey, bytes: [UInt8]) {
    guard bytes.count <= capacity else {
      statistics.refusals += 1
      return
    }
    if let slot = slotOfKey[key] { drop(slot) }
    while statistics.bytes > capacity - bytes.count, let victim = usage.oldest {
      drop(victim)
      statistics.evictions += 1
    }
    let entry = Entry(key: key, bytes: bytes, checksum: Hashing.xxh3(bytes))
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      slots[slot] = entry
    } else {
      slot = slots.count
      slots.append(entry)
    }
    slotOfKey[key] = slot
    usage.pushNewest(slot)
    statistics.bytes += bytes.count
    statistics.entries += 1
    statistics.insertions += 1
  }

  /// Forgets a key, for example because its object was deleted.
  public mutating func remove(_ key: CacheKey) {
    if let slot = slotOfKey[key] { drop(slot) }
  }

  /// Forgets everything and keeps the counts of what happened.
  public mutating func removeAll() {
    slots.removeAll()
    freeSlots.removeAll()
    slotOfKey.removeAll()
    usage = SlotList()
    statistics.bytes = 0
    statistics.entries = 0
  }

  /// Flips bits of held bytes, for tests of the check.
  mutating func damage(_ key: CacheKey) {
    guard let slot = slotOfKey[key], var entry = slots[slot], !entry.bytes.isEmpty else { return }
    entry.bytes[0] ^= 0x10
    slots[slot] = entry
  }

  private mutating func drop(_ slot: Int) {
    guard let entry = slots[slot] else { return }
    slots[slot] = nil
    freeSlots.append(slot)
    slotOfKey[entry.key] = nil
    usage.remove(slot)
    statistics.bytes -= entry.bytes.count
    statistics.entries -= 1
  }
}
