/// What those who run maintainers watch.
public enum MaintainerMetric: Int, MetricName {
  case removedObjects, removedOrphans
  case claims, compacting, droppedTombstones
  case storeRequests, storeDuration, readBytes

  /// Whose metrics these are.
  public static var role: MetricRole { .maintainer }

  /// What the metric is.
  public var definition: MetricDefinition {
    switch self {
    case .removedObjects:
      Self.counter(
        "removed", .objects,
        "Objects deleted a reader grace after their rows went; worry when none are while removals are due.")
    case .removedOrphans:
      Self.counter(
        "removed_orphan", .objects,
        "Objects deleted that no row has and none can get; worry when they are many, for uploads are wasted.")
    case .claims:
      Self.counter(
        "asked", .compactions, "Times work was asked for; worry when it stops, because compaction stands still.")
    case .compacting:
      Self.gauge(
        "compacting", .state, "Whether a compaction is under way, 1 or 0; worry when one takes longer than its term.")
    case .droppedTombstones:
      Self.counter(
        "tombstone_dropping", .compactions,
        "Compactions that dropped tombstones; worry when none do and deleted keys stay.")
    case .storeRequests:
      Self.counter(
        "object_store", .requests, by: ["request", "result"],
        "Requests to the object store, by kind and result; worry when they take the rates that agents need.")
    case .storeDuration:
      Self.histogram(
        "object_store_request", .seconds, MetricBounds.latency,
        "How long requests to the object store took; worry when the upper percentiles near their timeout.")
    case .readBytes:
      Self.counter("read", .bytes, "Bytes read to be compacted; worry when they are many times what compaction saves.")
    }
  }
}
