import Nodes
import Scenarios
import Simulation

/// A run as one self-contained page: nothing is fetched when it is viewed, and no script is needed.
public struct HTMLReport: Sendable {
  private let result: RunResult
  private let replay: String

  /// Wraps a result.
  ///
  /// - Parameter replay: The command that repeats the run.
  public init(_ result: RunResult, replay: String) {
    self.result = result
    self.replay = replay
  }

  /// The page.
  public var html: String {
    var page = Markup()
    page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>")
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")
    page.element("title", [:], "\(result.resolved.name), seed \(result.seed): \(result.verdict.rawValue)")
    page.raw("<style>\(PageStyle.sheet)</style></head><body><main>")
    head(&page)
    figures(&page)
    charts(&page)
    violations(&page)
    timeline(&page)
    faultsAndProbes(&page)
    lastEvents(&page)
    scenario(&page)
    page.raw("</main></body></html>\n")
    return page.text
  }

  // MARK: Parts

  private func head(_ page: inout Markup) {
    page.element("h1", [:], result.resolved.name)
    page.element("p", ["class": "teaches"], result.resolved.teaches)
    page.element("p", ["class": "verdict \(result.verdict.rawValue)"], "Verdict: \(result.verdict.rawValue). \(VerdictWords(result).sentence)")
    for reason in result.reasons { page.element("p", [:], reason) }
    page.open("p")
    page.raw("Repeat it: ")
    page.element("code", [:], replay)
    page.close("p")
  }

  private func figures(_ page: inout Markup) {
    let seconds = max(result.virtualSeconds, 0.000_001)
    func latency(_ figures: LatencyFigures) -> String {
      "p50 \(Decimals.short(figures.p50)) · p99 \(Decimals.short(figures.p99)) · max \(Decimals.short(figures.max)) ms"
    }
    let store = result.objectStore
    let rows = [
      ("Records sent", "\(result.records.sent)"),
      (
        "Acknowledged",
        "\(result.records.acknowledged), \(Decimals.short(Double(result.records.acknowledged) / seconds)) a virtual second"
      ),
      (
        "Delivered",
        "\(result.records.delivered), \(Decimals.short(Double(result.records.delivered) / seconds)) a virtual second"
      ),
      ("Produce latency", latency(result.produceLatency)), ("End to end", latency(result.endToEndLatency)),
      ("Cache", "\(result.cache.hits) hits, \(result.cache.misses) misses"),
      (
        "Object store",
        "\(store.put) put, \(store.get) get, \(store.list) list, \(store.delete) delete, \(store.throttled) throttled"
      ),
      ("Moved", "\(store.bytesIn) bytes in, \(store.bytesOut) bytes out"),
      ("Requests cost", "$\(Numerals.plain(store.dollars))"),
      (
        "Simulation",
        "\(result.events) events, \(result.messages) messages, \(Decimals.short(result.virtualSeconds)) virtual seconds"
      ),
      ("Digest", result.digest.sixteenDigits), ("Seed", "\(result.seed)"),
    ]
    page.element("h2", [:], "Figures")
    table(&page, head: [], rows.map { [$0.0, $0.1] })
  }

  private func charts(_ page: inout Markup) {
    let seconds = max(Double(result.series.count), result.virtualSeconds)
    guard !result.series.isEmpty else { return }
    var chart = TimeChart(title: "Throughput over virtual time", seconds: seconds)
    chart.windows = result.faultWindows.prefix(500).map {
      TimeChart.Window(begin: $0.begin.seconds, end: $0.end?.seconds ?? seconds, label: $0.fault.kind)
    }
    chart.mark = result.healedAt.map { ($0.seconds, "faults stop") }
    page.element("h2", [:], "Throughput")
    page.element("p", ["class": "note"], "Records a second; times in which something was wrong are shaded.")
    page.raw(
      chart.lines(
        [
          TimeChart.Series(name: "acknowledged", colour: 0, values: result.series.map { Double($0.acknowledged) }),
          TimeChart.Series(name: "delivered", colour: 1, values: result.series.map { Double($0.delivered) }),
        ], unit: "/s"))
    page.element("h2", [:], "Produce latency")
    page.element("p", ["class": "note"], "From the append of a batch's first record to its acknowledgement.")
    page.raw(
      chart.lines(
        [
          TimeChart.Series(name: "p50", colour: 0, values: result.series.map(\.produceP50)),
          TimeChart.Series(name: "p99", colour: 2, values: result.series.map(\.produceP99)),
        ], unit: "ms"))
    leaderChart(&page, chart, seconds)
  }

