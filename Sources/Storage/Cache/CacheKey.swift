/// What cached bytes are: an object and the one version of it, so that the bytes behind a key can never change.
///
/// Keys are bytes and not text, because two texts that print the same can be two objects.
public struct CacheKey: Sendable, Hashable {
  /// The object's key in the store.
  public let object: [UInt8]
  /// What tells this version of the object from all others: its ETag, or a number.
  public let version: [UInt8]

  /// Makes a key from an object and its ETag.
  public init(object: [UInt8], version: [UInt8]) {
    self.object = object
    self.version = version
  }

  /// Makes a key from an object and a version number.
  public init(object: [UInt8], version: UInt64) {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(version)
    self.init(object: object, version: bytes)
  }

  /// A hash of the key that is the same in every process; two keys may share it.
  var identity: UInt64 {
    Hashing.xxh3(version, seed: Hashing.xxh3(object))
  }
}
