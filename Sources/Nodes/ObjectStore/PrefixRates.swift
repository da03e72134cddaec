import Simulation

/// How many requests a second the store takes.
public struct RequestRates: Sendable, Hashable {
  /// PUT, COPY, POST and DELETE requests a second and partition of the keys.
  public var writesPerSecond: Int64 = 3_500
  /// GET, HEAD and LIST requests a second and partition of the keys.
  public var readsPerSecond: Int64 = 5_500
  /// How long a partition has to stay hot before it is split. S3 says only that it splits gradually; reports speak of minutes.
  public var splitAfter = VirtualDuration.seconds(300)

  /// Makes S3's documented rates.
  public init() {}
}

/// The partitions of the keys, each with rates of its own: at first one for all keys; one that stays hot is split.
///
/// A partition is a prefix; a key belongs to the longest one that it begins with. A split makes a partition of the busiest folder under the hot prefix, or of the busiest next byte where there is no folder.
struct PrefixRates {
  private struct Partition {
    let prefix: ObjectKey
    var writes = RateLimiter()
    var reads = RateLimiter()
    /// Since when it has refused requests without a pause.
    var hotSince: VirtualTime?
    var lastRefusal = VirtualTime.start
    /// What was asked of each folder under the prefix since it became hot.
    var load: [ObjectKey: Int] = [:]
  }

  private let rates: RequestRates
  private var partitions = [Partition(prefix: ObjectKey(""))]
  /// A partition that refuses nothing for so long has cooled down.
  private static let pause = VirtualDuration.seconds(5)

  init(_ rates: RequestRates) { self.rates = rates }

  /// The prefixes that have rates of their own.
  var prefixes: [ObjectKey] { partitions.map(\.prefix) }

  enum Answer: Equatable {
    case admitted
    case refused
    /// Refused, and the partition is split now.
    case refusedAndSplit
  }

  /// Takes a request or refuses it.
  ///
  /// - Parameter scale: What is left of the rates, in parts per million.
  mutating func admit(_ key: ObjectKey, isWrite: Bool, at now: VirtualTime, scale: Int64 = 1_000_000) -> Answer {
    let index = partition(of: key)
    let rate = max(1, (isWrite ? rates.writesPerSecond : rates.readsPerSecond) * scale / 1_000_000)
    let isAdmitted =
      isWrite
      ? partitions[index].writes.admit(at: now, perSecond: rate)
      : partitions[index].reads.admit(at: now, perSecond: rate)
    if isAdmitted {
      if partitions[index].hotSince != nil { partitions[index].load[folder(of: key, in: index), default: 0] += 1 }
      return .admitted
    }
    return refuse(key, index, now)
  }

  private mutating func refuse(_ key: ObjectKey, _ index: Int, _ now: VirtualTime) -> Answer {
    if partitions[index].hotSince == nil || now - partitions[index].lastRefusal > Self.pause {
      partitions[index].hotSince = now
      partitions[index].load = [:]
    }
    partitions[index].lastRefusal = now
    partitions[index].load[folder(of: key, in: index), default: 0] += 1
    guard let since = partitions[index].hotSince, now - since >= rates.splitAfter else { return .refused }
    split(index)
    return .refusedAndSplit
  }

  private mutating func split(_ index: Int) {
    let busiest = partitions[index].load.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.first
    partitions[index].hotSince = nil
    partitions[index].load = [:]
    if let prefix = busiest?.key, prefix != partitions[index].prefix {
      partitions.append(Partition(prefix: prefix))
    }
  }

  private func partition(of key: ObjectKey) -> Int {
    var longest = 0
    for index in partitions.indices
    where partitions[index].prefix.bytes.count > partitions[longest].prefix.bytes.count
      && key.hasPrefix(partitions[index].prefix)
    {
      longest = index
    }
    return longest
  }

  /// What follows the partition's prefix, up to the next slash or else the next byte.
  private func folder(of key: ObjectKey, in index: Int) -> ObjectKey {
    let start = partitions[index].prefix.bytes.count
    guard key.bytes.count > start else { return key }
    let end = key.bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? start
    return ObjectKey(bytes: Array(key.bytes[...end]))
  }
}

/// A token bucket that holds a second's worth, in whole nanoseconds: the time at which it would be full again stands for its level.
struct RateLimiter {
  private var fullAt = VirtualTime.start
  private static let second = VirtualDuration.seconds(1)

  mutating func admit(at now: VirtualTime, perSecond rate: Int64) -> Bool {
    let token = VirtualDuration(nanoseconds: Self.second.nanoseconds / rate)
    let level = max(fullAt, now)
    guard level + token - now <= Self.second else { return false }
    fullAt = level + token
    return true
  }
}
