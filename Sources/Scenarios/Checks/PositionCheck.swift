import Nodes
import Simulation

/// P: a group's stored position goes back only where one of its consumers was sent back, by its application or because its place was gone.
struct PositionCheck {
  private struct Key: Hashable {
    var group: String
    var partition: TopicPartition
  }

  private var stored: [Key: (offset: UInt64, event: UInt64)] = [:]
  /// The lowest offset that a consumer of the group was sent to.
  private var floors: [Key: UInt64] = [:]

  mutating func moved(_ group: String, _ partition: TopicPartition, to offset: UInt64) {
    let key = Key(group: group, partition: partition)
    floors[key] = min(floors[key] ?? .max, offset)
  }

  mutating func committed(
    _ group: String, _ partition: TopicPartition, _ offset: UInt64, _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    let key = Key(group: group, partition: partition)
    let before = stored.updateValue((offset, stamp.number), forKey: key)
    guard let before, offset < before.offset, offset < floors[key] ?? .max else { return }
    found.add(
      Violation(
        .positionsStand, at: stamp.time,
        "the position of group \(group) in \(labels.partition(partition)) went back from \(before.offset) to \(offset) at \(stamp.time), and nobody had been sent there",
        events: [before.event, stamp.number]))
  }
}
