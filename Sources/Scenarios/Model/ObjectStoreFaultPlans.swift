import Nodes
import Simulation

/// Keys for which the object store does badly.
public struct SlowPrefix: Sendable, Hashable {
  /// What the keys begin with.
  public var prefix = "data/"
  /// How many times longer requests take.
  public var factor: Int64 = 10
  /// How likely a request fails before it is applied, in parts per million.
  public var errors: UInt32 = 0
  /// Makes ten times for all segments.
  public init() {}
}

/// What is left of the request rates.
public struct RateLeft: Sendable, Hashable {
  /// The share that is left, in parts per million.
  public var left: UInt32 = 10_000
  /// Makes a hundredth.
  public init() {}
}

/// Objects that are damaged or gone until they are repaired.
public struct DamagePlan: Sendable, Hashable {
  /// What happens to each.
  public var damage = ObjectDamage.bitFlip
  /// How many are hit, of those that are there.
  public var objects: Int64 = 1
  /// What their keys begin with.
  public var prefix = "data/"
  /// Makes a bit that flips in one segment.
  public init() {}
}

extension DamagePlan {
  static let schema = Schema<DamagePlan>(
    "objectStoreDamage", "Objects of the object store are damaged or gone; the fault's end repairs them.",
    defaults: DamagePlan.init
  ) {
    Field("damage", \.damage, .choice, "What happens to each.")
    Field("objects", \.objects, .count(in: 1...1_000_000), "How many are hit, drawn among those that are there.")
    Field(
      "prefix", \.prefix, .text(of: 0...1_024),
      "What their keys begin with; segments are `data/TOPIC NUMBER/PARTITION/…`.")
  }
}

extension SlowPrefix {
  static let schema = Schema<SlowPrefix>(
    "objectStoreSlowPrefix", "The object store is slow for some keys, or fails requests for them.",
    defaults: SlowPrefix.init
  ) {
    Field(
      "prefix", \.prefix, .text(of: 0...1_024),
      "What the keys begin with; segments are `data/TOPIC NUMBER/PARTITION/…`.")
    Field("factor", \.factor, .count(in: 1...10_000), "How many times longer requests take.")
    Field("errors", \.errors, .probability(), "How likely a request fails before it is applied.")
  }
}

extension RateLeft {
  static let schema = Schema<RateLeft>(
    "objectStoreRate",
    "The object store takes only a share of its requests a second, and refuses the rest with SlowDown.",
    defaults: RateLeft.init
  ) {
    Field("left", \.left, .probability(), "The share of the request rates that is left.")
  }
}

extension ObjectStoreFault {
  /// This fault as one of a fault script.
  var component: Fault { .component(host: HostNames.objectStore, name: name, values: values) }
}

extension RequestRates {
  static let schema = Schema<RequestRates>(
    "rates", "How many requests the object store takes.", defaults: RequestRates.init
  ) {
    Field(
      "writesPerSecond", \.writesPerSecond, .count(in: 1...1_000_000_000),
      "PUT, COPY, POST and DELETE requests a second and partition of the keys.")
    Field(
      "readsPerSecond", \.readsPerSecond, .count(in: 1...1_000_000_000),
      "GET, HEAD and LIST requests a second and partition of the keys.")
    Field(
      "splitAfter", \.splitAfter, .time(in: .zero...(.day)),
      "How long a partition of the keys has to stay hot before it is split.")
  }
}
