import Simulation

/// How many requests a second an agent makes to the object store, and how that follows what the store says.
public struct AdaptiveRateConfiguration: Sendable, Hashable {
  /// Requests a second at the beginning; the original's figure for puts.
  public var rate: Int64 = 3_000
  /// How many requests may be made at once after a time without any; the original's figure for puts.
  public var burst: Int64 = 5_000
  /// The rate never falls below; the original's figure.
  public var lowest: Int64 = 100
  /// The rate never rises above; the original's figure.
  public var highest: Int64 = 10_000

  /// Makes the original's limits for puts.
  public init() {}
}

/// A bucket of tokens whose rate halves when the store throttles and grows by a twentieth with each success, as the original's does.
///
/// A state machine that is told the time, by a clock that never goes back. Counts in thousandths of a token.
struct AdaptiveRate {
  private let configuration: AdaptiveRateConfiguration
  /// Thousandths of a token a second.
  private(set) var rate: Int64
  private var tokens: Int64
  private var filledAt: VirtualTime

  init(_ configuration: AdaptiveRateConfiguration, at now: VirtualTime) {
    self.configuration = configuration
    rate = configuration.rate * 1_000
    tokens = configuration.burst * 1_000
    filledAt = now
  }

  /// Takes a token, or tells how long it takes until there is one.
  mutating func take(at now: VirtualTime) -> VirtualDuration? {
    fill(at: now)
    if tokens >= 1_000 {
      tokens -= 1_000
      return nil
    }
    // In whole microseconds, as the bucket is filled: so that there is one when the wait is over.
    return .microseconds(((1_000 - tokens) * 1_000_000 + rate - 1) / rate)
  }

  /// A token was not used.
  mutating func giveBack() { tokens = min(tokens + 1_000, configuration.burst * 1_000) }

  /// The store said that it is too much.
  mutating func throttled() { rate = max(rate / 2, configuration.lowest * 1_000) }

  /// The store served a request.
  mutating func succeeded() { rate = min(rate + rate / 20, configuration.highest * 1_000) }

  private mutating func fill(at now: VirtualTime) {
    // Longer than any bucket takes to fill would only overflow.
    let passed = min((now - filledAt).nanoseconds, 100_000_000_000)
    let gained = rate * (passed / 1_000) / 1_000_000
    guard gained > 0 else { return }
    tokens = min(tokens + gained, configuration.burst * 1_000)
    filledAt = now
  }
}
