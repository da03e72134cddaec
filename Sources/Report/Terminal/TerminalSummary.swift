import Scenarios
import Simulation
import Storage

/// What `run` tells a person: what the scenario is about, what happened, the figures, and the verdict last.
///
/// ```swift
/// print(TerminalSummary(result, style: .plain, replay: "streamhouse-sim run calm.yaml --seed 7", report: nil).text)
/// ```
public struct TerminalSummary: Sendable {
  private let result: RunResult
  private let style: TextStyle
  private let replay: String
  private let report: String?

  /// Most lines of the timeline.
  static let timelineLimit = 30
  /// Most ids of events, and of records, that a violation names.
  static let referenceLimit = 8

  /// Prepares the text.
  ///
  /// - Parameters:
  ///   - replay: The command that repeats the run.
  ///   - report: Where the page about the run was written, when it was.
  public init(_ result: RunResult, style: TextStyle, replay: String, report: String?) {
    self.result = result
    self.style = style
    self.replay = replay
    self.report = report
  }

  /// The text, without a line break at its end.
  public var text: String {
    let sections = [
      headline, cluster, timeline, FigureLines(result, style).lines, faults, probes, violations, conclusion,
    ]
    return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
  }

  // MARK: What it is about

  private var headline: [String] {
    let name = result.resolved.name.isEmpty ? "(a scenario without a name)" : result.resolved.name
    let teaches = result.resolved.teaches.isEmpty ? [] : Wrapping.lines(result.resolved.teaches)
    return [style.paint(name.withoutControls, .title)] + teaches
  }

  private var cluster: [String] {
    var lines = labelled("Cluster", ClusterWords.machines(result.resolved))
    lines += labelled("Workload", ClusterWords.workload(result.resolved))
    lines += labelled("Course", ClusterWords.course(result))
    if let defects = ClusterWords.defects(result.resolved) { lines += labelled("Defects", "switched on: \(defects)") }
    return lines
  }

  /// A label in the margin with text beside it.
  private func labelled(_ label: String, _ text: String, _ ink: Ink = .title) -> [String] {
    let margin = String(repeating: " ", count: 10)
    var lines = Wrapping.lines(text, first: margin, others: margin)
    lines[0] = style.paint(label, ink) + lines[0].dropFirst(label.count)
    return lines
  }

  // MARK: What happened

  private var timeline: [String] {
    let lines = CondensedTimeline(result.timeline, limit: Self.timelineLimit).lines
    guard !lines.isEmpty else { return [] }
    let all: [TimelineEntry.Kind] = [.fault, .lease, .recovery, .violation]
    let kinds = all.filter { kind in
      lines.contains { $0.kind == kind }
    }
    let legend = kinds.map { "\($0.sign) \($0.rawValue)" }.joined(separator: "   ")
    let title = style.paint("What happened", .title) + style.paint("   \(legend)", .faint)
    let width = lines.map(\.at.description.count).max() ?? 0
    return [title] + lines.flatMap { shown($0, timeWidth: width) }
  }

  private func shown(_ line: CondensedTimeline.Line, timeWidth: Int) -> [String] {
    let indent = String(repeating: " ", count: timeWidth + 6)
    guard let kind = line.kind else { return [indent + style.paint(line.text, .faint)] }
    let text = line.text + (line.repeats.map { " (\($0))" } ?? "")
    var lines = Wrapping.lines(text, first: indent, others: indent)
    if kind == .violation {
      lines = lines.map { indent + style.paint(String($0.dropFirst(indent.count)), kind.ink) }
    }
    let time = line.at.description.paddedLeft(to: timeWidth + 2)
    lines[0] = "\(time)  \(style.paint(kind.sign, kind.ink)) " + lines[0].dropFirst(indent.count)
    return lines
  }

  // MARK: Faults and probes

  private var faults: [String] {
    let counts = result.faults.filter { $0.planned > 0 || $0.fired > 0 }
    guard !counts.isEmpty else { return [] }
    var table = TextTable()
    table.add("Faults", "planned", "fired")
    for count in counts {
      table.add("  " + count.kind, Numerals.grouped(count.planned), Numerals.grouped(count.fired))
    }
    return style.headed(table.lines())
  }

  private var probes: [String] {
    let hit = result.probes.filter { $0.count > 0 }
    guard !hit.isEmpty else { return [] }
    let words = hit.enumerated().map { index, probe in
      "\(probe.name) × \(Numerals.grouped(probe.count))" + (index + 1 < hit.count ? "," : "")
    }
    return [style.paint("Probes hit", .title)] + Wrapping.lines(words: words, first: "  ", others: "  ")
  }

  // MARK: What was violated

  private var violations: [String] {
    let broken = BrokenInvariant.all(of: result)
    guard !broken.isEmpty else { return [] }
    let isExpected = result.verdict == .pass
    let title = style.paint(isExpected ? "Violations, as expected" : "Violations", isExpected ? .title : .violation)
    return [title] + broken.flatMap(shown)
  }

  private func shown(_ broken: BrokenInvariant) -> [String] {
    let heading = "\(broken.invariant.rawValue): \(broken.invariant.sentence)"
    var lines = Wrapping.lines(heading, first: "  ", others: "     ").map { style.paint($0, .title) }
    for violation in broken.told {
      lines += Wrapping.lines("\(violation.at): \(violation.sentence)", first: "     ", others: "       ")
      let references = violation.references(limit: Self.referenceLimit)
      guard !references.isEmpty else { continue }
      lines += Wrapping.lines("(\(references))", first: "       ", others: "       ").map { style.paint($0, .faint) }
    }
    if broken.untold > 0 { lines.append("     and \(Numerals.grouped(broken.untold)) more") }
    return lines
  }

  // MARK: The end

  private var conclusion: [String] {
    let words = VerdictWords(result)
    let verdict = result.verdict.rawValue.uppercased()
    var lines = labelled("Verdict", "\(verdict) – \(words.sentence)", words.isGood ? .good : .violation)
    for reason in result.reasons {
      lines += Wrapping.lines(reason, first: "          - ", others: "            ")
    }
    lines += labelled("Digest", result.digest.sixteenDigits)
    // Commands and paths stay on one line, so that they can be copied.
    lines.append(style.paint("Repeat", .title) + "    " + replay.withoutControls)
    if let report { lines.append(style.paint("Report", .title) + "    " + report.withoutControls) }
    return lines
  }
}

extension TimelineEntry.Kind {
  /// The sign in front of a line.
  var sign: String {
    switch self {
    case .fault: "!"
    case .lease: "~"
    case .recovery: "+"
    case .violation: "X"
    }
  }

  /// The colour of its sign.
  fileprivate var ink: Ink {
    switch self {
    case .fault: .fault
    case .lease: .lease
    case .recovery: .recovery
    case .violation: .violation
    }
  }
}
