import Scenarios

/// The scenario with everything written out that was drawn.
struct ScenarioSection {
  private let result: RunResult

  /// Most lines; a scenario that lists every lost message has very many.
  private static let limit = 2_000

  init(_ result: RunResult) { self.result = result }

  /// The section.
  var section: PageSection {
    let lines = Scenario.schema.print(result.resolved, fields: .changed).split(
      separator: "\n", omittingEmptySubsequences: false)
    let text = lines.prefix(Self.limit).joined(separator: "\n")
    let untold = lines.count - Self.limit
    let more = untold > 0 ? PageSection.note("\(Numerals.count(untold, "more line")) left out.") : .none
    return PageSection(
      id: "scenario", title: "Scenario",
      body: [
        .element(
          "p", [:], "With all that the seed has drawn, message faults included: run again, it gives the same digest."),
        .element(
          "details", [:], .element("summary", [:], "The scenario as YAML"),
          .element("pre", [:], .element("code", [:], .text(text))), more),
      ])
  }
}
