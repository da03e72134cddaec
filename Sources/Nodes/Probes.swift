import Simulation

// The states worth reaching, by role; a sweep tells which of them it never reached.
extension Probe {
  /// An upload failed and was tried again.
  public static let uploadRetried = Probe("uploadRetried")
  /// An upload was asked for a second time because the first was not answered in time.
  public static let uploadHedged = Probe("uploadHedged")
  /// An upload was refused because its own earlier try had stored the object.
  public static let uploadFoundItsOwnObject = Probe("uploadFoundItsOwnObject")
  /// An upload was refused because another writer's object stands there.
  public static let uploadFoundForeignObject = Probe("uploadFoundForeignObject")
  /// A registration was not answered and was tried again.
  public static let registrationRetried = Probe("registrationRetried")
  /// A registration of an older epoch was refused.
  public static let registrationRefusedByEpoch = Probe("registrationRefusedByEpoch")
  /// A registration was repeated and answered with success.
  public static let registrationRepeated = Probe("registrationRepeated")
  /// A segment was registered under a lease that had run out and that nobody had taken.
  public static let registrationWhileLeaseExpired = Probe("registrationWhileLeaseExpired")
  /// A lease went from one agent to another because it had run out.
  public static let leaseMoved = Probe("leaseMoved")
  /// An agent found that its lease had run out by its own clock.
  public static let leaseExpired = Probe("leaseExpired")
  /// A lease that had run out and that nobody had taken was renewed.
  public static let leaseRenewedAfterExpiry = Probe("leaseRenewedAfterExpiry")
  /// An agent learned that its lease belongs to somebody else.
  public static let leaseLost = Probe("leaseLost")
  /// A request for a lease was repeated and got the same lease.
  public static let acquireRepeated = Probe("acquireRepeated")
  /// A logged batch was not acknowledged because the lease no longer held.
  public static let acknowledgementWithheld = Probe("acknowledgementWithheld")
  /// A batch was not acknowledged because the log's disk did not take it.
  public static let logWriteFailed = Probe("logWriteFailed")
  /// A batch was sent again while its first delivery was in flight.
  public static let duplicateJoinedInFlight = Probe("duplicateJoinedInFlight")
  /// A batch was sent again after it had been stored.
  public static let duplicateAnswered = Probe("duplicateAnswered")
  /// A batch was refused because an earlier one of its producer is missing.
  public static let sequenceGapRefused = Probe("sequenceGapRefused")
  /// A batch was refused because too much of its partition waits to be stored.
  public static let produceRefusedAsOverloaded = Probe("produceRefusedAsOverloaded")
  /// A log held entries that its epoch had registered; they were left out.
  public static let logEntrySkippedAsRegistered = Probe("logEntrySkippedAsRegistered")
  /// A log entry that was not registered was stored with the current leader.
  public static let logEntryHandedOver = Probe("logEntryHandedOver")
  /// A log ended in a torn entry.
  public static let logTornTailDropped = Probe("logTornTailDropped")
  /// The metadata service recovered from its journal.
  public static let metadataRecovered = Probe("metadataRecovered")
  /// The metadata service's journal ended in a torn entry, which was cut off.
  public static let journalTornTailCut = Probe("journalTornTailCut")
  /// The metadata service wrote a snapshot and forgot the journal before it.
  public static let metadataSnapshotWritten = Probe("metadataSnapshotWritten")
  /// The metadata service recovered from a snapshot and what was journaled behind it.
  public static let metadataRecoveredFromSnapshot = Probe("metadataRecoveredFromSnapshot")
  /// A topic was deleted while an agent led a partition of it.
  public static let topicDeletedUnderLease = Probe("topicDeletedUnderLease")
  /// A topic got the name of one that was deleted before.
  public static let topicNameUsedAgain = Probe("topicNameUsedAgain")
  /// Retention took segments because of their age.
  public static let retentionByTime = Probe("retentionByTime")
  /// Retention took segments because there were too many bytes.
  public static let retentionByBytes = Probe("retentionByBytes")
  /// A worker's compaction was refused because its intent was over or its rows had changed.
  public static let compactionRefused = Probe("compactionRefused")
  /// A compaction that nobody finished was begun anew.
  public static let compactionTakenOver = Probe("compactionTakenOver")
  /// Compacted rows took the place of others.
  public static let rowsCompacted = Probe("rowsCompacted")
  /// A compaction left a row without records.
  public static let rowEmptied = Probe("rowEmptied")
  /// A compaction dropped a tombstone.
  public static let tombstoneDropped = Probe("tombstoneDropped")
  /// An object whose row had gone was deleted.
  public static let objectRemoved = Probe("objectRemoved")
  /// An object that no row has and none can get was deleted.
  public static let orphanRemoved = Probe("orphanRemoved")
  /// An upload in parts that could add nothing any more was aborted on behalf of whoever had begun it.
  public static let orphanedUploadAborted = Probe("orphanedUploadAborted")
  /// A listed object without a row was spared: it may still be registered, or a compaction is making it.
  public static let unregisteredObjectSpared = Probe("unregisteredObjectSpared")
  /// An agent threw away what its log held of a topic that was deleted.
  public static let logOfDeletedTopicDropped = Probe("logOfDeletedTopicDropped")
  /// A batch was sent to another agent than before.
  public static let batchReroutedToNewLeader = Probe("batchReroutedToNewLeader")
  /// A batch was sent again.
  public static let batchRetried = Probe("batchRetried")
  /// An idempotent producer gave a batch up and began to number anew.
  public static let producerIdentityRenewed = Probe("producerIdentityRenewed")
  /// A segment could not be fetched and was asked for again.
  public static let fetchRetried = Probe("fetchRetried")
  /// A segment was read from the cache.
  public static let segmentServedByCache = Probe("segmentServedByCache")
  /// A consumer began at a stored position.
  public static let consumerResumedFromCommit = Probe("consumerResumedFromCommit")
  /// A consumer found a segment ready that it had fetched ahead of its use.
  public static let readAheadHit = Probe("readAheadHit")
  /// A consumer found segments on its disk that an earlier incarnation had left in its cache.
  public static let cacheAdoptedFiles = Probe("cacheAdoptedFiles")
  /// A consumer's disk did not take a file of its cache.
  public static let cacheDiskRefused = Probe("cacheDiskRefused")
  /// A consumer's position was not in the log.
  public static let positionOutOfRange = Probe("positionOutOfRange")
  /// A consumer asked for a list of segments again because the one that it had was too old to use.
  public static let staleManifestRefreshed = Probe("staleManifestRefreshed")
  /// A segment's object was not there, and the consumer asked for the list of segments again.
  public static let missingObjectLookedUpAgain = Probe("missingObjectLookedUpAgain")

