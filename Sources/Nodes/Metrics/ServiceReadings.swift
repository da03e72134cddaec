import Simulation

// What the services' own state says at the time of a sample. Only looked at: nothing here changes a node.

extension Agent {
  /// Adds what this agent knows of itself.
  public func read(into sample: MetricSample) {
    sample.set(AgentMetric.appendedBatches, tally.batches)
    sample.set(AgentMetric.appendedRecords, tally.records)
    sample.set(AgentMetric.appendedBytes, tally.bytes)
    sample.set(AgentMetric.unregisteredBytes, admission.memory)
    sample.set(AgentMetric.segmentSize, tally.segmentBytes)
    sample.set(AgentMetric.registrationDuration, tally.registrations)
    sample.set(AgentMetric.logGroupSize, tally.logGroups)
    sample.set(AgentMetric.uploads, tally.uploads)
    sample.set(AgentMetric.breakerState, gate.breaker.state.number)
    sample.set(AgentMetric.uploadRateLimit, gate.rate.rate / 1_000)
    sample.set(AgentMetric.logHandovers, handovers)
    let disk = host.disk
    sample.set(
      AgentMetric.logBytes,
      disk.names(prefix: SegmentNaming.logPrefix).reduce(0) { $0 + (disk.size(of: $1) ?? 0) })
    readLeaderships(into: sample)
  }

  private func readLeaderships(into sample: MetricSample) {
    var (open, sealed, uploading) = (0, 0, 0)
    var margin: VirtualDuration?
    // In any order: only sums and the least are taken.
    for leader in leaders.values {
      let state = leader.assumeIsolated {
        (open: $0.open == nil ? 0 : 1, sealed: $0.sealed.count, uploading: $0.uploading, end: $0.leaseEnd)
      }
      open += state.open
      sealed += state.sealed
      uploading += state.uploading
      margin = min(margin ?? state.end - host.now, state.end - host.now)
    }
    sample.set(AgentMetric.leasesHeld, leaders.count)
    if let margin { sample.set(AgentMetric.leaseMargin, margin) }
    sample.set(AgentMetric.openSegments, open)
    sample.set(AgentMetric.sealedSegments, sealed)
    sample.set(AgentMetric.uploadsInFlight, uploading)
  }
}

extension CircuitBreaker.State {
  /// 0 closed, 1 half open, 2 open.
  fileprivate var number: Int {
    switch self {
    case .closed: 0
    case .halfOpen: 1
    case .open: 2
    }
  }
}

extension MetadataService {
  /// Adds what the service knows of itself.
  public func read(into sample: MetricSample) {
    sample.set(MetadataMetric.serving, isServing)
    sample.set(MetadataMetric.journalEntries, journal.synced)
    sample.set(MetadataMetric.journalBytes, journal.written.bytes)
    sample.set(MetadataMetric.journalUnsynced, journal.appended - journal.synced)
    sample.set(MetadataMetric.journalGroupSize, journal.written.groups)
    sample.set(MetadataMetric.journalSyncDuration, journal.written.syncs)
    sample.set(MetadataMetric.snapshotBytes, journal.latestSnapshotBytes)
    sample.set(MetadataMetric.journalSinceSnapshot, journal.journaledBytes)
    sample.set(MetadataMetric.agentsAlive, agents.living(at: host.now, timeout: configuration.agentTimeout).count)
    sample.set(MetadataMetric.removalsDue, state.removals.keys.count)
    sample.set(MetadataMetric.openTransactions, state.transactions.open.count)
    readTopics(into: sample)
    readGroups(into: sample)
  }

  private func readTopics(into sample: MetricSample) {
    var held = 0
    for topic in state.topics.topics(after: nil) {
      var (segments, bytes, undecided) = (0, UInt64(0), UInt64(0))
      for (index, row) in topic.partitions.enumerated() {
        if leader(of: TopicPartition(topic: topic.id, index: UInt32(index))) != nil { held += 1 }
        segments += row.segments.count
        bytes += row.segments.reduce(0) { $0 + $1.size }
        undecided += row.watermark - min(row.lastStableOffset, row.watermark)
        sample.set(MetadataMetric.watermark, row.watermark, topic.name, "\(index)")
        sample.set(MetadataMetric.logStart, row.logStart, topic.name, "\(index)")
      }
      sample.set(MetadataMetric.segments, segments, topic.name)
      sample.set(MetadataMetric.segmentBytes, bytes, topic.name)
      sample.set(MetadataMetric.undecidedRecords, undecided, topic.name)
    }
    sample.set(MetadataMetric.topics, state.topics.count)
    sample.set(MetadataMetric.partitions, state.topics.partitionCount)
    sample.set(MetadataMetric.leasesHeld, held)
    sample.set(MetadataMetric.leasesMissing, state.topics.partitionCount - held)
  }

  private func readGroups(into sample: MetricSample) {
    sample.set(MetadataMetric.groups, state.groups.groups.count)
    for group in state.groups.groups {
      sample.set(MetadataMetric.groupMembers, group.members.count, group.name)
      sample.set(MetadataMetric.groupGeneration, group.generation, group.name)
    }
    for group in state.positions.groups {
      var lags: [TopicID: UInt64] = [:]
      for stored in group.offsets {
        let watermark = state.topics.read(stored.partition) { $0.watermark } ?? stored.offset
        lags[stored.partition.topic, default: 0] += watermark - min(stored.offset, watermark)
      }
      for topic in lags.keys.sorted() {
        guard let name = state.topics[topic]?.name else { continue }
        sample.set(MetadataMetric.groupLag, lags[topic] ?? 0, group.name, name)
      }
    }
  }
}

extension ObjectStore {
  /// Adds what the store knows of itself.
  public func read(into sample: MetricSample) {
    let usage = usage
    sample.set(ObjectStoreMetric.bytesIn, usage.bytesIn)
    sample.set(ObjectStoreMetric.bytesOut, usage.bytesOut)
    sample.set(ObjectStoreMetric.throttled, usage.throttled)
    sample.set(ObjectStoreMetric.storedBytes, usage.storedBytes)
    sample.set(ObjectStoreMetric.storedObjects, bucket.keys.count)
    sample.set(ObjectStoreMetric.unfinishedUploads, unfinishedUploads.count)
    sample.set(ObjectStoreMetric.unfinishedBytes, usage.orphanBytes)
    sample.set(ObjectStoreMetric.prefixes, rates.prefixes.count)
    sample.set(ObjectStoreMetric.cost, usage.nanoDollars)
  }
}

extension Maintainer {
  /// Adds what this maintainer knows of itself.
  public func read(into sample: MetricSample) {
    sample.set(MaintainerMetric.claims, claims)
    sample.set(MaintainerMetric.compacting, isCompacting)
  }
}
