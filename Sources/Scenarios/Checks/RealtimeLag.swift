import Nodes
import Simulation

/// How far readers lag in real time: how long the record behind the last one polled had been known to exist when the poll began. A figure, no verdict.
///
/// A record is known to exist once somebody was told its final offset or was handed it.
struct RealtimeLag {
  private struct Known {
    /// The offset after the greatest that is known to exist.
    var end: UInt64
    var since: VirtualTime
  }

  /// By partition, with rising ends.
  private var known: [TopicPartition: [Known]] = [:]
  /// The longest lag of a poll.
  private(set) var longest = VirtualDuration.zero

  mutating func delivered(_ batch: DeliveredBatch, _ stamp: EventStamp) {
    guard case .acknowledged(.final(let first)) = batch.outcome else { return }
    note(first + UInt64(batch.tags.count), of: batch.partition, stamp.time)
  }

  mutating func polled(_ records: PolledRecords, _ stamp: EventStamp) {
    guard let last = records.contents.last?.offset else { return }
    if let since = time(atWhich: last + 2, of: records.partition) {
      longest = max(longest, stamp.time - records.waited - since)
    }
    note(last + 1, of: records.partition, stamp.time)
  }

  private mutating func note(_ end: UInt64, of partition: TopicPartition, _ time: VirtualTime) {
    if let last = known[partition]?.last, last.end >= end { return }
    known[partition, default: []].append(Known(end: end, since: time))
  }

  /// Since when offsets up to an end are known to exist; nil when they are not.
  private func time(atWhich end: UInt64, of partition: TopicPartition) -> VirtualTime? {
    guard let list = known[partition], let last = list.last, last.end >= end else { return nil }
    var (low, high) = (0, list.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].end >= end { high = middle } else { low = middle + 1 }
    }
    return list[low].since
  }
}
