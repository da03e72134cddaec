import Nodes
import Simulation

/// G: once the faults have stopped, every partition has a leader within a bound; of a topic that is created later, from then on.
struct LeaderCheck {
  private var created: [TopicID: VirtualTime] = [:]

  mutating func observe(_ event: ClusterEvent, _ stamp: EventStamp) {
    if case .topicCreated(let topic, _, _) = event { created[topic] = stamp.time }
  }

  /// Judges a partition.
  ///
  /// - Parameter ledAt: When it was first seen to have a leader since the faults had stopped at `healedAt`; nil if it was not.
  func judge(
    _ partition: TopicPartition, ledAt: VirtualTime?, within bound: VirtualDuration, of healedAt: VirtualTime,
    at now: VirtualTime, _ labels: Labels, _ found: inout ViolationList
  ) {
    let born = created[partition.topic] ?? healedAt
    let end = max(healedAt, born) + bound
    guard now >= end, ledAt ?? .distantFuture > end else { return }
    let since = born > healedAt ? "its topic had been created at \(born)" : "the faults had stopped at \(healedAt)"
    found.add(
      Violation(
        .leadersReturn, at: now, "\(labels.partition(partition)) had no leader within \(bound) after \(since)"))
  }
}
