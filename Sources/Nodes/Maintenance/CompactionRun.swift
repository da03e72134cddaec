import Simulation
import Storage

/// One compaction of a partition: finds each key's newest record, writes what is left of the rows into new objects, and says which rows these replace.
///
/// read the rows that no compaction has seen -> newest offset of each key -> read all rows, keep what is to stay -> new objects -> replacements
struct CompactionRun {
  let claim: CompactionClaim
  let maintainer: Maintainer

  /// Works through the claim; what it uploaded is nobody's until the service swaps the rows.
  ///
  /// - Throws: ``MetadataError``, ``ObjectStoreError``, ``HostCrashed``.
  func run() async throws -> [RowReplacement] {
    var selection = CompactionSelection(claim: claim)
    let readEnd = readEnd
    for row in claim.rows where row.end > claim.cleanBelow && row.base < readEnd {
      if let segment = try await read(row) { try select { try selection.learn(segment) } }
    }
    var replacements: [RowReplacement] = []
    var gathered = GatheredRows()
    for row in claim.rows {
      let segment = row.base < readEnd ? try await read(row) : nil
      let rest = try segment.map { segment in try select { try selection.rest(of: segment) } }
      // A row that stays as it is and is large enough ends what is gathered before it.
      let stays = rest.map { UInt64($0.count) } ?? 0 == row.recordCount && row.size >= segmentBytes / 2
      if stays || gathered.size >= segmentBytes {
        if let replacement = try await close(&gathered) { replacements.append(replacement) }
      }
      if !stays { gathered.add(row, rest ?? []) }
    }
    if let replacement = try await close(&gathered) { replacements.append(replacement) }
    if selection.droppedTombstones > 0 { maintainer.host.probe(.tombstoneDropped) }
    return replacements
  }

  /// The offset behind the rows that are read; the rest of those that are replaced is not.
  private var readEnd: UInt64 {
    switch maintainer.configuration.behaviour.compactionReading {
    case .everything: .max
    case .original: OriginalCompaction.readEnd(of: claim.rows)
    }
  }

  private var segmentBytes: UInt64 { UInt64(maintainer.configuration.segmentBytes) }

  /// The segment of a row; nil for a row without records.
  private func read(_ row: SegmentRow) async throws -> SegmentReader? {
    guard row.recordCount > 0 else { return nil }
    let bytes = try await maintainer.askStore(GetObject(key: row.key, range: .whole)).body
    maintainer.host.work(maintainer.configuration.recordCost * Int64(row.recordCount))
    return try select { try SegmentReader(bytes) }
  }

  /// A damaged segment is left to its readers to report: the compaction is given up.
  private func select<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch is SegmentError {
      throw MetadataError.intentOver
    } catch is DecodingFault {
      throw MetadataError.intentOver
    }
  }

  /// Uploads what was gathered; nil when nothing changes.
  private func close(_ gathered: inout GatheredRows) async throws -> RowReplacement? {
    let (rows, records) = (gathered.rows, gathered.records)
    gathered = GatheredRows()
    guard let first = rows.first, let last = rows.last else { return nil }
    if rows.count == 1 && UInt64(records.count) == first.recordCount { return nil }
    var new = SegmentRow(
      base: first.base, end: last.end, recordCount: UInt64(records.count), size: 0, epoch: last.epoch,
      key: ObjectKey(""))
    new.compaction = claim.intent
    if maintainer.configuration.behaviour.compactedRows == .original { OriginalCompaction.cut(&new, to: records) }
    if !records.isEmpty {
      new.key = SegmentNaming.compactedKey(claim.partition, base: first.base, intent: claim.intent)
      new.size = try await upload(records, new.key)
    }
    return RowReplacement(old: rows, new: new)
  }

  private func upload(_ records: [Record], _ key: ObjectKey) async throws -> UInt64 {
    let bytes = try select {
      var writer = SegmentWriter(compression: .lz4)
      for record in records { try writer.append(record) }
      return try writer.finish()
    }
    do {
      _ = try await maintainer.askStore(
        PutObject(key: key, body: bytes, condition: .ifNoneMatch, attempt: claim.intent))
    } catch ObjectStoreError.preconditionFailed {
      // The key is this intent's alone: an earlier try whose answer got lost has stored it.
      let found = try await maintainer.askStore(HeadObject(key: key))
      guard found.attempt == claim.intent, found.tag == EntityTag(bytes: MessageDigest.md5(bytes)) else {
        throw MetadataError.intentOver
      }
    }
    return UInt64(bytes.count)
  }
}

/// Rows next to each other with what is left of them.
private struct GatheredRows {
  var rows: [SegmentRow] = []
  var records: [Record] = []
  /// The size of the records in bytes.
  var size: UInt64 = 0

  mutating func add(_ row: SegmentRow, _ rest: [Record]) {
    rows.append(row)
    records += rest
    size += rest.reduce(0) { $0 + 16 + UInt64($1.key?.count ?? 0) + UInt64($1.value.count) }
  }
}
