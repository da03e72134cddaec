import Simulation

@testable import Nodes
@testable import Scenarios

/// A history told by hand: events at times on hosts, as a run would tell them.
///
/// Hosts are `metadata` (0), `object-store` (1), `agent-1` (2), `agent-2` (3), `producer-1` (4), `consumer-1` (5).
struct Story {
  static let orders = TopicPartition(topic: TopicID(rawValue: 1), index: 0)
  static let hosts = ["metadata", "object-store", "agent-1", "agent-2", "producer-1", "consumer-1"]
  static var labels: Labels {
    Labels(partition: { "orders/\($0.index)" }, host: { Story.hosts[Int($0.rawValue)] })
  }

  private(set) var history = History()
  private var epochs = EpochCheck()
  private var contents = ContentCheck()
  private(set) var found = ViolationList()
  private(set) var atRisk = RiskFigures()
  private var event: UInt64 = 0

  /// The next event's stamp, at a number of seconds, on a host.
  mutating func stamp(_ seconds: Int64, on host: String, incarnation: Int = 1) -> EventStamp {
    event += 1
    return .told(event, seconds, on: host, incarnation: incarnation)
  }

  // MARK: What the metadata service tells

  mutating func tell(_ seconds: Int64, _ event: ClusterEvent) {
    let stamp = stamp(seconds, on: "metadata")
    epochs.observe(event, stamp, Self.labels, &found)
  }

  mutating func topicIsMade(logStart: UInt64 = 0) {
    tell(0, .topicCreated(TopicID(rawValue: 1), name: "orders", logStarts: [logStart]))
  }

  mutating func lease(_ seconds: Int64, epoch: Epoch, to agent: String, incarnation: Int = 1) {
    tell(seconds, .leaseGranted(Self.orders, epoch: epoch, holder: .told(agent, incarnation), previous: nil))
  }

  mutating func register(_ seconds: Int64, _ offsets: Range<UInt64>, epoch: Epoch) {
    tell(seconds, .segmentRegistered(Self.orders, .told(offsets, epoch: epoch)))
  }

  mutating func commit(_ seconds: Int64, _ offset: UInt64, group: String = "readers", logStart: UInt64 = 0) {
    let stamp = stamp(seconds, on: "metadata")
    contents.committed(
      group: group, Self.orders, offset, logStart: logStart, stamp, Self.labels, &found)
  }

  // MARK: What clients tell

  mutating func producerStarts(_ number: UInt32 = 1, group: Int = 0, incarnation: Int = 1) {
    let stamp = stamp(1, on: "producer-1", incarnation: incarnation)
    history.observe(.producerStarted(producer: number, group: group), stamp)
  }

  mutating func send(_ seconds: Int64, _ numbers: Range<UInt64>, producer: UInt32 = 1) {
    let batch = ClosedBatch(partition: Self.orders, tags: .told(numbers, producer), gathered: .zero)
    let stamp = stamp(seconds, on: "producer-1")
    history.observe(.batchClosed(producer: producer, batch), stamp)
  }

  mutating func answer(
    _ seconds: Int64, _ numbers: Range<UInt64>, _ outcome: DeliveryOutcome, attempts: Int = 1, producer: UInt32 = 1,
    by agent: String? = nil
  ) {
    let batch = DeliveredBatch(
      partition: Self.orders, tags: .told(numbers, producer), outcome: outcome, attempts: attempts,
      appendedAt: .start, agent: agent.map { AgentIncarnation.told($0, 1).agent })
    let stamp = stamp(seconds, on: "producer-1")
    history.observe(.batchDelivered(producer: producer, batch), stamp)
  }

  /// An application that waited for a record is told its offset.
  mutating func tellOffset(_ seconds: Int64, of number: UInt64, _ offset: AcknowledgedOffset, partition: UInt32 = 0) {
    let record = WorkloadRecord(producer: 1, number: number).identity
    let partition = TopicPartition(topic: Self.orders.topic, index: partition)
    let stamp = stamp(seconds, on: "producer-1")
    history.observe(.recordTold(producer: 1, record: record, partition, offset), stamp)
  }

