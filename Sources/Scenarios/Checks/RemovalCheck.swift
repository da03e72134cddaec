import Nodes
import Simulation

/// What retention, compaction and the deletion of topics removed, and whether they were allowed to; and M.
///
/// It keeps its own list of each partition's rows, with the true times at which they became known, and reads the objects themselves: of what the nodes decide it trusts nothing.
struct RemovalCheck {
  /// A row with what this check knows of it.
  struct KnownRow {
    var row: SegmentRow
    /// When it was told to be registered; for a compacted one, when the youngest of those that it replaced was.
    var since: VirtualTime
  }

  struct State {
    var rows: [KnownRow] = []
    var logStart: UInt64 = 0
    /// When offsets were told to be registered, whatever rows they are in by now; in order.
    var registrations: [(end: UInt64, time: VirtualTime)] = []
    /// Offsets of aborted transactions.
    var aborted: [OffsetRange] = []
  }

  /// A partition as the metadata service has it, to compare with after a recovery.
  struct View {
    var settings: TopicSettings
    var logStart: UInt64
    var rows: [SegmentRow]
  }

  /// How the world is looked at.
  struct Eyes {
    /// An object's bytes.
    var object: (ObjectKey) -> [UInt8]?
    /// A partition as it is; nil when there is none.
    var view: (TopicPartition) -> View?
  }

  let eyes: Eyes
  /// For how long a manifest may be used.
  let manifestLifetime: VirtualDuration
  /// By how much less than its true age a segment may look old enough: what lies between a change and its telling.
  let slack: VirtualDuration
  var states: [TopicPartition: State] = [:]
  var settings: [TopicID: TopicSettings] = [:]
  private(set) var deletedTopics: Set<TopicID> = []
  /// Everything that was removed, by partition: it counts as read.
  private(set) var removed: [(partition: TopicPartition, records: [ObservedRecord])] = []
  /// Objects that a fault took.
  var lost: Set<ObjectKey> = []
  private var openRanges: [TransactionID: [(partition: TopicPartition, offsets: OffsetRange)]] = [:]

  init(eyes: Eyes, manifestLifetime: VirtualDuration, slack: VirtualDuration) {
    self.eyes = eyes
    self.manifestLifetime = manifestLifetime
    self.slack = slack
  }

  mutating func observe(_ event: ClusterEvent, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    switch event {
    case .topicCreated(let topic, _, let logStarts):
      for (index, start) in logStarts.enumerated() {
        states[TopicPartition(topic: topic, index: UInt32(index)), default: State()].logStart = start
      }
    case .topicConfigured(let topic, let settings): self.settings[topic] = settings
    case .topicDeleted(let topic): delete(topic)
    case .segmentRegistered(let partition, let row): register(partition, row, stamp)
    case .logStartRaised(let partition, _, let to): raise(partition, to, stamp, labels, &found)
    case .rowsSwapped(let partition, _, let replacements):
      for replacement in replacements { swap(partition, replacement, stamp, labels, &found) }
    case .metadataRecovered: recover(stamp, labels, &found)
    case .objectMissing(let partition, let key, let age) where !lost.contains(key):
      missing(partition, key, age, stamp, labels, &found)
    case .transaction(let event): observe(event)
    default: break
    }
  }

  private mutating func register(_ partition: TopicPartition, _ row: SegmentRow, _ stamp: EventStamp) {
    states[partition, default: State()].rows.append(KnownRow(row: row, since: stamp.time))
    states[partition, default: State()].registrations.append((row.end, stamp.time))
  }

  private mutating func observe(_ event: TransactionEvent) {
    switch event {
    case .rangeRegistered(let partition, let range, let isAborted):
      if isAborted {
        states[partition, default: State()].aborted.append(range.offsets)
      } else {
        openRanges[range.transaction, default: []].append((partition, range.offsets))
      }
    case .ended(let transaction, let outcome, _): end(transaction, outcome)
    case .recovered(let ended): for ended in ended { end(ended.transaction, ended.outcome) }
    case .began: break
    }
  }

  private mutating func end(_ transaction: TransactionID, _ outcome: TransactionOutcome) {
    for range in openRanges.removeValue(forKey: transaction) ?? [] where outcome == .aborted {
      states[range.partition, default: State()].aborted.append(range.offsets)
    }
  }

  // MARK: M

