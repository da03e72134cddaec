import Testing

@testable import Report
@testable import Scenarios

/// What a sweep says of the probes that its runs hit.
@Suite struct SweepSummaryTests {
  private func summary(hit probes: [String]) -> SweepSummary {
    var run = SweepRun(seed: 1, verdict: "pass", summary: "")
    run.probes = Dictionary(probes.map { ($0, 1) }, uniquingKeysWith: +)
    return SweepSummary(name: "s", runs: [run], seconds: 1) { "run --seed \($0)" }
  }

  @Test func whatTheProtocolRulesOutIsNotMissed() throws {
    let guarded = try #require(ProbeCatalogue.guards.first?.name)
    #expect(ProbeCatalogue.names.contains(guarded))
    let (text, json) = (summary(hit: ["leaseMoved"]).text, summary(hit: ["leaseMoved"]).json)
    #expect(text.contains("probes never hit: uploadRetried, "))
    #expect(!text.contains(guarded) && !text.contains("rules it out"))
    #expect(json.contains("\"guardsHit\":[]}") && !json.contains(guarded))
  }

  @Test func whatTheProtocolRulesOutIsNamedWhereItWasHit() throws {
    let guarded = try #require(ProbeCatalogue.guards.first?.name)
    let summary = summary(hit: [guarded])
    #expect(summary.text.contains("hit although the protocol rules it out: \(guarded)"))
    #expect(summary.json.contains("\"guardsHit\":[\"\(guarded)\"]}"))
  }
}