  /// A reader of committed records passed over those of an aborted transaction.
  public static let abortedRecordsPassedOver = Probe("abortedRecordsPassedOver")
  /// A consumer that is no member of its group, or not any more, was told so.
  public static let memberFenced = Probe("memberFenced")
  /// A member was not heard of for too long and its partitions went to others.
  public static let sessionExpired = Probe("sessionExpired")
  /// A static member came back within its session and went on with its partitions.
  public static let staticMemberReturned = Probe("staticMemberReturned")
  /// A consumer asked again to join and got the same membership.
  public static let joinRepeated = Probe("joinRepeated")
  /// A heartbeat of a generation before the member's latest share was answered, and gave nothing back.
  public static let heartbeatOfOlderGeneration = Probe("heartbeatOfOlderGeneration")
  /// A commit was refused because its sender does not own the partition.
  public static let commitRefused = Probe("commitRefused")
  /// A commit that was older than one of its sender that had been stored was refused.
  public static let lateCommitRefused = Probe("lateCommitRefused")
  /// A consumer was to give partitions back while a poll of its waited for records.
  public static let rebalanceDuringPoll = Probe("rebalanceDuringPoll")
  /// A member of a group began to work on partitions.
  public static let partitionsAssigned = Probe("partitionsAssigned")
  /// A member gave partitions back for another.
  public static let partitionsRevoked = Probe("partitionsRevoked")
  /// A member found that its partitions may be others' already.
  public static let partitionsLost = Probe("partitionsLost")
  /// A member took its session for over because nothing had been heard from the service.
  public static let sessionEndedByOwnClock = Probe("sessionEndedByOwnClock")
  /// A consumer left its group because the application took too long between polls.
  public static let applicationTooSlow = Probe("applicationTooSlow")
  /// An agent had handed everything over and ended.
  public static let drainFinished = Probe("drainFinished")
  /// A lease went to the agent that waited for it in the instant in which its holder gave it back.
  public static let leaseHandedOver = Probe("leaseHandedOver")
  /// A leader that was to hand over could not bring everything to the object store in time, and passed the rest on.
  public static let handoverCutShort = Probe("handoverCutShort")
  /// An agent that nobody could succeed gave its leases back.
  public static let leftWithoutSuccessor = Probe("leftWithoutSuccessor")
  /// A batch was sent on to the agent that its partition's leader named as its successor.
  public static let batchRedirected = Probe("batchRedirected")
  /// A batch waited at the successor until that had the lease.
  public static let batchWaitedForLease = Probe("batchWaitedForLease")
  /// A lease was granted before its term was over, because its holder is known to be dead.
  public static let leaseOfDeadIncarnationTaken = Probe("leaseOfDeadIncarnationTaken")

