import Nodes
import Simulation

/// What a compaction may drop: of each key all records but the newest, and the newest when it is an empty value that was kept for long enough and nothing older of its key is left.
extension RemovalCheck {
  mutating func swap(
    _ partition: TopicPartition, _ replacement: RowReplacement, _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    let before = states[partition]?.rows ?? []
    guard let place = place(of: replacement, in: before) else {
      found.add(
        Violation(
          .rowsMatchObjects, at: stamp.time,
          "at \(stamp.time) compaction \(replacement.new.compaction) put the row \(replacement.new.base)..<\(replacement.new.end) of \(labels.partition(partition)) in the place of rows that were not there so",
          events: [stamp.number]))
      return
    }
    let old = before[place]
    var after = before
    after.replaceSubrange(
      place, with: [KnownRow(row: replacement.new, since: old.map(\.since).max() ?? stamp.time)])
    states[partition, default: State()].rows = after
    judge(partition, replacement, before, after, stamp, labels, &found)
  }

  private func place(of replacement: RowReplacement, in rows: [KnownRow]) -> Range<Int>? {
    guard let first = replacement.old.first, let last = replacement.old.last, first.base == replacement.new.base,
      last.end == replacement.new.end, let place = rows.firstIndex(where: { $0.row.base == first.base })
    else { return nil }
    let end = place + replacement.old.count
    guard end <= rows.count,
      zip(rows[place..<end], replacement.old).allSatisfy({
        $0.row.base == $1.base && $0.row.end == $1.end && $0.row.key == $1.key
      })
    else { return nil }
    return place..<end
  }

  private mutating func judge(
    _ partition: TopicPartition, _ replacement: RowReplacement, _ before: [KnownRow], _ after: [KnownRow],
    _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    func violation(_ invariant: InvariantName, _ what: String) {
      found.add(
        Violation(
          invariant, at: stamp.time,
          "at \(stamp.time) compaction \(replacement.new.compaction) of \(labels.partition(partition)) \(what)",
          events: [stamp.number]))
    }
    var old: [SegmentContents.KeyedRecord] = []
    for known in before where replacement.new.base <= known.row.base && known.row.end <= replacement.new.end {
      guard known.row.recordCount > 0 else { continue }
      guard let contents = SegmentContents(eyes.object(known.row.key)) else {
        return violation(.noHoles, "replaced a row whose object \(known.row.key) cannot be read")
      }
      old += contents.records
    }
    let new = replacement.new.recordCount == 0 ? [] : SegmentContents(eyes.object(replacement.new.key))?.records
    guard let new, new.count == Int(replacement.new.recordCount) else {
      return violation(.rowsMatchObjects, "made the object \(replacement.new.key), which is not what its row says")
    }
    var kept = new.map(\.observed)[...]
    var dropped: [SegmentContents.KeyedRecord] = []
    for record in old {
      if kept.first == record.observed { kept.removeFirst() } else { dropped.append(record) }
    }
    if let strange = kept.first {
      violation(.offsetsAreImmutable, "put something at offset \(strange.offset) that had not been there")
    }
    let newest = newestOffsets(partition, in: before)
    let oldest = oldestOffsets(partition, in: after)
    for record in dropped {
      guard let complaint = complaint(about: record, partition, newest, oldest, at: stamp.time) else { continue }
      violation(.acknowledgedIsStored, "dropped offset \(record.observed.offset), \(complaint)")
    }
    noteRemoved(dropped.map(\.observed), of: partition)
  }

  /// Why a record may not go; nil when it may.
  private func complaint(
    about record: SegmentContents.KeyedRecord, _ partition: TopicPartition, _ newest: [UInt64: UInt64],
    _ oldest: [UInt64: UInt64], at time: VirtualTime
  ) -> String? {
    guard let key = record.key else { return "which has no key" }
    let offset = record.observed.offset
    if isAborted(offset, partition) { return "which is of an aborted transaction" }
    if let newest = newest[key], offset < newest { return nil }
    guard record.isTombstone else { return "which is the newest of its key" }
    let kept = settings[partition.topic]?.tombstoneRetention ?? .zero
    let since = states[partition]?.registrations.first { offset < $0.end }?.time ?? time
    if time - since + slack < kept { return "an empty value, after \(time - since) instead of \(kept)" }
    if let older = oldest[key], older < offset { return "an empty value, and left offset \(older) of the same key" }
    return nil
  }

  private func newestOffsets(_ partition: TopicPartition, in rows: [KnownRow]) -> [UInt64: UInt64] {
    var offsets: [UInt64: UInt64] = [:]
    forEachKeyedRecord(of: partition, in: rows) { key, offset in offsets[key] = max(offsets[key] ?? 0, offset) }
    return offsets
  }

  private func oldestOffsets(_ partition: TopicPartition, in rows: [KnownRow]) -> [UInt64: UInt64] {
    var offsets: [UInt64: UInt64] = [:]
    forEachKeyedRecord(of: partition, in: rows) { key, offset in offsets[key] = min(offsets[key] ?? .max, offset) }
    return offsets
  }

  private func forEachKeyedRecord(
    of partition: TopicPartition, in rows: [KnownRow], _ body: (UInt64, UInt64) -> Void
  ) {
    for known in rows where known.row.recordCount > 0 {
      for record in SegmentContents(eyes.object(known.row.key))?.records ?? [] {
        if let key = record.key, !isAborted(record.observed.offset, partition) { body(key, record.observed.offset) }
      }
    }
  }

  private func isAborted(_ offset: UInt64, _ partition: TopicPartition) -> Bool {
    states[partition]?.aborted.contains { $0.first <= offset && offset < $0.end } ?? false
  }
}
