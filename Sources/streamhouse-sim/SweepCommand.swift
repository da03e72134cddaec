import ArgumentParser
import Foundation
import Report
import Scenarios
import Synchronization

/// `sweep`: many seeds of a scenario.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Run many seeds of a scenario, or of a folder of scenarios in turn, on all cores.",
    discussion: """
      Example: streamhouse-sim sweep scenarios/agent-crash.yaml --seeds 1...200

      All scenarios, with faults of every kind: streamhouse-sim sweep scenarios --swarm --seeds 1...20000 --out runs.jsonl --artefacts failures

      A failure of one seed, be it a trap of its process, does not end the others. Ctrl-C ends the sweep with what is done.
      """)

  @OptionGroup var scenario: ScenarioArguments

  @Option(help: ArgumentHelp("The seeds.", valueName: "first...last"))
  var seeds: SeedRange

  @Option(help: "How many worker processes; all cores when not given.")
  var workers: Int?

  @Option(help: "End after so many failures.")
  var stopAfter: Int?

  @Option(help: ArgumentHelp("Stop a run as unfinished after so many seconds of real time.", valueName: "seconds"))
  var maxWall: RealSeconds?

  @Option(
    help: ArgumentHelp(
      "Run one of so many seeds a second time in another process and compare the digests; 0 none.", valueName: "count"))
  var selfCheck: UInt64 = 20

  @Option(help: ArgumentHelp("Write each run as a line of JSON to this file.", valueName: "file"))
  var out: String?

  @Option(
    help: ArgumentHelp("Keep the first failure of each kind as a scenario file in this folder.", valueName: "folder"))
  var artefacts: String?

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try Console.reportingErrors {
      // What is wrong with a scenario is said once, here, and not by every worker.
      let all = try scenario.loadAll()
      guard let first = all.first else { throw UnusableInput("\(scenario.file): no scenario to sweep") }
      var sweep = Sweep(
        file: scenario.file, arguments: workerArguments, seeds: seeds.seeds, executable: Program.executable)
      if let workers { sweep.workers = max(1, workers) }
      sweep.stopAfterFailures = stopAfter
      sweep.repeatsOneOf = selfCheck > 0 ? selfCheck : nil
      sweep.isInterrupted = Interrupt.watch()
      let lines = try RunLines(file: out)
      let progress = SweepProgress(total: seeds.seeds.count)
      let runs = sweep.run { run, done in
        lines.write(run)
        progress.tell(run, done)
      }
      let kept = try keepFailures(runs)
      let summary = SweepSummary(
        name: all.count == 1 ? first.loaded.scenario.name : "\(all.count) scenarios of \(scenario.file)", runs: runs,
        seconds: progress.seconds, artefacts: kept,
        replay: { seed in
          let file = all[SweepWorker.turn(of: seed, among: all.count)].file
          return "streamhouse-sim run \((scenario.words(for: file) + ["--seed", "\(seed)"]).joined(separator: " "))"
        })
      Console.out(json ? summary.json : summary.text)
      if Interrupt.happened { Console.note("interrupted after \(runs.count) of \(seeds.seeds.count) seeds") }
      try lines.close()
      if !summary.failures.isEmpty { throw Console.exit(1) }
    }
  }

  private var workerArguments: [String] {
    (scenario.swarm ? ["--swarm"] : []) + scenario.overrides.flatMap { ["--set", $0] }
      + (scenario.allowFilesOutside ? ["--allow-files-outside"] : [])
      + (maxWall.map { ["--max-wall", "\($0.seconds)"] } ?? [])
  }

  private func keepFailures(_ runs: [SweepRun]) throws -> [UInt64: String] {
    guard let artefacts else { return [:] }
    var kept: [UInt64: String] = [:]
    for group in FailureGroup.groups(of: runs) {
      guard let text = FailureArtefact.text(of: group.first, version: StreamHouseSimulator.version) else { continue }
      let path = artefacts + (artefacts.hasSuffix("/") ? "" : "/") + FailureArtefact.name(of: group.first)
      do {
        try FileManager.default.createDirectory(atPath: artefacts, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      } catch {
        throw UnusableInput("\(path):1:1: the file cannot be written: \(error.localizedDescription)")
      }
      kept[group.first.seed] = path
    }
    return kept
  }
}

/// This program's own file, to start workers with.
enum Program {
  static var executable: URL {
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      return URL(fileURLWithPath: path)
    }
    return URL(fileURLWithPath: CommandLine.arguments[0])
  }
}

/// An interrupt at the terminal ends a sweep with what is done so far; a second one ends the program.
enum Interrupt {
  private static let count = Atomic<Int>(0)

  /// Whether there was one.
  static var happened: Bool { count.load(ordering: .relaxed) > 0 }

  /// Begins to watch, and returns how to ask.
  static func watch() -> @Sendable () -> Bool {
    signal(SIGINT) { _ in
      if Interrupt.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
    }
    return { happened }
  }
}

/// Tells how far a sweep is: failures at once, and now and then the rate and the time left.
private final class SweepProgress: Sendable {
  private let total: Int
  private let begin = Console.wallClock()
  private let lastTold = Mutex<UInt64>(Console.wallClock())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  init(total: Int) { self.total = total }

  var seconds: Double { Double(Console.wallClock() - begin) / 1_000_000_000 }

  func tell(_ run: SweepRun, _ done: Int) {
    if !run.isPass {
      Console.note(
        "seed \(run.seed)\(run.scenario.map { " of \($0)" } ?? ""): \(run.verdict) \(run.invariant ?? "") \(run.summary ?? "")"
      )
    }
    let now = Console.wallClock()
    let isDue = lastTold.withLock { last in
      // A terminal wants to see something move; a log does not.
      guard now - last > (isTerminal ? 1_000_000_000 : 10_000_000_000) || done == total else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let rate = Double(done) / max(seconds, 0.001)
    let left = Int((Double(total - done) / max(rate, 0.001)).rounded(.up))
    Console.note(
      "\(done) of \(total) seeds, \(Int(rate * 10) / 10).\(Int(rate * 10) % 10) a second, \(left / 60) min \(left % 60) s left"
    )
  }
}

/// The file with a line of JSON for each run, in the order in which they end.
private final class RunLines: Sendable {
  private let lines: Mutex<LineFile?>

  init(file: String?) throws {
    if let file { lines = Mutex(try LineFile(file)) } else { lines = Mutex(nil) }
  }

  func write(_ run: SweepRun) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(run) else { return }
    lines.withLock { file in
      file?.write(String(decoding: line, as: UTF8.self))
      // At once: whoever interrupts the sweep has what is done.
      file?.flush()
    }
  }

  /// Tells when a line could not be written.
  func close() throws { try lines.withLock { try $0?.close() } }
}
