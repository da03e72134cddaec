import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// N: who owns a partition of a group.
@Suite struct GroupCheckTests {
  private static let other = TopicPartition(topic: TopicID(rawValue: 1), index: 1)

  /// A history told by hand.
  private struct GroupStory {
    var check = GroupCheck()
    var found = ViolationList()
    private var event: UInt64 = 0

    private mutating func stamp(_ host: String) -> EventStamp {
      event += 1
      return .told(event, Int64(event), on: host)
    }

    mutating func tell(_ event: GroupEvent) {
      let stamp = stamp("metadata")
      check.observe(event, stamp, Story.labels, &found)
    }

    mutating func join(_ member: UInt64, by host: String = "consumer-1", generation: UInt64) {
      let id = HostID(rawValue: UInt32(Story.hosts.firstIndex(of: host)!))
      tell(
        .memberJoined(
          group: "readers", member: member, by: id, incarnation: 1, generation: generation, isNew: true))
    }

    mutating func own(_ member: UInt64, generation: UInt64, _ partitions: TopicPartition...) {
      tell(.owned(group: "readers", member: member, generation: generation, partitions))
    }

    mutating func remove(_ member: UInt64, generation: UInt64) {
      tell(.memberRemoved(group: "readers", member: member, generation: generation, hasLeft: false))
    }

    mutating func begins(_ host: String, generation: UInt64, _ partition: TopicPartition = Story.orders) {
      let stamp = stamp(host)
      check.assigned(
        ConsumerAssigned(
          group: "readers", generation: generation, positions: [CommittedOffset(partition: partition, offset: 0)]),
        stamp, Story.labels, &found)
    }

    mutating func end(_ readers: [(String, [TopicPartition])]) {
      check.judge(
        group: "readers",
        readers: readers.map { (HostID(rawValue: UInt32(Story.hosts.firstIndex(of: $0.0)!)), $0.1) },
        partitions: [Story.orders, GroupCheckTests.other], at: .start + .seconds(60), Story.labels, &found)
    }

    var summaries: [String] { found.all.map(\.summary) }
  }

  @Test func aPartitionThatIsHandedOnInOrderIsInOrder() {
    var story = GroupStory()
    story.join(1, generation: 1)
    story.own(1, generation: 2, Story.orders, Self.other)
    story.join(3, by: "producer-1", generation: 3)
    story.own(1, generation: 4, Story.orders)
    story.own(3, generation: 5, Self.other)
    story.remove(1, generation: 6)
    story.own(3, generation: 7, Story.orders, Self.other)
    story.end([("producer-1", [Story.orders, Self.other])])
    #expect(story.summaries == [])
  }

  @Test func aPartitionThatIsGivenAwayWhileAnotherOwnsItBreaksN() {
    var story = GroupStory()
    story.join(1, generation: 1)
    story.own(1, generation: 2, Story.orders)
    story.join(3, generation: 3)
    story.own(3, generation: 4, Story.orders)
    #expect(story.found.broken == [.ownersAreUnique])
    #expect(
      story.summaries == [
        "orders/0 was given to member 3 of group readers in generation 4 at 4.000s, although member 1 had not given it back"
      ])
    #expect(story.found.all.first?.events == [2, 4])
  }

  @Test func aGenerationThatDoesNotRiseBreaksN() {
    var story = GroupStory()
    story.join(1, generation: 5)
    story.own(1, generation: 5, Story.orders)
    #expect(story.found.broken == [.ownersAreUnique])
  }

  @Test func whatIsKnownAfterARecoveryReplacesWhatWasTold() {
    var story = GroupStory()
    story.join(1, generation: 1)
    story.own(1, generation: 2, Story.orders)
    // The first one's giving back was synced, but not told before the service died.
    story.tell(
      .recovered(
        group: "readers", generation: 4, owned: [GroupShare(member: 1, generation: 3, partitions: [])]))
    story.own(3, generation: 5, Story.orders)
    #expect(story.summaries == [])
  }

  @Test func aRecoveryThatForgetsGenerationsBreaksN() {
    var story = GroupStory()
    story.join(1, generation: 7)
    story.tell(.recovered(group: "readers", generation: 6, owned: []))
    #expect(story.found.broken == [.ownersAreUnique])
  }

  @Test func twoConsumersThatReadAPartitionInOneGenerationBreakN() {
    var story = GroupStory()
    story.begins("consumer-1", generation: 3)
    story.begins("producer-1", generation: 4)
    story.begins("producer-1", generation: 3, Self.other)
    #expect(story.summaries == [])
    story.begins("producer-1", generation: 3)
    #expect(story.found.broken == [.ownersAreUnique])
  }

  @Test func aPartitionThatNobodyOrTwoReadInTheEndBreaksN() {
    var nobody = GroupStory()
    nobody.end([("consumer-1", [Story.orders])])
    #expect(nobody.summaries == ["in the end nobody reads orders/1 for group readers"])
    var two = GroupStory()
    two.end([("consumer-1", [Story.orders, Self.other]), ("producer-1", [Story.orders])])
    #expect(two.summaries == ["in the end consumer-1 and producer-1 read orders/0 for group readers"])
    var one = GroupStory()
    one.end([("consumer-1", [Story.orders]), ("producer-1", [Self.other])])
    #expect(one.summaries == [])
  }

  @Test func whoReadsInTheEndWhatAnotherOwnsBreaksN() {
    var story = GroupStory()
    story.join(1, by: "consumer-1", generation: 1)
    story.own(1, generation: 2, Story.orders, Self.other)
    story.end([("producer-1", [Story.orders, Self.other])])
    #expect(story.found.broken == [.ownersAreUnique])
  }
}
