import Scenarios

/// A page about a run: verdict, figures, charts, what happened, and the scenario, in one file that needs neither network nor script.
///
/// ```swift
/// try HTMLReport(result, replay: "streamhouse-sim run calm.yaml --seed 7").html.write(toFile: "calm.html", …)
/// ```
public struct HTMLReport: Sendable {
  private let result: RunResult
  private let replay: String

  /// Prepares the page.
  ///
  /// - Parameter replay: The command that repeats the run.
  public init(_ result: RunResult, replay: String) {
    self.result = result
    self.replay = replay
  }

  /// The page: HTML that is well-formed XML too.
  public var html: String {
    let sections = sections
    let name = result.resolved.name
    let head: [Markup] = [
      .element("meta", ["charset": "utf-8"]),
      .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      .element("title", [:], .text("\(name), seed \(result.seed): \(result.verdict.rawValue)")),
      .style(PageStyle.sheet),
    ]
    let header = Markup.element(
      "header", [:], .element("h1", [:], .text(name)),
      .element("p", ["class": "teaches"], .text(result.resolved.teaches)))
    let footer = Markup.element("footer", [:], "A run of the StreamHouse simulator. All times are virtual.")
    return Markup.page(
      head: head,
      body: [
        header, contents(sections), .element("main", [:], children: sections.map(\.markup)), footer,
      ])
  }

  private var sections: [PageSection] {
    let charts = RunCharts(result)
    let events = EventSection(result)
    return [
      VerdictSection(result, replay: replay).section,
      ViolationSection(result, events).section,
      FigureSection(result).figures,
      ChartSection(charts, result).throughput,
      ChartSection(charts, result).latency,
      ChartSection(charts, result).leaders,
      TimelineSection(result, events).section,
      CountSection(result).section,
      FigureSection(result).objectStore,
      events.section,
      ScenarioSection(result).section,
    ]
  }

  private func contents(_ sections: [PageSection]) -> Markup {
    let links = sections.map { section in
      Markup.element("li", [:], .element("a", ["href": "#\(section.id)"], .text(section.title)))
    }
    return .element("nav", ["aria-label": "Contents"], .element("ul", [:], children: links))
  }
}

/// A part of the page that the contents name.
struct PageSection {
  /// The anchor.
  let id: String
  /// The heading.
  let title: String
  /// A class, for its looks.
  var style = "card"
  /// The heading, where it is more than the title.
  var heading: Markup?
  /// What it holds.
  let body: [Markup]

  /// The section as markup.
  var markup: Markup {
    .element(
      "section", ["id": id, "class": style, "aria-labelledby": "\(id)-heading"],
      children: [.element("h2", ["id": "\(id)-heading"], heading ?? .text(title))] + body)
  }

  /// A remark in small letters.
  static func note(_ text: String) -> Markup { .element("p", ["class": "note"], .text(text)) }
}
