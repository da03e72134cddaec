/// Entries with sizes, bounded in their sum, with a policy for what goes; the core of both tiers of the cache.
///
/// Dictionaries are only asked for single keys, so their order decides nothing.
struct BoundedStore<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    var key: Key
    var value: Value
    var size: Int
  }

  private(set) var bytes = 0
  private var policy: any EvictionPolicy
  private var slots: [Entry?] = []
  private var freeSlots: [Int] = []
  private var slotOfKey: [Key: Int] = [:]

  init(policy: any EvictionPolicy) {
    self.policy = policy
  }

  var count: Int { slotOfKey.count }

  func value(of key: Key) -> Value? {
    slotOfKey[key].flatMap { slots[$0]?.value }
  }

  /// Notes that an entry was used.
  mutating func use(_ key: Key) {
    if let slot = slotOfKey[key] { policy.use(slot) }
  }

  /// Stores an entry; who needs room for it makes it before.
  mutating func insert(_ key: Key, _ value: Value, size: Int, identity: UInt64) {
    _ = remove(key)
    let entry = Entry(key: key, value: value, size: size)
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      slots[slot] = entry
    } else {
      slot = slots.count
      slots.append(entry)
    }
    slotOfKey[key] = slot
    bytes += size
    policy.insert(slot, identity: identity, size: size)
  }

  /// Takes an entry out.
  mutating func remove(_ key: Key) -> Value? {
    guard let slot = slotOfKey[key] else { return nil }
    policy.remove(slot)
    return take(slot)?.value
  }

  /// Takes out the entry that the policy chooses.
  mutating func evict() -> (key: Key, value: Value, size: Int)? {
    guard let slot = policy.evict(), let entry = take(slot) else { return nil }
    return (entry.key, entry.value, entry.size)
  }

  /// Changes an entry's value in place.
  mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
    guard let slot = slotOfKey[key], var entry = slots[slot] else { return }
    change(&entry.value)
    slots[slot] = entry
  }

  private mutating func take(_ slot: Int) -> Entry? {
    guard let entry = slots[slot] else { return nil }
    slots[slot] = nil
    freeSlots.append(slot)
    slotOfKey[entry.key] = nil
    bytes -= entry.size
    return entry
  }
}
