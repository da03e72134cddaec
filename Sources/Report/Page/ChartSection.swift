import Scenarios

/// The charts, each with its legend and what has to be known to read it.
struct ChartSection {
  private let charts: RunCharts
  private let result: RunResult

  /// From how many faults on some may have no label.
  private static let crowd = 12

  init(_ charts: RunCharts, _ result: RunResult) {
    self.charts = charts
    self.result = result
  }

  /// Throughput over time.
  var throughput: PageSection {
    lines(charts.throughput, id: "throughput", title: "Throughput", every: "The average of every")
  }

  /// Latency over time.
  var latency: PageSection {
    lines(charts.latency, id: "latency", title: "Produce latency", every: "The highest of every")
  }

  private func lines(_ chart: LineChart, id: String, title: String, every: String) -> PageSection {
    guard !result.series.isEmpty else {
      return PageSection(id: id, title: title, body: [PageSection.note("Nothing was acknowledged or delivered.")])
    }
    let legend = chart.series.map { (style: "b\($0.colour % 8)\($0.isDashed ? " dashed" : "")", label: $0.name) }
    var notes: [String] = []
    if charts.secondsPerPoint > 1 { notes.append("\(every) \(charts.secondsPerPoint) seconds.") }
    return PageSection(
      id: id, title: title,
      body: [
        figure(
          legend, wide: chart.drawing(.wide, id: "\(id)-wide"), narrow: chart.drawing(.narrow, id: "\(id)-narrow"),
          notes)
      ])
  }

  /// Who led what.
  var leaders: PageSection {
    let chart = charts.leadership
    guard !chart.lanes.isEmpty else {
      return PageSection(id: "leaders", title: "Leaders", body: [PageSection.note("No partition ever had a leader.")])
    }
    let legend = charts.leaders.prefix(24).enumerated().map { (style: "b\($0.offset % 8)", label: $0.element) }
    var notes = ["A bar is an agent's time as leader, with its epoch; a gap is time without a leader."]
    let partitions = charts.partitionCount
    if partitions > RunCharts.laneLimit {
      notes.append("Shown are \(RunCharts.laneLimit) of \(Numerals.grouped(partitions)) partitions.")
    }
    if charts.leaders.count > 8 { notes.append("Colours repeat after eight agents; the bars tell their names.") }
    return PageSection(
      id: "leaders", title: "Leaders",
      body: [
        figure(
          legend, wide: chart.drawing(.wide, id: "leaders-wide"), narrow: chart.drawing(.narrow, id: "leaders-narrow"),
          notes)
      ])
  }

  private func figure(
    _ legend: [(style: String, label: String)], wide: Markup, narrow: Markup, _ notes: [String]
  ) -> Markup {
    var entries = legend
    var notes = notes
    if charts.backdrop.shades.count > Self.crowd {
      notes.append("Where faults crowd, some stand without a label: the timeline has them all.")
    }
    if !charts.backdrop.shades.isEmpty { entries.append(("shade", "a fault is at work")) }
    let items = entries.map { entry in
      Markup.element("li", [:], .element("i", ["class": entry.style]), .text(entry.label))
    }
    let caption =
      notes.isEmpty
      ? Markup.none : .element("figcaption", ["class": "note"], .text(notes.joined(separator: " ")))
    return .element(
      "figure", [:], .element("ul", ["class": "legend"], children: items),
      .element("div", ["class": ChartSize.wide.style], wide),
      .element("div", ["class": ChartSize.narrow.style], narrow), caption)
  }
}
