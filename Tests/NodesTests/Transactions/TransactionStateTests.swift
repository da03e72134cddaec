import Simulation
import Testing

@testable import Nodes

/// Random transactions of several producers, without a network between.
@Suite("The last stable offset")
struct TransactionStateTests {
  private struct World {
    var state = MetadataState()
    var random: RandomGenerator
    var epochs: [UInt32] = [0, 0, 0]
    var numbers: [UInt64] = [0, 0, 0]
    /// The last transaction of each producer, open or not: late records name it, too.
    var latest: [TransactionID?] = [nil, nil, nil]
    /// How each transaction ended.
    var outcomes: [TransactionID: TransactionOutcome] = [:]
    /// Which transaction each registered offset belongs to, and whether it was open then.
    var offsets: [(transaction: TransactionID?, wasOpen: Bool)] = []

    init(seed: UInt64) {
      random = RandomGenerator(state: seed)
      state.apply(.topicCreated(name: "orders", logStarts: [0], settings: TopicSettings(), by: nil))
      for producer in 0..<3 { initialize(producer) }
    }

    mutating func initialize(_ producer: Int) {
      if let last = latest[producer], isOpen(last) { outcomes[last] = .aborted }
      let identity = ProducerIdentity(id: UInt64(producer) + 1, epoch: epochs[producer])
      epochs[producer] += 1
      state.apply(
        .producerInitialized(
          name: "\(producer)",
          MetadataState.NamedProducer(identity: identity, by: HostID(rawValue: 9), incarnation: 1, request: 1)))
    }

    func isOpen(_ transaction: TransactionID) -> Bool {
      if case .open = state.transactions.status(transaction) { true } else { false }
    }

    mutating func step() {
      let producer = Int(random.below(3))
      switch random.below(10) {
      case 0: initialize(producer)
      case 1...3: beginOrEnd(producer)
      default: register()
      }
    }

    private mutating func beginOrEnd(_ producer: Int) {
      if let open = latest[producer], isOpen(open) {
        let outcome: TransactionOutcome = random.below(2) == 0 ? .committed : .aborted
        outcomes[open] = outcome
        state.apply(.transaction(.ended(open, outcome, [])))
      } else {
        numbers[producer] += 1
        let identity = ProducerIdentity(id: UInt64(producer) + 1, epoch: epochs[producer] - 1)
        let transaction = TransactionID(producer: identity, number: numbers[producer])
        latest[producer] = transaction
        state.apply(.transaction(.began(transaction, timeout: .seconds(1))))
      }
    }

    private mutating func register() {
      let base = UInt64(offsets.count)
      var next = base
      var ranges: [JudgedRange] = []
      for _ in 0...random.below(4) {
        let transaction = latest[Int(random.below(3))]
        let length = random.below(3) + 1
        if let transaction, random.below(4) > 0 {
          let isOpen = isOpen(transaction)
          let range = TransactionRange(transaction, OffsetRange(first: next, end: next + length))
          ranges.append(JudgedRange(range: range, isAborted: !isOpen))
          for _ in 0..<length { offsets.append((transaction, isOpen)) }
        } else {
          for _ in 0..<length { offsets.append((nil, true)) }
        }
        next += length
      }
      let row = SegmentRow(base..<next, epoch: 1)
      state.apply(.transaction(.segmentRegistered(.first, row, [], ranges)))
    }

    /// What a reader of committed records sees below the last stable offset.
    var visible: [Bool] {
      guard let partition = state.topics[.first] else { return [] }
      let end = partition.lastStableOffset
      let aborted = partition.transactions.aborted(within: OffsetRange(first: 0, end: end))
      return (0..<end).map { offset in !aborted.contains { $0.contains(offset) } }
    }

    /// The same, by the history of the transactions.
    var expected: [Bool] {
      var visible: [Bool] = []
      for (transaction, wasOpen) in offsets {
        guard let transaction else {
          visible.append(true)
          continue
        }
        if wasOpen && outcomes[transaction] == nil { break }
        visible.append(wasOpen && outcomes[transaction] == .committed)
      }
      return visible
    }
  }

  @Test(
    "never falls; below it every record of a committed transaction and of none is visible, no other, and for good",
    arguments: 1...60 as ClosedRange<UInt64>)
  func neverFalls(seed: UInt64) {
    var world = World(seed: seed)
    var before: [Bool] = []
    for step in 0..<200 {
      world.step()
      let visible = world.visible
      #expect(visible == world.expected, "seed \(seed), step \(step)")
      #expect(visible.starts(with: before), "seed \(seed), step \(step)")
      before = visible
    }
  }

  @Test("aborted offsets are forgotten with the segments that held them, and no others")
  func forgets() {
    var transactions = PartitionTransactions()
    for first: UInt64 in [0, 10, 20] {
      transactions.add(TransactionRange(.of(1), OffsetRange(first: first, end: first + 5)), isAborted: true)
    }
    transactions.forget(below: 12)
    #expect(transactions.aborted == [OffsetRange(first: 10, end: 15), OffsetRange(first: 20, end: 25)])
    transactions.forget(below: 100)
    #expect(transactions.aborted.isEmpty)
  }
}
