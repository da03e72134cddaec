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
