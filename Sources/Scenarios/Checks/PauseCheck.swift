import Nodes
import Simulation

/// O: of a partition that an application has paused nothing is handed out until it is resumed, or is given to the consumer anew.
struct PauseCheck {
  private struct Reader: Hashable {
    var host: HostID
    var incarnation: Int
  }

  /// Since which events partitions are paused.
  private var paused: [Reader: [TopicPartition: UInt64]] = [:]

  mutating func paused(_ partition: TopicPartition, _ isPaused: Bool, _ stamp: EventStamp) {
    paused[reader(stamp), default: [:]][partition] = isPaused ? stamp.number : nil
  }

  /// A partition was given to a consumer anew, or taken from it.
  mutating func assigned(_ partition: TopicPartition, _ stamp: EventStamp) {
    paused[reader(stamp)]?[partition] = nil
  }

  /// A consumer begins, or begins again.
  mutating func began(_ stamp: EventStamp) { paused[reader(stamp)] = nil }

  func polled(_ records: PolledRecords, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    guard let since = paused[reader(stamp)]?[records.partition] else { return }
    found.add(
      Violation(
        .pausedPartitionsRest, at: stamp.time,
        "\(labels.host(stamp.host)) was handed offsets \(records.first)..<\(records.end) of \(labels.partition(records.partition)) at \(stamp.time), although it had paused it",
        events: [since, stamp.number]))
  }

  private func reader(_ stamp: EventStamp) -> Reader { Reader(host: stamp.host, incarnation: stamp.incarnation) }
}
