import Simulation

/// Asks for a partition to compact, under an intent that is journaled before the answer leaves: one worker at a time has a partition's intent.
public struct ClaimCompaction: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 74, name: "ClaimCompaction")
  /// Rises with each claim of an incarnation; the same number asks for the same answer.
  public var request: UInt64

  /// What there is to do.
  public struct Response: Payload {
    /// The claim; nil when nothing is due.
    public var claim: CompactionClaim?
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + (claim?.rows.count ?? 0) * 100 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {
      guard let claim else { return }
      log.partition(claim.partition)
      log.number("intent", claim.intent)
      log.number("rows", claim.rows.count)
    }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("request", request) }
}

/// A partition that a worker may compact.
public struct CompactionClaim: Sendable, Hashable {
  /// The partition.
  public var partition: TopicPartition
  /// Names the intent for ever; part of the keys of the objects that it makes.
  public var intent: UInt64
  /// The rows from the log's start on, all of them below the last stable offset.
  public var rows: [SegmentRow]
  /// Below it no key has two records: what an earlier compaction left.
  public var cleanBelow: UInt64
  /// Empty values below it have been kept for long enough.
  public var tombstonesExpireBelow: UInt64
  /// The offsets of aborted transactions, in order.
  public var aborted: [OffsetRange]
}

/// Some rows that stand next to each other, and the one that takes their place.
public struct RowReplacement: Sendable, Hashable {
  /// The rows as they have to be, exactly.
  public var old: [SegmentRow]
  /// The new row, over the same offsets. One without records has no object, and an empty key.
  public var new: SegmentRow

  /// Makes a replacement.
  public init(old: [SegmentRow], new: SegmentRow) {
    self.old = old
    self.new = new
  }
}

/// Swaps rows for compacted ones, all or none: a compare-and-set on the intent and on each of the rows.
public struct CompleteCompaction: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 75, name: "CompleteCompaction")
  /// The partition.
  public var partition: TopicPartition
  /// The intent.
  public var intent: UInt64
  /// What takes the place of what, in order; empty when nothing could go.
  public var replacements: [RowReplacement]

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + replacements.reduce(0) { $0 + 100 + $1.old.count * 100 } }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) {
    log.partition(partition)
    log.number("intent", intent)
    for replacement in replacements {
      log.number("base", replacement.new.base)
      log.number("end", replacement.new.end)
      log.number("records", replacement.new.recordCount)
    }
  }
}

/// Asks for objects whose rows went a reader grace ago.
public struct FetchRemovals: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 76, name: "FetchRemovals")
  /// The most keys to return; the service returns at most 1,000.
  public var limit: Int

  /// Objects that no reader uses any more.
  public struct Response: Payload {
    /// Their keys in order.
    public var keys: [ObjectKey]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + keys.count * 80 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { for key in keys { log.bytes("key", key.bytes) } }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("limit", limit) }
}

/// Says that objects are deleted, so that the service can forget them.
public struct ConfirmRemovals: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 77, name: "ConfirmRemovals")
  /// Their keys.
  public var keys: [ObjectKey]

  /// Nothing but success.
  public struct Response: Payload {
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) {}
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + keys.count * 80 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { for key in keys { log.bytes("key", key.bytes) } }
}

/// Asks which of the listed objects are orphans: no row has them, and none ever can.
public struct JudgeObjects: Request {
  /// What the network and the digest know it as.
  public static let kind = MessageKind(code: 78, name: "JudgeObjects")
  /// The keys, as a listing showed them before this request is sent.
  public var keys: [ObjectKey]

  /// The orphans.
  public struct Response: Payload {
    /// Their keys, in the order of the request.
    public var orphans: [ObjectKey]
    /// Its length on the wire in bytes.
    public var wireSize: Int { messageOverhead + orphans.count * 80 }
    /// Writes its fields to the log.
    public func describe(into log: EventLog) { for key in orphans { log.bytes("orphan", key.bytes) } }
  }

  /// Its length on the wire in bytes.
  public var wireSize: Int { messageOverhead + keys.count * 80 }
  /// Writes its fields to the log.
  public func describe(into log: EventLog) { log.number("keys", keys.count) }
}
