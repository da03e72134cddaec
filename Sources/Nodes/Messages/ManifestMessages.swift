import Simulation

/// Asks for the segments that hold records of partitions from an offset on: one request for all that a consumer reads.
public struct FetchManifest: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 27, name: "FetchManifest")
  /// The partitions, each with the first offset of interest.
  public var positions: [CommittedOffset]
  /// The most rows of a partition to return; at least one and at most 1,000 are.
  public var limit: Int
  /// How long the service may wait for a segment when no partition has one yet.
  public var waitAtMost: VirtualDuration
  /// What the reader wants to see: one of committed records gets only segments that begin below the last stable offset.
  public var isolation = Isolation.readUncommitted

  /// Asks for several partitions.
  public init(positions: [CommittedOffset], limit: Int, waitAtMost: VirtualDuration) {
    self.positions = positions
    self.limit = limit
    self.waitAtMost = waitAtMost
  }

  /// Asks for one partition.
  public init(partition: TopicPartition, from: UInt64, limit: Int, waitAtMost: VirtualDuration) {
    self.init(
      positions: [CommittedOffset(partition: partition, offset: from)], limit: limit, waitAtMost: waitAtMost)
  }

  /// What there is of the partitions, of one revision.
  public struct Response: Payload {
    /// A partition each, in the order in which they were asked for; those that do not exist are left out.
    public var partitions: [PartitionManifest]
    /// Its length on the wire in bytes.
    public var wireSize: Int {
      partitions.reduce(messageOverhead) { $0 + 40 + $1.rows.count * 100 + $1.aborted.count * 16 }
    }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      for partition in partitions {
        log.number("watermark", partition.watermark)
        log.number("lastStableOffset", partition.lastStableOffset)
        for range in partition.aborted {
          log.number("abortedFirst", range.first)
          log.number("abortedEnd", range.end)
        }
        for row in partition.rows {
          log.number("base", row.base)
          log.number("epoch", row.epoch)
        }
      }
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + positions.count * 16 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    for position in positions {
      log.partition(position.partition)
      log.number("from", position.offset)
    }
  }
}

/// The segments of a partition from an offset on, and the bounds of its log.
public struct PartitionManifest: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// The segments in order of their base offsets.
  public var rows: [SegmentRow]
  /// The first offset that can be read.
  public var logStart: UInt64
  /// The offset after the last registered one.
  public var watermark: UInt64
  /// The offset below which every transaction is over; the watermark where none is open.
  public var lastStableOffset: UInt64
  /// For readers of committed records: the aborted offsets among the rows, from the first offset of interest up to the last stable offset.
  public var aborted: [OffsetRange] = []

  /// The offset up to which a kind of reader may read.
  func end(_ isolation: Isolation) -> UInt64 { isolation == .readCommitted ? lastStableOffset : watermark }
}
