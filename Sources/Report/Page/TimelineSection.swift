import Scenarios
import Simulation

/// What mattered, by time.
struct TimelineSection {
  private let result: RunResult
  private let events: EventSection

  /// Most lines.
  private static let limit = 300

  init(_ result: RunResult, _ events: EventSection) {
    self.result = result
    self.events = events
  }

  /// The section.
  var section: PageSection {
    let lines = CondensedTimeline(result.timeline, limit: Self.limit).lines
    guard !lines.isEmpty else {
      return PageSection(
        id: "timeline", title: "What happened", body: [PageSection.note("Nothing out of the ordinary.")])
    }
    var table = PageTable(
      "What mattered, by virtual time", .numbers("Time"), .words("Kind"), .words("What happened"), .numbers("Event"))
    for line in lines { add(line, to: &table) }
    return PageSection(id: "timeline", title: "What happened", body: [table.markup])
  }

  private func add(_ line: CondensedTimeline.Line, to table: inout PageTable) {
    guard let kind = line.kind else { return table.add("", "", .text(line.text), "") }
    let kindCell = Markup.element("span", ["class": "kind"], .text(kind.rawValue))
    let repeats = line.repeats.map { Markup.element("span", ["class": "note"], .text(" (\($0))")) } ?? .none
    let what = Markup.element("span", ["class": "what"], .text(line.text))
    table.add(
      .text("\(line.at)"), kindCell, .sequence([what, repeats]), line.event == 0 ? "" : events.link(line.event),
      style: kind.rawValue)
  }
}
