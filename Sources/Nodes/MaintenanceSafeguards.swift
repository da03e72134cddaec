/// The checks on which metadata and its upkeep rest.
extension Safeguards {
  /// The metadata service answers only what is synced.
  public static let answersAreSynced = Safeguards(rawValue: 1 << 24)
  /// The metadata service writes a snapshot beside the one before it, which it replaces only when it is whole.
  public static let snapshotIsWrittenAside = Safeguards(rawValue: 1 << 25)
  /// The metadata service calls an object an orphan only when it can never be registered.
  public static let orphansCannotRegister = Safeguards(rawValue: 1 << 26)
  /// An object is kept for a reader grace after its row went.
  public static let objectsOutliveRows = Safeguards(rawValue: 1 << 27)
  /// The metadata service lets one worker at a time compact a partition.
  public static let oneCompactionAtATime = Safeguards(rawValue: 1 << 28)
  /// The metadata service swaps just the rows that a compaction has read, for rows over the same offsets.
  public static let swapIsExact = Safeguards(rawValue: 1 << 29)
  /// An empty value outlives what it deletes for as long as its topic says.
  public static let tombstonesAreKept = Safeguards(rawValue: 1 << 35)
  /// A maintainer deletes what a compaction replaces only when no row has it any more.
  public static let rowsGoBeforeObjects = Safeguards(rawValue: 1 << 42)
}

/// What a snapshot of the metadata brings back.
public enum SnapshotRestoring: Sendable, Hashable {
  /// All that there was.
  case everything
  /// As the original does it, see `Original/`.
  case original
}

/// Up to where readers of committed records may read.
public enum StableOffset: Sendable, Hashable {
  /// Up to the first record of an open transaction, and to the watermark where none is open.
  case beforeOpenTransactions
  /// As the original does it, see `Original/`.
  case original
}

/// The parts of a maintainer whose behaviour is chosen when the cluster is built.
public struct MaintainerBehaviour: Sendable, Hashable {
  /// Which listed objects are orphans.
  public var reconciling = Reconciling.byAnswer
  /// How much of the rows that it replaces a compaction reads.
  public var compactionReading = CompactionReading.everything
  /// Which offsets a compacted row covers.
  public var compactedRows = CompactedRows.sameOffsets

  /// The protocol's own behaviour.
  public init() {}
}

/// Which listed objects are orphans.
public enum Reconciling: Sendable, Hashable {
  /// Those of which the metadata service says so; it is asked until it answers.
  case byAnswer
  /// As the original does it, see `Original/`.
  case original
}

/// How much of the rows that it replaces a compaction reads.
public enum CompactionReading: Sendable, Hashable {
  /// All of them.
  case everything
  /// As the original does it, see `Original/`.
  case original
}

/// Which offsets a compacted row covers.
public enum CompactedRows: Sendable, Hashable {
  /// Those of the rows that it replaces.
  case sameOffsets
  /// As the original does it, see `Original/`.
  case original
}
