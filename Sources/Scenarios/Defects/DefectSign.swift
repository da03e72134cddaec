/// By what a defect shows in a run.
public enum DefectSign: Sendable, Hashable {
  /// An invariant is violated.
  case invariant(InvariantName)
  /// The run does not come to rest.
  case liveness
  /// A bound of the scenario on what users notice is not kept: a loss of service, and of nothing else.
  case bound(ExpectedBound)

  /// As `hunt` names it: the invariant, `liveness`, or the bound as scenarios write it.
  public var name: String {
    switch self {
    case .invariant(let invariant): invariant.rawValue
    case .bound(let bound): "expect.\(bound.rawValue)"
    case .liveness: Verdict.liveness.rawValue
    }
  }
}
