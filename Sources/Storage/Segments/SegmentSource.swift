/// Where the bytes of a segment come from, for readers that need not wait: a file, an object in memory.
///
/// Who has to wait for ranges feeds a `RangedSegmentReader` by hand.
public protocol SegmentSource {
  /// How many bytes the segment has.
  var length: Int { get }

  /// The bytes of a range that lies within the length.
  ///
  /// - Throws: whatever keeps the bytes from being read.
  mutating func read(_ range: Range<Int>) throws -> [UInt8]
}

/// A segment in memory as a source of ranges.
public struct WholeSegment: SegmentSource, Sendable {
  private let bytes: [UInt8]

  /// Makes a source of a whole file.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// How many bytes the segment has.
  public var length: Int { bytes.count }

  /// The bytes of a range, as far as it lies within the length.
  public func read(_ range: Range<Int>) -> [UInt8] {
    [UInt8](bytes[range.clamped(to: 0..<bytes.count)])
  }
}
