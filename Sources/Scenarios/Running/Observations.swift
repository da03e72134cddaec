import Histogram
import Nodes
import Simulation

/// Gathers figures, timeline and leaderships while a run goes on.
struct Observations {
  private static let longest: UInt64 = 3_600_000_000
  private var produce = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)
  private var endToEnd = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)
  private(set) var series: [SecondFigures] = []
  /// Produce latencies of the second that runs, in microseconds.
  private var secondLatencies: [UInt64] = []
  private var second = 0
  private(set) var timeline: [TimelineEntry] = []
  private(set) var leaderships: [Leadership] = []
  private var openLeaderships: [String: Int] = [:]
  private var failedUploads: [String: Int] = [:]
  private let labels: Labels

  /// Most entries of a timeline and most leaderships that are kept.
  static let limit = 10_000

  init(labels: Labels) { self.labels = labels }

  mutating func observe(_ event: HeardEvent, _ stamp: EventStamp, _ history: History) {
    switch event {
    case .workload(let event): observe(event, stamp, history)
    case .cluster(let event): observe(event, stamp)
    case .agent(let event): observe(event, stamp)
    case .pipeline, .other: break
    }
  }

  private mutating func observe(_ event: AgentEvent, _ stamp: EventStamp) {
    let agent = labels.host(stamp.host)
    switch event {
    // Those that are there from the start are not worth a line.
    case .joined where stamp.time > .start + .seconds(1): tell(.recovery, stamp, "\(agent) reports for the first time")
    case .left: tell(.lease, stamp, "\(agent) has handed everything over and ends")
    case .breakerOpened: tell(.recovery, stamp, "\(agent) gives the object store a rest")
    case .breakerClosed: tell(.recovery, stamp, "\(agent) finds the object store working again")
    case .joined, .leaving, .leadershipFrozen, .breakerHalfOpened: break
    }
  }

  // MARK: Figures

  private mutating func observe(_ event: WorkloadEvent, _ stamp: EventStamp, _ history: History) {
    switch event {
    case .batchDelivered(_, let batch):
      guard case .acknowledged = batch.outcome else { return }
      advance(to: stamp.time)
      series[second].acknowledged += batch.tags.count
      // Times of one host's clock: their difference is a length of its own time.
      guard let record = batch.tags.first.map({ WorkloadRecord(identity: $0) }), let sent = history.batch(of: record)
      else { return }
      let microseconds = UInt64(max((stamp.time - sent.appendedAt).nanoseconds / 1_000, 0))
      produce.record(min(microseconds, Self.longest))
      secondLatencies.append(microseconds)
    case .polled(let records):
      advance(to: stamp.time)
      series[second].delivered += records.contents.count
      measure(records, stamp, history)
    default: break
    }
  }

  private mutating func measure(_ records: PolledRecords, _ stamp: EventStamp, _ history: History) {
    var previous: UInt32?
    var microseconds: UInt64 = 0
    for record in records.contents where record.content >> 63 == 0 {
      let record = WorkloadRecord(identity: record.content)
      guard let place = history.place(of: record) else { continue }
      if place.batch != previous {
        previous = place.batch
        let appended = history.batches[Int(place.batch)].appendedAt
        microseconds = min(UInt64(max((stamp.time - appended).nanoseconds / 1_000, 0)), Self.longest)
      }
      endToEnd.record(microseconds)
    }
  }

  private mutating func advance(to time: VirtualTime) {
    let now = Int(time.nanoseconds / 1_000_000_000)
    guard now >= second, now != second || series.isEmpty else { return }
    closeSecond()
    while series.count <= now { series.append(SecondFigures()) }
    second = now
  }

  private mutating func closeSecond() {
    guard series.indices.contains(second), !secondLatencies.isEmpty else { return }
    secondLatencies.sort()
    series[second].produceP50 = Double(secondLatencies[secondLatencies.count / 2]) / 1_000
    series[second].produceP99 = Double(secondLatencies[secondLatencies.count * 99 / 100]) / 1_000
    secondLatencies.removeAll(keepingCapacity: true)
  }

  /// The quantiles so far.
  mutating func figures() -> (produce: LatencyFigures, endToEnd: LatencyFigures) {
    closeSecond()
    func figures(_ histogram: Histogram<UInt64>) -> LatencyFigures {
      var figures = LatencyFigures()
      guard histogram.totalCount > 0 else { return figures }
      figures.p50 = Double(histogram.valueAtPercentile(50)) / 1_000
      figures.p99 = Double(histogram.valueAtPercentile(99)) / 1_000
      figures.max = Double(histogram.max) / 1_000
      return figures
    }
    return (figures(produce), figures(endToEnd))
  }

  // MARK: What mattered

  private mutating func observe(_ event: ClusterEvent, _ stamp: EventStamp) {
    let host = labels.host(stamp.host)
    switch event {
    case .leaseGranted(let partition, let epoch, let holder, let previous):
      guard let previous, previous.agent != holder.agent else { return }
      tell(
        .lease, stamp,
        "the lease of \(labels.partition(partition)) moves from \(labels.host(previous.agent)) to \(labels.host(holder.agent)), epoch \(epoch)"
      )
    case .leadershipBegan(let partition, let epoch, _): begin(partition, epoch, stamp)
    case .leadershipEnded(let partition, let epoch, let reason):
      end(host, partition, epoch, stamp.time)
      let why =
        switch reason {
        case .handedBack: "hands \(labels.partition(partition)) back"
        case .leaseLost: "learns that it has lost \(labels.partition(partition))"
        case .fenced: "is fenced off \(labels.partition(partition)): a newer epoch than \(epoch) has begun"
        case .objectTaken: "gives \(labels.partition(partition)) up: another writer's object stands in its place"
        case .topicDeleted: "gives \(labels.partition(partition)) up: the topic was deleted"
        }
      tell(.lease, stamp, "\(host) \(why)")
    case .epochFenced(let partition, let epoch):
      tell(.recovery, stamp, "epoch \(epoch) of \(labels.partition(partition)) is closed for good")
    case .metadataRecovered:
      tell(.recovery, stamp, "the metadata service has recovered from its journal")
    case .metadataUnrecoverable(let reason): tell(.recovery, stamp, "the metadata service cannot recover: \(reason)")
    case .logRecovered(let partition, let epoch, let entries, let registered, let torn):
      let tail = torn > 0 ? ", \(torn) torn bytes dropped" : ""
      tell(
        .recovery, stamp,
        "\(host) reads its log of \(labels.partition(partition)), epoch \(epoch): \(entries) batches, \(registered) of them registered already\(tail)"
      )
    case .logHandedOver(let partition, let epoch, let entries):
      tell(
        .recovery, stamp,
        "\(host) has stored \(entries) batches from its log of \(labels.partition(partition)), epoch \(epoch)")
    case .uploadFailed(let partition, let base, _, let attempt):
      // The first failure of a run of them is told, and then each tenth.
      if attempt == 1 || attempt % 10 == 0 {
        tell(
          .recovery, stamp,
          "\(host) tries the upload of \(labels.partition(partition)) from offset \(base) again (try \(attempt) failed)"
        )
      }
    case .transaction(.ended(let transaction, .aborted, .timedOut)):
      tell(.recovery, stamp, "\(transaction) is aborted: its time is over")
    case .transaction(.ended(let transaction, .aborted, .fenced)):
      tell(.recovery, stamp, "\(transaction) is aborted: a later user of its producer's name has followed")
    case .group(let event): observe(event, stamp)
    case .topicCreated, .leaseReleased, .segmentRegistered, .offsetCommitted, .transaction, .topicConfigured,
      .topicDeleted,
      .logStartRaised, .compactionClaimed, .rowsSwapped, .objectMissing, .objectRemoved:
      observeOldSegments(event, stamp)
    }
  }

  /// What becomes of topics and of their old segments.
  private mutating func observeOldSegments(_ event: ClusterEvent, _ stamp: EventStamp) {
    switch event {
    case .topicDeleted(let topic):
      tell(.recovery, stamp, "topic \(topic.rawValue) is deleted")
    case .logStartRaised(let partition, let from, let to):
      tell(.recovery, stamp, "retention takes offsets \(from)..<\(to) of \(labels.partition(partition))")
    case .rowsSwapped(let partition, let intent, let replacements):
      let before = replacements.reduce(0) { $0 + $1.old.reduce(0) { $0 + $1.recordCount } }
      let after = replacements.reduce(0) { $0 + $1.new.recordCount }
      tell(
        .recovery, stamp,
        "compaction \(intent) of \(labels.partition(partition)) keeps \(after) of \(before) records")
    case .objectMissing(let partition, let key, let age):
      tell(
        .recovery, stamp,
        "\(labels.host(stamp.host)) does not find \(key) of \(labels.partition(partition)), by a manifest \(age) old")
    case .objectRemoved(let key, let isOrphan):
      if isOrphan { tell(.recovery, stamp, "the orphan \(key) is deleted") }
    default: break
    }
  }

  private mutating func observe(_ event: GroupEvent, _ stamp: EventStamp) {
    switch event {
    case .memberJoined(let group, let member, let host, _, let generation, let isNew):
      let how = isNew ? "joins" : "comes back to"
      tell(.lease, stamp, "\(labels.host(host)) \(how) group \(group) as member \(member), generation \(generation)")
    case .memberRemoved(let group, let member, let generation, let hasLeft):
      let why = hasLeft ? "has left group" : "was not heard of for too long by group"
      tell(.lease, stamp, "member \(member) \(why) \(group), generation \(generation)")
    case .owned, .recovered: break
    }
  }

  private mutating func tell(_ kind: TimelineEntry.Kind, _ stamp: EventStamp, _ text: String) {
    guard timeline.count < Self.limit else { return }
    timeline.append(TimelineEntry(at: stamp.time, event: stamp.number, kind: kind, text: text))
  }

  private mutating func begin(_ partition: TopicPartition, _ epoch: Epoch, _ stamp: EventStamp) {
    guard leaderships.count < Self.limit else { return }
    let label = labels.partition(partition)
    let agent = labels.host(stamp.host)
    // A crash ends a leadership without a word: the next one of the agent or of the partition shows it.
    if let open = openLeaderships[label], leaderships[open].end == nil { leaderships[open].end = stamp.time }
    openLeaderships[label] = leaderships.count
    leaderships.append(Leadership(partition: label, agent: agent, epoch: epoch, begin: stamp.time, end: nil))
  }

  private mutating func end(_ agent: String, _ partition: TopicPartition, _ epoch: Epoch, _ time: VirtualTime) {
    guard let open = openLeaderships[labels.partition(partition)], leaderships[open].agent == agent,
      leaderships[open].epoch == epoch, leaderships[open].end == nil
    else { return }
    leaderships[open].end = time
  }

  /// A machine went down: what it led is led by nobody.
  mutating func crashed(_ agent: String, at time: VirtualTime) {
    for index in leaderships.indices where leaderships[index].agent == agent && leaderships[index].begin <= time {
      leaderships[index].end = min(leaderships[index].end ?? time, time)
    }
  }
}
