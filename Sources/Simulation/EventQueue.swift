/// Something that happens at a set virtual time: a message's arrival, a timer, a disk's completion, a fault.
public class Scheduled {
  /// Where it stands in the queue; -1 when it does not.
  final var position = -1
  final var time = VirtualTime.start
  final var ordinal: UInt64 = 0
  /// The event during which it was scheduled.
  final var cause: UInt64 = 0

  init() {}

  func fire(_ simulation: Simulation) { preconditionFailure("a scheduled thing says what happens when it fires") }

  /// Whether it is a message that this machine has not yet let go.
  func isUnsent(by machine: Machine, at now: VirtualTime) -> Bool { false }
}

/// The things to come, ordered by (time, ordinal).
///
/// A four-ary heap in which each thing knows its place, so that a cancelled deadline really leaves: insert, cancel and pop are O(log n).
struct EventQueue {
  private struct Entry {
    var time: Int64
    var ordinal: UInt64
    var item: Unmanaged<Scheduled>

    @inline(__always)
    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.ordinal < right.ordinal
    }
  }

  private var entries: ContiguousArray<Entry> = []
  private var nextOrdinal: UInt64 = 0

  var count: Int { entries.count }
  var nextTime: VirtualTime? { entries.first.map { VirtualTime(nanoseconds: $0.time) } }

  mutating func insert(_ item: Scheduled, at time: VirtualTime) {
    item.ordinal = nextOrdinal
    nextOrdinal += 1
    reinsert(item, at: time)
  }

  /// Puts a thing back with the ordinal it has.
  mutating func reinsert(_ item: Scheduled, at time: VirtualTime) {
    precondition(item.position < 0, "a thing is scheduled once at a time")
    item.time = time
    let entry = Entry(time: time.nanoseconds, ordinal: item.ordinal, item: .passRetained(item))
    entries.append(entry)
    rise(from: entries.count - 1, entry)
  }

  mutating func popFirst() -> Scheduled? {
    guard let first = entries.first else { return nil }
    removeEntry(at: 0)
    let item = first.item.takeRetainedValue()
    item.position = -1
    return item
  }

  /// Takes a thing out before its time; does nothing when it is not in the queue.
  mutating func cancel(_ item: Scheduled) {
    guard item.position >= 0 else { return }
    let entry = entries[item.position]
    removeEntry(at: item.position)
    item.position = -1
    entry.item.release()
  }

  /// Takes out every thing that matches, in order of (time, ordinal). O(n).
  mutating func removeAll(where matches: (Scheduled) -> Bool) -> [Scheduled] {
    let taken = entries.filter { matches($0.item.takeUnretainedValue()) }.sorted { $0 < $1 }
    return taken.map { entry in
      let item = entry.item.takeUnretainedValue()
      cancel(item)
      return item
    }
  }

  private mutating func removeEntry(at index: Int) {
    let last = entries.removeLast()
    guard index < entries.count else { return }
    if index > 0 && last < entries[(index - 1) / 4] {
      rise(from: index, last)
    } else {
      sink(from: index, last)
    }
  }

  private mutating func rise(from start: Int, _ entry: Entry) {
    entries.withUnsafeMutableBufferPointer { heap in
      var index = start
      while index > 0 {
        let parent = (index - 1) / 4
        guard entry < heap[parent] else { break }
        heap[index] = heap[parent]
        heap[index].item._withUnsafeGuaranteedRef { $0.position = index }
        index = parent
      }
      heap[index] = entry
      entry.item._withUnsafeGuaranteedRef { $0.position = index }
    }
  }

  private mutating func sink(from start: Int, _ entry: Entry) {
    entries.withUnsafeMutableBufferPointer { heap in
      var index = start
      while true {
        let first = index * 4 + 1
        guard first < heap.count else { break }
        var least = first
        for child in (first + 1)..<Swift.max(first + 1, Swift.min(first + 4, heap.count))
        where heap[child] < heap[least] {
          least = child
        }
        guard heap[least] < entry else { break }
        heap[index] = heap[least]
        heap[index].item._withUnsafeGuaranteedRef { $0.position = index }
        index = least
      }
      heap[index] = entry
      entry.item._withUnsafeGuaranteedRef { $0.position = index }
    }
  }
}
