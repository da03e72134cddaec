import Simulation

/// How a segment becomes part of its partition: a compare-and-set on epoch and base offset.
extension MetadataService {
  func register(_ request: RegisterSegment) async throws -> RegisterSegment.Response {
    try begin()
    guard request.row.base < request.row.end else { throw MetadataError.invalid }
    let (partition, segment) = (request.partition, request.row)
    let (epoch, watermark, known) = try read(partition) { row in
      (row.epoch, row.watermark, row.segments.last { $0.base <= segment.base })
    }
    if let known, known.base == segment.base {
      guard known == segment else {
        host.probe(.registrationRefusedByEpoch)
        throw MetadataError.fenced(current: epoch)
      }
      host.probe(.registrationRepeated)
      let aborted = abortedTransactions(among: request.ranges)
      try await journal.settled()
      return RegisterSegment.Response(watermark: known.end, aborted: aborted)
    }
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
    commitRegistration(request, try judge(request.ranges, of: segment))
    segmentArrived(partition)
    let aborted = abortedTransactions(among: request.ranges)
    try await journal.settled()
    return RegisterSegment.Response(watermark: segment.end, aborted: aborted)
  }
}
