import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// S and O: what applications ask of their clients is done, each with a history in which it is and one in which it is not.
@Suite struct ClientActTests {
  // MARK: S

  /// What an application sends, told by hand, to `orders` of three partitions and `returns` of one.
  private struct Sends {
    var check = AimCheck(topics: [
      "orders": .init(id: TopicID(rawValue: 1), partitions: 3),
      "returns": .init(id: TopicID(rawValue: 2), partitions: 1),
    ])
    var found = ViolationList()
    private let history = History()
    private var event: UInt64 = 0

    private mutating func stamp() -> EventStamp {
      event += 1
      return .told(event, Int64(event), on: "producer-1")
    }

    mutating func aim(_ number: UInt64, at topic: String, _ partition: Int? = nil) {
      check.aimed(record(number), Aim(topic: topic, partition: partition), stamp())
    }

    mutating func close(_ numbers: UInt64..., topic: UInt32, _ partition: UInt32) {
      let batch = ClosedBatch(
        partition: TopicPartition(topic: TopicID(rawValue: topic), index: partition), tags: numbers.map(record),
        gathered: .zero)
      let stamp = stamp()
      check.closed(batch, stamp, history, Story.labels, &found)
    }

    mutating func refuse(_ number: UInt64, _ error: ProducerError) {
      let stamp = stamp()
      check.refused(record(number), error, stamp, history, Story.labels, &found)
    }

    mutating func finish() {
      let stamp = stamp()
      check.finished(1, stamp, history, Story.labels, &found)
    }

    private func record(_ number: UInt64) -> UInt64 { WorkloadRecord(producer: 1, number: number).identity }
    var broken: [InvariantName] { found.broken }
  }

  @Test func recordsThatGoWhereTheyAreAimedAreRight() {
    var sends = Sends()
    sends.aim(0, at: "orders", 2)
    sends.aim(1, at: "returns")
    sends.aim(2, at: "orders", 2)
    sends.close(0, 2, topic: 1, 2)
    sends.close(1, topic: 2, 0)
    sends.close(7, topic: 1, 0)
    sends.finish()
    #expect(sends.broken == [])
  }

  @Test func aRecordInAnotherPartitionOrTopicBreaksS() {
    var partition = Sends()
    partition.aim(0, at: "orders", 2)
    partition.close(0, topic: 1, 1)
    #expect(partition.broken == [.recordsGoWhereAimed])
    #expect(
      partition.found.all.map(\.summary) == [
        "record producer 1#0, which its application sent to orders/2, is about to be sent to orders/1 at 2.000s"
      ])
    var topic = Sends()
    topic.aim(0, at: "returns")
    topic.close(0, topic: 1, 0)
    #expect(topic.broken == [.recordsGoWhereAimed])
  }

  @Test func mistakesThatAreRefusedByTheirNamesAreRight() {
    var sends = Sends()
    sends.aim(0, at: "orders", 3)
    sends.refuse(0, .noSuchPartition(3, partitions: 3))
    sends.aim(1, at: "orders", -1)
    sends.refuse(1, .noSuchPartition(-1, partitions: 3))
    sends.aim(2, at: "invoices", 0)
    sends.refuse(2, .noSuchTopic("invoices"))
    sends.finish()
    #expect(sends.broken == [])
  }

  @Test(
    arguments: [
      (3, .noSuchPartition(3, partitions: 4)), (3, .noSuchTopic("orders")), (2, .noSuchPartition(2, partitions: 3)),
      (2, .closed),
    ] as [(Int, ProducerError)])
  func aRefusalThatIsWrongOrNamesSomethingElseBreaksS(partition: Int, error: ProducerError) {
    var sends = Sends()
    sends.aim(0, at: "orders", partition)
    sends.refuse(0, error)
    #expect(sends.broken == [.recordsGoWhereAimed])
  }

  @Test func aMistakeThatIsTakenOrLostBreaksS() {
    var taken = Sends()
    taken.aim(0, at: "orders", 3)
    taken.close(0, topic: 1, 0)
    #expect(taken.broken == [.recordsGoWhereAimed])
    var lost = Sends()
    lost.aim(0, at: "orders", 3)
    lost.finish()
    #expect(lost.broken == [.recordsGoWhereAimed])
    #expect(lost.found.all.first?.summary.contains("was neither sent nor refused") == true)
  }

  // MARK: O

  private static let other = TopicPartition(topic: TopicID(rawValue: 1), index: 1)

  private func poll(
    _ check: PauseCheck, of partition: TopicPartition = Story.orders, incarnation: Int = 1
  ) -> [InvariantName] {
    var found = ViolationList()
    let polled = PolledRecords(
      group: "readers", partition: partition, first: 4, end: 5, contents: [.told(at: 4, number: 0)])
    check.polled(polled, .told(9, 9, on: "consumer-1", incarnation: incarnation), Story.labels, &found)
    return found.broken
  }

  @Test func aPausedPartitionThatHandsSomethingOutBreaksO() {
    var check = PauseCheck()
    #expect(poll(check) == [])
    check.paused(Story.orders, true, .told(1, 1, on: "consumer-1"))
    #expect(poll(check) == [.pausedPartitionsRest])
    #expect(poll(check, of: Self.other) == [])
  }

  @Test func aPartitionThatWasResumedOrGivenAnewMayHandOut() {
    var check = PauseCheck()
    check.paused(Story.orders, true, .told(1, 1, on: "consumer-1"))
    check.paused(Story.orders, false, .told(2, 2, on: "consumer-1"))
    #expect(poll(check) == [])
    check.paused(Story.orders, true, .told(3, 3, on: "consumer-1"))
    #expect(poll(check, incarnation: 2) == [])
    check.assigned(Story.orders, .told(4, 4, on: "consumer-1"))
    #expect(poll(check) == [])
    check.paused(Story.orders, true, .told(5, 5, on: "consumer-1"))
    check.began(.told(6, 6, on: "consumer-1"))
    #expect(poll(check) == [])
  }

  // MARK: What applications draw

  @Test func applicationsAimAsThePlanSays() throws {
    var group = ProducerGroup.told(.durable)
    let topics = ["orders", "returns"].map { name in
      var shape = TopicShape()
      shape.name = name
      shape.partitions = name == "orders" ? 3 : 1
      return shape
    }
    #expect(Aiming(group, topics: topics) == nil)
    group.aims.otherTopics = ["returns"]
    group.aims.namesPartitions = true
    group.aims.wrongPartitions = 100_000
    group.aims.wrongTopics = 50_000
    let aiming = try #require(Aiming(group, topics: topics))
    var generator = Randomness(seed: 5).generator(RandomStreamName("test"), key: 0)
    var counts = (right: 0, partition: 0, topic: 0)
    var places: Set<Aim> = []
    for _ in 0..<10_000 {
      let aim = aiming.next(&generator)
      guard let topic = topics.first(where: { $0.name == aim.topic }), let partition = aim.partition else {
        counts.topic += 1
        continue
      }
      if (0..<topic.partitions).contains(partition) { counts.right += 1 } else { counts.partition += 1 }
      places.insert(aim)
    }
    #expect((900...1_100).contains(counts.partition) && (400...600).contains(counts.topic))
    #expect(counts.right == 10_000 - counts.partition - counts.topic)
    #expect(places.count == 4 + 6, "each partition, and three wrong ones of each topic")
  }
}
