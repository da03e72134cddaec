import Nodes
import Simulation

/// The anomalies of sends: one record at two offsets, and records that do not stand in the order in which their producer sent them.
///
/// Idempotence rules them out. What others do is counted: a producer that sends again after it had no answer may store twice.
struct SendOrderCheck {
  let history: History
  let labels: Labels
  let groups: [ProducerGroup]
  let places: SeenPlaces
  /// Whether K tells of a record that it is in the log more than once: the same is not told under two names.
  var isStoredTwice: (WorkloadRecord) -> Bool = { _ in false }
  private(set) var figures = SendOrderFigures()

  init(history: History, labels: Labels, groups: [ProducerGroup], places: SeenPlaces) {
    self.history = history
    self.labels = labels
    self.groups = groups
    self.places = places
  }

  private struct Last {
    var number: UInt64
    var batch: UInt32
    var offset: UInt64
  }

  /// Judges every producer's records in the order in which it sent them.
  mutating func judge(_ found: inout ViolationList) {
    for (index, producer) in history.producers.enumerated() {
      let group = groups[producer.group]
      var last: [TopicPartition: Last] = [:]
      for (number, place) in producer.records.enumerated() where place.batch != .max {
        // An empty value cannot be told from another.
        if group.isTombstone(UInt64(number)) { continue }
        let record = WorkloadRecord(producer: UInt32(index + 1), number: UInt64(number))
        let batch = history.batches[Int(place.batch)]
        let seen = places.place(of: record)
        if let seen, seen.count > 1 { repeated(record, batch, seen, group, &found) }
        guard case .acknowledged(let told) = batch.outcome,
          let offset = seen?.first ?? Self.final(told).map({ $0 + UInt64(place.position) })
        else { continue }
        let now = Last(number: UInt64(number), batch: place.batch, offset: offset)
        if let before = last[batch.partition], offset <= before.offset {
          misplaced(now, after: before, record, batch, group, &found)
        }
        last[batch.partition] = now
      }
    }
  }

  private static func final(_ offset: AcknowledgedOffset) -> UInt64? {
    if case .final(let number) = offset { number } else { nil }
  }

  private mutating func repeated(
    _ record: WorkloadRecord, _ batch: History.Batch, _ seen: SeenPlaces.Place, _ group: ProducerGroup,
    _ found: inout ViolationList
  ) {
    figures.duplicates += 1
    guard group.client.isIdempotent, !isStoredTwice(record) else { return }
    let name = labels.record(record, history)
    found.add(
      Violation(
        .valuesAreUnique, at: batch.deliveredAt,
        "record \(name), of an idempotent producer, was seen at \(seen.count) offsets of \(labels.partition(batch.partition)), the first being \(seen.first) and the last \(seen.last)",
        events: [batch.closedEvent], records: [name]))
  }

  private mutating func misplaced(
    _ now: Last, after before: Last, _ record: WorkloadRecord, _ batch: History.Batch, _ group: ProducerGroup,
    _ found: inout ViolationList
  ) {
    let isInside = now.batch == before.batch
    if isInside { figures.misplacedInBatch += 1 } else { figures.misplaced += 1 }
    guard group.client.isIdempotent else { return }
    let earlier = WorkloadRecord(producer: record.producer, number: before.number)
    let names = [labels.record(earlier, history), labels.record(record, history)]
    found.add(
      Violation(
        isInside ? .recordsInBatchAreInOrder : .sendsAreInOrder, at: batch.deliveredAt,
        "record \(names[1]) stands at offset \(now.offset) of \(labels.partition(batch.partition)), not behind \(names[0]) at \(before.offset), which its idempotent producer sent before it\(isInside ? ", in one batch" : "")",
        events: [history.batches[Int(before.batch)].closedEvent, batch.closedEvent], records: names))
  }
}

/// How often records came twice or out of order, idempotent producers' included.
public struct SendOrderFigures: Sendable, Hashable {
  /// Records that were seen at several offsets.
  public var duplicates = 0
  /// Records that do not stand behind the one that their producer sent before, in an earlier batch.
  public var misplaced = 0
  /// The same within a batch.
  public var misplacedInBatch = 0
  /// Makes zeros.
  public init() {}
}
