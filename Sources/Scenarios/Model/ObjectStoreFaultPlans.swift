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
