/// Decides how far to read ahead of a consumer that goes through segments, or through blocks, in order.
///
/// The depth doubles when the consumer comes to something that is still on its way, up to a bound; it falls by half
/// when something that was asked for is not there any more, evicted before its use, and to nothing when the consumer
/// jumps. It needs no clock: that the consumer had to wait says all that times would.
///
/// A consumer has one for each partition that it reads. What it counts by is its owner's choice, as long as the next
/// thing in reading order has the next ordinal: the place of a segment in a partition, the number of a block.
///
/// ```swift
/// var readAhead = ReadAhead()
/// // The consumer begins segment 7; segments up to 11 are known.
/// for ordinal in readAhead.accessed(7, cache.readiness(of: segment(7)), end: 12) { prefetch(segment(ordinal)) }
/// // Segments 12 and 13 were registered:
/// for ordinal in readAhead.extended(to: 14) { prefetch(segment(ordinal)) }
/// ```
public struct ReadAhead: Sendable, Hashable {
  /// The most segments that are read ahead.
  public let highestDepth: Int
  /// How many segments are read ahead now.
  public private(set) var depth = 0
  private var current: UInt64?
  /// The ordinal after the last one that was asked for.
  private var asked: UInt64 = 0

  /// Makes a state without history; `highestDepth` below 0 counts as 0.
  public init(highestDepth: Int = 8) {
    self.highestDepth = max(0, highestDepth)
  }

  /// Tells that the consumer has begun a segment.
  ///
  /// - Parameters:
  ///   - ordinal: the segment's place in the order in which it is read.
  ///   - readiness: how near its bytes were just before the consumer asked for them.
  ///   - end: the ordinal after the last segment that is known; none from there on is asked for.
  /// - Returns: the segments to get ready, none of them asked for before.
  public mutating func accessed(
    _ ordinal: UInt64, _ readiness: CacheReadiness, end: UInt64 = .max
  ) -> Range<UInt64> {
    if ordinal == current { return asked..<asked }
    let isNext = current.map { ordinal == next($0) } ?? false
    current = ordinal
    guard isNext else {
      depth = 0
      asked = next(ordinal)
      return asked..<asked
    }
    adapt(wasAsked: ordinal < asked, readiness)
    asked = max(asked, next(ordinal))
    return extended(to: end)
  }

  /// Tells that more segments are known than at the last access, as at the end of a log that grows.
  ///
  /// - Returns: the segments to get ready, none of them asked for before.
  public mutating func extended(to end: UInt64) -> Range<UInt64> {
    guard let current else { return asked..<asked }
    let (sum, overflow) = next(current).addingReportingOverflow(UInt64(depth))
    let reach = min(overflow ? .max : sum, end)
    guard reach > asked else { return asked..<asked }
    defer { asked = reach }
    return asked..<reach
  }

  private mutating func adapt(wasAsked: Bool, _ readiness: CacheReadiness) {
    switch readiness {
    case .ready:
      depth = max(depth, min(1, highestDepth))
    case .absent where wasAsked:
      // The cache is too small for this depth.
      depth /= 2
    case .absent, .underWay:
      depth = depth == 0 ? min(1, highestDepth) : min(highestDepth, depth * 2)
    }
  }

  private func next(_ ordinal: UInt64) -> UInt64 {
    ordinal == .max ? ordinal : ordinal + 1
  }
}