  /// The object store failed so often in a row that an agent made no more requests for a while.
  public static let breakerOpened = Probe("breakerOpened")
  /// An agent tried whether the object store works again.
  public static let breakerHalfOpened = Probe("breakerHalfOpened")
  /// An agent found that the object store works again.
  public static let breakerClosed = Probe("breakerClosed")
  /// An agent makes fewer requests because the object store said that it was too much.
  public static let rateLoweredByStore = Probe("rateLoweredByStore")
  /// An upload had to wait because of the rate at which an agent makes requests.
  public static let uploadLimitedByRate = Probe("uploadLimitedByRate")
  /// A batch was refused because its client or topic had had its bytes.
  public static let quotaRefused = Probe("quotaRefused")
  /// A batch was refused because its producer had sent more than it has credits for.
  public static let creditsRefused = Probe("creditsRefused")
  /// A batch was refused because the agent holds as much as it may.
  public static let memoryBoundReached = Probe("memoryBoundReached")
  /// A transaction was aborted because its time was over.
  public static let transactionTimedOut = Probe("transactionTimedOut")
  /// A transaction was aborted because a later user of its producer's name had followed.
  public static let transactionFenced = Probe("transactionFenced")
  /// The commit of a producer whose name somebody else had taken up was refused.
  public static let zombieCommitRefused = Probe("zombieCommitRefused")
  /// Records of a transaction that was not open were registered, and count as aborted.
  public static let rangeRecordedAsAborted = Probe("rangeRecordedAsAborted")
  /// A producer asked for the outcome of a begin, commit or abort again.
  public static let transactionRequestRetried = Probe("transactionRequestRetried")
  /// A commit or an abort was repeated and answered with success.
  public static let transactionEndRepeated = Probe("transactionEndRepeated")

  /// Probes of guards that nothing reaches while all parts keep to the protocol, with the reason. A sweep does not miss them, and says so where one is hit.
  public static let ofGuards: [(probe: Probe, reason: String)] = [
    (
      .uploadFoundForeignObject,
      "a key names topic, partition, offset and epoch; an epoch is granted once, to one incarnation, and gives an offset to one segment, whose tries all carry one mark"
    )
  ]

  /// All probes of the cluster.
  public static let all: [Probe] = [
    .uploadRetried, .uploadHedged, .uploadFoundItsOwnObject, .uploadFoundForeignObject, .registrationRetried,
    .registrationRefusedByEpoch, .registrationRepeated, .registrationWhileLeaseExpired, .leaseMoved, .leaseExpired,
    .leaseRenewedAfterExpiry, .leaseLost, .acquireRepeated, .acknowledgementWithheld, .logWriteFailed,
    .duplicateJoinedInFlight,
    .duplicateAnswered, .sequenceGapRefused, .produceRefusedAsOverloaded, .logEntrySkippedAsRegistered,
    .logEntryHandedOver, .logTornTailDropped, .metadataRecovered, .journalTornTailCut, .metadataSnapshotWritten,
    .metadataRecoveredFromSnapshot, .topicDeletedUnderLease, .topicNameUsedAgain, .retentionByTime, .retentionByBytes,
    .compactionRefused, .compactionTakenOver, .rowsCompacted, .rowEmptied, .tombstoneDropped, .objectRemoved,
    .orphanRemoved, .orphanedUploadAborted, .unregisteredObjectSpared, .logOfDeletedTopicDropped,
    .batchReroutedToNewLeader,
    .batchRetried,
    .producerIdentityRenewed, .fetchRetried, .segmentServedByCache, .consumerResumedFromCommit,
    .readAheadHit, .cacheAdoptedFiles, .cacheDiskRefused, .positionOutOfRange, .staleManifestRefreshed,
    .missingObjectLookedUpAgain,
    .abortedRecordsPassedOver, .memberFenced, .sessionExpired, .staticMemberReturned, .joinRepeated,
    .heartbeatOfOlderGeneration, .commitRefused, .lateCommitRefused, .rebalanceDuringPoll, .partitionsAssigned,
    .partitionsRevoked, .partitionsLost, .sessionEndedByOwnClock, .applicationTooSlow,
    .drainFinished, .leaseHandedOver, .handoverCutShort, .leftWithoutSuccessor, .batchRedirected, .batchWaitedForLease,
    .leaseOfDeadIncarnationTaken, .breakerOpened, .breakerHalfOpened, .breakerClosed, .rateLoweredByStore,
    .uploadLimitedByRate, .quotaRefused, .creditsRefused, .memoryBoundReached,
    .transactionTimedOut, .transactionFenced, .zombieCommitRefused, .rangeRecordedAsAborted, .transactionEndRepeated,
    .transactionRequestRetried,
    .prefixThrottled, .hotPrefixSplit, .conditionalWriteDisturbed, .multipartUploadCompleted, .multipartUploadAborted,
    .completionFailedAfterAll, .completionFoundItsOwnObject,
    .batchesSharedMessage, .batchesSentAgainTogether, .retriesExhausted, .connectionNotOpened, .connectionUnhealthy,
    .connectionsExhausted, .producerBufferFull, .unknownTopicRefused, .unknownPartitionRefused,
    .consumerSought, .pausedPartitionPassedOver, .holeTold, .damageTold,
  ]
}
