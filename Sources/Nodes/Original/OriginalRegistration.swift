import Simulation

/// How the original StreamHouse registers a segment: its row with one call, the watermark with another. Who dies in between leaves a row that stands above the watermark.
extension MetadataService {
  func registerInTwoSteps(_ request: RegisterSegment, _ ranges: [JudgedRange]) async throws {
    let before = try read(request.partition) { $0.watermark }
    commit(.transaction(.segmentRegistered(request.partition, request.row, request.batches, ranges)), announcing: nil)
    // A row takes the watermark with it; here it stays behind.
    commit(.watermarkSet(request.partition, before), announcing: nil)
    try await journal.settled()
    commit(
      .watermarkSet(request.partition, request.row.end),
      announcing: .segmentRegistered(request.partition, request.row))
    for judged in ranges {
      journal.announce(.transaction(.rangeRegistered(request.partition, judged.range, isAborted: judged.isAborted)))
    }
  }
}
