/// SIEVE: a queue in order of arrival, a mark on what was used, and a hand that looks for what was not.
///
/// A use only sets the mark. The hand goes from old to new, clears marks, and takes the first entry without one; it
/// stays where it was, so that entries that survived are not asked again before newer ones.
///
/// Zhang, Yang, Yue, Vigfusson, Rashmi: "SIEVE is Simpler than LRU: an Efficient Turn-Key Eviction Algorithm for Web
/// Caches", NSDI 2024.
///
/// - Complexity: O(1) for every operation, amortised for `evict()`.
public struct SievePolicy: EvictionPolicy {
  private var queue = SlotList()
  private var isMarked: [Bool] = []
  /// The entry that is looked at next; nil for the oldest.
  private var hand: Int?

  /// Makes a policy that knows no entry.
  public init() {}

  /// Takes in a new entry, without a mark.
  public mutating func insert(_ slot: Int, identity: UInt64, size: Int) {
    guard slot >= 0, !queue.contains(slot) else { return }
    queue.pushNewest(slot)
    if slot >= isMarked.count {
      isMarked.append(contentsOf: repeatElement(false, count: slot + 1 - isMarked.count))
    }
    isMarked[slot] = false
  }

  /// Marks an entry.
  public mutating func use(_ slot: Int) {
    if queue.contains(slot) { isMarked[slot] = true }
  }

  /// Forgets an entry; a hand that points to it goes on to the next newer one.
  public mutating func remove(_ slot: Int) {
    if hand == slot { hand = queue.next(newerThan: slot) }
    queue.remove(slot)
  }

  /// Chooses the first entry without a mark from the hand on.
  public mutating func evict() -> Int? {
    guard var candidate = hand ?? queue.oldest else { return nil }
    // Ends after one round at most: every mark that it passes is cleared.
    while isMarked[candidate] {
      isMarked[candidate] = false
      guard let next = queue.next(newerThan: candidate) ?? queue.oldest else { break }
      candidate = next
    }
    hand = queue.next(newerThan: candidate)
    queue.remove(candidate)
    return candidate
  }
}
