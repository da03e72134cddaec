/// The name of a defect of the original, as scenarios switch it on.
public enum DefectName: String, Sendable, Hashable, CaseIterable {
  // Segments and their log.

  /// A segment whose upload failed three times is forgotten.
  case segmentLostWhenUploadFails
  /// Those who wait for a forgotten segment are told that it is stored.
  case forgottenSegmentCountsAsStored
  /// A batch is acknowledged before its log entry is on disk.
  case acknowledgedBeforeSync
  /// After a crash the log is replayed whether or not it was registered.
  case logReplayedAfterRegistration
  /// An agent that leaves stores nothing of what it holds.
  case leavesWithoutStoring
  /// An upload holds up the batches of all partitions.
  case uploadsHoldEveryoneUp

  // Leases and epochs.

  /// The lease is checked before the append and never again.
  case leaseCheckedOnlyBeforeAppend
  /// Two writers with one base have one object, and the later one puts over it.
  case lateWriterPutsOverObject
  /// A partition counts as led once it is assigned, whatever became of the lease.
  case assignmentCountsAsLease
  /// Whether a lease has run out is told by the clock of whoever wants it.
  case leaseRunsOutByAskersClock
  /// Giving a lease back forgets its epoch.
  case epochsBeginAgain
  /// Whoever gave a lease back does so again, whoever holds it.
  case lateReleaseCounts

  // Producers and their sequences.

  /// A sequence counts as stored before its batch is appended.
  case sequenceRecordedBeforeAppend
  /// A batch and its repetition both pass the check.
  case concurrentRepetitionsPass
  /// A batch that is given up leaves a gap for ever.
  case givenUpBatchLeavesGap
  /// Answers are given to whoever has waited longest.
  case answersGoToTheFirstInLine
  /// A refusal ends a batch as failed, whatever became of an earlier try.
  case refusalCountsAsFailure

  /// A batch grows beyond its caps while an earlier one is under way.
  case batchesOutgrowTheirCaps
  /// Flushing leaves young batches where they are, and closing reports success.
  case closingReportsSuccess

  // Transactions.

  /// Readers of committed records are handed those of open transactions.
  case openTransactionsShow
  /// Readers of committed records are handed aborted ones.
  case abortedRecordsAreDelivered
  /// Records that come after the end of their transaction are visible.
  case lateRecordsCountAsCommitted

  /// An offset that no segment holds passes for the end of the log.
  case holesPassForTheEnd
  /// A poll commits what it is about to hand out.
  case committedBeforeHandled
  /// Positions are committed by default also where there is no group to store them under.
  case committedWithoutGroup
  /// A list of segments is used however old it is, and a missing object is not looked up again.
  case staleListsAreUsed

  /// A cache writes its files in place and believes what they hold.
  case cacheFilesAreTorn
  /// A cache knows a segment by its topic's name, partition and base offset.
  case cacheKnowsNamesOnly
  /// A cache that starts counts nothing of what lies in its folder.
  case cacheForgetsItsFiles

  /// A member that is not heard of keeps its partitions.
  case sessionsNeverExpire
  /// A member is given partitions while another one still works on them.
  case takenBeforeGivenBack
  /// Whoever names a group may store its positions.
  case lateMembersCommit
  /// A position that went back is not stored.
  case commitsOnlyGoForward
  /// A commit that comes late undoes a newer one.
  case lateCommitsCount

  /// Where there was no transaction readers of committed records see nothing.
  case nothingIsStable
  /// The time of a transaction is stored and never enforced.
  case transactionsNeverTimeOut
  /// A snapshot of the metadata leaves the watermarks out.
  case snapshotWithoutWatermarks
  /// A segment's row and its partition's watermark are two changes.
  case rowAndWatermarkApart
  /// The metadata service answers before its journal is synced.
  case answeredBeforeSynced
  /// A snapshot is written over the one before it.
  case snapshotWrittenInPlace

  /// A reconciler that gets no answer takes every object for an orphan.
  case silenceMakesOrphans
  /// An object without a row is an orphan, whoever may still register it.
  case lateUploadsAreOrphans
  /// A compaction stops reading early, and replaces everything all the same.
  case compactionStopsReading
  /// Two workers compact one partition at once.
  case compactionsCollide
  /// A compaction deletes the old objects while rows still name them.
  case objectsGoBeforeRows
  /// Objects go as soon as their rows have gone.
  case objectsGoWithRows
  /// A compaction drops empty values at once.
  case tombstonesGoAtOnce
}
