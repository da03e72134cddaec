/// When a group of log entries is written and synced together.
public struct GroupCommitOptions: Sendable, Hashable {
  /// How many records make a group complete; an entry holds a batch of them.
  public var recordCount: Int
  /// How many encoded bytes make a group complete.
  public var byteCount: Int
  /// How long the oldest entry of a group waits, in nanoseconds.
  public var ageNanoseconds: UInt64
  /// How large a log file grows before the next one is begun, in bytes.
  public var fileSizeBytes: Int
  /// How large all files together may become, in bytes; entries beyond are refused until files are released.
  public var totalSizeBytes: Int

  /// Makes options; the defaults are the original's batch (1000 records, 1 MiB, 10 ms), files of 64 MiB, 1 GiB in all.
  public init(
    recordCount: Int = 1000, byteCount: Int = 1 << 20, ageNanoseconds: UInt64 = 10_000_000,
    fileSizeBytes: Int = 64 << 20, totalSizeBytes: Int = 1 << 30
  ) {
    self.recordCount = max(1, recordCount)
    self.byteCount = max(1, byteCount)
    self.ageNanoseconds = ageNanoseconds
    self.fileSizeBytes = max(1, fileSizeBytes)
    self.totalSizeBytes = max(0, totalSizeBytes)
  }
}
