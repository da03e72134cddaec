/// A host's idea of time: a monotonic clock that may drift, and a wall clock that may also be off and be stepped.
struct HostClock {
  /// How much faster than true time the clocks run, in parts per million.
  private(set) var driftPartsPerMillion: Int64 = 0
  private var trueAnchor = VirtualTime.start
  private var localAnchor = VirtualTime.start
  /// What the wall clock shows more than the monotonic one.
  var wallOffset = VirtualDuration.zero

  /// The monotonic clock's reading at a true time; it never steps.
  func local(at now: VirtualTime) -> VirtualTime {
    let passed = (now - trueAnchor).nanoseconds
    return localAnchor + VirtualDuration(nanoseconds: passed + scaled(passed))
  }

  /// The true time that a length of local time takes.
  func trueDuration(ofLocal duration: VirtualDuration) -> VirtualDuration {
    guard driftPartsPerMillion != 0 else { return duration }
    let product = duration.nanoseconds.multipliedFullWidth(by: 1_000_000)
    let (quotient, remainder) = (1_000_000 + driftPartsPerMillion).dividingFullWidth(product)
    // Rounded up: a sleep never ends before its time on the sleeper's own clock.
    return VirtualDuration(nanoseconds: quotient + (remainder > 0 ? 1 : 0))
  }

  /// Changes the drift from now on.
  mutating func setDrift(partsPerMillion: Int64, at now: VirtualTime) {
    localAnchor = local(at: now)
    trueAnchor = now
    driftPartsPerMillion = partsPerMillion
  }

  private func scaled(_ passed: Int64) -> Int64 {
    guard driftPartsPerMillion != 0 else { return 0 }
    let product = passed.multipliedFullWidth(by: driftPartsPerMillion)
    return Int64(1_000_000).dividingFullWidth(product).quotient
  }
}
