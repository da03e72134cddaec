import Nodes
import Simulation

/// The bounds within which a run's figures have to lie; what is not bounded may be anything.
public struct FigureBounds: Sendable, Hashable {
  /// Half of the batches are acknowledged within this, from the send call of their first record on, linger included.
  public var produceLatencyP50 = TimeBounds()
  /// 99 of 100 batches are acknowledged within this.
  public var produceLatencyP99 = TimeBounds()
  /// The slowest batch is acknowledged within this.
  public var produceLatencyMax = TimeBounds()
  /// Half of the records are handed to an application within this, from the send call on.
  public var endToEndLatencyP50 = TimeBounds()
  /// 99 of 100 records are handed to an application within this.
  public var endToEndLatencyP99 = TimeBounds()
  /// The slowest record is handed to an application within this.
  public var endToEndLatencyMax = TimeBounds()
  /// Records acknowledged in a virtual second, over the whole run.
  public var producedPerSecond = CountBounds()
  /// Records handed to applications in a virtual second, over the whole run.
  public var consumedPerSecond = CountBounds()
  /// The part of the blocks that polls asked for and that a consumer's cache had.
  public var cacheHits = ShareBounds()
  /// The part of the producers' messages that found an open connection.
  public var connectionsReused = ShareBounds()
  /// The part of the batches' bytes that compression took off.
  public var compressionSaved = ShareBounds()

  /// Makes bounds that everything keeps to.
  public init() {}

  static let schema = Schema<FigureBounds>(
    "figures", "The bounds within which a run's figures have to lie.", defaults: FigureBounds.init
  ) {
    Field(
      "produceLatencyP50", \.produceLatencyP50, .section(TimeBounds.schema),
      "The median time from a batch's first record to its acknowledgement, linger included.")
    Field("produceLatencyP99", \.produceLatencyP99, .section(TimeBounds.schema), "The same, of 99 in 100 batches.")
    Field("produceLatencyMax", \.produceLatencyMax, .section(TimeBounds.schema), "The same, of the slowest batch.")
    Field(
      "endToEndLatencyP50", \.endToEndLatencyP50, .section(TimeBounds.schema),
      "The median time from a record's batch's begin to the poll that hands it out.")
    Field("endToEndLatencyP99", \.endToEndLatencyP99, .section(TimeBounds.schema), "The same, of 99 in 100 records.")
    Field("endToEndLatencyMax", \.endToEndLatencyMax, .section(TimeBounds.schema), "The same, of the slowest record.")
    Field(
      "producedPerSecond", \.producedPerSecond, .section(CountBounds.schema),
      "Records acknowledged in a virtual second, over the whole run.")
    Field(
      "consumedPerSecond", \.consumedPerSecond, .section(CountBounds.schema),
      "Records handed to applications in a virtual second, over the whole run.")
    Field(
      "cacheHits", \.cacheHits, .section(ShareBounds.schema),
      "The part of the blocks that polls asked for and that a consumer's cache had.")
    Field(
      "connectionsReused", \.connectionsReused, .section(ShareBounds.schema),
      "The part of the producers' messages that found an open connection.")
    Field(
      "compressionSaved", \.compressionSaved, .section(ShareBounds.schema),
      "The part of the batches' bytes that compression took off.")
  }

  /// What a run does not keep to, a sentence each.
  func missed(by result: RunResult) -> [String] {
    let (produce, endToEnd, producers) = (result.produceLatency, result.endToEndLatency, result.producers)
    return [
      produceLatencyP50.missed(by: produce.p50, "the produce latency's median"),
      produceLatencyP99.missed(by: produce.p99, "the produce latency's 99th percentile"),
      produceLatencyMax.missed(by: produce.max, "the longest produce latency"),
      endToEndLatencyP50.missed(by: endToEnd.p50, "the end-to-end latency's median"),
      endToEndLatencyP99.missed(by: endToEnd.p99, "the end-to-end latency's 99th percentile"),
      endToEndLatencyMax.missed(by: endToEnd.max, "the longest end-to-end latency"),
      producedPerSecond.missed(by: result.producedPerSecond, "the number of records produced a second"),
      consumedPerSecond.missed(by: result.consumedPerSecond, "the number of records consumed a second"),
      cacheHits.missed(by: result.cacheHitShare, "the part of blocks that caches had"),
      connectionsReused.missed(
        by: producers.connections.reusedShare, "the part of messages that found an open connection"),
      compressionSaved.missed(by: producers.compressionSavedShare, "the part of bytes that compression took off"),
    ].flatMap { $0 }
  }
}

