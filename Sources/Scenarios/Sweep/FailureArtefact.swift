/// One file that keeps a failure: everything that repeats it, and what it came to.
///
/// A scenario file with a head of comments: the resolved scenario holds its seed, its fault script and every message and request that went wrong, so that running the file gives the same digest and the same violation.
public enum FailureArtefact {
  /// The file's name.
  public static func name(of run: SweepRun) -> String {
    "\(run.scenario ?? "scenario")-\(run.seed)-\(run.invariant ?? run.verdict).yaml"
  }

  /// The file's text; nil for a run whose worker died and left nothing.
  public static func text(of run: SweepRun, version: String) -> String? {
    guard let resolved = run.resolved else { return nil }
    let summary = (run.summary ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
    return """
      # A failure of scenario \(run.scenario ?? ""), found by seed \(run.seed).
      # verdict: \(run.verdict)
      # invariant: \(run.invariant ?? "none")
      # violation: \(summary)
      # digest: \(run.digest)
      # events: \(run.events)
      # version: \(version)
      \(resolved)
      """
  }
}
