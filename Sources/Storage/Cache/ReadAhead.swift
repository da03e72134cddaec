/// Decides how far to read ahead of a consumer that goes through segments in order.
///
/// The depth doubles when the consumer comes to a segment that is still on its way, up to a bound; it falls by half
/// when one that was asked for is not there any more, evicted before its use, and to nothing when the consumer jumps.
///
/// ```swift
/// var readAhead = ReadAhead()
/// for ordinal in readAhead.accessed(7, .absent) { prefetch(segment(ordinal)) }
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
  ///   - readiness: how near its bytes were.
  /// - Returns: the segments to get ready, none of them asked for before.
  public mutating func accessed(_ ordinal: UInt64, _ readiness: CacheReadiness) -> Range<UInt64> {
    defer { current = ordinal }
    guard let current else {
      asked = next(ordinal)
      return asked..<asked
    }
    if ordinal == current { return asked..<asked }
    guard ordinal == next(current), ordinal != current else {
      depth = 0
      asked = next(ordinal)
      return asked..<asked
    }
    adapt(wasAsked: ordinal < asked, readiness)
    let start = max(asked, next(ordinal))
    let (end, overflow) = ordinal.addingReportingOverflow(UInt64(depth) + 1)
    guard !overflow, end > start else {
      asked = start
      return start..<start
    }
    asked = end
    return start..<end
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
