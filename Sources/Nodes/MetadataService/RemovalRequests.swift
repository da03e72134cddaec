import Simulation

/// What workers ask that delete objects: which have to go, and which are nobody's.
extension MetadataService {
  nonisolated func serveWorkers() {
    serve(FetchRemovals.self) { service, request, _ in try await service.fetchRemovals(request) }
    serve(ConfirmRemovals.self) { service, request, _ in try await service.confirmRemovals(request) }
    serve(JudgeObjects.self) { service, request, _ in try await service.judge(request) }
    serve(ClaimCompaction.self) { try await $0.claimCompaction($1, from: $2) }
    serve(CompleteCompaction.self) { try await $0.completeCompaction($1, from: $2) }
  }

  /// Lists objects whose rows went a reader grace ago: nobody reads by a manifest that still has them.
  private func fetchRemovals(_ request: FetchRemovals) async throws -> FetchRemovals.Response {
    try begin()
    let limit = min(max(request.limit, 1), 1_000)
    var due: [ObjectKey] = []
    for key in state.removals.keys {
      let known = removalsKnown[key] ?? host.now
      removalsKnown[key] = known
      let isDue =
        host.now - known >= configuration.readerGrace || !configuration.safeguards.contains(.objectsOutliveRows)
      if isDue, due.count < limit { due.append(key) }
    }
    try await journal.settled()
    return FetchRemovals.Response(keys: due)
  }

  private func confirmRemovals(_ request: ConfirmRemovals) async throws -> ConfirmRemovals.Response {
    try begin()
    let known = request.keys.filter { state.removals.contains($0) }
    if !known.isEmpty {
      commit(.topic(.objectsRemoved(known)), announcing: nil)
      for key in known { removalsKnown[key] = nil }
    }
    try await journal.settled()
    return ConfirmRemovals.Response()
  }

  /// Says which objects are orphans. The caller listed them before it asked: what was registered since has a row by now.
  private func judge(_ request: JudgeObjects) async throws -> JudgeObjects.Response {
    try begin()
    let orphans = request.keys.filter(isOrphan)
    try await journal.settled()
    return JudgeObjects.Response(orphans: orphans)
  }

  /// Whether no row has an object, and none ever can.
  private func isOrphan(_ key: ObjectKey) -> Bool {
    // What waits to be removed is given its grace; what nobody here made is nobody's to delete.
    guard let (partition, base, origin) = SegmentNaming.parse(key), !state.removals.contains(key) else { return false }
    if state.topics.isDeleted(partition.topic) { return true }
    return state.topics.read(partition) { row in
      let place = row.firstSegment(endingAfter: base)
      if place < row.segments.count, row.segments[place].key == key { return false }
      let mayStillRegister =
        switch origin {
        case .epoch(let epoch): epoch >= row.epoch && base >= row.watermark
        case .intent(let intent): intent == row.intent?.id || intent > state.administration.latestIntent
        }
      if mayStillRegister { host.probe(.unregisteredObjectSpared) }
      return !mayStillRegister || !configuration.safeguards.contains(.orphansCannotRegister)
    } ?? false
  }
}
