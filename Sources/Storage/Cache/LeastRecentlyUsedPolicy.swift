/// Least recently used: a use moves an entry to the newest end, the oldest one goes.
///
/// - Complexity: O(1) for every operation.
public struct LeastRecentlyUsedPolicy: EvictionPolicy {
  private var queue = SlotList()

  /// Makes a policy that knows no entry.
  public init() {}

  /// Takes in a new entry.
  public mutating func insert(_ slot: Int, identity: UInt64, size: Int) {
    queue.pushNewest(slot)
  }

  /// Makes an entry the newest.
  public mutating func use(_ slot: Int) {
    guard queue.contains(slot) else { return }
    queue.remove(slot)
    queue.pushNewest(slot)
  }

  /// Forgets an entry.
  public mutating func remove(_ slot: Int) {
    queue.remove(slot)
  }

  /// Chooses the entry used longest ago.
  public mutating func evict() -> Int? {
    queue.popOldest()
  }
}
