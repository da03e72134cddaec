import Testing

@testable import Simulation

@Suite("The event queue")
struct EventQueueTests {
  private final class Item: Scheduled {
    let name: Int
    init(_ name: Int) { self.name = name }
  }

  private func drain(_ queue: EventQueue) -> [Int] {
    var names: [Int] = []
    while let item = queue.popFirst() as? Item { names.append(item.name) }
    return names
  }

  @Test("gives things in the order of their time, and of their insertion within an instant")
  func order() {
    let queue = EventQueue()
    for (name, time) in [(0, 5), (1, 3), (2, 5), (3, 3), (4, 1)] { queue.insert(Item(name), at: at(Int64(time))) }
    #expect(drain(queue) == [4, 1, 3, 0, 2])
  }

  @Test("forgets a cancelled thing at once and lets it go")
  func cancel() {
    let queue = EventQueue()
    weak var watched: Item?
    do {
      let item = Item(7)
      watched = item
      queue.insert(Item(1), at: at(1))
      queue.insert(item, at: at(2))
      queue.cancel(item)
      queue.cancel(item)
    }
    #expect(queue.count == 1)
    #expect(watched == nil)
    #expect(drain(queue) == [1])
  }

  @Test("keeps the place of a thing that is put back")
  func reinsert() {
    let queue = EventQueue()
    for name in 0..<3 { queue.insert(Item(name), at: at(1)) }
    let first = queue.popFirst()
    if let first { queue.reinsert(first, at: at(1)) }
    #expect(drain(queue) == [0, 1, 2])
  }

  @Test("takes out all that matches, in order")
  func removeAll() {
    let queue = EventQueue()
    for name in 0..<50 { queue.insert(Item(name), at: at(Int64(name % 7))) }
    let taken = queue.removeAll { ($0 as? Item).map { $0.name % 2 == 0 } ?? false }.compactMap { ($0 as? Item)?.name }
    let expected = (0..<50).filter { $0 % 2 == 0 }.sorted { ($0 % 7, $0) < ($1 % 7, $1) }
    #expect(taken == expected)
    #expect(drain(queue).allSatisfy { $0 % 2 == 1 })
  }

  @Test("does what a sorted array does, whatever the order of insertions, cancellations and pops", arguments: 0..<20)
  func model(_ seed: UInt64) {
    var random = RandomGenerator(state: seed)
    let queue = EventQueue()
    var model: [(time: UInt64, name: Int, item: Item)] = []
    for name in 0..<2_000 {
      switch random.below(4) {
      case 0 where !model.isEmpty:
        let place = Int(random.below(UInt64(model.count)))
        queue.cancel(model.remove(at: place).item)
      case 1:
        let popped = (queue.popFirst() as? Item)?.name
        let expected = model.isEmpty ? nil : model.removeFirst().name
        #expect(popped == expected, "seed \(seed)")
      default:
        let time = random.below(50)
        let item = Item(name)
        queue.insert(item, at: VirtualTime(nanoseconds: Int64(time)))
        let place = model.firstIndex { $0.time > time } ?? model.count
        model.insert((time, name, item), at: place)
      }
      #expect(queue.count == model.count, "seed \(seed)")
    }
    #expect(drain(queue) == model.map(\.name), "seed \(seed)")
  }
}
