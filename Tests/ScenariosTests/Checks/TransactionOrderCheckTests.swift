import Nodes
import Simulation
import Testing

@testable import Scenarios

/// G0, G1c and precommitted-read: what transactions wrote and read contradicts neither itself nor time.
@Suite struct TransactionOrderCheckTests {
  private func made(_ number: UInt64, by pipeline: UInt32 = 1) -> UInt64 { TransactionStory.content(pipeline, number) }

  // MARK: G0

  @Test func aLaterTransactionsRecordsBeforeAnEarliersBreakG0() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.run(3...4, 2, output: 1)
    story.finish(priced: [made(1), made(0)])
    #expect(story.broken == [.writesFollowTime])
    #expect(
      story.summaries == [
        "transactions form a circle: transaction 2 of producer-1 (epoch 0) has records in priced/0 before those of transaction 1 of producer-1 (epoch 0); transaction 1 of producer-1 (epoch 0) ended before the beginning of transaction 2 of producer-1 (epoch 0)"
      ])
  }

  @Test func theOrderOfTimeIsFineAlsoWithOthersBetween() {
    var story = TransactionStory()
    for number: UInt64 in 1...5 { story.run(Int64(number * 2)...Int64(number * 2 + 1), number, output: number) }
    story.finish(
      priced: [made(1), made(2), made(4), made(5)], otherPriced: [made(3), TransactionStory.content(9, 0), made(5)])
    #expect(story.summaries == [])
  }

  // Nothing makes one writer wait for another: only time orders them.
  @Test func transactionsThatOverlapMayMixTheirRecords() {
    var story = TransactionStory()
    story.begin(1, 1)
    story.begin(1, 1, of: 2)
    for output: UInt64 in 0..<2 {
      story.handle(2, 1, at: output, making: output)
      story.handle(2, 1, of: 2, at: output, making: output)
    }
    story.end(3, 1, .committed)
    story.end(3, 1, .committed, of: 2)
    story.finish(priced: [made(0), made(0, by: 2)], otherPriced: [made(1, by: 2), made(1)])
    #expect(story.summaries == [])
  }

  @Test func whatWasAbortedHasNoOrder() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.run(3...4, 2, output: 1)
    story.finish(priced: [made(1), made(0)])
    #expect(story.summaries == [])
  }

  // MARK: G1c

  @Test func twoTransactionsThatReadFromEachOtherBreakG1c() {
    var story = TransactionStory()
    story.begin(1, 1)
    story.begin(1, 1, of: 2)
    story.handle(2, 1, at: 1, in: TransactionStory.otherPriced, content: made(0, by: 2), making: 0)
    story.handle(2, 1, of: 2, at: 0, in: TransactionStory.priced, content: made(0), making: 0)
    story.end(3, 1, .committed)
    story.end(3, 1, .committed, of: 2)
    story.finish(priced: [made(0)], otherPriced: [made(0, by: 2)])
    #expect(story.broken == [.readsAreNotCircular])
  }

  @Test func aTransactionThatReadsWhatOneAfterItWroteBreaksG1c() {
    var story = TransactionStory()
    story.begin(1, 1)
    story.handle(1, 1, at: 0, in: TransactionStory.otherPriced, content: made(0, by: 2), making: 0)
    story.end(2, 1, .committed)
    story.run(3...4, 1, of: 2, output: 0)
    story.finish(priced: [made(0)], otherPriced: [made(0, by: 2)])
    #expect(story.broken == [.readsAreNotCircular])
  }

  @Test func aChainOfReadersIsFine() {
    var story = TransactionStory()
    story.run(1...3, 1, output: 0)
    story.begin(2, 1, of: 2)
    story.handle(4, 1, of: 2, at: 0, in: TransactionStory.priced, content: made(0), making: 0)
    story.end(5, 1, .committed, of: 2)
    story.finish(priced: [made(0)], otherPriced: [made(0, by: 2)])
    #expect(story.summaries == [])
  }

  // MARK: precommitted-read

  @Test func aTransactionThatIsHandedItsOwnRecordBreaksPrecommittedRead() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.begin(3, 2)
    story.handle(3, 2, at: 1, making: 1)
    story.handle(3, 2, at: 1, in: TransactionStory.priced, content: made(1), making: 2)
    story.end(4, 2, .committed)
    story.finish(priced: [made(0), made(1), made(2)])
    #expect(story.broken == [.ownWritesAreUnseen])
  }

  @Test func aTransactionMayBeHandedWhatItsProducerSentInAnEarlierOne() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.begin(3, 2)
    story.handle(3, 2, at: 0, in: TransactionStory.priced, content: made(0), making: 1)
    story.end(4, 2, .committed)
    story.finish(priced: [made(0), made(1)])
    #expect(story.summaries == [])
  }
}

@Suite struct TransactionGraphTests {
  /// Small random graphs, against trying out every way.
  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func aCircleIsFoundIfAndOnlyIfThereIsOne(seed: UInt64) {
    var random = RandomGenerator(state: seed)
    let count = Int(random.below(6)) + 2
    var graph = TransactionGraph(count: count)
    var isReached = Array(repeating: Array(repeating: false, count: count), count: count)
    var edges: [(Int, Int, TransactionGraph.Kind)] = []
    for _ in 0..<random.below(10) {
      let (from, to) = (Int(random.below(UInt64(count))), Int(random.below(UInt64(count))))
      let kind: TransactionGraph.Kind = random.below(3) == 0 ? .reads(TransactionStory.orders) : .time
      edges.append((from, to, kind))
      graph.add(from, to, kind)
      isReached[from][to] = true
    }
    for middle in 0..<count {
      for from in 0..<count where isReached[from][middle] {
        for to in 0..<count where isReached[middle][to] { isReached[from][to] = true }
      }
    }
    let expected = edges.contains { $0.0 != $0.1 && $0.2 != .time && isReached[$0.1][$0.0] }
    let cycle = graph.cycle { $0 != .time }
    #expect((cycle != nil) == expected, "seed \(seed)")
    guard let cycle else { return }
    #expect(cycle.first?.from == cycle.last?.to, "seed \(seed)")
    for (step, next) in zip(cycle, cycle.dropFirst()) { #expect(step.to == next.from, "seed \(seed)") }
    #expect(cycle.allSatisfy { step in edges.contains { $0 == (step.from, step.to, step.kind) } }, "seed \(seed)")
    #expect(cycle.contains { $0.kind != .time }, "seed \(seed)")
  }

  @Test func aWayOverMomentsIsOneStepOfTime() {
    var graph = TransactionGraph(count: 2)
    let (first, second) = (graph.addMoment(), graph.addMoment())
    graph.add(0, first, .time)
    graph.add(first, second, .time)
    graph.add(second, 1, .time)
    #expect(graph.cycle { _ in true } == nil)
    graph.add(1, 0, .writes(TransactionStory.orders))
    #expect(
      graph.cycle { $0 != .time } == [
        TransactionGraph.Step(from: 1, to: 0, kind: .writes(TransactionStory.orders)),
        TransactionGraph.Step(from: 0, to: 1, kind: .time),
      ])
  }
}
