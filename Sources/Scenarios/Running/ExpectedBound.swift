import Simulation

/// A bound that a scenario sets to what users of its cluster notice.
public enum ExpectedBound: String, Sendable, Hashable, CaseIterable {
  /// The longest time for which a partition is without a leader.
  case longestLeaderless
  /// The longest time for which a producer waits for an acknowledgement.
  case longestStall
  /// How many batches end without an acknowledgement.
  case failedSends
}

extension Expectation {
  /// The bounds that a run did not keep, each with a reason for people.
  func missedBounds(_ seen: AvailabilityFigures) -> [(bound: ExpectedBound, reason: String)] {
    func shown(_ duration: VirtualDuration) -> String { "\(VirtualTime(nanoseconds: duration.nanoseconds))" }
    var missed: [(bound: ExpectedBound, reason: String)] = []
    if let bound = longestLeaderless, seen.longestLeaderless > bound {
      missed.append(
        (
          .longestLeaderless,
          "a partition was without a leader for \(shown(seen.longestLeaderless)), longer than \(bound)"
        ))
    }
    if let bound = longestStall, seen.longestStall > bound {
      missed.append(
        (
          .longestStall,
          "a producer waited \(shown(seen.longestStall)) for an acknowledgement, longer than \(bound)"
        ))
    }
    if let bound = failedSends, seen.failedSends > bound {
      missed.append(
        (.failedSends, "\(seen.failedSends) batches ended without an acknowledgement, more than \(bound)"))
    }
    return missed
  }
}
