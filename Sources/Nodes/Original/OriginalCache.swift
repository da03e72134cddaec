import Simulation
import Storage

/// How the original StreamHouse keeps segments on a consumer's disk: under topic, partition and base offset, in files that are written in place and believed as they are.
enum OriginalCache {
  /// Nothing in it tells one topic from a later one of the same name.
  static func key(_ row: SegmentRow, _ names: [TopicID: String]) -> CacheKey {
    let partition = SegmentNaming.parse(row.key)?.partition
    let name = partition.flatMap { names[$0.topic] } ?? ""
    let words = "\(name)-\(partition?.index ?? 0)-\(row.base)"
    return CacheKey(object: Array(words.utf8), version: [])
  }

  /// Writes a file under its final name, in two pieces, and syncs nothing.
  static func fill(_ temporaryName: String, with bytes: [UInt8], on disk: Disk) async throws {
    let name = temporaryName.hasSuffix(".tmp") ? String(temporaryName.dropLast(4)) : temporaryName
    let middle = bytes.count / 2
    do {
      try await disk.append(Array(bytes[..<middle]), to: name)
      try await disk.append(Array(bytes[middle...]), to: name)
    } catch is DiskError {
      // What was written stays.
    }
  }
}
