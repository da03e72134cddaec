import Foundation
import Nodes
import Testing

@testable import Report
@testable import Scenarios
@testable import Simulation

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The page about a run")
struct HTMLReportTests {
  private func page(_ result: RunResult) -> String { HTMLReport(result, replay: Sample.replay).html }

  /// What an XML parser finds in a page.
  private final class Outline: NSObject, XMLParserDelegate {
    var elements: [String] = []
    var ids: [String] = []
    var links: [String] = []
    var attributes: Set<String> = []
    var words = ""
    var problem: String?

    init(_ page: String) {
      super.init()
      let parser = XMLParser(data: Data(page.utf8))
      parser.delegate = self
      if !parser.parse() { problem = "\(parser.lineNumber): \(String(describing: parser.parserError))" }
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes found: [String: String]
    ) {
      elements.append(name)
      attributes.formUnion(found.keys)
      if let id = found["id"] { ids.append(id) }
      if let link = found["href"] { links.append(link) }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { words += text }
  }

  @Test("It is well-formed, and every id is there once")
  func wellFormed() {
    for result in [Sample.calm(), Sample.broken(), RunResult(resolved: Scenario(), seed: 1)] {
      let outline = Outline(page(result))
      #expect(outline.problem == nil)
      #expect(Set(outline.ids).count == outline.ids.count)
    }
  }

  @Test("Every section is there, whatever happened, and the contents lead to it")
  func sections() {
    let expected = [
      "verdict", "violations", "figures", "throughput", "latency", "leaders", "timeline", "faults", "object-store",
      "events", "scenario",
    ]
    for result in [Sample.calm(), Sample.broken(), RunResult(resolved: Scenario(), seed: 1)] {
      let outline = Outline(page(result))
      for id in expected {
        #expect(outline.ids.contains(id))
        #expect(outline.links.contains("#\(id)"))
      }
    }
  }

  @Test("Every link leads to something on the page, and nothing is fetched")
  func links() {
    let outline = Outline(page(Sample.broken()))
    for link in outline.links { #expect(link.hasPrefix("#") && outline.ids.contains(String(link.dropFirst()))) }
    #expect(outline.attributes.isDisjoint(with: ["src", "srcset", "data", "onload", "onclick"]))
    #expect(Set(outline.elements).isDisjoint(with: ["script", "link", "img", "iframe", "object"]))
  }

  @Test("An event links to its cause when that is in the table")
  func causes() {
    let page = page(Sample.broken())
    #expect(page.contains("<a href=\"#e901\">901</a>"))
    #expect(!page.contains("href=\"#e7\""))
    #expect(page.contains("id=\"e950\""))
  }

  @Test("No name can become markup")
  func hostile() {
    let evil = "</title></style></pre><script>alert('1')</script>\"&<img src=x onerror=\"y\">\u{0}\u{FFFF}"
    var result = Sample.broken()
    result.resolved.name = evil
    result.resolved.teaches = evil
    result.resolved.topics[0].name = evil
    result.reasons = [evil]
    result.violations = [Violation(.noHoles, at: Sample.at(1), evil, events: [1], records: [evil])]
    result.faults = [FaultCount(kind: evil, planned: 1, fired: 1)]
    result.probes = [(evil, 1)]
    result.timeline = [TimelineEntry(at: Sample.at(1), event: 1, kind: .fault, text: evil)]
    result.faultWindows = [FaultWindow(fault: .crash(host: evil), begin: Sample.at(1), end: nil, event: 1)]
    result.leaderships = [Leadership(partition: evil, agent: evil, epoch: 1, begin: Sample.at(1), end: nil)]
    result.lastEvents = [
      TracedEvent(number: 1, cause: 0, time: Sample.at(1), host: evil, incarnation: 1, kind: evil, fields: evil)
    ]
    let page = HTMLReport(result, replay: evil).html
    let outline = Outline(page)
    #expect(outline.problem == nil)
    #expect(Set(outline.elements).isDisjoint(with: ["script", "img"]))
    #expect(outline.words.contains("<script>alert('1')</script>"))
    #expect(!page.contains("<script"))
  }

  @Test("Charts tell what they show to those who cannot see them")
  func titles() {
    let outline = Outline(page(Sample.calm()))
    #expect(outline.elements.count { $0 == "svg" } == 6)
    #expect(outline.words.contains("orders/0: agent-1 leads in epoch 2, from 37.000s to the end"))
    #expect(outline.words.contains("acknowledged is at most 1,261, at 62 s"))
    #expect(outline.words.contains("crash agent-2, from 30.000s to 35.000s"))
  }

  @Test("More partitions than there is room for are left out with a note")
  func manyPartitions() {
    var result = Sample.calm()
    result.leaderships = (0..<60).map { index in
      Leadership(partition: "orders/\(index)", agent: "agent-1", epoch: 1, begin: Sample.at(1), end: nil)
    }
    let outline = Outline(page(result))
    #expect(outline.words.contains("Shown are 48 of 60 partitions."))
    #expect(!outline.words.contains("orders/48:"))
  }

  @Test("The scenario is there as it would be read again")
  func scenario() {
    let outline = Outline(page(Sample.calm()))
    #expect(outline.words.contains(Scenario.schema.print(Sample.scenario(), fields: .changed)))
  }

  @Test("A long run has fewer points than seconds")
  func long() {
    var result = Sample.calm()
    result.series = Array(repeating: result.series[0], count: 86_400)
    result.virtualSeconds = 86_400
    let page = page(result)
    #expect(page.utf8.count < 400_000)
    #expect(page.contains("The average of every 600 seconds."))
  }

  @Test("The same result is the same bytes")
  func stable() { #expect(page(Sample.broken()) == page(Sample.broken())) }
}
