import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// D, E and I, as far as the metadata service's own words show them.
@Suite struct EpochCheckTests {
  @Test func aLeaseOfTheSameEpochForAnotherHolderBreaksE() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 3, to: "agent-1")
    story.lease(9, epoch: 3, to: "agent-2", incarnation: 4)
    #expect(story.broken == [.epochsFence])
    #expect(
      story.summaries == [
        "the lease of orders/0 was granted to agent-2 (incarnation 4) under epoch 3 at 9.000s, although epoch 3 had begun already (holder: agent-1 (incarnation 1))"
      ])
    #expect(story.found.all.first?.events == [2, 3])
    #expect(story.found.all.first?.at == .start + .seconds(9))
  }

  @Test func anEpochThatFallsBreaksE() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 5, to: "agent-1")
    story.lease(2, epoch: 4, to: "agent-1", incarnation: 2)
    #expect(story.broken == [.epochsFence])
  }

  @Test func aLeaseUnderAClosedEpochBreaksE() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.tell(5, .epochFenced(Story.orders, epoch: 1))
    story.lease(6, epoch: 2, to: "agent-2")
    #expect(story.broken == [.epochsFence], "closing epoch 1 uses epoch 2 up")
  }

  @Test func closingAnOldEpochAgainDoesNotLowerTheCurrentOne() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.lease(2, epoch: 5, to: "agent-2")
    story.tell(3, .epochFenced(Story.orders, epoch: 1))
    story.register(4, 0..<10, epoch: 3)
    #expect(story.broken == [.epochsFence])
  }

  @Test func risingEpochsAreInOrder() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.lease(2, epoch: 2, to: "agent-1", incarnation: 2)
    story.tell(3, .leaseReleased(Story.orders, epoch: 2))
    story.tell(4, .epochFenced(Story.orders, epoch: 2))
    story.lease(5, epoch: 4, to: "agent-2")
    story.lease(6, epoch: 9, to: "agent-1", incarnation: 3)
    #expect(story.summaries == [])
  }

  @Test func anOlderEpochThatRegistersAfterANewerOneBeganBreaksE() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.register(2, 0..<10, epoch: 1)
    story.lease(20, epoch: 2, to: "agent-2")
    story.register(31, 10..<15, epoch: 1)
    #expect(story.broken == [.epochsFence])
    #expect(
      story.summaries == [
        "offsets 10..<15 of orders/0 were registered under epoch 1 at 31.000s, although epoch 2 had been granted to agent-2 at 20.000s (event 4)"
      ])
    #expect(story.found.all.first?.events == [4, 5])
  }

  @Test func registrationUnderTheCurrentEpochIsInOrder() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.register(2, 0..<10, epoch: 1)
    // Expired, but nobody took it: it may still register.
    story.register(300, 10..<12, epoch: 1)
    story.lease(301, epoch: 2, to: "agent-2")
    story.register(302, 12..<20, epoch: 2)
    #expect(story.summaries == [])
  }

  @Test func aWatermarkThatFallsBreaksD() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.register(2, 0..<10, epoch: 1)
    story.register(4, 5..<8, epoch: 1)
    #expect(story.broken == [.watermarkNeverFalls])
    #expect(
      story.summaries == [
        "the watermark of orders/0 fell from 10, set by 0..<10 of epoch 1 (event 3), to 8, set by 5..<8 of epoch 1 at 4.000s"
      ])
    #expect(story.found.all.first?.events == [3, 4])
  }

  @Test(arguments: [5..<12, 11..<12, 3..<10] as [Range<UInt64>])
  func aRowThatDoesNotBeginAtTheWatermarkBreaksI(offsets: Range<UInt64>) {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 1, to: "agent-1")
    story.register(2, 0..<10, epoch: 1)
    story.register(4, offsets, epoch: 1)
    #expect(story.broken == [.rowsMatchObjects])
    #expect(
      story.summaries == [
        "the row \(offsets.lowerBound)..<\(offsets.upperBound) of orders/0, epoch 1, registered at 4.000s, does not begin at the watermark 10"
      ])
  }

  @Test func theFirstRowBeginsAtTheLogStart() {
    var story = Story()
    story.topicIsMade(logStart: 700)
    story.lease(1, epoch: 1, to: "agent-1")
    story.register(2, 700..<710, epoch: 1)
    #expect(story.summaries == [])
    story.register(3, 0..<710, epoch: 1)
    #expect(story.broken == [.rowsMatchObjects])
  }

  @Test func aRecoveryThatForgetsWatermarkOrEpochBreaksDAndE() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 4, to: "agent-1")
    story.register(2, 0..<10, epoch: 4)
    story.tell(
      5,
      .metadataRecovered(
        watermarks: [CommittedOffset(partition: Story.orders, offset: 9)],
        epochs: [HeldLease(partition: Story.orders, epoch: 3)]))
    #expect(story.broken == [.watermarkNeverFalls, .epochsFence])
    #expect(
      story.summaries == [
        "after its recovery at 5.000s the metadata service has watermark 9 for orders/0; it had been 10",
        "after its recovery at 5.000s the metadata service has epoch 3 for orders/0; it had been 4",
      ])
  }

  @Test func aRecoveryMayKnowWhatWasSyncedAndHadNotBeenTold() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 4, to: "agent-1")
    story.register(2, 0..<10, epoch: 4)
    story.tell(
      5,
      .metadataRecovered(
        watermarks: [CommittedOffset(partition: Story.orders, offset: 14)],
        epochs: [HeldLease(partition: Story.orders, epoch: 5)]))
    story.register(6, 14..<20, epoch: 5)
    #expect(story.summaries == [])
    story.register(7, 20..<30, epoch: 4)
    story.register(8, 10..<14, epoch: 5)
    #expect(story.broken == [.watermarkNeverFalls, .epochsFence])
  }

  @Test func threeViolationsOfAKindAreToldAndTheRestCounted() {
    var story = Story()
    story.topicIsMade()
    story.lease(1, epoch: 9, to: "agent-1")
    for number in 0..<UInt64(10) { story.register(Int64(number) + 2, number * 10..<number * 10 + 10, epoch: 1) }
    #expect(story.found.all.count == 3)
    #expect(story.found.count(of: .epochsFence) == 10)
    #expect(story.broken == [.epochsFence])
  }
}
