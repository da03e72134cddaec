import Nodes
import Simulation

/// B and H: an offset never changes its content, and no commit passes a record that was not handled.
struct ContentCheck {
  /// What a partition's offsets were seen to hold.
  private struct Seen {
    var contents = SeenContents()
    /// Where each observation's poll can be found: event numbers by the end of their ranges.
    var polls: [(first: UInt64, end: UInt64, event: UInt64, host: HostID, time: VirtualTime)] = []
  }

  private struct GroupPartition: Hashable {
    var group: String
    var partition: TopicPartition
  }

  private var seen: [TopicPartition: Seen] = [:]
  private var handled: [GroupPartition: (end: UInt64, event: UInt64)] = [:]

  /// A consumer that skips what was there before it came: its group answers for what follows.
  mutating func beganAtTheEnd(group: String, _ partition: TopicPartition, _ offset: UInt64, _ stamp: EventStamp) {
    let key = GroupPartition(group: group, partition: partition)
    if handled[key] == nil { handled[key] = (offset, stamp.number) }
  }

  mutating func polled(
    _ records: PolledRecords, _ stamp: EventStamp, _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    observe(
      records.contents, of: records.partition, by: "polled by \(labels.host(stamp.host)) at \(stamp.time)", stamp,
      history,
      labels, &found)
    if let group = records.group, records.isHandled { handled(group: group, records.partition, records.end, stamp) }
  }

  /// An application of a group has handled everything before an offset, or was told to leave it out.
  mutating func handled(group: String, _ partition: TopicPartition, _ end: UInt64, _ stamp: EventStamp) {
    let key = GroupPartition(group: group, partition: partition)
    if let known = handled[key], known.end >= end { return }
    handled[key] = (end, stamp.number)
  }

  mutating func committed(
    group: String, _ partition: TopicPartition, _ offset: UInt64, logStart: UInt64, _ stamp: EventStamp,
    _ labels: Labels, _ found: inout ViolationList, passable: (UInt64) -> UInt64 = { $0 }
  ) {
    let known = handled[GroupPartition(group: group, partition: partition)]
    guard offset > passable(known?.end ?? logStart) else { return }
    found.add(
      Violation(
        .commitsFollowHandling, at: stamp.time,
        "group \(group) committed offset \(offset) of \(labels.partition(partition)) at \(stamp.time), but has handled records only up to \(known?.end ?? logStart)",
        events: [known?.event, stamp.number].compactMap { $0 }))
  }

  /// Calls `body` with all that was seen by now, by partition and offset.
  func forEachSeen(_ body: (_ partition: TopicPartition, _ offset: UInt64, _ content: UInt64) -> Void) {
    for partition in seen.keys.sorted() {
      seen[partition]?.contents.forEach { offset, content in body(partition, offset, content) }
    }
  }

  /// Compares what was seen now with what was seen before.
  mutating func observe(
    _ contents: [ObservedRecord], of partition: TopicPartition, by witness: String, _ stamp: EventStamp,
    _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    guard let first = contents.first, let last = contents.last else { return }
    // Taken out and put back, so that its arrays are changed in place.
    var seen = seen.removeValue(forKey: partition) ?? Seen()
    for record in contents {
      if let before = seen.contents.put(record.content, at: record.offset) {
        let earlier = seen.polls.last { $0.first <= record.offset && record.offset < $0.end }
        let told = earlier.map { "when polled by \(labels.host($0.host)) at \($0.time)" } ?? "before"
        found.add(
          Violation(
            .offsetsAreImmutable, at: stamp.time,
            "offset \(record.offset) of \(labels.partition(partition)) held \(labels.content(before, history)) \(told), and \(labels.content(record.content, history)) when \(witness)",
            events: [earlier?.event, stamp.number].compactMap { $0 },
            records: [before, record.content].filter { $0 >> 63 == 0 }.map {
              labels.record(WorkloadRecord(identity: $0), history)
            }))
      }
    }
    if seen.polls.last.map({ $0.end <= first.offset }) ?? true {
      seen.polls.append((first.offset, last.offset &+ 1, stamp.number, stamp.host, stamp.time))
    }
    self.seen[partition] = seen
  }
}
