import Simulation

/// What all uploads of an agent pass: a rate that adapts to what the object store says, and a breaker that gives a failing store a rest.
///
/// Nothing is dropped here: an upload that may not go yet waits. One for each agent, so that the limits are the process's and not a partition's. Sendable because it never leaves its host.
final class UploadGate: @unchecked Sendable {
  /// What became of an upload, as far as it tells something of the store.
  enum Outcome {
    /// The store answered, with success or with a refusal that is about the object.
    case served
    /// The store said SlowDown.
    case throttled
    /// The store failed or did not answer.
    case failed
  }

  private let host: Host
  private(set) var breaker: CircuitBreaker
  private(set) var rate: AdaptiveRate
  private let changed: Signal
  private var underWay = 0
  private let idle: Signal
  /// In hundredths of a request.
  private var hedgeCredit = UploadGate.hedgeCreditLimit

  /// Five in a hundred uploads may be asked for twice; what was not used is kept for so many at once.
  private static let hedgeShare = 5
  private static let hedgeCreditLimit = 400

  init(host: Host, breaker: BreakerConfiguration, rate: AdaptiveRateConfiguration) {
    self.host = host
    self.breaker = CircuitBreaker(breaker)
    self.rate = AdaptiveRate(rate, at: host.now)
    changed = Signal(on: host, "the object store's recovery")
    idle = Signal(on: host, "the end of the uploads")
  }

  /// Waits until an upload may go; nil when there is no need for it any more.
  func admit(
    while isNeeded: () -> Bool, isolation: isolated (any Actor)? = #isolation
  ) async throws -> CircuitBreaker.Permit? {
    while isNeeded() {
      // The rate is asked first: whoever gave a half open breaker's only permit back would wake the others for it, and they would give it back in turn, in the same instant and for ever.
      if let wait = rate.take(at: host.now) {
        host.probe(.uploadLimitedByRate)
        try await changed.wait(atMost: wait)
        continue
      }
      let before = breaker.state
      guard let permit = breaker.ask(at: host.now) else {
        rate.giveBack()
        try await changed.wait(atMost: breaker.nextChance(at: host.now))
        continue
      }
      tell(before)
      underWay += 1
      return permit
    }
    return nil
  }

  /// Whether an upload is under way.
  var isUploading: Bool { underWay > 0 }

  /// Waits until no upload is under way.
  func waitUntilIdle(isolation: isolated (any Actor)? = #isolation) async throws {
    while isUploading { try await idle.wait() }
  }

  /// Whether an upload that is not answered may be asked for a second time; says so for a small share of all uploads only, and not while the store is given a rest.
  func allowsHedge() -> Bool {
    guard hedgeCredit >= 100, breaker.isClosed else { return false }
    hedgeCredit -= 100
    return true
  }

  /// The agent is leaving: others wait for what it has to store, so a store that fails is given no longer a rest than between two tries of one upload.
  func hurry(restingAtMost limit: VirtualDuration) {
    breaker.rest(atMost: limit, at: host.now)
    changed.notify()
  }

  /// Takes in what became of an upload.
  func report(_ outcome: Outcome, _ permit: CircuitBreaker.Permit) {
    underWay -= 1
    if underWay == 0 { idle.notify() }
    let before = breaker.state
    hedgeCredit = min(hedgeCredit + Self.hedgeShare, Self.hedgeCreditLimit)
    switch outcome {
    case .served:
      breaker.succeeded(permit)
      rate.succeeded()
    case .throttled:
      // That it is too much says that the store works.
      breaker.givenBack(permit)
      rate.throttled()
      host.probe(.rateLoweredByStore)
    case .failed: breaker.failed(permit, at: host.now)
    }
    tell(before)
    if breaker.state != before { changed.notify() }
  }

  private func tell(_ before: CircuitBreaker.State) {
    switch (before, breaker.state) {
    case (.open, .open), (.closed, .closed), (.halfOpen, .halfOpen): break
    case (_, .open):
      host.probe(.breakerOpened)
      host.emit(AgentEvent.breakerOpened)
    case (_, .halfOpen):
      host.probe(.breakerHalfOpened)
      host.emit(AgentEvent.breakerHalfOpened)
    case (_, .closed):
      host.probe(.breakerClosed)
      host.emit(AgentEvent.breakerClosed)
    }
  }
}
