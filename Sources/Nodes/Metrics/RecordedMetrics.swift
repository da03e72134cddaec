import Simulation

/// Which metrics are counted from what a run's watcher is told; the others are read from the nodes' own state.
enum RecordedMetrics {
  /// By place in the catalogue: counters without labels that are told even while they are 0.
  static let isRecordedCounter: [Bool] = {
    var isRecorded = [Bool](repeating: false, count: MetricCatalogue.all.count)
    for (_, index) in probes { isRecorded[index] = true }
    for index in told { isRecorded[index] = true }
    return isRecorded
  }()

  /// The metrics that count how often a probe was hit on a host. Read by name only, never in its order.
  static let ofProbe: [String: Int] = Dictionary(
    probes.map { ($0.0.name.description, $0.1) }, uniquingKeysWith: { first, _ in first })

  /// Counted from events and messages.
  private static let told: [Int] =
    [
      HostMetric.messagesSent, .bytesSent, .messagesLost, .callFailures,
    ].map(\.index)
    + [AgentMetric.connectionsOpened, .leadershipsBegun].map(\.index)
    + [
      MetadataMetric.leasesGranted, .leasesReleased, .epochsFenced, .registeredSegments, .registeredRecords,
      .registeredBytes, .membersJoined, .sharesGiven, .commits, .transactionsBegun, .retiredRecords,
      .compactionsClaimed, .compactionsDone, .compactedRecords,
    ].map(\.index)
    + [
      ConsumerMetric.polledRecords, .omittedRecords, .fetchedBytes, .partitionsAssigned, .partitionsRevoked,
      .partitionsLost, .positionResets, .missingObjects, .failures, .commitsRefused,
    ].map(\.index)
    + [MaintainerMetric.removedObjects, .removedOrphans, .readBytes].map(\.index)

  private static let probes: [(Probe, Int)] =
    [
      (Probe.uploadRetried, AgentMetric.uploadRetries), (.uploadHedged, .uploadHedges),
      (.uploadFoundItsOwnObject, .uploadConflicts), (.uploadFoundForeignObject, .uploadConflicts),
      (.breakerOpened, .breakerOpens), (.rateLoweredByStore, .uploadThrottles),
      (.uploadLimitedByRate, .uploadDelays), (.leaseExpired, .leasesExpired), (.leaseLost, .leasesLost),
      (.handoverCutShort, .handoversCutShort), (.quotaRefused, .quotaRefusals), (.creditsRefused, .creditRefusals),
      (.memoryBoundReached, .memoryRefusals), (.produceRefusedAsOverloaded, .overloadRefusals),
      (.sequenceGapRefused, .sequenceGaps), (.duplicateAnswered, .duplicates),
      (.duplicateJoinedInFlight, .duplicates), (.logWriteFailed, .logFailures),
      (.acknowledgementWithheld, .acknowledgementsWithheld), (.registrationRetried, .registrationRetries),
    ].map { ($0.0, $0.1.index) }
    + [
      (Probe.metadataSnapshotWritten, MetadataMetric.snapshots), (.metadataRecovered, .recoveries),
      (.leaseMoved, .leasesMoved), (.leaseHandedOver, .leasesHandedOver),
      (.registrationRefusedByEpoch, .registrationsRefused), (.commitRefused, .commitsRefused),
      (.lateCommitRefused, .commitsRefused), (.compactionRefused, .compactionsRefused),
      (.compactionTakenOver, .compactionsTakenOver), (.unregisteredObjectSpared, .objectsSpared),
    ].map { ($0.0, $0.1.index) }
    + [(Probe.conditionalWriteDisturbed, ObjectStoreMetric.disturbedWrites)].map { ($0.0, $0.1.index) }
    + [
      (Probe.batchRetried, ProducerMetric.retries), (.batchRedirected, .redirects),
      (.batchReroutedToNewLeader, .reroutes), (.retriesExhausted, .retriesExhausted),
      (.producerIdentityRenewed, .identitiesRenewed), (.producerBufferFull, .bufferFullWaits),
      (.transactionRequestRetried, .transactionRetries),
    ].map { ($0.0, $0.1.index) }
    + [
      (Probe.fetchRetried, ConsumerMetric.fetchRetries), (.readAheadHit, .readAheadHits),
      (.consumerResumedFromCommit, .committedResumes), (.sessionEndedByOwnClock, .sessionsLost),
      (.applicationTooSlow, .slowPolls), (.staleManifestRefreshed, .staleManifests),
    ].map { ($0.0, $0.1.index) }
    + [(Probe.tombstoneDropped, MaintainerMetric.droppedTombstones)].map { ($0.0, $0.1.index) }
}
