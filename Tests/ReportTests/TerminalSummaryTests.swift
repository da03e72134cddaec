import Nodes
import Simulation
import Testing

@testable import Report
@testable import Scenarios

@Suite("The summary in the terminal")
struct TerminalSummaryTests {
  private func text(_ result: RunResult, _ style: TextStyle = .plain, report: String? = nil) -> String {
    TerminalSummary(result, style: style, replay: Sample.replay, report: report).text
  }

  @Test("A calm run fits a screen and ends with how to repeat it and where the page is")
  func calm() {
    let lines = text(Sample.calm(), report: "reports/calm.html").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 60)
    #expect(lines.first == "calm-cluster")
    #expect(lines.contains { $0.hasPrefix("Verdict") && $0.contains("PASS") })
    #expect(lines.suffix(2).first?.hasSuffix(Sample.replay) == true)
    #expect(lines.last?.hasSuffix("reports/calm.html") == true)
  }

  @Test("No line is wider than 100 columns")
  func width() {
    var result = Sample.broken()
    result.reasons = [String(repeating: "the cluster did not come to rest ", count: 9)]
    result.violations.append(
      Violation(
        .noHoles, at: Sample.at(41), String(repeating: "an offset is unreadable ", count: 12),
        events: Array(100_000..<100_050), records: (1...90).map { "producer-\($0)#\($0)" }))
    for line in text(result).split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test("The plain style has no colour codes, and the coloured one differs by them alone")
  func colours() {
    let plain = text(Sample.broken())
    let coloured = text(Sample.broken(), .coloured)
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.contains("\u{1B}"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  @Test("A violation is told in a sentence, with its events, its records and how many more there are")
  func violations() {
    let text = text(Sample.broken())
    #expect(text.contains("A: every acknowledged record is read back in the end, with its content"))
    #expect(text.contains("40.000s: Record producer-1#3 was acknowledged and is nowhere."))
    #expect(text.contains("(events 901, 950; records producer-1#3)"))
    #expect(text.contains("and 12 more"))
    #expect(text.contains("SAFETY – Invariant A was violated."))
  }

  @Test("A name cannot steer the terminal")
  func controls() {
    var result = Sample.calm()
    result.resolved.name = "evil\u{1B}[2J\u{7}"
    result.resolved.teaches = "one\u{9B}31m two"
    result.reasons = ["gone\u{8}\u{8}"]
    let text = text(result, report: "a\u{1B}b")
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
  }

  @Test("A run that is expected to violate an invariant says so")
  func expected() {
    var result = Sample.broken()
    result.verdict = .pass
    result.resolved.expect.violates = .acknowledgedIsStored
    let text = text(result)
    #expect(text.contains("Violations, as expected"))
    #expect(text.contains("just what the scenario expects"))
  }

  @Test("A result without anything is still told")
  func empty() {
    let text = text(RunResult(resolved: Scenario(), seed: 1))
    #expect(text.contains("a scenario without a name"))
    #expect(text.contains("not asked"))
  }
}