  private func missing(
    _ partition: TopicPartition, _ key: ObjectKey, _ age: VirtualDuration, _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    guard age <= manifestLifetime else { return }
    found.add(
      Violation(
        .manifestsHold, at: stamp.time,
        "\(labels.host(stamp.host)) did not find the object \(key) of \(labels.partition(partition)) at \(stamp.time), although its manifest was only \(age) old",
        events: [stamp.number]))
  }

  // MARK: Retention and deletion

  private mutating func delete(_ topic: TopicID) {
    deletedTopics.insert(topic)
    for partition in states.keys.sorted() where partition.topic == topic {
      for known in states[partition]?.rows ?? [] { forget(known, of: partition) }
      states[partition]?.rows = []
    }
  }

  /// Notes what a row held as removed.
  private mutating func forget(_ known: KnownRow, of partition: TopicPartition) {
    guard known.row.recordCount > 0, let contents = SegmentContents(eyes.object(known.row.key)) else { return }
    removed.append((partition, contents.records.map(\.observed)))
  }

  private mutating func raise(
    _ partition: TopicPartition, _ offset: UInt64, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    let rows = states[partition]?.rows ?? []
    let gone = rows.prefix { $0.row.end <= offset }
    var size = rows.reduce(0) { $0 + $1.row.size }
    for known in gone {
      if !mayGo(known, partition, size, stamp) {
        let age = stamp.time - known.since
        found.add(
          Violation(
            .acknowledgedIsStored, at: stamp.time,
            "retention took offsets \(known.row.base)..<\(known.row.end) of \(labels.partition(partition)) at \(stamp.time), \(age) after their registration and with \(size) bytes in the partition: no limit of the topic allows that",
            events: [stamp.number]))
      }
      size -= known.row.size
      forget(known, of: partition)
    }
    states[partition, default: State()].rows.removeFirst(gone.count)
    states[partition, default: State()].logStart = offset
    if let next = states[partition]?.rows.first?.row, next.base != offset {
      found.add(
        Violation(
          .noHoles, at: stamp.time,
          "the log of \(labels.partition(partition)) was made to start at \(offset) at \(stamp.time), which is no segment's end",
          events: [stamp.number]))
    }
  }

  private func mayGo(_ known: KnownRow, _ partition: TopicPartition, _ size: UInt64, _ stamp: EventStamp) -> Bool {
    guard let settings = settings[partition.topic] else { return false }
    if let time = settings.retentionTime, stamp.time - known.since + slack >= time { return true }
    if let limit = settings.retentionBytes, size - known.row.size >= limit { return true }
    return false
  }

  // MARK: Recovery, and the end

  /// At the end of a run, too, the service may have decided what it has not told yet; one that is down or recovering has nothing to show.
  mutating func finish(_ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    guard states.keys.contains(where: { eyes.view($0) != nil }) else { return }
    recover(stamp, labels, &found)
  }

  /// What had become durable and was not told when the service died is told by its state now.
  private mutating func recover(_ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    for partition in states.keys.sorted() where !deletedTopics.contains(partition.topic) {
      guard let view = eyes.view(partition) else {
        delete(partition.topic)
        continue
      }
      settings[partition.topic] = view.settings
      if view.logStart > states[partition]?.logStart ?? 0 { raise(partition, view.logStart, stamp, labels, &found) }
      let known = states[partition]?.rows ?? []
      let end = known.last?.row.end ?? view.logStart
      for row in view.rows {
        if row.base >= end {
          register(partition, row, stamp)
        } else if row.compaction > 0, !known.contains(where: { $0.row == row }) {
          let old = known.map(\.row).filter { row.base <= $0.base && $0.end <= row.end }
          swap(partition, RowReplacement(old: old, new: row), stamp, labels, &found)
        }
      }
    }
  }

  // MARK: What others ask

  /// Where a reader at an offset may go on without having been handed anything: behind what retention took, and behind rows without records.
  func passable(_ partition: TopicPartition, from offset: UInt64) -> UInt64 {
    guard let state = states[partition] else { return offset }
    var offset = max(offset, state.logStart)
    for known in state.rows where known.row.recordCount == 0 && known.row.base <= offset {
      offset = max(offset, known.row.end)
    }
    return offset
  }

  mutating func noteRemoved(_ records: [ObservedRecord], of partition: TopicPartition) {
    if !records.isEmpty { removed.append((partition, records)) }
  }
}
