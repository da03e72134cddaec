import Simulation

/// When an agent gives a service a rest that fails again and again.
public struct BreakerConfiguration: Sendable, Hashable {
  /// How many failures in a row open it; the original's figure. 0 leaves it closed for ever.
  public var failures = 5
  /// How long it stays open before a request may try again; the original's figure.
  public var rest = VirtualDuration.seconds(30)
  /// How many successes of those that try close it again; the original's figure.
  public var successes = 2

  /// Makes the original's breaker.
  public init() {}
}

/// A circuit breaker: closed it lets everything through, open nothing, half open one request at a time.
///
/// A state machine that is told the time, by a clock that never goes back. What was on its way when it opened says nothing about whether the service has recovered, and is not counted.
struct CircuitBreaker {
  enum State: Hashable {
    case closed(failures: Int)
    case open(until: VirtualTime)
    case halfOpen(successes: Int, isTrying: Bool)
  }

  /// What a request got that was let through, to be shown when its outcome is known.
  struct Permit: Hashable {
    fileprivate let isTrial: Bool
  }

  private var configuration: BreakerConfiguration
  private(set) var state = State.closed(failures: 0)

  init(_ configuration: BreakerConfiguration) { self.configuration = configuration }

  /// Whether everything is let through.
  var isClosed: Bool { if case .closed = state { true } else { false } }

  /// Asks whether a request may go; nil when not, and ``nextChance(at:)`` tells when to ask again.
  mutating func ask(at now: VirtualTime) -> Permit? {
    switch state {
    case .closed: return Permit(isTrial: false)
    case .open(let end) where now >= end:
      state = .halfOpen(successes: 0, isTrying: true)
      return Permit(isTrial: true)
    case .open: return nil
    case .halfOpen(let successes, false):
      state = .halfOpen(successes: successes, isTrying: true)
      return Permit(isTrial: true)
    case .halfOpen: return nil
    }
  }

  /// How long from now nothing can be let through; nil when that ends with the outcome of the request that tries.
  func nextChance(at now: VirtualTime) -> VirtualDuration? {
    if case .open(let end) = state { end - now } else { nil }
  }

  /// Rests no longer than this from now on, also where it rests already.
  mutating func rest(atMost limit: VirtualDuration, at now: VirtualTime) {
    configuration.rest = min(configuration.rest, limit)
    if case .open(let end) = state { state = .open(until: min(end, now + configuration.rest)) }
  }

  /// A request was served.
  mutating func succeeded(_ permit: Permit) {
    switch state {
    case .closed: state = .closed(failures: 0)
    case .halfOpen(let successes, true) where permit.isTrial:
      let count = successes + 1
      state = count >= configuration.successes ? .closed(failures: 0) : .halfOpen(successes: count, isTrying: false)
    case .open, .halfOpen: break
    }
  }

  /// A request failed.
  mutating func failed(_ permit: Permit, at now: VirtualTime) {
    switch state {
    case .closed(let failures):
      let isTooMany = configuration.failures > 0 && failures + 1 >= configuration.failures
      state = isTooMany ? .open(until: now + configuration.rest) : .closed(failures: failures + 1)
    case .halfOpen(_, true) where permit.isTrial: state = .open(until: now + configuration.rest)
    case .open, .halfOpen: break
    }
  }

  /// A request that was let through is not made after all, or tells nothing.
  mutating func givenBack(_ permit: Permit) {
    if permit.isTrial, case .halfOpen(let successes, true) = state {
      state = .halfOpen(successes: successes, isTrying: false)
    }
  }
}
