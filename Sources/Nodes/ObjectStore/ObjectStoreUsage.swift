import Simulation

/// What was asked of the object store, what moved, and what was kept, for figures and cost.
public struct ObjectStoreUsage: Sendable, Hashable {
  /// PUT, COPY and POST requests that reached the bucket, refused conditional ones included: they are charged too.
  public var put: UInt64 = 0
  /// Of those, parts of multipart uploads.
  public var parts: UInt64 = 0
  /// Gets and heads.
  public var get: UInt64 = 0
  /// Listings, of keys, uploads and parts.
  public var list: UInt64 = 0
  /// Deletions, of objects and uploads.
  public var delete: UInt64 = 0
  /// Bytes of bodies put.
  public var bytesIn: UInt64 = 0
  /// Bytes of bodies got.
  public var bytesOut: UInt64 = 0
  /// Requests refused with SlowDown.
  public var throttled: UInt64 = 0
  /// Bytes of the objects that are there.
  public var storedBytes: UInt64 = 0
  /// Bytes of parts of uploads that were neither completed nor aborted.
  public var orphanBytes: UInt64 = 0
  /// Bytes of objects times milliseconds that they were kept.
  public var storedByteMilliseconds: UInt64 = 0
  /// Bytes of parts times milliseconds that they were kept without being an object.
  public var orphanByteMilliseconds: UInt64 = 0
  /// What it costs.
  public var prices = ObjectStorePrices.standard

  /// Makes a count of nothing.
  public init() {}

  /// The price of requests and of bytes moved, in nano-dollars.
  public var requestNanoDollars: UInt64 {
    (put + list) * prices.write + get * prices.read
      + prices.ofBytes(bytesIn, perGigabyte: prices.uploadPerGigabyte)
      + prices.ofBytes(bytesOut, perGigabyte: prices.retrievalPerGigabyte)
  }

  /// The price of what was kept, orphaned parts included, in nano-dollars.
  public var storageNanoDollars: UInt64 {
    prices.ofStorage(byteMilliseconds: storedByteMilliseconds &+ orphanByteMilliseconds)
  }

  /// The whole price in nano-dollars.
  public var nanoDollars: UInt64 { requestNanoDollars + storageNanoDollars }

  /// The whole price in dollars.
  public var dollars: Double { Double(nanoDollars) / 1_000_000_000 }
}

/// Prices in nano-dollars: Amazon's list prices for us-east-1 as of May 2025.
///
/// | | PUT, COPY, POST, LIST | GET, HEAD | DELETE | storage | upload | retrieval |
/// |---|---|---|---|---|---|---|
/// | S3 Standard | $0.005 per 1,000 | $0.0004 per 1,000 | free | $0.023 per GB-month | free | free |
/// | S3 Express One Zone | $0.00113 per 1,000 | $0.00003 per 1,000 | free | $0.11 per GB-month | $0.0032/GB | $0.0006/GB |
public struct ObjectStorePrices: Sendable, Hashable {
  /// A PUT, COPY, POST or LIST request.
  public var write: UInt64
  /// A GET or HEAD request.
  public var read: UInt64
  /// A gigabyte kept for a month.
  public var storagePerGigabyteMonth: UInt64
  /// A gigabyte put.
  public var uploadPerGigabyte: UInt64
  /// A gigabyte got.
  public var retrievalPerGigabyte: UInt64

  /// S3 Standard, with free traffic in the region.
  public static let standard = ObjectStorePrices(
    write: 5_000, read: 400, storagePerGigabyteMonth: 23_000_000, uploadPerGigabyte: 0, retrievalPerGigabyte: 0)
  /// S3 Express One Zone.
  public static let express = ObjectStorePrices(
    write: 1_130, read: 30, storagePerGigabyteMonth: 110_000_000, uploadPerGigabyte: 3_200_000,
    retrievalPerGigabyte: 600_000)

  /// Bytes of a gigabyte, as it is billed.
  private static let gigabyte = UInt128(1 << 30)
  /// A month of 730 hours, as Amazon's calculator has it.
  private static let monthMilliseconds = UInt128(730 * 3_600 * 1_000)

  func ofBytes(_ bytes: UInt64, perGigabyte price: UInt64) -> UInt64 {
    UInt64(UInt128(bytes) * UInt128(price) / Self.gigabyte)
  }

  func ofStorage(byteMilliseconds: UInt64) -> UInt64 {
    UInt64(UInt128(byteMilliseconds) * UInt128(storagePerGigabyteMonth) / (Self.gigabyte * Self.monthMilliseconds))
  }
}

/// Adds up what is kept, for how long.
struct StorageMeter {
  private var since = VirtualTime.start
  private var stored: UInt128 = 0
  private var orphaned: UInt128 = 0

  /// Counts what the bucket has held since the last time; called before it changes.
  mutating func advance(to now: VirtualTime, _ bucket: Bucket) {
    let passed = UInt128(max(0, (now - since).nanoseconds))
    stored += passed * UInt128(bucket.storedBytes)
    orphaned += passed * UInt128(bucket.orphanBytes)
    since = now
  }

  func fill(_ usage: inout ObjectStoreUsage) {
    usage.storedByteMilliseconds = UInt64(stored / 1_000_000)
    usage.orphanByteMilliseconds = UInt64(orphaned / 1_000_000)
  }
}
