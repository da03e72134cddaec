import Simulation

/// What can be wrong with the object store for a time; shares are in parts per million of requests.
public enum ObjectStoreFault: Sendable, Hashable {
  /// It refuses everything.
  case outage
  /// It fails requests before or after it has applied them. Before: 503 40 %, 500 30 %, 502 15 %, no answer 15 %; after: 500 and no answer, half each.
  case errors(before: UInt32, after: UInt32)
  /// It applies requests half a minute late, and never answers them.
  case late(UInt32)
  /// It refuses requests with SlowDown.
  case throttle(UInt32)
  /// It takes so many times longer.
  case slow(Int64)
  /// Some requests take ten times longer.
  case slowTail(UInt32)
  /// Requests for keys that begin so take so many times longer, and fail as under `errors` before they are applied.
  case slowPrefix(ObjectKey, factor: Int64, errors: UInt32)
  /// It refuses a client with 403.
  case expiredCredentials(HostID)
  /// Pages of listings end before they are full.
  case shortPages(UInt32)
  /// It takes only a share of its usual number of requests a second.
  case rate(left: UInt32)
  /// Damage comes to so many objects whose keys begin so, until the fault is over.
  case damage(ObjectDamage, under: ObjectKey, objects: Int64)

  /// The codes of listed request faults.
  public static let outcomes: ClosedRange<UInt64> = 1...UInt64(RequestOutcome.allCases.count)

  /// The name in fault scripts and scenario files.
  public var name: String {
    switch self {
    case .outage: "objectStoreOutage"
    case .errors: "objectStoreErrors"
    case .late: "objectStoreLate"
    case .throttle: "objectStoreThrottle"
    case .slow: "objectStoreSlow"
    case .slowTail: "objectStoreSlowTail"
    case .slowPrefix: "objectStoreSlowPrefix"
    case .expiredCredentials: "objectStoreExpiredCredentials"
    case .shortPages: "objectStoreShortPages"
    case .rate: "objectStoreRate"
    case .damage: "objectStoreDamage"
    }
  }

  /// The values in fault scripts; a prefix is its bytes, at the end.
  public var values: [Int64] {
    switch self {
    case .outage: []
    case .errors(let before, let after): [Int64(before), Int64(after)]
    case .late(let share), .throttle(let share), .slowTail(let share), .shortPages(let share), .rate(let share):
      [Int64(share)]
    case .slow(let factor): [factor]
    case .slowPrefix(let prefix, let factor, let errors): [factor, Int64(errors)] + prefix.bytes.map { Int64($0) }
    case .expiredCredentials(let client): [Int64(client.rawValue)]
    case .damage(let damage, let prefix, let objects):
      [Int64(ObjectDamage.allCases.firstIndex(of: damage) ?? 0), objects] + prefix.bytes.map { Int64($0) }
    }
  }

  /// The fault with a name and values; nil where they are of no fault of the object store.
  public init?(name: String, values: [Int64]) {
    func value(_ index: Int) -> Int64 { values.indices.contains(index) ? values[index] : 0 }
    func share(_ index: Int) -> UInt32 { UInt32(clamping: value(index)) }
    func prefix(from index: Int) -> ObjectKey {
      ObjectKey(bytes: values.dropFirst(index).map { UInt8(truncatingIfNeeded: $0) })
    }
    switch name {
    case "objectStoreOutage": self = .outage
    case "objectStoreErrors": self = .errors(before: share(0), after: share(1))
    case "objectStoreLate": self = .late(share(0))
    case "objectStoreThrottle": self = .throttle(share(0))
    case "objectStoreSlow": self = .slow(max(1, value(0)))
    case "objectStoreSlowTail": self = .slowTail(share(0))
    case "objectStoreSlowPrefix":
      self = .slowPrefix(prefix(from: 2), factor: max(1, value(0)), errors: share(1))
    case "objectStoreExpiredCredentials": self = .expiredCredentials(HostID(rawValue: share(0)))
    case "objectStoreShortPages": self = .shortPages(share(0))
    case "objectStoreRate": self = .rate(left: share(0))
    case "objectStoreDamage":
      guard ObjectDamage.allCases.indices.contains(Int(value(0))) else { return nil }
      self = .damage(ObjectDamage.allCases[Int(value(0))], under: prefix(from: 2), objects: max(0, value(1)))
    default: return nil
    }
  }
}
