import Scenarios
import Simulation

/// Faults planned and fired, and the probes that were hit.
struct CountSection {
  private let result: RunResult

  init(_ result: RunResult) { self.result = result }

  /// The section.
  var section: PageSection {
    PageSection(
      id: "faults", title: "Faults and probes", body: [.element("div", ["class": "columns"], faults, probes)])
  }

  private var faults: Markup {
    guard !result.faults.isEmpty else { return PageSection.note("No fault was planned.") }
    var table = PageTable(
      "Faults planned and fired; of messages and requests, each one hit counts", isCaptionSeen: true,
      .words("Fault"), .numbers("planned"), .numbers("fired"))
    for count in result.faults {
      table.add(
        .text(count.kind), .text(Numerals.grouped(count.planned)), .text(Numerals.grouped(count.fired)))
    }
    return table.markup
  }

  private var probes: Markup {
    let hit = result.probes.filter { $0.count > 0 }
    guard !hit.isEmpty else { return PageSection.note("No probe was hit.") }
    var table = PageTable(
      "States worth reaching that were reached", isCaptionSeen: true, .words("Probe"), .numbers("hit"))
    for probe in hit { table.add(.text(probe.name), .text(Numerals.grouped(probe.count))) }
    return table.markup
  }
}
