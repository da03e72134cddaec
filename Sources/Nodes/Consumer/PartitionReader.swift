import DequeModule
import Simulation
import Storage

/// One partition as a consumer reads it: where it stands, and the segments known to lie ahead. Sendable because it never leaves its host.
final class PartitionReader: @unchecked Sendable {
  let partition: TopicPartition
  /// The next offset to hand out.
  private(set) var position: UInt64
  /// What the application has been given before the poll that runs now: safe to commit.
  var handedOut: UInt64
  /// What is stored; nil when nothing is, or when that is not known: while a commit is under way, and behind one that was refused or not answered. A commit of an earlier start that is still on its way may change it unseen.
  var committed: UInt64?
  var watermark: UInt64 = 0
  var logStart: UInt64 = 0
  /// Whether polls pass it over for now.
  var isPaused = false
  /// What the next poll that comes to this partition has to say.
  var failure: ConsumerError?
  /// Whether there is no position to read from until the application seeks.
  var lacksPosition = false
  /// The segment that is being read.
  private(set) var open: OpenSegment?
  /// Whether that segment had to be fetched for the poll that begins it.
  private(set) var isFreshlyFetched = false
  /// The fetch under way; a seek makes it another, so that an old one ends without effect.
  private(set) var fetch: UInt64 = 0
  var isFetching = false
  var readAhead: ReadAhead
  private let isolation: Isolation
  /// For a reader of committed records: the offset below which its list says which records were aborted.
  private var decidedEnd: UInt64 = 0
  /// Which ones were, in order, from the position on.
  private var aborted: Deque<OffsetRange> = []
  /// The segments ahead, as the metadata service listed them.
  private var ahead: Deque<ListedSegment> = []
  /// How many segments were passed: the place of the first one ahead in the order of reading.
  private var passed: UInt64 = 0

  /// A segment whose bytes are at hand.
  struct OpenSegment {
    var row: SegmentRow
    var reader: SegmentReader
  }

  private struct ListedSegment {
    var row: SegmentRow
    /// When the list was asked for.
    var asked: VirtualTime
  }

  init(partition: TopicPartition, position: UInt64, _ configuration: ConsumerConfiguration) {
    self.partition = partition
    self.position = position
    handedOut = position
    isolation = configuration.isolation
    readAhead = ReadAhead(highestDepth: configuration.readAhead)
  }

  /// The offset up to which is known what there is to read.
  var knownEnd: UInt64 {
    let listed = max(position, ahead.last?.row.end ?? position)
    return isolation == .readCommitted ? max(position, min(listed, decidedEnd)) : listed
  }
  /// How many segments are known to lie ahead.
  var segmentsAhead: Int { ahead.count }
  /// How many registered records lie ahead, as far as is known.
  var lag: UInt64 { watermark > position ? watermark - position : 0 }

  /// Takes in a list of segments that was asked for at a time; returns those that are to be fetched ahead.
  func learn(_ manifest: PartitionManifest, askedAt: VirtualTime) -> [SegmentRow] {
    watermark = max(watermark, manifest.watermark)
    logStart = max(logStart, manifest.logStart)
    let listed = max(position, ahead.last?.row.end ?? position)
    for row in manifest.rows where row.end > listed { ahead.append(ListedSegment(row: row, asked: askedAt)) }
    if isolation == .readCommitted {
      // Ranges that touched have become one since: of one that begins before, the rest is news.
      for range in manifest.aborted where range.end > decidedEnd {
        aborted.append(OffsetRange(first: max(range.first, decidedEnd), end: range.end))
      }
      // What lies behind the listed rows was not told either.
      decidedEnd = max(decidedEnd, min(manifest.lastStableOffset, manifest.rows.last?.end ?? decidedEnd))
    }
    // The one at the position is not ahead: it is fetched for its own sake.
    return rows(readAhead.extended(to: placeBehind)).filter { $0.base > position }
  }

  /// The place behind the last segment that is known.
  private var placeBehind: UInt64 { passed + UInt64(ahead.count) }

  private func rows(_ places: Range<UInt64>) -> [SegmentRow] {
    places.clamped(to: passed..<placeBehind).map { ahead[Int($0 - passed)].row }
  }

  /// Forgets the list of segments, so that it is asked for again.
  func forgetList() {
    // No place is used twice, so that reading ahead notices the jump.
    passed += UInt64(ahead.count) + 1
    ahead = []
    aborted = []
    decidedEnd = position
  }

  /// Which records of a stretch from the position on this reader may be shown.
  func visible(_ stretch: Range<UInt64>) -> VisibleRecords {
    guard isolation == .readCommitted else { return VisibleRecords(end: stretch.upperBound, omitted: []) }
    while let first = aborted.first, first.end <= stretch.lowerBound { aborted.removeFirst() }
    let end = max(stretch.lowerBound, min(stretch.upperBound, decidedEnd))
    let omitted = aborted.prefix { $0.first < end }.map { max($0.first, stretch.lowerBound)..<min($0.end, end) }
    return VisibleRecords(end: end, omitted: omitted)
  }

  /// The row that holds the position, with its place in the order of reading and the time at which it was asked for.
  var next: (row: SegmentRow, place: UInt64, asked: VirtualTime)? {
    while let first = ahead.first {
      // A row that compaction left without records has no object, and nothing to hand out.
      if first.row.recordCount == 0, first.row.base <= position { position = max(position, first.row.end) }
      guard first.row.end <= position else { break }
      ahead.removeFirst()
      passed += 1
    }
    guard let first = ahead.first, first.row.base <= position else { return nil }
    return (first.row, passed, first.asked)
  }

  /// The first row ahead where none holds the position: the end of a hole.
  var rowBehindHole: SegmentRow? { next == nil ? ahead.first?.row : nil }

  /// Says that the segment at a place is begun; returns those that are to be fetched ahead.
  func begins(_ place: UInt64, _ readiness: CacheReadiness) -> [SegmentRow] {
    rows(readAhead.accessed(place, readiness, end: placeBehind))
  }

  func opened(_ segment: OpenSegment, wasFetched: Bool) {
    open = segment
    isFreshlyFetched = wasFetched
  }

  /// Moves on behind what a poll hands out.
  func advance(to offset: UInt64) {
    position = offset
    isFreshlyFetched = false
    if let current = open, offset >= current.row.end { open = nil }
  }

  /// Jumps: what is known of the way ahead no longer counts.
  func jump(to offset: UInt64) {
    position = offset
    open = nil
    failure = nil
    lacksPosition = false
    forgetList()
    abandonFetch()
  }

  /// Lets a fetch under way end without effect.
  func abandonFetch() {
    fetch += 1
    isFetching = false
  }
}
