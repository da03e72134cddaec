import Nodes
import Simulation

/// The anomalies of polls: between two successful polls of one consumer, and between neighbours inside one, no record of the partition may be left out and none may come again or too early.
///
/// A seek is a jump that is allowed, and what follows has to begin where it leads. Where a partition was given to a consumer anew, or its place was gone, nothing is compared across that. Offsets that no record has are no gap: whether something was left out shows at the end, when everything is read back.
struct PollOrderCheck {
  private struct Reader: Hashable {
    var host: HostID
    var incarnation: Int

    init(_ stamp: EventStamp) {
      host = stamp.host
      incarnation = stamp.incarnation
    }
  }

  private struct Last {
    /// The offset behind the last record, or the one that an application sought.
    var next: UInt64
    var event: UInt64
    var isSought = false
    /// What was passed over since, because it was not for this reader.
    var omitted: [Range<UInt64>] = []
  }

  /// Offsets that a consumer passed over: an anomaly if one of them has a record.
  private struct Gap {
    var offsets: Range<UInt64>
    var isInsidePoll: Bool
    var host: HostID
    var time: VirtualTime
    var events: [UInt64]
  }

  private var last: [Reader: [TopicPartition: Last]] = [:]
  private var gaps: [TopicPartition: [Gap]] = [:]

  // MARK: What consumers do

  /// A consumer begins, or begins again: it has read nothing so far.
  mutating func began(_ stamp: EventStamp) { last[Reader(stamp)] = nil }

  /// A consumer reads a partition from elsewhere, or no more.
  mutating func moved(_ partition: TopicPartition, _ stamp: EventStamp) { last[Reader(stamp)]?[partition] = nil }

  /// An application sent a consumer to an offset. It does so between two polls, so that what is handed out next is from there.
  mutating func sought(_ partition: TopicPartition, _ offset: UInt64, _ stamp: EventStamp) {
    last[Reader(stamp), default: [:]][partition] = Last(next: offset, event: stamp.number, isSought: true)
  }

  mutating func polled(_ records: PolledRecords, _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList) {
    let reader = Reader(stamp)
    // Taken out and put back, so that it is changed in place.
    var partitions = last.removeValue(forKey: reader) ?? [:]
    var before = partitions[records.partition]
    before?.omitted += records.omitted
    for (place, record) in records.contents.enumerated() {
      if let before {
        compare(
          before, record.offset, isInsidePoll: place > 0, of: records.partition,
          omitted: place > 0 ? records.omitted : before.omitted, stamp, labels, &found)
      }
      before = Last(next: record.offset &+ 1, event: stamp.number)
    }
    if let last = records.contents.last {
      before?.omitted = records.omitted.filter { $0.upperBound > last.offset }
    }
    partitions[records.partition] = before
    last[reader] = partitions
  }

  private mutating func compare(
    _ before: Last, _ offset: UInt64, isInsidePoll: Bool, of partition: TopicPartition, omitted: [Range<UInt64>],
    _ stamp: EventStamp, _ labels: Labels, _ found: inout ViolationList
  ) {
    if offset == before.next { return }
    let events = before.event == stamp.number ? [stamp.number] : [before.event, stamp.number]
    if offset < before.next {
      let place = isInsidePoll ? "inside one poll" : "in the next poll"
      let reason =
        before.isSought
        ? "although its application had sought offset \(before.next)" : "after offset \(before.next - 1), \(place)"
      found.add(
        Violation(
          isInsidePoll ? .recordsInPollAreInOrder : .pollsAreInOrder, at: stamp.time,
          "\(labels.host(stamp.host)) was handed offset \(offset) of \(labels.partition(partition)) at \(stamp.time) \(reason)",
          events: events))
      return
    }
    var rest = [before.next..<offset]
    for range in omitted { rest = rest.flatMap { $0.without(range) } }
    for offsets in rest {
      gaps[partition, default: []].append(
        Gap(offsets: offsets, isInsidePoll: isInsidePoll, host: stamp.host, time: stamp.time, events: events))
    }
  }

  // MARK: The end

  /// Whether a partition has gaps that what is read back decides on.
  func needs(_ partition: TopicPartition) -> Bool { gaps[partition] != nil }

  /// Compares gaps with the offsets that records have, in order.
  func judge(_ partition: TopicPartition, offsets: [UInt64], _ labels: Labels, _ found: inout ViolationList) {
    for gap in gaps[partition] ?? [] {
      guard let skipped = offsets.first(where: { gap.offsets.lowerBound <= $0 }), gap.offsets.contains(skipped) else {
        continue
      }
      let place = gap.isInsidePoll ? "inside one poll" : "between two polls"
      found.add(
        Violation(
          gap.isInsidePoll ? .pollsAreWhole : .pollsSkipNothing, at: gap.time,
          "\(labels.host(gap.host)) was not handed offset \(skipped) of \(labels.partition(partition)), \(place), at \(gap.time)",
          events: gap.events))
    }
  }
}

extension Range<UInt64> {
  /// What is left of a range without another one.
  fileprivate func without(_ other: Range<UInt64>) -> [Range<UInt64>] {
    guard overlaps(other) else { return [self] }
    return [lowerBound..<Swift.max(lowerBound, other.lowerBound), Swift.min(upperBound, other.upperBound)..<upperBound]
      .filter { !$0.isEmpty }
  }
}
