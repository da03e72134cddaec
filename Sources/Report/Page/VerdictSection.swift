import Scenarios
import Storage

/// How the run ended and how to repeat it.
struct VerdictSection {
  private let result: RunResult
  private let replay: String

  init(_ result: RunResult, replay: String) {
    self.result = result
    self.replay = replay
  }

  /// The section.
  var section: PageSection {
    let words = VerdictWords(result)
    let heading = Markup.sequence([
      .element("span", ["class": "badge"], .text(result.verdict.rawValue)),
      .element("span", [:], .text(words.sentence)),
    ])
    var body: [Markup] = []
    if !result.reasons.isEmpty {
      body.append(.element("ul", [:], children: result.reasons.map { .element("li", [:], .text($0)) }))
    }
    body.append(facts)
    return PageSection(id: "verdict", title: "Verdict", style: "verdict \(style)", heading: heading, body: body)
  }

  private var style: String {
    switch result.verdict {
    case .pass: "good"
    case .safety, .liveness, .expectation: "bad"
    case .unfinished: "open"
    }
  }

  private var facts: Markup {
    let scenario = result.resolved
    var facts: [(String, Markup)] = [
      ("Cluster", .text(ClusterWords.machines(scenario))), ("Workload", .text(ClusterWords.workload(scenario))),
      ("Course", .text(ClusterWords.course(result))),
    ]
    if let defects = ClusterWords.defects(scenario) { facts.append(("Defects switched on", .text(defects))) }
    facts.append(("Digest", .element("code", [:], .text(result.digest.sixteenDigits))))
    facts.append(("Repeat with", .element("code", [:], .text(replay))))
    return .element(
      "dl", ["class": "facts"],
      children: facts.flatMap { [.element("dt", [:], .text($0.0)), .element("dd", [:], $0.1)] })
  }
}
