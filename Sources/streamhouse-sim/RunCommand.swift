import ArgumentParser
import Foundation
import Nodes
import Report
import Scenarios
import Simulation

/// `run`: one run of a scenario.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a scenario and judge it.",
    discussion: "Example: streamhouse-sim run scenarios/agent-crash.yaml --seed 7 --report reports/agent-crash.html")

  @OptionGroup var scenario: ScenarioArguments

  @Option(help: "The seed; drawn, and printed, when neither this nor the scenario gives one.")
  var seed: SeedNumber?

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  @Option(help: ArgumentHelp("Write every event as a line of JSON.", valueName: "file"))
  var trace: String?

  @Option(help: ArgumentHelp("Write what clients sent, were told and polled as lines of JSON.", valueName: "file"))
  var history: String?

  @Option(
    help: ArgumentHelp(
      "Write the metrics of all hosts: JSON Lines when the name ends in .jsonl, else OpenMetrics' text format.",
      valueName: "file"))
  var metrics: String?

  @Option(
    help: ArgumentHelp(
      "The virtual time between two samples of the metrics, in seconds; 1 by default.", valueName: "seconds"))
  var metricsInterval: VirtualSeconds?

  @Option(help: ArgumentHelp("Write a page with figures and charts.", valueName: "file.html"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write the scenario with all that was drawn; run again, it gives the same digest.", valueName: "file.yaml"))
  var resolved: String?

  @Option(help: ArgumentHelp("Write the choices that were made.", valueName: "file"))
  var recordChoices: String?

  @Option(help: ArgumentHelp("Follow recorded choices instead of drawing them.", valueName: "file"))
  var replayChoices: String?

  @Option(help: ArgumentHelp("Stop after this event and show the nodes' states.", valueName: "event"))
  var until: UInt64?

  @Option(help: "Stop as unfinished after so many events.")
  var maxEvents: UInt64?

  @Option(help: ArgumentHelp("Stop as unfinished after so many seconds of real time.", valueName: "seconds"))
  var maxWall: RealSeconds?

  func validate() throws {
    if metricsInterval != nil, metrics == nil {
      throw ValidationError("--metrics-interval says how often metrics are sampled: give --metrics a file, too")
    }
    var seen: Set<String> = []
    for path in [trace, history, metrics, report, resolved, recordChoices].compactMap({ $0 }) {
      if path.isEmpty { throw ValidationError("a file to write has no name: give it one") }
      let place = URL(fileURLWithPath: path).standardizedFileURL.path
      if !seen.insert(place).inserted, !place.hasPrefix("/dev/") {
        throw ValidationError("\(path) is named for two outputs: give each a file of its own")
      }
    }
  }

  mutating func run() throws {
    try Console.reportingErrors {
      let loaded = try scenario.load()
      let seed = seed?.number ?? loaded.scenario.seed ?? Seeds.drawn()
      let outputs = RunOutputs(trace: trace, history: history, metrics: metrics)
      var options = RunOptions()
      options.seed = seed
      options.until = until
      options.maxEvents = maxEvents
      options.maxWallNanoseconds = maxWall?.nanoseconds
      options.wallClock = Console.wallClock
      options.trace = try outputs.traceSink()
      options.history = try outputs.historySink()
      options.metrics = try outputs.metricsSink()
      if let metricsInterval { options.metricsInterval = metricsInterval.duration }
      if let replayChoices { options.choices = try ChoiceFile.read(replayChoices) }
      var result = try Runner.run(loaded, options)
      // The verdict is told whatever became of the lines.
      let closing = Result { try outputs.close() }
      if report != nil { result.lastEvents = try Runner.eventsBeforeViolation(of: result, loaded, options) }
      try write(result, seed: seed)
      try closing.get()
      if result.verdict != .pass { throw Console.exit(result.verdict.exitStatus) }
    }
  }

  private func write(_ result: RunResult, seed: UInt64) throws {
    let replay = "streamhouse-sim run \((scenario.words + ["--seed", "\(seed)"]).joined(separator: " "))"
    if let resolved { try writeResolved(result, to: resolved) }
    if let recordChoices { try ChoiceFile.write(result.choices, to: recordChoices) }
    if let report { try Files.write(HTMLReport(result, replay: replay).html, to: report) }
    if json {
      Console.out(RunDocument(result, replay: replay).json)
    } else {
      let style: TextStyle = Console.wantsColour ? .coloured : .plain
      Console.out(TerminalSummary(result, style: style, replay: replay, report: report).text)
      for (host, snapshot) in result.snapshots { Console.out("\(host): \(snapshot.json)") }
    }
  }
}

extension RunCommand {
  private func writeResolved(_ result: RunResult, to path: String) throws {
    let text = Scenario.schema.print(result.resolved, fields: .changed)
    try Files.write(text, to: path)
    if text.utf8.count > ScenarioLoader.scenarioLimit {
      Console.note(
        "\(path): so many messages went wrong that the file has \(text.utf8.count) bytes; scenarios are read up to \(ScenarioLoader.scenarioLimit), so repeat this run with --record-choices and --replay-choices"
      )
    }
  }
}

/// Where a run's lines go.
final class RunOutputs {
  private let tracePath: String?
  private let historyPath: String?
  private let metricsPath: String?
  private var files: [LineFile] = []
  /// What is written once the run is over.
  private var atEnd: [() -> Void] = []

  init(trace: String?, history: String?, metrics: String?) {
    tracePath = trace
    historyPath = history
    metricsPath = metrics
  }

  func traceSink() throws -> ((TraceLine) -> Void)? {
    guard let file = try open(tracePath) else { return nil }
    return { file.write($0.json) }
  }

  func historySink() throws -> ((String) -> Void)? {
    guard let file = try open(historyPath) else { return nil }
    return { file.write($0) }
  }

  func metricsSink() throws -> ((MetricSample) -> Void)? {
    guard let path = metricsPath, let file = try open(path) else { return nil }
    if path.lowercased().hasSuffix(".jsonl") {
      return { sample in for line in MetricLines.lines(sample) { file.write(line) } }
    }
    var text = OpenMetricsText()
    atEnd.append { text.write(file.write) }
    return { text.add($0) }
  }

  private func open(_ path: String?) throws -> LineFile? {
    guard let path else { return nil }
    let file = try LineFile(path)
    files.append(file)
    return file
  }

  /// Writes what is left.
  func close() throws {
    for write in atEnd { write() }
    for file in files { try file.close() }
  }
}