  /// A poll of offsets and what they held.
  mutating func poll(
    _ seconds: Int64, _ records: KeyValuePairs<UInt64, UInt64>, end: UInt64? = nil, group: String? = "readers",
    isHandled: Bool = true
  ) {
    let contents = records.map { ObservedRecord.told(at: $0.key, number: $0.value) }
    let polled = PolledRecords(
      group: group, partition: Self.orders, first: contents.first?.offset ?? 0,
      end: end ?? (contents.last?.offset ?? 0) + 1, contents: contents, isHandled: isHandled)
    let stamp = stamp(seconds, on: "consumer-1")
    history.observe(.polled(polled), stamp)
    self.contents.polled(polled, stamp, history, Self.labels, &found)
  }

  /// An application has handled what it was handed before an offset.
  mutating func handle(_ seconds: Int64, before end: UInt64, group: String = "readers") {
    let stamp = stamp(seconds, on: "consumer-1")
    contents.handled(group: group, Self.orders, end, stamp)
  }

  // MARK: The end

  /// Judges what was stored, the way the end of a run does.
  mutating func end(
    storing records: KeyValuePairs<UInt64, UInt64>, of group: ProducerGroup, judgesBuffered: Bool = true,
    networkDuplicates: Bool = false, losses: DiskLosses = DiskLosses()
  ) {
    var check = StorageCheck(
      history: history, labels: Self.labels, groups: [group], end: .start + .seconds(60),
      networkDuplicates: networkDuplicates, losses: losses)
    let contents = records.map { ObservedRecord.told(at: $0.key, number: $0.value) }
    check.observe(contents, of: Self.orders, &found)
    check.judge(&found, judgesBuffered: judgesBuffered)
    atRisk = check.atRisk
  }

  var broken: [InvariantName] { found.broken }
  var summaries: [String] { found.all.map(\.summary) }
}

extension EventStamp {
  static func told(_ number: UInt64, _ seconds: Int64, on host: String, incarnation: Int = 1) -> EventStamp {
    let index = Story.hosts.firstIndex(of: host)!
    return EventStamp(
      number: number, cause: 0, time: .start + .seconds(seconds), host: HostID(rawValue: UInt32(index)),
      incarnation: incarnation)
  }
}

extension AgentIncarnation {
  static func told(_ agent: String, _ incarnation: Int) -> AgentIncarnation {
    AgentIncarnation(
      agent: HostID(rawValue: UInt32(Story.hosts.firstIndex(of: agent)!)), incarnation: incarnation)
  }
}

extension SegmentRow {
  static func told(_ offsets: Range<UInt64>, epoch: Epoch) -> SegmentRow {
    SegmentRow(
      base: offsets.lowerBound, end: offsets.upperBound, recordCount: UInt64(offsets.count), size: 1_000,
      epoch: epoch, key: ObjectKey("data/1/0/\(offsets.lowerBound)"))
  }
}

extension [UInt64] {
  /// The identities of a producer's records.
  static func told(_ numbers: Range<UInt64>, _ producer: UInt32) -> [UInt64] {
    numbers.map { WorkloadRecord(producer: producer, number: $0).identity }
  }
}

extension ObservedRecord {
  static func told(at offset: UInt64, number: UInt64, producer: UInt32 = 1) -> ObservedRecord {
    ObservedRecord(offset: offset, content: WorkloadRecord(producer: producer, number: number).identity)
  }
}

extension ProducerGroup {
  static func told(_ acknowledgement: Acknowledgement, idempotent: Bool = false) -> ProducerGroup {
    var group = ProducerGroup()
    group.topic = "orders"
    group.client.acknowledgement = acknowledgement
    group.client.isIdempotent = idempotent
    return group
  }
}
