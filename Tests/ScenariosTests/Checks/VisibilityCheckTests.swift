import Nodes
import Simulation
import Testing

@testable import Scenarios

/// J and G1a: who sees what of transactions, and of what was never sent.
@Suite struct VisibilityCheckTests {
  private let made = TransactionStory.content(1, 0)
  private let plain = TransactionStory.content(9, 0)

  // MARK: J, what is seen

  @Test func aRecordOfAnOpenTransactionThatACommittedReaderIsHandedBreaksJ() {
    var story = TransactionStory()
    story.begin(1, 1)
    story.handle(1, 1, at: 0, making: 0)
    story.poll(2, [made])
    story.end(3, 1, .committed)
    story.finish(priced: [made])
    #expect(story.broken == [.committedIsVisible])
    #expect(
      story.summaries == [
        "consumer-1, which reads committed records, was handed producer 1#0 at offset 0 of priced/0 at 2.000s, but transaction 1 of producer-1 (epoch 0) is open"
      ])
  }

  @Test func aRecordOfAnAbortedTransactionThatACommittedReaderIsHandedBreaksJ() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.poll(3, [made])
    story.finish(priced: [made])
    #expect(story.broken == [.committedIsVisible])
    #expect(story.summaries.first?.hasSuffix("was aborted at 2.000s") == true)
  }

  @Test func aCommittedRecordAndOneOfNoTransactionMayBeSeen() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.poll(3, [made, plain])
    story.finish(priced: [made, plain], hasReader: true)
    #expect(story.summaries == [])
  }

  @Test func anUncommittedReaderMayBeHandedAnything() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.begin(2, 2)
    story.handle(2, 2, at: 1, making: 1)
    story.poll(3, [made, TransactionStory.content(1, 1)], .readUncommitted)
    story.finish(priced: [made, TransactionStory.content(1, 1)])
    #expect(story.summaries == [])
  }

  @Test func whatOnlyTheRecoveryTellsCounts() {
    var story = TransactionStory()
    story.begin(1, 1)
    story.handle(1, 1, at: 0, making: 0)
    story.recovers(2, knowing: [EndedTransaction(TransactionStory.transaction(1), .committed)])
    story.poll(3, [made])
    story.finish(priced: [made], hasReader: true)
    #expect(story.summaries == [])
  }

  // MARK: J, all of it

  @Test func aCommittedRecordThatAGroupWasNeverHandedBreaksJ() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.finish(priced: [made], hasReader: true)
    #expect(story.broken == [.committedIsVisible])
    #expect(
      story.summaries == [
        "group readers, which reads committed records, was never handed producer 1#0 of transaction 1 of producer-1 (epoch 0) at offset 0 of priced/0"
      ])
  }

  @Test func aRecordOfNoTransactionThatACommittedReaderWasNeverHandedBreaksJ() {
    var story = TransactionStory()
    story.finish(priced: [plain], hasReader: true)
    #expect(story.broken == [.committedIsVisible])
  }

  @Test func whatWasAbortedNeedNotBeHandedToAnybody() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.finish(priced: [made], hasReader: true)
    #expect(story.summaries == [])
  }

  @Test func aRunThatIsNotAtRestNeedNotHaveHandedOutEverything() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.finish(priced: [made], hasReader: true, isAtRest: false)
    #expect(story.summaries == [])
  }

  // MARK: J, how it ended

  @Test func aProducerThatIsToldWhatIsNotSoBreaksJ() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.isTold(3, 1, .committed)
    story.finish()
    #expect(story.broken == [.committedIsVisible])
    #expect(story.summaries.first?.contains("was told at 3.000s that transaction 1 of producer-1") == true)
  }

  @Test func aTransactionThatEndsTwiceInDifferentWaysBreaksJ() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0, .aborted)
    story.end(3, 1, .committed)
    story.finish()
    #expect(story.broken == [.committedIsVisible])
  }

  @Test func endsThatAreToldAgainAreFine() {
    var story = TransactionStory()
    story.run(1...2, 1, output: 0)
    story.isTold(3, 1, .committed)
    story.recovers(4, knowing: [EndedTransaction(TransactionStory.transaction(1), .committed)])
    story.finish()
    #expect(story.summaries == [])
  }

  // MARK: G1a

  @Test func aRecordThatCertainlyFailedAndIsPolledBreaksG1a() {
    var story = TransactionStory()
    story.send(0, .failed)
    story.poll(3, [plain], of: TransactionStory.orders, .readUncommitted)
    story.finish()
    #expect(story.broken == [.failedIsUnseen])
  }

  @Test(arguments: [DeliveryOutcome.unknown, .acknowledged(.final(0))])
  func aRecordThatMayBeStoredMayBePolled(outcome: DeliveryOutcome) {
    var story = TransactionStory()
    story.send(0, outcome)
    story.poll(3, [plain], of: TransactionStory.orders)
    story.finish()
    #expect(story.summaries == [])
  }

  @Test func aFailedRecordThatNobodyPolledIsFine() {
    var story = TransactionStory()
    story.send(0, .failed)
    story.finish(orders: [plain])
    #expect(story.summaries == [])
  }

  @Test func whatANetworkMayHaveDeliveredTwiceIsNotCertain() {
    var story = TransactionStory()
    story.send(0, .failed, attempts: 1)
    story.poll(3, [plain], of: TransactionStory.orders)
    story.finish(networkDuplicates: true)
    #expect(story.summaries == [])
    story = TransactionStory()
    story.send(0, .failed, attempts: 0)
    story.poll(3, [plain], of: TransactionStory.orders)
    story.finish(networkDuplicates: true)
    #expect(story.broken == [.failedIsUnseen], "what was never sent cannot have been delivered")
  }
}
