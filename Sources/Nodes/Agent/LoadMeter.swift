import Simulation

/// How much a partition is written to, smoothed over the last few reports.
struct LoadMeter {
  private var records: UInt64 = 0
  private var bytes: UInt64 = 0
  private var since: VirtualTime?
  private var smoothed: (records: UInt64, bytes: UInt64)?

  /// Counts a batch.
  mutating func add(records: Int, bytes: Int) {
    self.records += UInt64(records)
    self.bytes += UInt64(bytes)
  }

  /// Records and bytes a second: a quarter from the time since the last call, the rest from before. The first call begins to measure.
  mutating func rate(at now: VirtualTime) -> (records: UInt64, bytes: UInt64) {
    defer { (records, bytes, since) = (0, 0, now) }
    guard let since, now > since else { return smoothed ?? (0, 0) }
    let milliseconds = UInt64(max((now - since).nanoseconds / 1_000_000, 1))
    let latest = (records: records * 1_000 / milliseconds, bytes: bytes * 1_000 / milliseconds)
    let rate = smoothed.map { (($0.records * 3 + latest.records) / 4, ($0.bytes * 3 + latest.bytes) / 4) } ?? latest
    smoothed = rate
    return rate
  }
}
