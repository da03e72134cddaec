import Simulation
import Storage

/// How a consumer gets at the segments ahead: one fetch a partition at a time, whether or not anyone polls, so that none holds up the others.
extension Consumer {
  /// Begins to get the segment at a reader's position, when that is known and not at hand.
  func prepare(_ reader: PartitionReader) {
    guard reader.open == nil, !reader.isFetching, reader.failure == nil else { return }
    guard reader.next != nil || reader.rowBehindHole != nil || reader.position < reader.logStart else { return }
    reader.isFetching = true
    let fetch = reader.fetch
    host.spawn("open segment", on: self) { consumer in
      try await consumer.openSegment(of: reader, fetch)
      if reader.fetch == fetch {
        reader.isFetching = false
        consumer.arrival.notify()
      }
    }
  }

  private func openSegment(of reader: PartitionReader, _ fetch: UInt64) async throws {
    var looks = 0
    while reader.fetch == fetch {
      if reader.position < reader.logStart { return leftTheLog(reader) }
      guard let next = reader.next else {
        guard let behind = reader.rowBehindHole else { return }
        looks += 1
        if looks > 1 {
          guard configuration.safeguards.contains(.holesAreErrors) else {
            return try await host.sleep(for: configuration.fetchWait)
          }
          reader.failure = .hole(
            reader.partition, offset: reader.position,
            detail: "the next segment begins at \(behind.base), epoch \(behind.epoch)")
          return
        }
        try await lookAgain(reader, fetch)
        continue
      }
      if host.now - next.asked > configuration.manifestLifetime, configuration.safeguards.contains(.manifestIsFresh) {
        host.probe(.staleManifestRefreshed)
        try await lookAgain(reader, fetch)
        continue
      }
      do {
        let answer = try await objects.object(of: next.row)
        guard reader.fetch == fetch else { return }
        return await open(answer, next.row, next.place, of: reader)
      } catch is ObjectIsMissing {
        host.emit(
          ClusterEvent.objectMissing(reader.partition, key: next.row.key, manifestAge: host.now - next.asked))
        // A row may have gone since it was read: only after looking again is it a hole.
        looks += 1
        if looks > 1 || !configuration.safeguards.contains(.missingObjectIsSoughtAgain) {
          if reader.fetch == fetch {
            reader.failure = .hole(reader.partition, offset: next.row.base, detail: "no object \(next.row.key)")
          }
          return
        }
        host.probe(.missingObjectLookedUpAgain)
        try await host.sleep(for: configuration.retryBackoff)
        try await lookAgain(reader, fetch)
      }
    }
  }

  /// Asks for the list of segments anew.
  private func lookAgain(_ reader: PartitionReader, _ fetch: UInt64) async throws {
    let begin = host.now
    let position = CommittedOffset(partition: reader.partition, offset: reader.position)
    let manifest = try await manifests([position]).first
    guard reader.fetch == fetch else { return }
    guard let manifest else {
      reader.failure = .partitionGone(reader.partition)
      reader.lacksPosition = true
      return reader.abandonFetch()
    }
    reader.forgetList()
    for row in reader.learn(manifest, askedAt: begin) { await objects.prefetch(row) }
  }

  /// Opens a segment's bytes and checks that they are what the row says.
  private func open(_ answer: ObjectCache.Answer, _ row: SegmentRow, _ place: UInt64, of reader: PartitionReader) async
  {
    do {
      let segment = PartitionReader.OpenSegment(row: row, reader: try SegmentReader(answer.bytes))
      let header = segment.reader.header
      guard row.describes(header) else {
        return damaged(
          row, of: reader, at: row.base,
          "the row says \(row.base)..<\(row.end) with \(row.recordCount) records, the object \(header.baseOffset)...\(header.endOffset) with \(header.recordCount)"
        )
      }
      reader.opened(segment, wasFetched: !answer.wasAtHand)
      for row in reader.begins(place, answer.readiness) { await objects.prefetch(row) }
    } catch {
      damaged(row, of: reader, at: row.base, error.description)
    }
  }

  func damaged(_ row: SegmentRow, of reader: PartitionReader, at offset: UInt64, _ detail: String) {
    reader.failure = .damaged(reader.partition, offset: offset, detail: detail)
    host.spawn("forget damage", on: objects) { $0.forget(row) }
  }
}

extension SegmentRow {
  /// Whether an object with this header can be what the row says: all its records, none outside of the row's range. Only where offsets have gaps between them may the object begin later or end sooner.
  fileprivate func describes(_ header: SegmentHeader) -> Bool {
    guard recordCount == UInt64(header.recordCount), base <= header.baseOffset, header.endOffset < end else {
      return false
    }
    return recordCount < end - base || (header.baseOffset == base && header.endOffset == end - 1)
  }
}