/// Bounds of a length of time.
public struct TimeBounds: Sendable, Hashable {
  /// No shorter than this.
  public var atLeast: VirtualDuration?
  /// No longer than this.
  public var atMost: VirtualDuration?
  /// Makes bounds that everything keeps to.
  public init() {}

  static let schema = Schema<TimeBounds>("time bounds", "Bounds of a length of time.", defaults: TimeBounds.init) {
    Field("atLeast", \.atLeast, .optional(.time(in: .zero...(.day))), "No shorter than this.")
    Field("atMost", \.atMost, .optional(.time(in: .zero...(.day))), "No longer than this.")
  } validate: { bounds, locator in
    try requireOrder(bounds.atLeast, bounds.atMost, locator)
  }

  func missed(by milliseconds: Double, _ figure: String) -> [String] {
    let seen = VirtualDuration(nanoseconds: Int64((milliseconds * 1_000_000).rounded()))
    return Scenarios.missed(seen, atLeast, atMost, figure) { "\($0)" }
  }
}

/// Bounds of a number.
public struct CountBounds: Sendable, Hashable {
  /// No less than this.
  public var atLeast: Int?
  /// No more than this.
  public var atMost: Int?
  /// Makes bounds that everything keeps to.
  public init() {}

  static let schema = Schema<CountBounds>("count bounds", "Bounds of a number.", defaults: CountBounds.init) {
    Field("atLeast", \.atLeast, .optional(.count(in: 0...1_000_000_000_000)), "No less than this.")
    Field("atMost", \.atMost, .optional(.count(in: 0...1_000_000_000_000)), "No more than this.")
  } validate: { bounds, locator in
    try requireOrder(bounds.atLeast, bounds.atMost, locator)
  }

  func missed(by value: Double, _ figure: String) -> [String] {
    Scenarios.missed(value, atLeast.map(Double.init), atMost.map(Double.init), figure) { "\(Int($0))" }
  }
}

/// Bounds of a part of a whole, in millionths.
public struct ShareBounds: Sendable, Hashable {
  /// No less than this.
  public var atLeast: UInt32?
  /// No more than this.
  public var atMost: UInt32?
  /// Makes bounds that everything keeps to.
  public init() {}

  static let schema = Schema<ShareBounds>("share bounds", "Bounds of a part of a whole.", defaults: ShareBounds.init) {
    Field("atLeast", \.atLeast, .optional(.probability()), "No less than this.")
    Field("atMost", \.atMost, .optional(.probability()), "No more than this.")
  } validate: { bounds, locator in
    try requireOrder(bounds.atLeast, bounds.atMost, locator)
  }

  /// A share of nothing keeps to no bound.
  func missed(by share: Double?, _ figure: String) -> [String] {
    guard let share else {
      return atLeast == nil && atMost == nil ? [] : ["\(figure) is unknown: there was nothing to count"]
    }
    return Scenarios.missed(share * 1_000_000, atLeast.map(Double.init), atMost.map(Double.init), figure) {
      let hundredths = Int(($0 / 100).rounded())
      return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
    }
  }
}

private func requireOrder<Value: Comparable>(_ least: Value?, _ most: Value?, _ locator: Locator) throws {
  guard let least, let most, most < least else { return }
  throw locator.error(
    at: "atMost", "nothing is at least \(least) and at most \(most)", remedy: "a bound that is not below `atLeast`")
}

private func missed<Value: Comparable>(
  _ seen: Value, _ least: Value?, _ most: Value?, _ figure: String, _ shown: (Value) -> String
) -> [String] {
  if let least, seen < least { return ["\(figure) is \(shown(seen)), less than \(shown(least))"] }
  if let most, seen > most { return ["\(figure) is \(shown(seen)), more than \(shown(most))"] }
  return []
}
