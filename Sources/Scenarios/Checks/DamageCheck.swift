import Nodes
import Simulation

/// Which offsets a fault has made unreadable at one time or another: whoever says so of them is right, and of no others.
struct DamageCheck {
  /// The objects that damage came to.
  private(set) var objects: Set<ObjectKey> = []
  /// What objects hold, by what was told of them.
  private var rows: [ObjectKey: (partition: TopicPartition, offsets: Range<UInt64>)] = [:]

  /// Damage has come to an object.
  mutating func damaged(_ key: ObjectKey) { objects.insert(key) }

  mutating func observe(_ event: ClusterEvent) {
    switch event {
    case .segmentRegistered(let partition, let row): learn(row, of: partition)
    case .rowsSwapped(let partition, _, let replacements):
      for replacement in replacements { learn(replacement.new, of: partition) }
    default: break
    }
  }

  private mutating func learn(_ row: SegmentRow, of partition: TopicPartition) {
    rows[row.key] = (partition, row.base..<row.end)
  }

  /// Whether a fault has come to the object that holds an offset.
  ///
  /// - Parameter listed: The partition's rows as they are now; some may have been there from the start.
  func explains(_ partition: TopicPartition, _ offset: UInt64, listed: [SegmentRow]) -> Bool {
    if listed.contains(where: { objects.contains($0.key) && ($0.base..<$0.end).contains(offset) }) { return true }
    return objects.contains { key in
      guard let row = rows[key] else { return false }
      return row.partition == partition && row.offsets.contains(offset)
    }
  }
}
