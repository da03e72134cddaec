import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// The anomalies of what clients sent, were told and polled: each with a history that shows it and one that does not.
@Suite("Client anomalies") struct ClientAnomalyTests {
  /// A history of sends and polls told by hand, of one producer and readers of one partition.
  private struct Clients {
    var history = History()
    var contents = ContentCheck()
    var delivery = DeliveryCheck(hosts: [HostID(rawValue: 5)], seekers: [HostID(rawValue: 5): 0])
    var lag = RealtimeLag()
    var found = ViolationList()
    var figures = SendOrderFigures()
    private var event: UInt64 = 0

    init() {
      history.observe(.producerStarted(producer: 1, group: 0), stamp(0, on: "producer-1"))
    }

    private mutating func stamp(_ seconds: Int64, on host: String) -> EventStamp {
      event += 1
      return .told(event, seconds, on: host)
    }

    /// A batch is sent, and answered when there is an outcome.
    mutating func send(_ seconds: Int64, _ numbers: Range<UInt64>, _ outcome: DeliveryOutcome? = nil) {
      let closed = ClosedBatch(partition: Story.orders, tags: .told(numbers, 1), gathered: .zero)
      history.observe(.batchClosed(producer: 1, closed), stamp(seconds, on: "producer-1"))
      guard let outcome else { return }
      let delivered = DeliveredBatch(
        partition: Story.orders, tags: .told(numbers, 1), outcome: outcome, attempts: 1, appendedAt: .start)
      let stamp = stamp(seconds, on: "producer-1")
      history.observe(.batchDelivered(producer: 1, delivered), stamp)
      lag.delivered(delivered, stamp)
    }

    mutating func poll(
      _ seconds: Int64, _ records: KeyValuePairs<UInt64, UInt64>, on host: String = "consumer-1",
      waited: VirtualDuration = .zero
    ) {
      let contents = records.map { ObservedRecord.told(at: $0.key, number: $0.value) }
      let polled = PolledRecords(
        group: "readers", partition: Story.orders, first: contents[0].offset,
        end: contents[contents.count - 1].offset + 1,
        contents: contents, waited: waited)
      let stamp = stamp(seconds, on: host)
      self.contents.polled(polled, stamp, history, Story.labels, &found)
      delivery.polled(polled, stamp)
      lag.polled(polled, stamp)
    }

    /// The application sends its consumer elsewhere.
    mutating func seek(_ seconds: Int64, from: UInt64, to offset: UInt64, on host: String = "consumer-1") {
      let moved = ConsumerMoved(
        group: "readers", partition: Story.orders, from: from, offset: offset, reason: .sought)
      delivery.sought(moved, stamp(seconds, on: host))
    }

    /// A consumer begins to read at an offset.
    mutating func begin(_ seconds: Int64, at offset: UInt64, on host: String = "consumer-1") {
      delivery.began(Story.orders, at: offset, stamp(seconds, on: host))
    }

    /// The place was not in the log: the consumer is led to another.
    mutating func reset(_ seconds: Int64, from: UInt64, to offset: UInt64, on host: String = "consumer-1") {
      let moved = ConsumerMoved(
        group: "readers", partition: Story.orders, from: from, offset: offset, reason: .reset)
      delivery.reset(moved, stamp(seconds, on: host))
    }

    /// Reads the log, and judges.
    mutating func end(
      storing records: KeyValuePairs<UInt64, UInt64>, idempotent: Bool = true,
      acknowledgement: Acknowledgement = .durable, isAtRest: Bool = true, removed: [UInt64] = [],
      hidden: [UInt64] = [], topics: Set<TopicID> = [TopicID(rawValue: 1)], seekers: [TopicID: [Int]] = [:]
    ) {
      let read = records.map { ObservedRecord.told(at: $0.key, number: $0.value) }
      contents.observe(
        read, of: Story.orders, by: "read at the end", stamp(60, on: "metadata"), history, Story.labels, &found)
      let groups = [ProducerGroup.told(acknowledgement, idempotent: idempotent)]
      let places = SeenPlaces(history, contents)
      var order = SendOrderCheck(history: history, labels: Story.labels, groups: groups, places: places)
      order.judge(&found)
      figures = order.figures
      var end = DeliveryCheck.End(groups: groups, places: places, topics: topics, isAtRest: isAtRest)
      for number in removed { end.removed.insert(WorkloadRecord(producer: 1, number: number)) }
      end.seekers = seekers
      end.isHidden = { hidden.contains(WorkloadRecord(identity: $0).number) }
      delivery.judge(end, history, Story.labels, &found)
    }

