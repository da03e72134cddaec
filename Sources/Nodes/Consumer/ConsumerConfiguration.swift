import Simulation
import Storage

/// The figures of a consumer.
public struct ConsumerConfiguration: Sendable, Hashable {
  /// The group under which positions are stored; nil stores none.
  public var group: String?
  /// Where to begin without a stored position.
  public var offsetReset = OffsetReset.earliest
  /// How many records a poll returns at the most.
  public var pollRecords = 500
  /// How often positions are stored; nil leaves that to the application.
  public var autoCommitInterval: VirtualDuration? = .seconds(5)
  /// How long the metadata service may hold back an answer that would bring nothing new.
  public var fetchWait = VirtualDuration.milliseconds(500)
  /// How many bytes of segments are kept.
  public var cacheBytes = 100 * 1_048_576
  /// How long a request may take.
  public var requestTimeout = VirtualDuration.seconds(10)
  /// The first wait before something failed is tried again; it doubles up to `retryBackoffLimit`.
  public var retryBackoff = VirtualDuration.milliseconds(100)
  /// The longest such wait.
  public var retryBackoffLimit = VirtualDuration.seconds(5)

  /// Makes the default consumer.
  public init() {}
}

/// Where to begin without a stored position.
public enum OffsetReset: String, Sendable, Hashable, CaseIterable {
  /// At the log's start.
  case earliest
  /// At the watermark.
  case latest
}

/// Records of one partition that a poll hands out.
public struct FetchedRecords: Sendable {
  /// The partition.
  public let partition: TopicPartition
  /// The offset of the first record.
  public let first: UInt64
  /// The offset after the last record.
  public let end: UInt64
  let reader: SegmentReader

  /// Calls `body` with each record in order of the offsets; nothing is allocated for it.
  ///
  /// - Throws: ``SegmentError`` when the segment's blocks are damaged.
  public func forEach(_ body: (RecordView) -> Void) throws {
    try reader.forEachRecord(from: first) { record in
      guard record.offset < end else { return false }
      body(record)
      return true
    }
  }
}

/// Why a consumer cannot go on; it never skips and never stalls without a word.
public enum ConsumerError: Error, Sendable, Hashable {
  /// There is no such topic.
  case noSuchTopic(String)
  /// An offset below the watermark cannot be read: no segment has it, or its object is gone.
  case hole(TopicPartition, offset: UInt64, detail: String)
  /// A segment's object does not hold what its row says.
  case damaged(TopicPartition, offset: UInt64, detail: String)
}