  private func leaderChart(_ page: inout Markup, _ chart: TimeChart, _ seconds: Double) {
    let agents = result.leaderships.map(\.agent).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      .sorted { ($0.count, $0) < ($1.count, $1) }
    let partitions = result.leaderships.map(\.partition).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    .sorted { ($0.count, $0) < ($1.count, $1) }
    guard !partitions.isEmpty else { return }
    let shown = partitions.prefix(48)
    let lanes = shown.map { partition in
      TimeChart.Lane(
        name: partition,
        stretches: result.leaderships.filter { $0.partition == partition }.map { leadership in
          TimeChart.Stretch(
            begin: leadership.begin.seconds, end: leadership.end?.seconds ?? seconds,
            colour: (agents.firstIndex(of: leadership.agent) ?? 0) % PageStyle.colours,
            label: "\(leadership.agent), epoch \(leadership.epoch), from \(leadership.begin)")
        })
    }
    page.element("h2", [:], "Who led what")
    page.open("p", ["class": "note"])
    for (index, agent) in agents.enumerated() {
      page.element("span", ["class": "t\(index % PageStyle.colours)"], "■ \(agent) ")
    }
    if partitions.count > shown.count { page.raw("(the first \(shown.count) of \(partitions.count) partitions)") }
    page.close("p")
    page.raw(chart.lanes(Array(lanes)))
  }

  private func violations(_ page: inout Markup) {
    guard !result.violations.isEmpty else { return }
    page.element("h2", [:], "Violations")
    for (invariant, count) in result.violationCounts {
      page.element("h3", [:], "\(invariant.rawValue): \(invariant.sentence)")
      page.open("ul")
      let told = result.violations.filter { $0.invariant == invariant }
      for violation in told {
        page.open("li")
        page.raw(Markup.escaped(violation.summary))
        for event in violation.events { page.raw(" <a href=\"#e\(event)\">event \(event)</a>") }
        page.close("li")
      }
      if count > told.count { page.element("li", [:], "and \(count - told.count) more") }
      page.close("ul")
    }
  }

  private func timeline(_ page: inout Markup) {
    let lines = TimelineLines.collapsed(result.timeline)
    guard !lines.isEmpty else { return }
    page.element("h2", [:], "What mattered")
    table(
      &page, head: ["time", "", "what"],
      lines.prefix(300).map { [$0.time, $0.kind.rawValue, $0.text] }
        + (lines.count > 300 ? [["", "", "and \(lines.count - 300) more"]] : []))
  }

  private func faultsAndProbes(_ page: inout Markup) {
    if !result.faults.isEmpty {
      page.element("h2", [:], "Faults")
      table(
        &page, head: ["kind", "planned", "fired"], result.faults.map { [$0.kind, "\($0.planned)", "\($0.fired)"] })
    }
    if !result.probes.isEmpty {
      page.element("h2", [:], "Probes")
      table(&page, head: ["probe", "hit"], result.probes.map { [$0.name, "\($0.count)"] })
    }
  }

  private func lastEvents(_ page: inout Markup) {
    guard !result.lastEvents.isEmpty else { return }
    page.element("h2", [:], "The last events before the violation")
    let known = Set(result.lastEvents.map(\.number))
    page.open("div", ["class": "wide"])
    page.raw(
      "<table><thead><tr><th>event</th><th>cause</th><th>time</th><th>host</th><th>kind</th><th>fields</th></tr></thead><tbody>"
    )
    for event in result.lastEvents {
      page.open("tr", ["id": "e\(event.number)"])
      page.element("td", [:], "\(event.number)")
      if known.contains(event.cause) {
        page.raw("<td><a href=\"#e\(event.cause)\">\(event.cause)</a></td>")
      } else {
        page.element("td", [:], "\(event.cause)")
      }
      page.element("td", [:], "\(event.time)")
      page.element("td", [:], event.incarnation > 1 ? "\(event.host) (\(event.incarnation))" : event.host)
      page.element("td", [:], event.kind)
      page.element("td", [:], event.fields)
      page.close("tr")
    }
    page.raw("</tbody></table></div>")
  }

  private func scenario(_ page: inout Markup) {
    var printed = result.resolved
    // Thousands of single messages would bury the rest; `run --resolved` writes them all.
    if (printed.messageFaults?.count ?? 0) > 200 { printed.messageFaults = nil }
    if (printed.requestFaults?.count ?? 0) > 200 { printed.requestFaults = nil }
    page.raw("<details><summary>The scenario with all that was drawn</summary>")
    page.element("pre", [:], Scenario.schema.print(printed, fields: .changed))
    page.raw("</details>")
  }

  private func table(_ page: inout Markup, head: [String], _ rows: [[String]]) {
    page.raw("<table>")
    if !head.isEmpty {
      page.raw("<thead><tr>" + head.map { "<th>\(Markup.escaped($0))</th>" }.joined() + "</tr></thead>")
    }
    page.raw("<tbody>")
    for row in rows { page.raw("<tr>" + row.map { "<td>\(Markup.escaped($0))</td>" }.joined() + "</tr>") }
    page.raw("</tbody></table>")
  }
}
