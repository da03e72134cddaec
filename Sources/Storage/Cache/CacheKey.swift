/// What cached bytes are: an object, the one version of it, and which bytes of it, so that what is behind a key can
/// never change.
///
/// Keys are bytes and not text, because two texts that print the same can be two objects.
public struct CacheKey: Sendable, Hashable {
  /// The object's key in the store.
  public let object: [UInt8]
  /// What tells this version of the object from all others: its ETag, or a number.
  public let version: [UInt8]
  /// The bytes of the object, for who reads large objects by blocks; nil for the whole object.
  public let range: Range<Int>?

  /// Makes a key from an object and its ETag.
  public init(object: [UInt8], version: [UInt8], range: Range<Int>? = nil) {
    self.object = object
    self.version = version
    self.range = range
  }

  /// Makes a key from an object and a version number.
  public init(object: [UInt8], version: UInt64, range: Range<Int>? = nil) {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(version)
    self.init(object: object, version: bytes, range: range)
  }

  /// Takes in the bytes in one piece each: arrays give a hasher one byte after another.
  public func hash(into hasher: inout Hasher) {
    object.withUnsafeBytes { hasher.combine(bytes: $0) }
    version.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(range)
  }

  /// A hash of the key that is the same in every process; two keys may share it.
  var identity: UInt64 {
    hash(seed: Hashing.xxh3(object))
  }

  /// Where a range begins and ends, as a cache file has it. The whole object has a start behind its end, which no
  /// range has.
  var encodedRange: (start: UInt64, end: UInt64) {
    guard let range else { return (.max, 0) }
    return (UInt64(bitPattern: Int64(range.lowerBound)), UInt64(bitPattern: Int64(range.upperBound)))
  }

  /// A hash of version and range.
  func hash(seed: UInt64) -> UInt64 {
    let ofVersion = Hashing.xxh3(version, seed: seed)
    guard range != nil else { return ofVersion }
    var bytes: [UInt8] = []
    bytes.appendBigEndian(encodedRange.start)
    bytes.appendBigEndian(encodedRange.end)
    return Hashing.xxh3(bytes, seed: ofVersion)
  }
}
