import Nodes
import Storage

/// What an object holds, as far as a check needs it.
struct SegmentContents {
  struct KeyedRecord {
    var observed: ObservedRecord
    /// A hash of the key; nil without one.
    var key: UInt64?
    /// Whether it is an empty value with a key.
    var isTombstone: Bool
  }

  /// In order of their offsets.
  private(set) var records: [KeyedRecord] = []

  /// Reads an object; nil when there is none, or when it is damaged.
  init?(_ bytes: [UInt8]?) {
    guard let bytes else { return nil }
    do {
      let reader = try SegmentReader(bytes)
      try reader.forEachRecord { record in
        records.append(
          KeyedRecord(
            observed: ObservedRecord(record), key: record.key.map { Hashing.xxh3($0, seed: 0) },
            isTombstone: record.key != nil && record.value.isEmpty))
        return true
      }
    } catch {
      return nil
    }
  }
}
