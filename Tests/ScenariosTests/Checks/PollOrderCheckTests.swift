import Nodes
import Simulation
import Testing

@testable import Scenarios

/// The anomalies of polls, each with a history that shows it and one that does not.
@Suite struct PollOrderCheckTests {
  /// A history of polls told by hand.
  private struct PollStory {
    var check = PollOrderCheck()
    var found = ViolationList()
    private var event: UInt64 = 0

    mutating func poll(
      _ offsets: [UInt64], on host: String = "consumer-1", incarnation: Int = 1, omitted: [Range<UInt64>] = []
    ) {
      event += 1
      let contents = offsets.map { ObservedRecord.told(at: $0, number: $0) }
      let polled = PolledRecords(
        group: "readers", partition: Story.orders, first: offsets.first ?? 0, end: (offsets.last ?? 0) + 1,
        contents: contents, omitted: omitted)
      let stamp = EventStamp.told(event, Int64(event), on: host, incarnation: incarnation)
      check.polled(polled, stamp, Story.labels, &found)
    }

    mutating func rebalance(on host: String = "consumer-1") {
      event += 1
      check.moved(Story.orders, .told(event, Int64(event), on: host))
    }

    mutating func seek(to offset: UInt64, on host: String = "consumer-1") {
      event += 1
      check.sought(Story.orders, offset, .told(event, Int64(event), on: host))
    }

    mutating func restart(on host: String = "consumer-1") {
      event += 1
      check.began(.told(event, Int64(event), on: host))
    }

    mutating func end(storing offsets: [UInt64]) {
      check.judge(Story.orders, offsets: offsets, Story.labels, &found)
    }

    var broken: [InvariantName] { found.broken }
  }

  private let all = Array(0..<20 as Range<UInt64>)

  @Test func pollsThatGoOnAreInOrder() {
    var story = PollStory()
    story.poll([0, 1, 2])
    story.poll([3])
    story.poll([4, 5])
    story.end(storing: all)
    #expect(story.broken == [])
  }

  @Test func aRecordLeftOutBetweenTwoPollsIsAPollSkip() {
    var story = PollStory()
    story.poll([0, 1])
    story.poll([3, 4])
    #expect(story.broken == [], "whether there is a record at 2 shows at the end")
    story.end(storing: all)
    #expect(story.broken == [.pollsSkipNothing])
    #expect(
      story.found.all.map(\.summary) == ["consumer-1 was not handed offset 2 of orders/0, between two polls, at 2.000s"]
    )
    #expect(story.found.all.first?.events == [1, 2])
  }

  @Test func offsetsThatNoRecordHasAreNoSkip() {
    var story = PollStory()
    story.poll([0, 1, 6])
    story.poll([9])
    story.end(storing: [0, 1, 6, 9, 12])
    #expect(story.broken == [])
  }

  @Test func aPollThatGoesBackIsNonmonotonic() {
    var story = PollStory()
    story.poll([0, 1, 2])
    story.poll([2, 3])
    #expect(story.broken == [.pollsAreInOrder])
    var same = PollStory()
    same.poll([5])
    same.poll([5])
    #expect(same.broken == [.pollsAreInOrder])
  }

  @Test func aRecordLeftOutInsideAPollIsAnInternalSkip() {
    var story = PollStory()
    story.poll([0, 1, 3])
    story.end(storing: all)
    #expect(story.broken == [.pollsAreWhole])
  }

  @Test func recordsOutOfOrderInsideAPollAreNonmonotonicInside() {
    var story = PollStory()
    story.poll([0, 2, 1])
    #expect(story.broken == [.recordsInPollAreInOrder])
    var twice = PollStory()
    twice.poll([4, 4])
    #expect(twice.broken == [.recordsInPollAreInOrder])
  }

  @Test func nothingIsComparedAcrossARebalance() {
    var story = PollStory()
    story.poll([0, 1, 2, 3])
    story.rebalance()
    story.poll([2, 3])
    story.rebalance()
    story.poll([9])
    story.end(storing: all)
    #expect(story.broken == [])
    // But again behind it.
    story.poll([11])
    story.end(storing: all)
    #expect(story.broken == [.pollsSkipNothing])
  }

  @Test func aSeekIsAJumpThatIsAllowed() {
    var story = PollStory()
    story.poll([4, 5, 6])
    story.seek(to: 1)
    story.poll([1, 2])
    story.seek(to: 12)
    story.poll([12, 13])
    story.seek(to: 2)
    story.seek(to: 8)
    story.poll([8])
    story.end(storing: all)
    #expect(story.broken == [])
  }

  @Test func whatFollowsASeekBeginsWhereItLeads() {
    var skipped = PollStory()
    skipped.poll([4, 5, 6])
    skipped.seek(to: 1)
    skipped.poll([2, 3])
    #expect(skipped.broken == [], "whether there is a record at 1 shows at the end")
    skipped.end(storing: all)
    #expect(skipped.broken == [.pollsSkipNothing])
    var ignored = PollStory()
    ignored.poll([4, 5, 6])
    ignored.seek(to: 12)
    ignored.poll([7, 8])
    #expect(ignored.broken == [.pollsAreInOrder])
    #expect(
      ignored.found.all.map(\.summary) == [
        "consumer-1 was handed offset 7 of orders/0 at 3.000s although its application had sought offset 12"
      ])
    var empty = PollStory()
    empty.seek(to: 3)
    empty.poll([6])
    empty.end(storing: [0, 1, 6, 7])
    #expect(empty.broken == [], "offsets that no record has are left out by nobody")
  }

  @Test func betweenSeeksNothingIsLeftOut() {
    var story = PollStory()
    story.seek(to: 3)
    story.poll([3, 4])
    story.poll([6, 7])
    story.seek(to: 3)
    story.poll([3, 4, 5, 6])
    story.end(storing: all)
    #expect(story.broken == [.pollsSkipNothing], "that it was handed out later is no excuse")
    var others = PollStory()
    others.poll([3, 4])
    others.seek(to: 9, on: "producer-1")
    others.poll([9])
    others.end(storing: all)
    #expect(others.broken == [.pollsSkipNothing], "another consumer's seek is none of this one's")
  }

  @Test func nothingIsComparedAcrossARestartOrBetweenConsumers() {
    var story = PollStory()
    story.poll([5, 6])
    story.poll([0, 1], incarnation: 2)
    story.poll([7], on: "producer-1")
    story.restart()
    story.poll([0])
    story.end(storing: all)
    #expect(story.broken == [])
  }

  @Test func whatIsNotForThisReaderIsNoSkip() {
    var story = PollStory()
    story.poll([0, 1, 4], omitted: [2..<4])
    story.poll([], omitted: [5..<8])
    story.poll([9], omitted: [8..<9])
    story.end(storing: all)
    #expect(story.broken == [])
    var short = PollStory()
    short.poll([0, 1, 5], omitted: [2..<4])
    short.end(storing: all)
    #expect(short.broken == [.pollsAreWhole])
  }
}
