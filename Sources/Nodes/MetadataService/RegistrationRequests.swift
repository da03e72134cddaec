import Simulation

/// How a segment becomes part of its partition: a compare-and-set on epoch and base offset.
extension MetadataService {
  func register(_ request: RegisterSegment) async throws -> RegisterSegment.Response {
    try begin()
    guard request.isPlausible else { throw MetadataError.invalid }
    let (partition, segment) = (request.partition, request.row)
    let (epoch, watermark, known, isRegistered) = try read(partition) { row in
      (
        row.epoch, row.watermark, row.segments.last { $0.base <= segment.base },
        row.hasRegistered(segment.base, segment.end, epoch: segment.epoch)
      )
    }
    if let known, known.base == segment.base, known.compaction == 0 {
      guard known.isSameSegment(as: segment) else {
        host.probe(.registrationRefusedByEpoch)
        throw MetadataError.fenced(current: epoch)
      }
      return try await repeated(request)
    }
    // Its row may have gone by retention or compaction since: an epoch gives an offset to one segment only.
    let rowIsGone = known.map { $0.end <= segment.base || $0.compaction > 0 } ?? true
    if isRegistered && rowIsGone { return try await repeated(request) }
    do {
      try require(
        .epochIsCurrent, of: configuration.safeguards, epoch == segment.epoch,
        else: MetadataError.fenced(current: epoch))
    } catch {
      host.probe(.registrationRefusedByEpoch)
      throw error
    }
    try require(
      .baseIsWatermark, of: configuration.safeguards, watermark == segment.base,
      else: MetadataError.notAtWatermark(watermark))
    if let end = leaseEnds[partition], end <= host.now { host.probe(.registrationWhileLeaseExpired) }
    var dated = request
    dated.row.registeredAt = serviceTime
    let judged = try judge(request.ranges, of: segment)
    if configuration.behaviour.registration == .original {
      try await registerInTwoSteps(dated, judged)
    } else {
      commitRegistration(dated, judged)
    }
    segmentArrived(partition)
    let aborted = abortedTransactions(among: request.ranges)
    try await journal.settled()
    return RegisterSegment.Response(watermark: segment.end, aborted: aborted)
  }

  private func repeated(_ request: RegisterSegment) async throws -> RegisterSegment.Response {
    host.probe(.registrationRepeated)
    let aborted = abortedTransactions(among: request.ranges)
    try await journal.settled()
    return RegisterSegment.Response(watermark: request.row.end, aborted: aborted)
  }
}

extension RegisterSegment {
  /// Whether there can be such a segment at all.
  fileprivate var isPlausible: Bool {
    row.base < row.end && row.recordCount > 0 && row.recordCount <= row.end - row.base && row.compaction == 0
      && batches.allSatisfy { $0.count > 0 }
  }
}
