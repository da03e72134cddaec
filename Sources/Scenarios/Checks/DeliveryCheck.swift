import Nodes
import Simulation

/// The anomalies of delivery: an acknowledged record that readers from the start have passed (lost-write), and one that nobody was handed by the end (unseen).
///
/// What is nowhere in the log is A's to tell; this check looks at what is there and was not handed out.
struct DeliveryCheck {
  /// The machines whose polls count.
  let hosts: Set<HostID>
  /// The machines whose applications may leave records out by a seek, with the number of their consumers' entry.
  private let seekers: [HostID: Int]
  /// What was handed to them.
  private var polled = RecordMarks()
  /// What applications left out, by their entry.
  private var passedOver: [Int: [TopicPartition: [Range<UInt64>]]] = [:]
  /// What they did not leave out after all, as their place was behind the end of the log and they were led back from it; it counts again when a consumer begins at that place.
  private var ledBack: [Int: [TopicPartition: [Range<UInt64>]]] = [:]

  /// - Parameter hosts: The machines that read from the start of a log.
  init(hosts: Set<HostID>, seekers: [HostID: Int] = [:]) {
    self.hosts = hosts
    self.seekers = seekers
  }

  /// An application has sent its consumer elsewhere.
  mutating func sought(_ event: ConsumerMoved, _ stamp: EventStamp) {
    guard event.from < event.offset, let entry = seekers[stamp.host] else { return }
    passedOver[entry, default: [:]][event.partition, default: []].append(event.from..<event.offset)
  }

  /// A consumer's place was not in the log, and it goes on elsewhere: of the seeks that led to that place, one behind the other, only what lies before where it goes on was left out.
  mutating func reset(_ event: ConsumerMoved, _ stamp: EventStamp) {
    guard let entry = seekers[stamp.host], let known = passedOver[entry]?[event.partition] else { return }
    var (leading, others) = Self.split(known, leadingTo: event.from)
    others += leading.filter { $0.upperBound <= event.offset }
    leading.removeAll { $0.upperBound <= event.offset }
    others += leading.filter { $0.lowerBound < event.offset }.map { $0.lowerBound..<event.offset }
    passedOver[entry]?[event.partition] = others
    ledBack[entry, default: [:]][event.partition, default: []] += leading
  }

  /// A consumer begins to read a partition at an offset, perhaps at one that an application sought and that was stored before it was led back.
  mutating func began(_ partition: TopicPartition, at offset: UInt64, _ stamp: EventStamp) {
    guard let entry = seekers[stamp.host], let ranges = ledBack[entry]?[partition] else { return }
    let (leading, others) = Self.split(ranges, leadingTo: offset)
    passedOver[entry, default: [:]][partition, default: []] += leading
    ledBack[entry]?[partition] = others
  }

  /// Tells the seeks that led to a place, one beginning where the one before ended, from the others.
  private static func split(
    _ ranges: [Range<UInt64>], leadingTo place: UInt64
  ) -> (leading: [Range<UInt64>], others: [Range<UInt64>]) {
    var places: Set = [place]
    var (leading, others): ([Range<UInt64>], [Range<UInt64>]) = ([], [])
    // None ends behind the place that it leads to.
    for range in ranges.sorted(by: { $0.upperBound > $1.upperBound }) {
      if places.contains(range.upperBound) {
        places.insert(range.lowerBound)
        leading.append(range)
      } else {
        others.append(range)
      }
    }
    return (leading, others)
  }

  /// Whether all who read a partition chose to leave an offset out.
  ///
  /// - Parameter entries: Who reads it from the start, if all of them may leave records out.
  func isPassedOver(_ offset: UInt64, of partition: TopicPartition, by entries: [Int]?) -> Bool {
    guard let entries, !entries.isEmpty else { return false }
    return entries.allSatisfy { entry in
      passedOver[entry]?[partition]?.contains { $0.contains(offset) } ?? false
    }
  }

  /// Takes in a poll.
  mutating func polled(_ records: PolledRecords, _ stamp: EventStamp) {
    guard hosts.contains(stamp.host) else { return }
    for record in records.contents where record.content >> 63 == 0 {
      polled.insert(WorkloadRecord(identity: record.content))
    }
  }

  /// What the end of a run is judged by.
  struct End {
    var groups: [ProducerGroup]
    var places: SeenPlaces
    /// The topics that somebody who works reads from the start.
    var topics: Set<TopicID>
    /// For topics whose readers from the start may all leave records out by a seek, the numbers of their entries.
    var seekers: [TopicID: [Int]] = [:]
    /// What was lawfully removed counts as polled.
    var removed = RecordMarks()
    /// Whether a record is hidden from readers of committed records.
    var isHidden: (UInt64) -> Bool = { _ in false }
    /// Whether readers have caught up.
    var isAtRest: Bool
  }

  /// Judges every acknowledged record.
  func judge(_ end: End, _ history: History, _ labels: Labels, _ found: inout ViolationList) {
    let bounds = bounds(end.places, history)
    for (index, producer) in history.producers.enumerated() {
      let group = end.groups[producer.group]
      if group.client.acknowledgement == .none { continue }
      for (number, place) in producer.records.enumerated() where place.batch != .max {
        let record = WorkloadRecord(producer: UInt32(index + 1), number: UInt64(number))
        let batch = history.batches[Int(place.batch)]
        guard case .acknowledged = batch.outcome, end.topics.contains(batch.partition.topic),
          let seen = end.places.place(of: record), !polled.contains(record), !end.removed.contains(record),
          !group.isTombstone(UInt64(number)), !end.isHidden(record.identity),
          !isPassedOver(seen.last, of: batch.partition, by: end.seekers[batch.partition.topic])
        else { continue }
        if let bound = bounds[batch.partition], seen.last <= bound {
          tell(
            .writesAreNotLost, record, batch, seen, "although readers have read as far as \(bound)", history, labels,
            &found)
        } else if end.isAtRest {
          tell(.writesAreSeen, record, batch, seen, "although all readers are done", history, labels, &found)
        }
      }
    }
  }

  /// For each partition the greatest of the first offsets of all that was polled.
  private func bounds(_ places: SeenPlaces, _ history: History) -> [TopicPartition: UInt64] {
    var bounds: [TopicPartition: UInt64] = [:]
    for (index, producer) in history.producers.enumerated() {
      for (number, place) in producer.records.enumerated() where place.batch != .max {
        let record = WorkloadRecord(producer: UInt32(index + 1), number: UInt64(number))
        guard polled.contains(record), let first = places.place(of: record)?.first else { continue }
        bounds[history.batches[Int(place.batch)].partition, default: 0].raise(to: first)
      }
    }
    return bounds
  }

  private func tell(
    _ anomaly: InvariantName, _ record: WorkloadRecord, _ batch: History.Batch, _ seen: SeenPlaces.Place,
    _ reason: String, _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    let name = labels.record(record, history)
    found.add(
      Violation(
        anomaly, at: batch.deliveredAt,
        "record \(name), acknowledged at \(batch.deliveredAt) (event \(batch.deliveredEvent)), stands at offset \(seen.last) of \(labels.partition(batch.partition)), and nobody was handed it \(reason)",
        events: [batch.closedEvent, batch.deliveredEvent], records: [name]))
  }
}

extension UInt64 {
  fileprivate mutating func raise(to other: UInt64) { self = Swift.max(self, other) }
}
