import ArgumentParser
import Scenarios
import Simulation

/// A seed as people type it: below 2^53, so that every JSON reader keeps it and a resolved scenario can hold it.
struct SeedNumber: ExpressibleByArgument {
  let number: UInt64

  init?(argument: String) {
    guard let number = UInt64(argument), number < Seeds.bound else { return nil }
    self.number = number
  }
}

/// A bound on real time as people type it.
struct RealSeconds: ExpressibleByArgument {
  let seconds: Double

  /// Some thirty years, which no run takes and 64 bits of nanoseconds hold.
  private static let longest = 1_000_000_000.0

  init?(argument: String) {
    guard let seconds = Double(argument), seconds >= 0, seconds <= Self.longest else { return nil }
    self.seconds = seconds
  }

  var nanoseconds: UInt64 { UInt64(seconds * 1_000_000_000) }
}

/// A length of virtual time as people type it: at least a millisecond.
struct VirtualSeconds: ExpressibleByArgument {
  let duration: VirtualDuration

  /// Longer than any run.
  private static let longest = 1_000_000.0

  init?(argument: String) {
    guard let seconds = Double(argument), seconds >= 0.001, seconds <= Self.longest else { return nil }
    duration = .nanoseconds(Int64((seconds * 1_000_000_000).rounded()))
  }
}
