/// What was asked of the object store and what moved, for figures and cost.
public struct ObjectStoreUsage: Sendable, Hashable {
  /// Puts that reached the bucket, refused conditional ones included: they are charged too.
  public var put: UInt64 = 0
  /// Gets and heads.
  public var get: UInt64 = 0
  /// Listings.
  public var list: UInt64 = 0
  /// Deletions.
  public var delete: UInt64 = 0
  /// Bytes of bodies put.
  public var bytesIn: UInt64 = 0
  /// Bytes of bodies got.
  public var bytesOut: UInt64 = 0
  /// Requests refused with SlowDown.
  public var throttled: UInt64 = 0

  /// Makes a count of nothing.
  public init() {}

  /// The requests' price in nano-dollars, by S3 Standard's list prices in us-east-1 as of 2025: PUT and LIST $0.005 per 1,000, GET $0.0004 per 1,000, DELETE free.
  public var nanoDollars: UInt64 { (put + list) * 5_000 + get * 400 }

  /// The requests' price in dollars.
  public var dollars: Double { Double(nanoDollars) / 1_000_000_000 }
}
