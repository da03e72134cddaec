import Nodes
import Simulation

/// What clients sent, were told and polled: the ground on which checks judge.
///
/// Kept by batch, with eight bytes a record.
struct History {
  /// One incarnation of a producing application.
  struct Producer {
    var host: HostID
    var incarnation: Int
    var group: Int
    /// For each record number its batch and its place in it.
    var records: [RecordPlace] = []
    /// What its application was told of records that it waited for, by their numbers.
    var told: [UInt64: Told] = [:]
  }

  /// The offset that an application was told for one record.
  struct Told {
    var partition: TopicPartition
    var offset: AcknowledgedOffset
    var at: VirtualTime
    var event: UInt64
  }

  struct RecordPlace {
    static let none = RecordPlace(batch: .max, position: 0)
    var batch: UInt32
    var position: UInt32
  }

  /// A batch that was sent, with what became of it.
  struct Batch {
    var producer: UInt32
    var partition: TopicPartition
    var count: Int
    /// When its first record was appended: true time, as far as the producer's clock tells it.
    var appendedAt: VirtualTime
    var closedAt: VirtualTime
    var closedEvent: UInt64
    var outcome: DeliveryOutcome?
    var attempts = 0
    var deliveredAt = VirtualTime.start
    var deliveredEvent: UInt64 = 0
    /// The agent that acknowledged it.
    var agent: HostID?
  }

  private(set) var producers: [Producer] = []
  private(set) var batches: [Batch] = []
  private(set) var sent = 0
  private(set) var acknowledged = 0
  private(set) var delivered = 0

  /// Takes in what an application did.
  mutating func observe(_ event: WorkloadEvent, _ stamp: EventStamp) {
    switch event {
    case .producerStarted(let producer, let group):
      while producers.count < Int(producer) {
        producers.append(Producer(host: stamp.host, incarnation: stamp.incarnation, group: group))
      }
    case .batchClosed(let producer, let batch): close(batch, producer, stamp)
    case .batchDelivered(_, let batch): deliver(batch, stamp)
    case .recordTold(let producer, let record, let partition, let offset):
      producers[Int(producer) - 1].told[WorkloadRecord(identity: record).number] = Told(
        partition: partition, offset: offset, at: stamp.time, event: stamp.number)
    case .polled(let records): delivered += records.contents.count
    case .handled, .producerClosed, .producerFinished, .consumerFailed, .recordAimed, .recordRefused, .commitAsked,
      .commitTold, .partitionPaused, .unreadable:
      break
    }
  }

  private mutating func close(_ batch: ClosedBatch, _ producer: UInt32, _ stamp: EventStamp) {
    let index = Int(producer) - 1
    for (position, tag) in batch.tags.enumerated() {
      let number = Int(WorkloadRecord(identity: tag).number)
      while producers[index].records.count <= number { producers[index].records.append(.none) }
      producers[index].records[number] = RecordPlace(batch: UInt32(batches.count), position: UInt32(position))
    }
    sent += batch.tags.count
    batches.append(
      Batch(
        producer: producer, partition: batch.partition, count: batch.tags.count,
        appendedAt: stamp.time - batch.gathered, closedAt: stamp.time, closedEvent: stamp.number))
  }

  private mutating func deliver(_ batch: DeliveredBatch, _ stamp: EventStamp) {
    guard let first = batch.tags.first, let index = batchIndex(of: WorkloadRecord(identity: first)) else { return }
    batches[index].outcome = batch.outcome
    batches[index].attempts = batch.attempts
    batches[index].deliveredAt = stamp.time
    batches[index].deliveredEvent = stamp.number
    batches[index].agent = batch.agent
    if case .acknowledged = batch.outcome { acknowledged += batch.tags.count }
  }

  private func batchIndex(of record: WorkloadRecord) -> Int? {
    guard let place = place(of: record) else { return nil }
    return Int(place.batch)
  }

  /// Where a record was sent; nil for a record that nobody sent.
  func place(of record: WorkloadRecord) -> RecordPlace? {
    let producer = Int(record.producer) - 1
    guard producers.indices.contains(producer), record.number < UInt64(producers[producer].records.count) else {
      return nil
    }
    let place = producers[producer].records[Int(record.number)]
    return place.batch == .max ? nil : place
  }

  /// The batch in which a record was sent.
  func batch(of record: WorkloadRecord) -> Batch? { batchIndex(of: record).map { batches[$0] } }
}
