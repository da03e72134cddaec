import Simulation

/// Which of the records that lie ahead a reader may be shown.
struct VisibleRecords: Sendable, Hashable {
  /// The offset before which everything is decided: nothing from it on may be handed out yet.
  var end: UInt64
  /// Offsets before it that are left out, in order, without overlaps.
  var omitted: [Range<UInt64>]
}

extension Consumer {
  /// Decides what of a stretch of a partition may be handed out. Every record passes here before a poll returns it.
  ///
  /// A poll hands out nothing from `end` on and passes over what is `omitted`. An `end` at the stretch's first offset means that the poll has to come back later.
  func visible(_ stretch: Range<UInt64>, of reader: PartitionReader) -> VisibleRecords {
    let visible = reader.visible(stretch)
    if !visible.omitted.isEmpty { host.probe(.abortedRecordsPassedOver) }
    return visible
  }
}
