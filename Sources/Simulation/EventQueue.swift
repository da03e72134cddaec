/// Something that happens at a set virtual time: a message's arrival, a timer, a disk's completion, a fault.
public class Scheduled {
  /// Its slot in the queue; -1 when it is not scheduled.
  fileprivate final var slot: Int32 = -1
  final var time = VirtualTime.start
  final var ordinal: UInt64 = 0
  /// The event during which it was scheduled.
  final var cause: UInt64 = 0

  init() {}

  final var isScheduled: Bool { slot >= 0 }

  func fire(_ simulation: Simulation) { preconditionFailure("a scheduled thing says what happens when it fires") }

  /// Whether it is a message that this machine has not yet let go.
  func isUnsent(by machine: Machine, at now: VirtualTime) -> Bool { false }
}

/// The things to come, ordered by (time, ordinal).
///
/// A four-ary heap in which the place of each thing is known, so that a cancelled deadline really leaves: insert, cancel and pop are O(log n). Places are kept by slot in a table beside the heap: moving an entry must not touch the thing itself, which lies anywhere in memory.
final class EventQueue {
  private struct Entry {
    var time: Int64
    var ordinal: UInt64
    var slot: Int32

    @inline(__always)
    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.ordinal < right.ordinal
    }
  }

  /// What a slot holds: a thing, and where in the heap its entry is; a free slot links to the next free one.
  private struct Slot {
    var item: Unmanaged<Scheduled>?
    var place: Int32
  }

  // Plain memory: the heap is walked far too often for an array's checks.
  private var heap: UnsafeMutablePointer<Entry>
  private var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int
  private var freeSlot: Int32 = -1
  private var usedSlots: Int32 = 0
  private var nextOrdinal: UInt64 = 0
  private(set) var count = 0

  init() {
    capacity = 64
    heap = .allocate(capacity: capacity)
    slots = .allocate(capacity: capacity)
  }

  deinit {
    while popFirst() != nil {}
    heap.deallocate()
    slots.deallocate()
  }

  var nextTime: VirtualTime? { count == 0 ? nil : VirtualTime(nanoseconds: heap[0].time) }

  func insert(_ item: Scheduled, at time: VirtualTime) {
    item.ordinal = nextOrdinal
    nextOrdinal += 1
    reinsert(item, at: time)
  }

  /// Puts a thing back with the ordinal it has.
  func reinsert(_ item: Scheduled, at time: VirtualTime) {
    precondition(item.slot < 0, "a thing is scheduled once at a time")
    if count == capacity { grow() }
    item.time = time
    item.slot = takeSlot()
    slots[Int(item.slot)].item = .passRetained(item)
    count += 1
    rise(from: count - 1, Entry(time: time.nanoseconds, ordinal: item.ordinal, slot: item.slot))
  }

  func popFirst() -> Scheduled? { count == 0 ? nil : removeEntry(at: 0) }

  /// Takes a thing out before its time; does nothing when it is not in the queue.
  func cancel(_ item: Scheduled) {
    guard item.slot >= 0 else { return }
    _ = removeEntry(at: Int(slots[Int(item.slot)].place))
  }

  /// Takes out every thing that matches, in order of (time, ordinal). O(n).
  func removeAll(where matches: (Scheduled) -> Bool) -> [Scheduled] {
    var taken: [Entry] = []
    for place in 0..<count {
      let found = slots[Int(heap[place].slot)].item?._withUnsafeGuaranteedRef { matches($0) }
      if found == true { taken.append(heap[place]) }
    }
    taken.sort { $0 < $1 }
    return taken.map { removeEntry(at: Int(slots[Int($0.slot)].place)) }
  }

  private func grow() {
    let old = (heap, slots)
    heap = .allocate(capacity: capacity * 2)
    slots = .allocate(capacity: capacity * 2)
    heap.moveInitialize(from: old.0, count: capacity)
    slots.moveInitialize(from: old.1, count: capacity)
    capacity *= 2
    old.0.deallocate()
    old.1.deallocate()
  }

  private func takeSlot() -> Int32 {
    if freeSlot >= 0 {
      let slot = freeSlot
      freeSlot = slots[Int(slot)].place
      return slot
    }
    usedSlots += 1
    return usedSlots - 1
  }

  private func removeEntry(at index: Int) -> Scheduled {
    let slot = heap[index].slot
    guard let item = slots[Int(slot)].item?.takeRetainedValue() else { preconditionFailure("an entry has a thing") }
    slots[Int(slot)] = Slot(item: nil, place: freeSlot)
    freeSlot = slot
    item.slot = -1
    count -= 1
    guard index < count else { return item }
    let last = heap[count]
    if index > 0 && last < heap[(index - 1) / 4] {
      rise(from: index, last)
    } else {
      sink(from: index, last)
    }
    return item
  }

  private func rise(from start: Int, _ entry: Entry) {
    let (heap, slots) = (heap, slots)
    var index = start
    while index > 0 {
      let parent = (index - 1) / 4
      guard entry < heap[parent] else { break }
      heap[index] = heap[parent]
      slots[Int(heap[index].slot)].place = Int32(truncatingIfNeeded: index)
      index = parent
    }
    heap[index] = entry
    slots[Int(entry.slot)].place = Int32(truncatingIfNeeded: index)
  }

  private func sink(from start: Int, _ entry: Entry) {
    let (heap, slots, count) = (heap, slots, count)
    var index = start
    while true {
      let first = index &* 4 &+ 1
      guard first < count else { break }
      var least = first
      var child = first &+ 1
      let end = Swift.min(first &+ 4, count)
      while child < end {
        if heap[child] < heap[least] { least = child }
        child &+= 1
      }
      guard heap[least] < entry else { break }
      heap[index] = heap[least]
      slots[Int(heap[index].slot)].place = Int32(truncatingIfNeeded: index)
      index = least
    }
    heap[index] = entry
    slots[Int(entry.slot)].place = Int32(truncatingIfNeeded: index)
  }
}
