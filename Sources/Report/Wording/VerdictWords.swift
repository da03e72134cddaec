import Scenarios

/// A verdict in words.
struct VerdictWords {
  /// The verdict in a sentence.
  let sentence: String
  /// Whether there is nothing to worry about.
  let isGood: Bool

  /// Words for how a run ended.
  init(_ result: RunResult) {
    isGood = result.verdict == .pass
    let broken = result.violationCounts.map(\.invariant.rawValue)
    switch result.verdict {
    case .pass where result.rightlyStuck != nil:
      sentence = "Every invariant held. The cluster did not come to rest, and could not: \(result.rightlyStuck ?? "")."
    case .pass:
      sentence =
        result.resolved.expect.violates.map {
          "Invariant \($0.rawValue), and no other, was violated: just what the scenario expects."
        } ?? "Every invariant held, the cluster came to rest, and all that the scenario expects was seen."
    case .safety:
      sentence = "\(Self.invariants(broken)) violated."
    case .liveness:
      sentence = "Nothing was lost or corrupted, but the cluster did not come back to work in time."
    case .expectation:
      sentence = "The scenario expects something that was not seen."
    case .unfinished:
      sentence = "The run was stopped before its end, so it decides nothing."
    }
  }

  private static func invariants(_ names: [String]) -> String {
    guard let last = names.last else { return "An invariant was" }
    if names.count == 1 { return "Invariant \(last) was" }
    return "Invariants \(names.dropLast().joined(separator: ", ")) and \(last) were"
  }
}
