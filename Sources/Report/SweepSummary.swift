import Scenarios
import Simulation

/// What a sweep came to.
public struct SweepSummary: Sendable {
  private let name: String
  private let runs: [SweepRun]
  private let seconds: Double
  private let replays: [UInt64: String]
  private let artefacts: [UInt64: String]
  private let groups: [FailureGroup]

  /// Sums runs up.
  ///
  /// - Parameter artefacts: The files in which failures were kept, by seed.
  /// - Parameter replay: The command that repeats the run of a seed.
  public init(
    name: String, runs: [SweepRun], seconds: Double, artefacts: [UInt64: String] = [:], replay: (UInt64) -> String
  ) {
    self.artefacts = artefacts
    groups = FailureGroup.groups(of: runs)
    self.name = name
    self.runs = runs
    self.seconds = seconds
    replays = Dictionary(
      runs.filter { !$0.isPass }.map { ($0.seed, replay($0.seed)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The runs that did not pass, by seed.
  public var failures: [SweepRun] { runs.filter { !$0.isPass } }

  private var runsPerSecond: Double { seconds > 0 ? Double(runs.count) / seconds : 0 }

  /// Events in a virtual second, over all runs together.
  private var eventsPerVirtualSecond: Double {
    let virtual = runs.reduce(0) { $0 + $1.virtualSeconds }
    return virtual > 0 ? Double(runs.reduce(0) { $0 + $1.events }) / virtual : 0
  }

  /// The median over the runs of how many events a virtual second had.
  private var medianEventsPerVirtualSecond: Double {
    Self.median(runs.filter { $0.virtualSeconds > 0 }.map { Double($0.events) / $0.virtualSeconds })
  }

  /// The median over the runs of how much faster than real time a run was on its core.
  private var medianVirtualSecondsPerSecond: Double {
    Self.median(
      runs.compactMap { run in
        run.wallSeconds.flatMap { $0 > 0 && run.virtualSeconds > 0 ? run.virtualSeconds / $0 : nil }
      })
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let upper = sorted.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
  }

  private func total(_ counts: (SweepRun) -> [String: Int]) -> [(name: String, count: Int, runs: Int)] {
    var sums: [String: (count: Int, runs: Int)] = [:]
    for run in runs {
      for (name, count) in counts(run) {
        sums[name, default: (0, 0)].count += count
        if count > 0 { sums[name, default: (0, 0)].runs += 1 }
      }
    }
    return sums.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
      ($0.key, $0.value.count, $0.value.runs)
    }
  }

  private var probesHit: Set<String> { Set(runs.flatMap { $0.probes.keys }) }

  /// What a larger sweep or another scenario would have to reach. Guards against what the protocol rules out are not missed.
  private var probesNeverHit: [String] {
    let known = probesHit.union(ProbeCatalogue.guards.map(\.name))
    return ProbeCatalogue.names.filter { !known.contains($0) }
  }

  private var guardsHit: [String] {
    let hit = probesHit
    return ProbeCatalogue.guards.map(\.name).filter { hit.contains($0) }
  }

  /// The summary for people.
  public var text: String {
    var lines = [
      "\(name): \(runs.count) seeds in \(Decimals.short(seconds)) s, \(Decimals.short(runsPerSecond)) a second"
    ]
    let virtual = runs.reduce(0) { $0 + $1.virtualSeconds }
    lines.append(
      "virtual time: \(Decimals.short(virtual)) s, \(Decimals.short(seconds > 0 ? virtual / seconds : 0)) times real time"
    )
    lines.append(
      "median run: \(Decimals.short(medianVirtualSecondsPerSecond)) virtual seconds a real second on its core, "
        + "\(Decimals.short(medianEventsPerVirtualSecond)) events a virtual second (all runs: \(Decimals.short(eventsPerVirtualSecond)))"
    )
    lines.append("faults fired (in so many runs): " + shown(total(\.faults)))
    lines.append("probes hit (in so many runs): " + shown(total(\.probes)))
    if !probesNeverHit.isEmpty { lines.append("probes never hit: " + probesNeverHit.joined(separator: ", ")) }
    if !guardsHit.isEmpty {
      lines.append("hit although the protocol rules it out: " + guardsHit.joined(separator: ", "))
    }
    let repeated = runs.filter { $0.isRepeated == true }.count
    if repeated > 0 { lines.append("run a second time in another process, with the same course: \(repeated)") }
    if failures.isEmpty {
      lines.append("every seed passed")
    } else {
      lines.append("\(failures.count) seeds failed, of \(groups.count) kinds:")
      for group in groups.prefix(20) { lines += self.lines(of: group) }
      if groups.count > 20 { lines.append("  and \(groups.count - 20) more kinds") }
    }
    return lines.joined(separator: "\n")
  }

  private func lines(of group: FailureGroup) -> [String] {
    let run = group.first
    let others = group.seeds.dropFirst().prefix(10).map(String.init).joined(separator: ", ")
    let more = group.seeds.count > 11 ? ", …" : ""
    return [
      "  \(run.verdict) \(run.invariant.map { "(\($0)) " } ?? "")\(run.summary ?? "")",
      "    seed \(run.seed)" + (others.isEmpty ? "" : "; also \(others)\(more)"), "    \(replays[run.seed] ?? "")",
    ]
  }

  private func shown(_ totals: [(name: String, count: Int, runs: Int)]) -> String {
    totals.isEmpty ? "none" : totals.map { "\($0.name) \($0.count) (\($0.runs))" }.joined(separator: ", ")
  }

  /// The summary as one JSON document.
  public var json: String {
    let failures = failures.map { run in
      "{\"seed\":\(run.seed),\"verdict\":\"\(run.verdict)\",\"invariant\":\(run.invariant.map { "\"\($0)\"" } ?? "null"),"
        + "\"summary\":\"\((run.summary ?? "").escapedForJSON)\",\"artefact\":\(artefacts[run.seed].map { "\"\($0.escapedForJSON)\"" } ?? "null"),"
        + "\"replay\":\"\((replays[run.seed] ?? "").escapedForJSON)\"}"
    }
    let probes = total(\.probes).map { "\"\($0.name)\":\($0.count)" }
    let faults = total(\.faults).map { "\"\($0.name)\":\($0.count)" }
    return
      "{\"scenario\":\"\(name.escapedForJSON)\",\"runs\":\(runs.count),\"failures\":[\(failures.joined(separator: ","))],"
      + "\"eventsPerVirtualSecond\":\(Decimals.short(eventsPerVirtualSecond)),"
      + "\"medianEventsPerVirtualSecond\":\(Decimals.short(medianEventsPerVirtualSecond)),"
      + "\"medianVirtualSecondsPerSecond\":\(Decimals.short(medianVirtualSecondsPerSecond)),"
      + "\"runsPerSecond\":\(Decimals.short(runsPerSecond)),\"probes\":{\(probes.joined(separator: ","))},"
      + "\"faults\":{\(faults.joined(separator: ","))},"
      + "\"probesNeverHit\":[\(probesNeverHit.map { "\"\($0)\"" }.joined(separator: ","))],"
      + "\"guardsHit\":[\(guardsHit.map { "\"\($0)\"" }.joined(separator: ","))]}"
  }
}

/// Numbers for people.
enum Decimals {
  /// Two decimals, without exponents.
  static func short(_ value: Double) -> String {
    let hundredths = Int64((value * 100).rounded())
    let fraction = abs(hundredths % 100)
    return "\(hundredths < 0 && hundredths > -100 ? "-" : "")\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