    var broken: [InvariantName] { found.broken }
    var summaries: [String] { found.all.map(\.summary) }
  }

  // MARK: inconsistent-offsets

  @Test("inconsistent-offsets: one offset that held two values, seen by B")
  func inconsistentOffsets() {
    var clients = Clients()
    clients.send(1, 0..<2, .acknowledged(.final(0)))
    clients.poll(2, [0: 0, 1: 1])
    clients.poll(3, [1: 0])
    #expect(clients.broken == [.offsetsAreImmutable])
    var sound = Clients()
    sound.send(1, 0..<2, .acknowledged(.final(0)))
    sound.poll(2, [0: 0, 1: 1])
    sound.poll(3, [1: 1])
    #expect(sound.broken == [])
  }

  // MARK: duplicate

  @Test("duplicate: one value at two offsets, a violation for an idempotent producer and a figure for another")
  func duplicates() {
    for isIdempotent in [true, false] {
      var clients = Clients()
      clients.send(1, 0..<2, .acknowledged(.final(0)))
      clients.poll(2, [0: 0, 1: 1, 2: 0])
      clients.end(storing: [0: 0, 1: 1, 2: 0], idempotent: isIdempotent)
      #expect(clients.broken == (isIdempotent ? [.valuesAreUnique] : []))
      #expect(clients.figures.duplicates == 1)
    }
    var clients = Clients()
    clients.send(1, 0..<2, .acknowledged(.final(0)))
    clients.poll(2, [0: 0, 1: 1])
    clients.end(storing: [0: 0, 1: 1, 2: 0])
    #expect(
      clients.summaries == [
        "record producer-1#0, of an idempotent producer, was seen at 2 offsets of orders/0, the first being 0 and the last 2"
      ])
  }

  @Test("no duplicate: one value at one offset, however often it is polled")
  func noDuplicates() {
    var clients = Clients()
    clients.send(1, 0..<2, .acknowledged(.final(0)))
    clients.poll(2, [0: 0, 1: 1])
    clients.poll(3, [0: 0, 1: 1])
    clients.end(storing: [0: 0, 1: 1])
    #expect(clients.broken == [])
    #expect(clients.figures == SendOrderFigures())
  }

  // MARK: lost-write

  @Test(
    "lost-write: an acknowledged value at or below the greatest first offset of all polled values, which nobody polled")
  func lostWrite() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [10: 0, 12: 2])
    clients.end(storing: [10: 0, 11: 1, 12: 2], isAtRest: false)
    #expect(clients.broken == [.writesAreNotLost])
    #expect(
      clients.summaries == [
        "record producer-1#1, acknowledged at 1.000s (event 3), stands at offset 11 of orders/0, and nobody was handed it although readers have read as far as 12"
      ])
  }

  @Test("no lost-write: what stands above the bound may still be polled")
  func nothingLostAboveTheBound() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [10: 0, 11: 1])
    clients.end(storing: [10: 0, 11: 1, 12: 2], isAtRest: false)
    #expect(clients.broken == [])
  }

  @Test("no lost-write: the bound is the greatest first offset, not where a value was seen again")
  func theBoundIsOfFirstOffsets() {
    // Number 1 stands at 11 and nobody was handed it. Were the second place of number 0 the bound, it would be lost.
    var clients = Clients()
    clients.send(1, 0..<2, .acknowledged(.final(10)))
    clients.poll(2, [10: 0])
    clients.poll(3, [12: 0])
    clients.end(storing: [10: 0, 11: 1, 12: 0], idempotent: false, isAtRest: false)
    #expect(clients.broken == [])
  }

  @Test("no lost-write: a value whose last offset is above the bound may still be polled there")
  func theLastOffsetCounts() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [10: 0, 12: 2])
    clients.end(storing: [10: 0, 11: 1, 12: 2, 13: 1], idempotent: false, isAtRest: false)
    #expect(clients.broken == [])
  }

  @Test("no lost-write: what was not acknowledged, was lawfully removed, or belongs to no committed transaction")
  func whatNeedNotBePolled() {
    for outcome in [DeliveryOutcome.unknown, .failed, nil] {
      var clients = Clients()
      clients.send(1, 0..<1, .acknowledged(.final(10)))
      clients.send(1, 1..<2, outcome)
      clients.send(1, 2..<3, .acknowledged(.final(12)))
      clients.poll(2, [10: 0, 12: 2])
      clients.end(storing: [10: 0, 11: 1, 12: 2])
      #expect(clients.broken == [])
    }
    for (removed, hidden) in [([UInt64(1)], [UInt64]()), ([], [1])] {
      var clients = Clients()
      clients.send(1, 0..<3, .acknowledged(.final(10)))
      clients.poll(2, [10: 0, 12: 2])
      clients.end(storing: [10: 0, 11: 1, 12: 2], removed: removed, hidden: hidden)
      #expect(clients.broken == [])
    }
  }

  @Test("no lost-write: a consumer that begins at the end of the log bounds nothing")
  func latecomersBoundNothing() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [12: 2], on: "agent-1")
    clients.end(storing: [10: 0, 11: 1, 12: 2], isAtRest: false)
    #expect(clients.broken == [])
  }

  // MARK: unseen

  @Test("unseen: acknowledged, and polled by nobody by the end of the final polls")
  func unseen() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [10: 0, 11: 1])
    clients.end(storing: [10: 0, 11: 1, 12: 2])
    #expect(clients.broken == [.writesAreSeen])
    #expect(clients.summaries.first?.hasSuffix("nobody was handed it although all readers are done") == true)
  }

  /// The readers of the topic may leave records out.
  private static let seekers = [TopicID(rawValue: 1): [0]]

  @Test("nothing unseen and nothing lost: the application chose to leave it out")
  func passedOver() {
    var clients = Clients()
    clients.send(1, 0..<4, .acknowledged(.final(10)))
    clients.poll(2, [10: 0])
    clients.seek(3, from: 11, to: 13)
    clients.poll(4, [13: 3])
    clients.end(storing: [10: 0, 11: 1, 12: 2, 13: 3], seekers: Self.seekers)
    #expect(clients.broken == [])
  }

  @Test("unseen: what a seek would have left out that went behind the end and was led back")
  func seekLedBack() {
    func story(_ after: (inout Clients) -> Void) -> [InvariantName] {
      var clients = Clients()
      clients.send(1, 0..<4, .acknowledged(.final(10)))
      clients.poll(2, [10: 0])
      clients.seek(3, from: 11, to: 20)
      after(&clients)
      clients.end(storing: [10: 0, 11: 1, 12: 2, 13: 3], seekers: Self.seekers)
      return clients.broken
    }
    #expect(story { _ in } == [], "the application left them out")
    #expect(story { $0.reset(4, from: 20, to: 11) } == [.writesAreSeen])
    #expect(story { $0.reset(4, from: 20, to: 14) } == [], "it goes on behind them")
    #expect(story { $0.reset(4, from: 25, to: 11) } == [], "another place was gone")
    #expect(
      story {
        $0.seek(4, from: 20, to: 30)
        $0.reset(5, from: 30, to: 11)
      } == [.writesAreSeen], "both seeks led to the place that was gone")
    #expect(
      story {
        $0.seek(4, from: 20, to: 30)
        $0.reset(5, from: 30, to: 11)
        $0.begin(6, at: 30)
      } == [], "somebody begins where both seeks had led")
    #expect(
      story {
        $0.reset(4, from: 20, to: 11)
        $0.begin(5, at: 20)
      } == [], "somebody begins where the application had gone")
  }

  @Test("unseen and lost-write all the same: what lies outside of the seek, or another reader should have been handed")
  func notPassedOver() {
    func story(_ seek: (inout Clients) -> Void, _ seekers: [TopicID: [Int]]) -> [InvariantName] {
      var clients = Clients()
      clients.send(1, 0..<4, .acknowledged(.final(10)))
      clients.poll(2, [10: 0])
      seek(&clients)
      clients.poll(4, [13: 3])
      clients.end(storing: [10: 0, 11: 1, 12: 2, 13: 3], seekers: seekers)
      return clients.broken
    }
    #expect(story({ $0.seek(3, from: 11, to: 12) }, Self.seekers) == [.writesAreNotLost], "12 was not sought past")
    #expect(story({ $0.seek(3, from: 13, to: 11) }, Self.seekers) == [.writesAreNotLost], "back leaves nothing out")
    #expect(story({ $0.seek(3, from: 11, to: 13) }, [:]) == [.writesAreNotLost], "others read the topic too")
    #expect(story({ $0.seek(3, from: 11, to: 13) }, [TopicID(rawValue: 1): [0, 1]]) == [.writesAreNotLost])
    #expect(story({ $0.seek(3, from: 11, to: 13, on: "agent-1") }, Self.seekers) == [.writesAreNotLost])
  }

  @Test("nothing unseen: all was polled, or nobody reads the topic from its start")
  func nothingUnseen() {
    var clients = Clients()
    clients.send(1, 0..<3, .acknowledged(.final(10)))
    clients.poll(2, [10: 0, 11: 1, 12: 2])
    clients.end(storing: [10: 0, 11: 1, 12: 2])
    #expect(clients.broken == [])
    var unread = Clients()
    unread.send(1, 0..<3, .acknowledged(.final(10)))
    unread.end(storing: [10: 0, 11: 1, 12: 2], topics: [])
    #expect(unread.broken == [])
  }

  // MARK: nonmonotonic-send

  @Test(
    "nonmonotonic-send: a later send that stands before an earlier one, a violation for an idempotent producer and a figure for another"
  )
  func nonmonotonicSend() {
    for isIdempotent in [true, false] {
      var clients = Clients()
      clients.send(1, 0..<1, .acknowledged(.final(11)))
      clients.send(2, 1..<2, .acknowledged(.final(10)))
      clients.poll(3, [10: 1, 11: 0])
      clients.end(storing: [10: 1, 11: 0], idempotent: isIdempotent)
      #expect(clients.broken == (isIdempotent ? [.sendsAreInOrder] : []))
      #expect(clients.figures.misplaced == 1)
    }
  }

  @Test("no nonmonotonic-send: gaps are allowed, and what was not acknowledged does not count")
  func monotonicSends() {
    var clients = Clients()
    clients.send(1, 0..<1, .acknowledged(.final(10)))
    clients.send(2, 1..<2, .unknown)
    clients.send(3, 2..<3, .acknowledged(.final(20)))
    clients.poll(4, [8: 1, 10: 0, 20: 2])
    clients.end(storing: [8: 1, 10: 0, 20: 2])
    #expect(clients.broken == [])
    #expect(clients.figures == SendOrderFigures())
  }

  @Test("int-nonmonotonic-send: a record that does not stand behind the one before it in its batch")
  func nonmonotonicInsideABatch() {
    for isIdempotent in [true, false] {
      var clients = Clients()
      clients.send(1, 0..<3, .acknowledged(.final(10)))
      clients.poll(2, [10: 0, 11: 2, 12: 1])
      clients.end(storing: [10: 0, 11: 2, 12: 1], idempotent: isIdempotent)
      #expect(clients.broken == (isIdempotent ? [.recordsInBatchAreInOrder] : []))
      #expect(clients.figures.misplacedInBatch == 1)
    }
    var sound = Clients()
    sound.send(1, 0..<3, .acknowledged(.final(10)))
    sound.poll(2, [10: 0, 11: 1, 12: 2])
    sound.end(storing: [10: 0, 11: 1, 12: 2])
    #expect(sound.broken == [])
  }

  // MARK: realtime-lag

  @Test("realtime-lag: how long the record behind the last one polled had been known when the poll began")
  func realtimeLag() {
    var clients = Clients()
    clients.send(2, 0..<2, .acknowledged(.final(10)))
    clients.send(4, 2..<3, .acknowledged(.final(12)))
    // Offset 12 was known at 4 s; the poll began at 9 s.
    clients.poll(10, [10: 0, 11: 1], waited: .seconds(1))
    #expect(clients.lag.longest == .seconds(5))
    clients.poll(11, [12: 2])
    #expect(clients.lag.longest == .seconds(5), "what stands behind the last record is not known to exist")
  }

  @Test("no realtime-lag: a poll that began before anything more was known")
  func noRealtimeLag() {
    var clients = Clients()
    clients.send(4, 0..<3, .acknowledged(.final(10)))
    clients.poll(5, [10: 0], waited: .seconds(2))
    #expect(clients.lag.longest == .zero)
    var provisional = Clients()
    provisional.send(1, 0..<3, .acknowledged(.provisional(10)))
    provisional.poll(9, [10: 0])
    #expect(provisional.lag.longest == .zero, "a provisional offset makes nothing known")
  }
}
