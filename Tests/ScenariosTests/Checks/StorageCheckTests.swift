import Nodes
import Testing

@testable import Scenarios
@testable import Simulation

/// A, B, F and K, as reading everything back shows them.
@Suite struct StorageCheckTests {
  private func story(_ outcome: DeliveryOutcome?, attempts: Int = 1) -> Story {
    var story = Story()
    story.producerStarts()
    story.send(2, 0..<3)
    if let outcome { story.answer(5, 0..<3, outcome, attempts: attempts) }
    return story
  }

  // MARK: A

  @Test func aDurableRecordThatIsNowhereBreaksA() {
    var story = story(.acknowledged(.final(40)))
    story.end(storing: [40: 0, 42: 2], of: .told(.durable))
    #expect(story.broken == [.acknowledgedIsStored])
    #expect(
      story.summaries == [
        "record producer-1#1 of orders/0 was acknowledged as durable at offset 41 at 5.000s (event 3), and is nowhere in the log at the end"
      ])
    #expect(story.found.all.first?.events == [2, 3])
    #expect(story.found.all.first?.records == ["producer-1#1"])
  }

  @Test func aDurableRecordIsJudgedEvenInARunThatIsNotAtRest() {
    var story = story(.acknowledged(.final(40)))
    story.end(storing: [40: 0, 42: 2], of: .told(.durable), judgesBuffered: false)
    #expect(story.broken == [.acknowledgedIsStored])
  }

  @Test func aBufferedRecordThatIsNowhereAtRestBreaksA() {
    var story = story(.acknowledged(.provisional(40)))
    story.end(storing: [40: 0, 41: 1], of: .told(.buffered))
    #expect(story.broken == [.acknowledgedIsStored])
    #expect(story.summaries.first?.hasPrefix("record producer-1#2 of orders/0 was acknowledged as buffered") == true)
  }

  @Test func aBufferedRecordMayStillBeOnItsWayWhenTheRunIsNotAtRest() {
    var story = story(.acknowledged(.provisional(40)))
    story.end(storing: [:], of: .told(.buffered), judgesBuffered: false)
    #expect(story.summaries == [])
  }

  @Test(arguments: [DeliveryOutcome.failed, .unknown, nil])
  func whatWasNotAcknowledgedNeedNotBeThere(outcome: DeliveryOutcome?) {
    var story = story(outcome)
    story.end(storing: [:], of: .told(.durable))
    #expect(story.summaries == [])
  }

  @Test func aBatchOfUnknownOutcomeMayBeThere() {
    var story = story(.unknown)
    story.end(storing: [0: 0, 1: 1, 2: 2], of: .told(.durable, idempotent: true))
    #expect(story.summaries == [])
  }

  @Test func withoutAcknowledgementNothingIsPromised() {
    var story = story(.acknowledged(.unknown))
    story.end(storing: [:], of: .told(.none))
    #expect(story.summaries == [])
  }

  // MARK: At risk

  private func losses(of agent: String, at seconds: Int64) -> DiskLosses {
    var losses = DiskLosses()
    losses.add(AgentIncarnation.told(agent, 1).agent, at: .start + .seconds(seconds))
    return losses
  }

  private func buffered(by agent: String) -> Story {
    var story = Story()
    story.producerStarts()
    story.send(2, 0..<3)
    story.answer(5, 0..<3, .acknowledged(.provisional(40)), by: agent)
    return story
  }

  @Test func aBufferedRecordWhoseAgentsDiskWasLostIsAtRiskAndBreaksNothing() {
    var story = buffered(by: "agent-1")
    story.end(storing: [40: 0], of: .told(.buffered), losses: losses(of: "agent-1", at: 6))
    #expect(story.summaries == [])
    #expect(story.atRisk.records == 3 && story.atRisk.lost == 2)
  }

  @Test func aBufferedRecordOnAnotherAgentsDiskIsNotAtRisk() {
    var story = buffered(by: "agent-2")
    story.end(storing: [40: 0], of: .told(.buffered), losses: losses(of: "agent-1", at: 6))
    #expect(story.broken == [.acknowledgedIsStored])
    #expect(story.atRisk == RiskFigures())
  }

  @Test func aBufferedRecordThatWasSentAfterTheLossIsNotAtRisk() {
    var story = buffered(by: "agent-1")
    story.end(storing: [40: 0], of: .told(.buffered), losses: losses(of: "agent-1", at: 1))
    #expect(story.broken == [.acknowledgedIsStored])
  }

  @Test func aDurableRecordIsNeverAtRisk() {
    var story = Story()
    story.producerStarts()
    story.send(2, 0..<3)
    story.answer(5, 0..<3, .acknowledged(.final(40)), by: "agent-1")
    story.end(storing: [40: 0, 41: 1], of: .told(.durable), losses: losses(of: "agent-1", at: 6))
    #expect(story.broken == [.acknowledgedIsStored])
    #expect(story.atRisk == RiskFigures())
  }

  @Test func disksAreLostByReplacementAndBitFlipsAndWithMachinesThatNeverComeBack() {
    let ids = ["a": HostID(rawValue: 1), "b": HostID(rawValue: 2), "c": HostID(rawValue: 3)]
    func window(_ fault: Fault) -> FaultWindow {
      FaultWindow(fault: fault, begin: .start + .seconds(10), end: nil, event: 1)
    }
    let windows = [
      window(.replace(host: "a")), window(.bitFlip(host: "b")), window(.crash(host: "c")),
      window(.diskErrors(host: "c", partsPerMillion: 1)), window(.diskFull(host: "c")),
    ]
    let losses = DiskLosses(windows, gone: [], named: { ids[$0] })
    for (name, isLost) in [("a", true), ("b", true), ("c", false)] {
      #expect(losses.mayHold(ids[name], closedAt: .start + .seconds(10)) == isLost)
      #expect(!losses.mayHold(ids[name], closedAt: .start + .seconds(11)))
    }
    let gone = DiskLosses(windows, gone: [HostID(rawValue: 3)], named: { ids[$0] })
    #expect(gone.mayHold(ids["c"], closedAt: .start + .seconds(99)))
    #expect(!gone.mayHold(nil, closedAt: .start))
  }

  // MARK: B

  @Test func aStoredRecordThatNobodySentBreaksB() {
    var story = story(.acknowledged(.final(0)))
    story.end(storing: [0: 0, 1: 1, 2: 2, 3: 99], of: .told(.durable))
    #expect(story.broken == [.offsetsAreImmutable])
    #expect(story.summaries == ["offset 3 of orders/0 holds record producer-1#99, which nobody sent there"])
  }

  @Test func aStoredRecordOfAProducerThatNeverWasBreaksB() {
    var story = story(.acknowledged(.final(0)))
    var check = StorageCheck(
      history: story.history, labels: Story.labels, groups: [.told(.durable)], end: .start, networkDuplicates: false)
    var found = ViolationList()
    check.observe([.told(at: 3, number: 0, producer: 8)], of: Story.orders, &found)
    #expect(found.all.map(\.summary) == ["offset 3 of orders/0 holds record producer 8#0, which nobody sent there"])
    story.end(storing: [0: 0, 1: 1, 2: 2], of: .told(.durable))
    #expect(story.summaries == [])
  }

  @Test func aRecordInAnotherPartitionThanItsOwnBreaksB() {
    let story = story(.acknowledged(.final(0)))
    var check = StorageCheck(
      history: story.history, labels: Story.labels, groups: [.told(.durable)], end: .start, networkDuplicates: false)
    var found = ViolationList()
    let other = TopicPartition(topic: TopicID(rawValue: 1), index: 7)
    check.observe([.told(at: 0, number: 0)], of: other, &found)
    #expect(found.all.map(\.summary) == ["offset 0 of orders/7 holds record producer-1#0, which nobody sent there"])
  }

  @Test func recordsFromBeforeTheClusterAreNobodysBusiness() {
    let story = story(nil)
    var check = StorageCheck(
      history: story.history, labels: Story.labels, groups: [.told(.durable)], end: .start, networkDuplicates: false)
    var found = ViolationList()
    check.observe([ObservedRecord(offset: 0, content: 1 << 63 | 77)], of: Story.orders, &found)
    check.judge(&found, judgesBuffered: true)
    #expect(found.isEmpty)
  }

  // MARK: F

  @Test func aFinalOffsetAtWhichAnotherRecordReadsBackBreaksF() {
    var story = story(.acknowledged(.final(40)))
    story.end(storing: [40: 0, 41: 1, 43: 2], of: .told(.durable))
    #expect(story.broken == [.toldOffsetIsTrue])
    #expect(
      story.summaries == [
        "the sender of record producer-1#2 was told offset 42 of orders/0 at 5.000s (event 3), but it reads back at 43"
      ])
  }

  @Test func aProvisionalOffsetMayDiffer() {
    var story = story(.acknowledged(.provisional(40)))
    story.end(storing: [90: 0, 91: 1, 92: 2], of: .told(.buffered))
    #expect(story.summaries == [])
  }

  @Test func anUnknownOffsetMayBeAnything() {
    var story = story(.acknowledged(.unknown), attempts: 7)
    story.end(storing: [90: 0, 91: 1, 92: 2], of: .told(.durable, idempotent: true))
    #expect(story.summaries == [])
  }

  @Test func oneOfSeveralCopiesHasToBeWhereTheSenderWasTold() {
    var right = story(.acknowledged(.final(40)), attempts: 2)
    right.end(storing: [30: 0, 31: 1, 32: 2, 40: 0, 41: 1, 42: 2], of: .told(.durable))
    #expect(right.summaries == [])
    var wrong = story(.acknowledged(.final(50)), attempts: 2)
    wrong.end(storing: [30: 0, 31: 1, 32: 2, 40: 0, 41: 1, 42: 2], of: .told(.durable))
    #expect(wrong.broken == [.toldOffsetIsTrue])
    #expect(wrong.found.count(of: .toldOffsetIsTrue) == 3)
  }

  @Test func theOffsetThatAnApplicationWaitedForHasToBeTrue() {
    for (told, isTrue) in [(UInt64(41), true), (42, false)] {
      var story = story(.acknowledged(.final(40)))
      story.tellOffset(5, of: 1, .final(told))
      story.end(storing: [40: 0, 41: 1, 42: 2], of: .told(.durable))
      #expect(story.broken == (isTrue ? [] : [.toldOffsetIsTrue]))
      if !isTrue {
        #expect(
          story.summaries == [
            "the application that waited for record producer-1#1 was told offset 42 of orders/0 at 5.000s (event 4), but it reads back at 41"
          ])
      }
    }
  }

  @Test func anApplicationMustNotBeToldAnotherPartition() {
    var story = story(.acknowledged(.final(40)))
    story.tellOffset(5, of: 1, .final(41), partition: 3)
    story.end(storing: [40: 0, 41: 1, 42: 2], of: .told(.durable))
    #expect(story.broken == [.toldOffsetIsTrue])
  }

  @Test func aProvisionalOffsetThatAnApplicationWaitedForMayDiffer() {
    var story = story(.acknowledged(.provisional(40)))
    story.tellOffset(5, of: 1, .provisional(41))
    story.end(storing: [90: 0, 91: 1, 92: 2], of: .told(.buffered))
    #expect(story.summaries == [])
  }

  // MARK: K

  @Test func anIdempotentRecordThatIsStoredTwiceBreaksK() {
    var story = story(.acknowledged(.final(0)), attempts: 4)
    story.end(storing: [0: 0, 1: 1, 2: 2, 7: 1], of: .told(.durable, idempotent: true))
    #expect(story.broken == [.storedAsOftenAsSent])
    #expect(
      story.summaries == [
        "record producer-1#1 of orders/0 was sent by an idempotent producer, before 5.000s (event 3), and is stored 2 times, first at offset 1"
      ])
  }

  @Test func aRecordStoredMoreOftenThanItsBatchWasSentBreaksK() {
    var story = story(.acknowledged(.provisional(0)), attempts: 2)
    story.end(storing: [0: 0, 1: 1, 2: 2, 7: 1, 8: 1], of: .told(.buffered))
    #expect(story.broken == [.storedAsOftenAsSent])
    #expect(story.summaries.first?.contains("was sent 2 times") == true)
  }

  @Test func aDuplicateOfARetriedBatchWithoutIdempotenceIsInOrder() {
    var story = story(.acknowledged(.provisional(0)), attempts: 2)
    story.end(storing: [0: 0, 1: 1, 2: 2, 3: 0, 4: 1, 5: 2], of: .told(.buffered))
    #expect(story.summaries == [])
  }

  @Test func whereTheNetworkDoublesMessagesOnlyIdempotentProducersAreJudged() {
    var plain = story(.acknowledged(.provisional(0)))
    plain.end(storing: [0: 0, 1: 1, 2: 2, 3: 0, 4: 1, 5: 2], of: .told(.buffered), networkDuplicates: true)
    #expect(plain.summaries == [])
    var idempotent = story(.acknowledged(.final(0)))
    idempotent.end(
      storing: [0: 0, 1: 1, 2: 2, 3: 0], of: .told(.durable, idempotent: true), networkDuplicates: true)
    #expect(idempotent.broken == [.storedAsOftenAsSent])
  }

  @Test func aCrashedProducersBatchMayHaveBeenSentMoreOftenThanItCouldTell() {
    var story = story(nil)
    story.end(storing: [0: 0, 1: 1, 2: 2, 3: 0], of: .told(.durable))
    #expect(story.summaries == [])
  }

  @Test func anIncarnationIsNamedWhenItIsNotTheFirst() {
    var story = Story()
    story.producerStarts(1)
    story.producerStarts(2, incarnation: 2)
    story.send(2, 0..<1, producer: 2)
    story.answer(3, 0..<1, .acknowledged(.final(8)), producer: 2)
    story.end(storing: [:], of: .told(.durable))
    #expect(story.found.all.first?.records == ["producer-1 (incarnation 2)#0"])
  }
}
