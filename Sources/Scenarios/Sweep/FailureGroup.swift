/// Failures of a sweep that have one cause, as far as their words tell: the same verdict and invariant, and a summary that differs only in numbers and names of hosts.
public struct FailureGroup: Sendable {
  /// The first of them.
  public let first: SweepRun
  /// The seeds, in order.
  public var seeds: [UInt64]

  /// Groups runs that failed, the most frequent cause first.
  public static func groups(of runs: [SweepRun]) -> [FailureGroup] {
    var groups: [(cause: String, group: FailureGroup)] = []
    for run in runs where !run.isPass {
      let cause = cause(of: run)
      if let index = groups.firstIndex(where: { $0.cause == cause }) {
        groups[index].group.seeds.append(run.seed)
      } else {
        groups.append((cause, FailureGroup(first: run, seeds: [run.seed])))
      }
    }
    return groups.map(\.group).enumerated().sorted {
      ($1.element.seeds.count, $0.offset) < ($0.element.seeds.count, $1.offset)
    }.map(\.element)
  }

  private static func cause(of run: SweepRun) -> String {
    let words = (run.summary ?? "").split(separator: " ").map { word in
      word.utf8.contains { (0x30...0x39).contains($0) } ? "#" : String(word)
    }
    return ([run.verdict, run.invariant ?? ""] + words).joined(separator: " ")
  }
}
