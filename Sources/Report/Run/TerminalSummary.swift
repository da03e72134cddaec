import Nodes
import Scenarios
import Simulation

/// Whether a text may carry colours.
public enum TextStyle: Sendable {
  /// Plain text.
  case plain
  /// With colours for a terminal.
  case coloured

  func paint(_ text: String, _ colour: Colour) -> String {
    self == .plain ? text : "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }

  /// The colours used, by their codes.
  enum Colour: Int {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
    case blue = 34
  }
}

/// What a run tells a person: the cluster, what mattered, the figures, the verdict, and how to repeat it.
public struct TerminalSummary: Sendable {
  private let result: RunResult
  private let style: TextStyle
  private let replay: String
  private let report: String?

  /// Most lines of the timeline that are shown.
  private static let timelineLines = 30

  /// Wraps a result.
  ///
  /// - Parameter replay: The command that repeats the run.
  /// - Parameter report: Where the page with charts was written.
  public init(_ result: RunResult, style: TextStyle, replay: String, report: String?) {
    self.result = result
    self.style = style
    self.replay = replay
    self.report = report
  }

  /// The text.
  public var text: String {
    [head, timeline, figures, faults, violations, end].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var head: String {
    let scenario = result.resolved
    let partitions = scenario.topics.reduce(0) { $0 + $1.partitions }
    let producers = scenario.producers.reduce(0) { $0 + $1.count }
    let consumers = scenario.consumers.reduce(0) { $0 + $1.count }
    let cluster =
      "\(scenario.cluster.agents) agents, \(producers) producers, \(consumers) consumers, \(scenario.topics.count) topics with \(partitions) partitions, object store \(scenario.objectStore.preset.rawValue), seed \(result.seed)"
    let defects = scenario.defects.map { "defect switched on: \($0.rawValue)" }
    return
      ([style.paint(scenario.name, .bold)] + Lines.wrapped(scenario.teaches, width: 98).map { "  " + $0 }
      + Lines.wrapped(cluster, width: 100) + defects).joined(separator: "\n")
  }

  private var timeline: String {
    let lines = TimelineLines.collapsed(result.timeline)
    guard !lines.isEmpty else { return "" }
    let shown = lines.prefix(Self.timelineLines).map { line in
      "\(line.time.padded(9))  \(mark(line.kind)) \(Lines.cut(line.text, width: 86))"
    }
    let more = lines.count > Self.timelineLines ? ["           … and \(lines.count - Self.timelineLines) more"] : []
    return (["What mattered"] + shown + more).joined(separator: "\n")
  }

  private func mark(_ kind: TimelineEntry.Kind) -> String {
    switch kind {
    case .fault: style.paint("!", .yellow)
    case .lease: style.paint(">", .blue)
    case .recovery: style.paint("+", .green)
    case .violation: style.paint("X", .red)
    }
  }

  private var figures: String {
    let seconds = max(result.virtualSeconds, 0.000_001)
    func perSecond(_ count: Int) -> String { "\(Int((Double(count) / seconds).rounded()))/s" }
    func latency(_ figures: LatencyFigures) -> String {
      "p50 \(Decimals.short(figures.p50)) ms, p99 \(Decimals.short(figures.p99)) ms, max \(Decimals.short(figures.max)) ms"
    }
    let store = result.objectStore
    let lookups = result.cache.hits + result.cache.misses
    let share = lookups > 0 ? "\(result.cache.hits * 100 / lookups)% of \(lookups)" : "none"
    let ratio =
      result.wallSeconds > 0 ? " (\(Decimals.short(result.virtualSeconds / result.wallSeconds)) times real time)" : ""
    let rows = [
      (
        "records",
        "\(result.records.sent) sent, \(result.records.acknowledged) acknowledged (\(perSecond(result.records.acknowledged))), \(result.records.delivered) delivered (\(perSecond(result.records.delivered)))"
      ),
      ("produce latency", latency(result.produceLatency)), ("end to end", latency(result.endToEndLatency)),
      ("cache hits", share),
      (
        "object store",
        "\(store.put) put, \(store.get) get, \(store.bytesIn) bytes in, \(store.bytesOut) out, $\(JSON.decimal(store.dollars).text)"
      ),
      (
        "simulation",
        "\(result.events) events, \(result.messages) messages, \(Decimals.short(result.virtualSeconds)) s virtual, \(Decimals.short(result.wallSeconds)) s real\(ratio)"
      ),
      ("digest", result.digest.sixteenDigits),
    ]
    return (["Figures"] + rows.map { "  \($0.0)" + String(repeating: " ", count: 17 - $0.0.count) + $0.1 }).joined(
      separator: "\n")
  }

  private var faults: String {
    var lines: [String] = []
    if !result.faults.isEmpty {
      let told = result.faults.map { "\($0.kind) \($0.fired) (planned \($0.planned))" }.joined(separator: ", ")
      lines += Lines.wrapped("Faults fired: " + told, width: 100)
    }
    if !result.probes.isEmpty {
      let told = result.probes.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
      lines += Lines.wrapped("Probes hit: " + told, width: 100)
    }
    return lines.joined(separator: "\n")
  }

  private var violations: String {
    result.violationCounts.map { invariant, count in
      let told = result.violations.filter { $0.invariant == invariant }
      let title = style.paint("Invariant \(invariant.rawValue) is violated: \(invariant.sentence)", .red)
      let lines = told.flatMap { violation in
        let events =
          violation.events.isEmpty ? "" : " [events \(violation.events.map { "\($0)" }.joined(separator: ", "))]"
        return Lines.wrapped(violation.summary + events, width: 96).enumerated().map {
          ($0 == 0 ? "  - " : "    ") + $1
        }
      }
      let more = count > told.count ? ["    and \(count - told.count) more"] : []
      return ([title] + lines + more).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private var end: String {
    let colour: TextStyle.Colour =
      switch result.verdict {
      case .pass: .green
      case .unfinished: .yellow
      default: .red
      }
    var lines = [style.paint("Verdict: \(result.verdict.inWords)", colour)]
    lines += result.reasons.flatMap { Lines.wrapped($0, width: 98).map { "  " + $0 } }
    lines.append("Repeat it: \(replay)")
    if let report { lines.append("Report: \(report)") }
    return lines.joined(separator: "\n")
  }
}

extension Verdict {
  /// The verdict as people say it.
  var inWords: String {
    switch self {
    case .pass: "pass, everything held"
    case .safety: "safety, an invariant was violated"
    case .liveness: "liveness, the cluster did not come back to work and to rest"
    case .expectation: "expectation, the run did not show what the scenario expects"
    case .unfinished: "unfinished"
    }
  }
}

/// Laying text out in lines.
enum Lines {
  /// A text in lines of a width, broken between words.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? word : " " + word
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// A text cut to a width.
  static func cut(_ text: String, width: Int) -> String {
    text.count > width ? String(text.prefix(width - 1)) + "…" : text
  }
}
