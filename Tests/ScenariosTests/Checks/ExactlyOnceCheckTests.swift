import Nodes
import Simulation
import Testing

@testable import Scenarios

/// Each record of `orders` is made into one of `priced`.
@Suite struct ExactlyOnceCheckTests {
  private func made(_ number: UInt64) -> UInt64 { TransactionStory.content(1, number) }
  private func order(_ number: UInt64) -> UInt64 { TransactionStory.content(9, number) }

  @Test func onceIsRight() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.run(3...4, 2, output: 1)
    story.finish(orders: [order(0), order(1)], priced: [made(0), made(1)], pipelines: 1)
    #expect(story.summaries == [])
  }

  @Test func anAbortedTryAndACommittedOneAreOnce() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.begin(3, 2)
    story.handle(3, 2, at: 0, making: 1)
    story.end(4, 2, .committed)
    story.finish(orders: [order(0)], priced: [made(0), made(1)], pipelines: 1)
    #expect(story.summaries == [])
  }

  @Test func twoCommittedTransactionsOfOneOrderBreakIt() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.begin(3, 2)
    story.handle(3, 2, at: 0, making: 1)
    story.end(4, 2, .committed)
    story.finish(orders: [order(0)], priced: [made(0), made(1)], pipelines: 1, isAtRest: false)
    #expect(story.broken == [.exactlyOnce])
    #expect(
      story.summaries == [
        "record producer 9#0 at offset 0 of orders/0 was handled 2 times: by transaction 1 of producer-1 (epoch 0) and transaction 2 of producer-1 (epoch 0), all of them committed"
      ])
  }

  @Test func anOrderThatNobodyHandledBreaksItInARunAtRest() {
    var story = TransactionStory()
    story.finish(orders: [order(0)], pipelines: 1)
    #expect(story.broken == [.exactlyOnce])
    #expect(story.summaries.first?.hasSuffix("was handled by no committed transaction") == true)
    story = TransactionStory()
    story.finish(orders: [order(0)], pipelines: 1, isAtRest: false)
    #expect(story.summaries == [])
  }

  @Test func anOrderOfAnAbortedTransactionIsNotToBeHandled() {
    var story = TransactionStory()
    story.begin(1, 1, of: 2)
    story.handle(1, 1, of: 2, at: 50, making: 0)
    story.end(2, 1, .aborted, of: 2)
    story.finish(orders: [TransactionStory.content(2, 0)], pipelines: 1)
    #expect(story.summaries == [])
  }

  @Test func aCommittedResultThatIsNowhereBreaksIt() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.finish(orders: [order(0)], pipelines: 1)
    #expect(story.broken == [.exactlyOnce])
    #expect(story.summaries.first?.hasSuffix("which was committed, is stored 0 times") == true)
  }

  @Test func aCommittedResultThatIsThereTwiceBreaksIt() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.finish(orders: [order(0)], priced: [made(0)], otherPriced: [made(0)], pipelines: 1)
    #expect(story.broken == [.exactlyOnce])
  }

  @Test func eachPipelineThatReadsATopicMakesOneOfEach() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.run(1...2, 1, of: 2, output: 0)
    story.finish(orders: [order(0)], priced: [made(0), TransactionStory.content(2, 0)], pipelines: 2)
    #expect(story.summaries == [])
    story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.finish(orders: [order(0)], priced: [made(0)], pipelines: 2)
    #expect(story.broken == [.exactlyOnce])
  }
}
