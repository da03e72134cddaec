import Scenarios
import Simulation

/// The last events before a violation, or before the end, each linked to its cause.
struct EventSection {
  private let result: RunResult
  private let shown: [TracedEvent]
  private let numbers: Set<UInt64>

  /// Most events.
  private static let limit = 100

  init(_ result: RunResult) {
    self.result = result
    shown = Array(result.lastEvents.suffix(Self.limit))
    numbers = Set(shown.map(\.number))
  }

  /// An event's number, as a link when the event is on the page.
  func link(_ event: UInt64) -> Markup {
    numbers.contains(event) ? .element("a", ["href": "#e\(event)"], .text("\(event)")) : .text("\(event)")
  }

  /// The section.
  var section: PageSection {
    guard !shown.isEmpty else {
      return PageSection(id: "events", title: "Last events", body: [PageSection.note("No events were kept.")])
    }
    let moment = result.violations.isEmpty ? "the end" : "the first violation was found"
    var table = PageTable(
      "The last \(Numerals.count(shown.count, "event")) before \(moment)", isCaptionSeen: true, style: "dense",
      .numbers("Event"), .numbers("Cause"),
      .numbers("Time"), .words("Host"), .numbers("Incarnation"), .words("Kind"), .words("Fields"))
    for event in shown {
      table.add(
        .text("\(event.number)"), event.cause == 0 ? "" : link(event.cause), .text("\(event.time)"), .text(event.host),
        event.incarnation == 0 ? "" : .text("\(event.incarnation)"), .text(event.kind),
        fields(event), id: "e\(event.number)")
    }
    return PageSection(id: "events", title: "Last events", body: [table.markup])
  }

  /// The fields with places to break the line at their commas.
  private func fields(_ event: TracedEvent) -> Markup {
    guard !event.fields.isEmpty else { return .none }
    let parts = event.fields.split(separator: ",", omittingEmptySubsequences: false).map { Markup.text(String($0)) }
    let pieces = parts.enumerated().flatMap { index, part in
      index == 0 ? [part] : [",", .element("wbr"), part]
    }
    return .element("code", [:], children: pieces)
  }
}
