import Nodes
import Simulation

/// A commit that an application is told is stored has stored where its consumer stood, also where that lies further back than what was stored before.
///
/// Behind a recovery of the metadata service it judges a partition only once a position of it is stored again. Memory grows with the machines that commit and the positions that groups store, not with the run's length.
struct CommitCheck {
  private struct Key: Hashable {
    var group: String
    var partition: TopicPartition
  }

  /// A commit whose answer is not there.
  private struct Asked {
    var incarnation: Int
    var group: String
    /// What has not been stored since it was asked for.
    var missing: [CommittedOffset]
    var event: UInt64
  }

  private var stored: [Key: UInt64] = [:]
  /// Whether the metadata service may hold positions that it never told.
  private var hasRecovered = false
  private var asked: [HostID: Asked] = [:]

  /// The metadata service has stored a position.
  mutating func stored(_ group: String, _ partition: TopicPartition, _ offset: UInt64) {
    stored[Key(group: group, partition: partition)] = offset
    for host in asked.keys where asked[host]?.group == group {
      asked[host]?.missing.removeAll { $0.partition == partition && $0.offset == offset }
    }
  }

  /// The metadata service has recovered, perhaps with positions that a crash kept it from telling of: nothing is known until it tells again.
  mutating func recovered() {
    hasRecovered = true
    stored = [:]
    for host in asked.keys { asked[host]?.missing = [] }
  }

  /// An application commits; its consumer stands there.
  mutating func asked(_ group: String, _ positions: [CommittedOffset], _ stamp: EventStamp) {
    let missing = positions.filter { position in
      if let known = stored[Key(group: group, partition: position.partition)] { return known != position.offset }
      // Where nothing is stored a reader begins at the start of the log anyway.
      return !hasRecovered && position.offset != 0
    }
    asked[stamp.host] = Asked(
      incarnation: stamp.incarnation, group: group, missing: missing, event: stamp.number)
  }

  /// The application is told that its commit is stored.
  mutating func told(_ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    guard let commit = asked[stamp.host], commit.incarnation == stamp.incarnation else { return }
    asked[stamp.host] = nil
    for position in commit.missing {
      let before = stored[Key(group: commit.group, partition: position.partition)].map { "\($0)" } ?? "nothing"
      found.add(
        Violation(
          .commitsAreStored, at: stamp.time,
          "\(labels.host(stamp.host)) was told at \(stamp.time) that its commit for group \(commit.group) is stored; it stood at offset \(position.offset) of \(labels.partition(position.partition)), and stored is \(before)",
          events: [commit.event, stamp.number]))
    }
  }
}
