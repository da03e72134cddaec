import Nodes
import Simulation
import Storage

/// Reads every partition from its log start to its watermark in the end, as a reader that trusts nothing: rows, objects, records.
struct LogAudit {
  let cluster: Cluster
  let history: History
  let labels: Labels
  let stamp: EventStamp

  /// Calls `body` with the contents of each row in order, and notes rows and objects that are not as they have to be (C, I).
  func read(_ found: inout ViolationList, _ body: (TopicPartition, [ObservedRecord], inout ViolationList) -> Void) {
    for (_, partition) in cluster.partitions {
      guard let manifest = cluster.manifest(of: partition) else { continue }
      var next = manifest.logStart
      for row in manifest.rows {
        if row.base != next { misplaced(row, next, partition, &found) }
        next = row.end
        if let contents = contents(of: row, partition, &found) { body(partition, contents, &found) }
      }
      if next != manifest.watermark {
        found.add(
          Violation(
            .noHoles, at: stamp.time,
            "the watermark of \(labels.partition(partition)) is \(manifest.watermark), but its segments end at \(next)")
        )
      }
    }
  }

  private func misplaced(
    _ row: SegmentRow, _ next: UInt64, _ partition: TopicPartition, _ found: inout ViolationList
  ) {
    if row.base > next {
      found.add(
        Violation(
          .noHoles, at: stamp.time,
          "offsets \(next)..<\(row.base) of \(labels.partition(partition)) are in no segment; the next one begins at \(row.base), epoch \(row.epoch)"
        ))
    } else {
      found.add(
        Violation(
          .rowsMatchObjects, at: stamp.time,
          "the row \(row.base)..<\(row.end) of \(labels.partition(partition)), epoch \(row.epoch), overlaps the one before it, which ends at \(next)"
        ))
    }
  }

  /// A segment as its leader wrote it fills its row; what compaction left lies within it.
  private func agrees(_ row: SegmentRow, _ header: SegmentHeader) -> Bool {
    guard header.recordCount == Int(row.recordCount) else { return false }
    if row.compaction > 0 { return row.base <= header.baseOffset && header.endOffset < row.end }
    return header.baseOffset == row.base && header.endOffset &+ 1 == row.end
  }

  private func contents(
    of row: SegmentRow, _ partition: TopicPartition, _ found: inout ViolationList
  ) -> [ObservedRecord]? {
    if row.recordCount == 0 && row.compaction > 0 { return [] }
    // Worked out only for a violation: this is asked for every row.
    var place: String {
      "row \(row.base)..<\(row.end) of \(labels.partition(partition)), epoch \(row.epoch)"
    }
    guard let bytes = cluster.object(row.key) else {
      found.add(Violation(.noHoles, at: stamp.time, "the object \(row.key) of the \(place) is not there"))
      return nil
    }
    do {
      let reader = try SegmentReader(bytes)
      let header = reader.header
      if !agrees(row, header) {
        found.add(
          Violation(
            .rowsMatchObjects, at: stamp.time,
            "the \(place), says \(row.recordCount) records; its object \(row.key) holds \(header.recordCount) at \(header.baseOffset)...\(header.endOffset)"
          ))
      }
      var contents: [ObservedRecord] = []
      contents.reserveCapacity(header.recordCount)
      try reader.forEachRecord { record in
        contents.append(ObservedRecord(record))
        return true
      }
      return contents
    } catch {
      found.add(Violation(.noHoles, at: stamp.time, "the object \(row.key) of the \(place) cannot be read: \(error)"))
      return nil
    }
  }
}
