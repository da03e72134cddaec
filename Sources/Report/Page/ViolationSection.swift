import Scenarios

/// What was violated, with links to the events it rests on.
struct ViolationSection {
  private let result: RunResult
  private let events: EventSection

  /// Most ids of events, and of records, that a violation names.
  private static let referenceLimit = 40

  init(_ result: RunResult, _ events: EventSection) {
    self.result = result
    self.events = events
  }

  /// The section.
  var section: PageSection {
    let broken = BrokenInvariant.all(of: result)
    if broken.isEmpty {
      let note =
        result.verdict == .unfinished ? "None was seen before the run was stopped." : "None: every invariant held."
      return PageSection(id: "violations", title: "Violations", body: [.element("p", [:], .text(note))])
    }
    return PageSection(id: "violations", title: "Violations", body: broken.map(markup(of:)))
  }

  private func markup(of broken: BrokenInvariant) -> Markup {
    let heading = Markup.element("h3", [:], .text("\(broken.invariant.rawValue): \(broken.invariant.sentence)"))
    let list = Markup.element("ol", [:], children: broken.told.map(markup(of:)))
    let more = broken.untold > 0 ? PageSection.note("and \(Numerals.grouped(broken.untold)) more") : .none
    return .element("div", ["class": "broken"], heading, list, more)
  }

  private func markup(of violation: Violation) -> Markup {
    let sentence = Markup.element("div", [:], .text("At \(violation.at): \(violation.sentence)"))
    let references =
      named("Events", violation.events.map(events.link))
      + named("Records", violation.records.map { .element("code", [:], .text($0)) })
    guard !references.isEmpty else { return .element("li", [:], sentence) }
    return .element("li", [:], sentence, .element("div", ["class": "note"], children: references))
  }

  private func named(_ name: String, _ items: [Markup]) -> [Markup] {
    guard !items.isEmpty else { return [] }
    let untold = items.count - Self.referenceLimit
    let shown = Markup.sequence(Array(items.prefix(Self.referenceLimit)), separator: ", ")
    return [.text("\(name) "), shown, .text(untold > 0 ? " and \(untold) more. " : ". ")]
  }
}
