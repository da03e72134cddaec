import Simulation

// What the events of nodes say, in figures.
extension MetricsRecorder {
  /// Takes in what a node told the world.
  public func observe(_ event: any DomainEvent, _ stamp: EventStamp) {
    let process = process(stamp.host, stamp.incarnation)
    switch event {
    case let event as ClusterEvent: count(event, process)
    case let event as ConsumerAssigned: process.add(Int64(event.positions.count), to: ConsumerMetric.partitionsAssigned)
    case let event as ConsumerRevoked:
      process.add(
        Int64(event.partitions.count),
        to: event.isLost ? ConsumerMetric.partitionsLost : ConsumerMetric.partitionsRevoked)
    case let event as ConsumerMoved: if event.reason == .reset { process.add(to: ConsumerMetric.positionResets) }
    default: break
    }
  }

  private func count(_ event: ClusterEvent, _ process: ProcessMetrics) {
    switch event {
    case .leaseGranted: process.add(to: MetadataMetric.leasesGranted)
    case .leaseReleased: process.add(to: MetadataMetric.leasesReleased)
    case .epochFenced: process.add(to: MetadataMetric.epochsFenced)
    case .segmentRegistered(_, let row):
      process.add(to: MetadataMetric.registeredSegments)
      process.add(Int64(row.recordCount), to: MetadataMetric.registeredRecords)
      process.add(Int64(row.size), to: MetadataMetric.registeredBytes)
    case .offsetCommitted: process.add(to: MetadataMetric.commits)
    case .logStartRaised(_, let from, let to): process.add(Int64(to - from), to: MetadataMetric.retiredRecords)
    case .compactionClaimed: process.add(to: MetadataMetric.compactionsClaimed)
    case .rowsSwapped(_, _, let replacements):
      process.add(to: MetadataMetric.compactionsDone)
      let before = replacements.reduce(0) { $0 + $1.old.reduce(0) { $0 + Int64($1.recordCount) } }
      let after = replacements.reduce(0) { $0 + Int64($1.new.recordCount) }
      process.add(max(before - after, 0), to: MetadataMetric.compactedRecords)
    case .objectMissing: process.add(to: ConsumerMetric.missingObjects)
    case .objectRemoved(_, let isOrphan):
      process.add(to: isOrphan ? MaintainerMetric.removedOrphans : MaintainerMetric.removedObjects)
    case .leadershipBegan: process.add(to: AgentMetric.leadershipsBegun)
    case .leadershipEnded(_, _, let reason): process.add(to: AgentMetric.leadershipsEnded, [reason.rawValue])
    case .transaction(let event): count(event, process)
    case .group(let event): count(event, process)
    case .topicCreated, .metadataRecovered, .metadataUnrecoverable, .topicConfigured, .topicDeleted, .uploadFailed,
      .logRecovered, .logHandedOver:
      break
    }
  }

  private func count(_ event: TransactionEvent, _ process: ProcessMetrics) {
    switch event {
    case .began: process.add(to: MetadataMetric.transactionsBegun)
    case .ended(_, let outcome, let reason):
      process.add(to: MetadataMetric.transactionsEnded, [outcome.rawValue, reason.rawValue])
    case .rangeRegistered, .recovered: break
    }
  }

  private func count(_ event: GroupEvent, _ process: ProcessMetrics) {
    switch event {
    case .memberJoined: process.add(to: MetadataMetric.membersJoined)
    case .memberRemoved(_, _, _, let hasLeft):
      process.add(to: MetadataMetric.membersRemoved, [hasLeft ? "left" : "expired"])
    case .owned: process.add(to: MetadataMetric.sharesGiven)
    case .recovered: break
    }
  }
}
