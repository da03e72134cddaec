import Nodes
import Simulation
import Testing

@testable import Scenarios

/// B and H, as consumers and their commits show them.
@Suite struct ContentCheckTests {
  private func story() -> Story {
    var story = Story()
    story.producerStarts()
    story.send(1, 0..<10)
    return story
  }

  @Test func anOffsetThatHoldsAnotherRecordLaterBreaksB() {
    var story = story()
    story.poll(4, [0: 0, 1: 1])
    story.poll(9, [1: 7])
    #expect(story.broken == [.offsetsAreImmutable])
    #expect(
      story.summaries == [
        "offset 1 of orders/0 held record producer-1#1 when polled by consumer-1 at 4.000s, and record producer-1#7 when polled by consumer-1 at 9.000s"
      ])
    #expect(story.found.all.first?.events == [3, 4])
    #expect(story.found.all.first?.records == ["producer-1#1", "producer-1#7"])
  }

  @Test func readingTheSameAgainIsInOrder() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2])
    story.poll(5, [1: 1, 2: 2])
    story.poll(6, [0: 0])
    #expect(story.summaries == [])
  }

  @Test func oneRecordAtTwoOffsetsIsNoMatterOfB() {
    var story = story()
    story.poll(4, [0: 0, 1: 0])
    #expect(story.summaries == [])
  }

  @Test func recordsFromBeforeTheClusterAreComparedByTheirHash() {
    let (before, after) = (UInt64(1) << 63 | 0xabc, UInt64(1) << 63 | 0xdef)
    var check = ContentCheck()
    var found = ViolationList()
    for (seconds, content) in [(1, before), (2, before), (3, after)] {
      check.observe(
        [ObservedRecord(offset: 3, content: content)], of: Story.orders, by: "read",
        .told(UInt64(seconds), Int64(seconds), on: "consumer-1"), History(), Story.labels, &found)
    }
    #expect(
      found.all.map(\.summary) == [
        "offset 3 of orders/0 held a preloaded record (hash 8000000000000abc) when polled by consumer-1 at 1.000s, and a preloaded record (hash 8000000000000def) when read"
      ])
    #expect(found.all.first?.records == [])
  }

  @Test func aPollWithoutRecordsIsInOrder() {
    var story = story()
    story.poll(4, [:])
    #expect(story.summaries == [])
  }

  @Test func sparseOffsetsFarApartAreComparedToo() {
    var story = story()
    let far = UInt64(1) << 50
    story.poll(4, [0: 0, 3_000: 1])
    story.poll(5, [far: 2])
    story.poll(6, [1_500: 3])
    story.poll(7, [0: 0, 1_500: 3, 3_000: 1, far: 2])
    #expect(story.summaries == [])
    story.poll(8, [1_500: 4])
    story.poll(9, [far: 4])
    #expect(story.found.count(of: .offsetsAreImmutable) == 2)
  }

  @Test func everyOffsetIsRememberedWhateverTheOrderOfReading() {
    var generator = RandomGenerator(state: 11)
    var contents = SeenContents()
    var expected: [UInt64: UInt64] = [:]
    for _ in 0..<4_000 {
      let offset = generator.below(20) * 1_000 + generator.below(60) * (generator.below(2) + 1)
      let content = generator.below(3) + 1
      let before = contents.put(content, at: offset)
      if let known = expected[offset] {
        #expect(before == (known == content ? nil : known))
      } else {
        #expect(before == nil)
        expected[offset] = content
      }
    }
  }

  @Test func aCommitBeyondWhatWasHandledBreaksH() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2])
    story.commit(5, 4)
    #expect(story.broken == [.commitsFollowHandling])
    #expect(
      story.summaries == [
        "group readers committed offset 4 of orders/0 at 5.000s, but has handled records only up to 3"
      ])
    #expect(story.found.all.first?.events == [3, 4])
  }

  @Test func aCommitOfRecordsThatAreBeingHandledBreaksH() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2], isHandled: false)
    story.commit(5, 0)
    #expect(story.summaries == [])
    story.commit(6, 3)
    #expect(story.broken == [.commitsFollowHandling])
  }

  @Test func aCommitOfWhatAnyMemberOfTheGroupHasHandledIsInOrder() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2], isHandled: false)
    story.handle(5, before: 3)
    story.commit(6, 3)
    story.commit(7, 3, group: "readers")
    #expect(story.summaries == [])
    story.commit(8, 3, group: "others")
    #expect(story.broken == [.commitsFollowHandling])
  }

  @Test func aCommitExactlyAtTheHandledEndIsInOrder() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2])
    story.commit(5, 3)
    story.commit(6, 1)
    #expect(story.summaries == [])
  }

  @Test func aCommitBehindAGapAtTheEndOfASegmentIsInOrder() {
    var story = story()
    // The segment's range goes on behind its last record.
    story.poll(4, [0: 0, 5: 1], end: 10)
    story.commit(5, 10)
    #expect(story.summaries == [])
    story.commit(6, 11)
    #expect(story.broken == [.commitsFollowHandling])
  }

  @Test func readingAnOlderStretchAgainDoesNotTakeBackWhatWasHandled() {
    var story = story()
    story.poll(4, [0: 0, 1: 1, 2: 2])
    story.poll(5, [0: 0])
    story.commit(6, 3)
    #expect(story.summaries == [])
  }

  @Test func groupsAreJudgedApart() {
    var story = story()
    story.poll(4, [0: 0, 1: 1], group: "readers")
    story.commit(5, 2, group: "others")
    #expect(story.broken == [.commitsFollowHandling])
    #expect(story.summaries.first?.contains("group others") == true)
  }

  @Test func theLogStartMayBeCommittedBeforeAnythingWasRead() {
    var story = story()
    story.commit(4, 700, logStart: 700)
    #expect(story.summaries == [])
    story.commit(5, 701, logStart: 700)
    #expect(story.broken == [.commitsFollowHandling])
  }

  @Test func aGroupThatBeginsAtTheEndAnswersForWhatFollows() {
    var check = ContentCheck()
    var found = ViolationList()
    check.beganAtTheEnd(group: "late", Story.orders, 50, .told(1, 1, on: "consumer-1"))
    for (event, offset) in [(2, 50), (3, 51)] as [(UInt64, UInt64)] {
      check.committed(
        group: "late", Story.orders, offset, logStart: 0, .told(event, 2, on: "metadata"), Story.labels, &found)
    }
    #expect(
      found.all.map(\.summary) == [
        "group late committed offset 51 of orders/0 at 2.000s, but has handled records only up to 50"
      ])
    // Coming back does not wipe out what was handled, nor what was not.
    check.beganAtTheEnd(group: "late", Story.orders, 90, .told(4, 3, on: "consumer-1"))
    check.committed(
      group: "late", Story.orders, 90, logStart: 0, .told(5, 4, on: "metadata"), Story.labels, &found)
    #expect(found.count(of: .commitsFollowHandling) == 2)
  }
}
