// Which row belongs to which name; the rows stand in the files of their themes.
extension Defect {
  /// The defect of this name.
  public static func named(_ name: DefectName) -> Defect {
    switch name {
    case .segmentLostWhenUploadFails: segmentLostWhenUploadFails
    case .forgottenSegmentCountsAsStored: forgottenSegmentCountsAsStored
    case .acknowledgedBeforeSync: acknowledgedBeforeSync
    case .logReplayedAfterRegistration: logReplayedAfterRegistration
    case .leavesWithoutStoring: leavesWithoutStoring
    case .uploadsHoldEveryoneUp: uploadsHoldEveryoneUp
    case .leaseCheckedOnlyBeforeAppend: leaseCheckedOnlyBeforeAppend
    case .lateWriterPutsOverObject: lateWriterPutsOverObject
    case .assignmentCountsAsLease: assignmentCountsAsLease
    case .leaseRunsOutByAskersClock: leaseRunsOutByAskersClock
    case .epochsBeginAgain: epochsBeginAgain
    case .lateReleaseCounts: lateReleaseCounts
    case .sequenceRecordedBeforeAppend: sequenceRecordedBeforeAppend
    case .concurrentRepetitionsPass: concurrentRepetitionsPass
    case .givenUpBatchLeavesGap: givenUpBatchLeavesGap
    case .answersGoToTheFirstInLine: answersGoToTheFirstInLine
    case .refusalCountsAsFailure: refusalCountsAsFailure
    case .batchesOutgrowTheirCaps: batchesOutgrowTheirCaps
    case .closingReportsSuccess: closingReportsSuccess
    case .openTransactionsShow: openTransactionsShow
    case .abortedRecordsAreDelivered: abortedRecordsAreDelivered
    case .lateRecordsCountAsCommitted: lateRecordsCountAsCommitted
    case .holesPassForTheEnd: holesPassForTheEnd
    case .committedBeforeHandled: committedBeforeHandled
    case .committedWithoutGroup: committedWithoutGroup
    case .staleListsAreUsed: staleListsAreUsed
    case .cacheFilesAreTorn: cacheFilesAreTorn
    case .cacheKnowsNamesOnly: cacheKnowsNamesOnly
    case .cacheForgetsItsFiles: cacheForgetsItsFiles
    case .sessionsNeverExpire: sessionsNeverExpire
    case .takenBeforeGivenBack: takenBeforeGivenBack
    case .lateMembersCommit: lateMembersCommit
    case .commitsOnlyGoForward: commitsOnlyGoForward
    case .lateCommitsCount: lateCommitsCount
    case .nothingIsStable: nothingIsStable
    case .transactionsNeverTimeOut: transactionsNeverTimeOut
    case .snapshotWithoutWatermarks: snapshotWithoutWatermarks
    case .rowAndWatermarkApart: rowAndWatermarkApart
    case .answeredBeforeSynced: answeredBeforeSynced
    case .snapshotWrittenInPlace: snapshotWrittenInPlace
    case .silenceMakesOrphans: silenceMakesOrphans
    case .lateUploadsAreOrphans: lateUploadsAreOrphans
    case .compactionStopsReading: compactionStopsReading
    case .compactionsCollide: compactionsCollide
    case .objectsGoBeforeRows: objectsGoBeforeRows
    case .objectsGoWithRows: objectsGoWithRows
    case .tombstonesGoAtOnce: tombstonesGoAtOnce
    }
  }

  /// All defects.
  public static var all: [Defect] { DefectName.allCases.map(named) }
}
