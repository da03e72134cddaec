/// What an agent has done since it began, for its metrics: nothing decides by it. Sendable because it never leaves its host.
final class AgentTally: @unchecked Sendable {
  private(set) var batches: UInt64 = 0
  private(set) var records: UInt64 = 0
  private(set) var bytes: UInt64 = 0
  /// Tries to bring a segment to the object store.
  var uploads: UInt64 = 0
  /// Sizes of closed segments.
  var segmentBytes = MetricHistogram(MetricBounds.bytes)
  /// From a segment's closing to its registration.
  var registrations = MetricHistogram(MetricBounds.latency)
  /// Entries of the log that share a sync.
  var logGroups = MetricHistogram(MetricBounds.counts)

  func appended(records: Int, bytes: Int) {
    batches += 1
    self.records += UInt64(records)
    self.bytes += UInt64(bytes)
  }
}
