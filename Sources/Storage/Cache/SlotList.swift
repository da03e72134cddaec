/// A doubly linked list of small numbers, kept in arrays: the queue behind an eviction policy.
///
/// Every operation is O(1). A number is in the list at most once.
struct SlotList: Sendable {
  private static let none = -1
  private static let absent = -2

  private var newer: [Int] = []
  private var older: [Int] = []
  /// The number that entered last.
  private(set) var newest: Int?
  /// The number that entered first.
  private(set) var oldest: Int?
  private(set) var count = 0

  func contains(_ slot: Int) -> Bool {
    slot >= 0 && slot < newer.count && newer[slot] != Self.absent
  }

  /// The number that entered just after `slot`.
  func next(newerThan slot: Int) -> Int? {
    contains(slot) && newer[slot] >= 0 ? newer[slot] : nil
  }

  /// Puts a number at the newest end; it must not be in the list.
  mutating func pushNewest(_ slot: Int) {
    guard slot >= 0, !contains(slot) else { return }
    if slot >= newer.count {
      let missing = slot + 1 - newer.count
      newer.append(contentsOf: repeatElement(Self.absent, count: missing))
      older.append(contentsOf: repeatElement(Self.absent, count: missing))
    }
    newer[slot] = Self.none
    older[slot] = newest ?? Self.none
    if let newest { newer[newest] = slot } else { oldest = slot }
    newest = slot
    count += 1
  }

  /// Takes a number out; nothing happens when it is not in the list.
  mutating func remove(_ slot: Int) {
    guard contains(slot) else { return }
    let after = newer[slot]
    let before = older[slot]
    if after >= 0 { older[after] = before } else { newest = before >= 0 ? before : nil }
    if before >= 0 { newer[before] = after } else { oldest = after >= 0 ? after : nil }
    newer[slot] = Self.absent
    older[slot] = Self.absent
    count -= 1
  }

  /// Takes out the number that entered first.
  mutating func popOldest() -> Int? {
    guard let slot = oldest else { return nil }
    remove(slot)
    return slot
  }
}
