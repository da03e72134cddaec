/// How the original StreamHouse uses its write-ahead log.
///
/// With group commit it acknowledges a batch once the log's writer has it in memory, before anything is synced. After a crash it appends everything that the log holds as new records, whether or not it was registered.
enum OriginalLogUse {
  /// Whether an append waits for the log's sync before it is acknowledged.
  static let waitsForSync = false
  /// Whether a replay leaves out what is registered.
  static let skipsRegistered = false
}
