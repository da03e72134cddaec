import Nodes
import Simulation

/// A, F and K: what was acknowledged is stored, where its sender was told, and no more often than it was sent.
struct StorageCheck {
  private let history: History
  private let labels: Labels
  private let groups: [ProducerGroup]
  private let end: VirtualTime
  /// Whether what the network may have delivered twice counts as sent twice.
  private let networkDuplicates: Bool
  /// For each producer and number where the record is stored, and how often it is.
  private var stored: [[Stored]]
  private let losses: DiskLosses
  /// What was acknowledged as buffered and lay on a disk that a fault took.
  private(set) var atRisk = RiskFigures()

  private struct Stored {
    /// The first offset that holds it.
    var offset = UInt64.max
    var count: UInt8 = 0
    /// Whether one of its copies is where its sender was told.
    var isWhereTold = false
    /// Whether one of its copies is where the application was told that waited for it.
    var isWhereSendTold = false
  }

  init(
    history: History, labels: Labels, groups: [ProducerGroup], end: VirtualTime, networkDuplicates: Bool,
    losses: DiskLosses = DiskLosses()
  ) {
    self.losses = losses
    self.history = history
    self.labels = labels
    self.groups = groups
    self.end = end
    self.networkDuplicates = networkDuplicates
    stored = history.producers.map { Array(repeating: Stored(), count: $0.records.count) }
  }

  /// Takes in what a partition holds.
  mutating func observe(_ contents: [ObservedRecord], of partition: TopicPartition, _ found: inout ViolationList) {
    for observed in contents where observed.content >> 63 == 0 {
      let record = WorkloadRecord(identity: observed.content)
      guard let place = history.place(of: record), let batch = history.batch(of: record), batch.partition == partition
      else {
        found.add(
          Violation(
            .offsetsAreImmutable, at: end,
            "offset \(observed.offset) of \(labels.partition(partition)) holds record \(labels.record(record, history)), which nobody sent there"
          ))
        continue
      }
      let producer = Int(record.producer) - 1
      let number = Int(record.number)
      if stored[producer][number].count == 0 { stored[producer][number].offset = observed.offset }
      if stored[producer][number].count < .max { stored[producer][number].count += 1 }
      if case .acknowledged(.final(let first)) = batch.outcome, first + UInt64(place.position) == observed.offset {
        stored[producer][number].isWhereTold = true
      }
      if let told = history.producers[producer].told[record.number], told.offset == .final(observed.offset),
        told.partition == partition
      {
        stored[producer][number].isWhereSendTold = true
      }
    }
  }

  /// Whether a record is in the log more than once.
  func isStoredTwice(_ record: WorkloadRecord) -> Bool {
    stored[Int(record.producer) - 1][Int(record.number)].count > 1
  }

  /// Judges every record; `judgesBuffered` is false when the run ended before every log had been handed over.
  mutating func judge(_ found: inout ViolationList, judgesBuffered: Bool, deletedTopics: Set<TopicID> = []) {
    for (index, producer) in history.producers.enumerated() {
      for (number, place) in producer.records.enumerated() where place.batch != .max {
        let record = WorkloadRecord(producer: UInt32(index + 1), number: UInt64(number))
        let batch = history.batches[Int(place.batch)]
        let stored = stored[index][number]
        judgeCount(record, batch, stored, &found)
        // What a deleted topic had not registered went with it; and an empty value cannot be told from another.
        guard case .acknowledged(let offset) = batch.outcome, !deletedTopics.contains(batch.partition.topic),
          !groups[producer.group].isTombstone(UInt64(number))
        else { continue }
        switch groups[producer.group].client.acknowledgement {
        case .none: break
        case .buffered:
          if losses.mayHold(batch.agent, closedAt: batch.closedAt) {
            atRisk.records += 1
            if stored.count == 0 { atRisk.lost += 1 }
          } else if judgesBuffered {
            judgePresence(record, batch, place, stored, offset, &found)
          }
        case .durable: judgePresence(record, batch, place, stored, offset, &found)
        }
        if let told = producer.told[UInt64(number)] { judgeTold(record, told, stored, &found) }
      }
    }
  }

  private func judgePresence(
    _ record: WorkloadRecord, _ batch: History.Batch, _ place: History.RecordPlace,
    _ stored: Stored, _ offset: AcknowledgedOffset, _ found: inout ViolationList
  ) {
    // Worked out only for a violation: this is asked for every record.
    var name: String { labels.record(record, history) }
    var partition: String { labels.partition(batch.partition) }
    if stored.count == 0 {
      let how = if case .provisional = offset { "buffered" } else { "durable" }
      let told = offset.number.map { " at offset \($0 + UInt64(place.position))" } ?? ""
      found.add(
        Violation(
          .acknowledgedIsStored, at: batch.deliveredAt,
          "record \(name) of \(partition) was acknowledged as \(how)\(told) at \(batch.deliveredAt) (event \(batch.deliveredEvent)), and is nowhere in the log at the end",
          events: [batch.closedEvent, batch.deliveredEvent], records: [name]))
    } else if case .final(let first) = offset, !stored.isWhereTold {
      found.add(
        Violation(
          .toldOffsetIsTrue, at: batch.deliveredAt,
          "the sender of record \(name) was told offset \(first + UInt64(place.position)) of \(partition) at \(batch.deliveredAt) (event \(batch.deliveredEvent)), but it reads back at \(stored.offset)",
          events: [batch.closedEvent, batch.deliveredEvent], records: [name]))
    }
  }

  /// What an application was told that waited for one record.
  private func judgeTold(
    _ record: WorkloadRecord, _ told: History.Told, _ stored: Stored, _ found: inout ViolationList
  ) {
    guard case .final(let offset) = told.offset, stored.count > 0, !stored.isWhereSendTold else { return }
    let name = labels.record(record, history)
    found.add(
      Violation(
        .toldOffsetIsTrue, at: told.at,
        "the application that waited for record \(name) was told offset \(offset) of \(labels.partition(told.partition)) at \(told.at) (event \(told.event)), but it reads back at \(stored.offset)",
        events: [told.event], records: [name]))
  }

  private func judgeCount(
    _ record: WorkloadRecord, _ batch: History.Batch, _ stored: Stored, _ found: inout ViolationList
  ) {
    let client = groups[history.producers[Int(record.producer) - 1].group].client
    // A producer that crashed or was cut off may have sent a batch more often than it could tell.
    guard batch.outcome != nil else { return }
    if !client.isIdempotent && networkDuplicates { return }
    let allowed = client.isIdempotent ? 1 : max(batch.attempts, 1)
    guard Int(stored.count) > allowed else { return }
    let name = labels.record(record, history)
    let sent =
      client.isIdempotent ? "by an idempotent producer" : batch.attempts == 1 ? "once" : "\(batch.attempts) times"
    found.add(
      Violation(
        .storedAsOftenAsSent, at: batch.deliveredAt,
        "record \(name) of \(labels.partition(batch.partition)) was sent \(sent), before \(batch.deliveredAt) (event \(batch.deliveredEvent)), and is stored \(stored.count) times, first at offset \(stored.offset)",
        events: [batch.closedEvent, batch.deliveredEvent], records: [name]))
  }
}
