import ArgumentParser
import Foundation
import Report
import Scenarios
import Synchronization

/// `sweep`: many seeds of a scenario.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Run many seeds of a scenario on all cores.",
    discussion: "Example: streamhouse-sim sweep scenarios/agent-crash.yaml --seeds 1...200")

  @OptionGroup var scenario: ScenarioArguments

  @Option(help: ArgumentHelp("The seeds.", valueName: "first...last"))
  var seeds: SeedRange

  @Option(help: "How many worker processes; all cores when not given.")
  var workers: Int?

  @Option(help: "End after so many failures.")
  var stopAfter: Int?

  @Option(help: ArgumentHelp("Stop a run as unfinished after so many seconds of real time.", valueName: "seconds"))
  var maxWall: RealSeconds?

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try Console.reportingErrors {
      // What is wrong with the scenario is said once, here, and not by every worker.
      let loaded = try scenario.load()
      var sweep = Sweep(
        file: scenario.file, arguments: workerArguments, seeds: seeds.seeds, executable: Program.executable)
      if let workers { sweep.workers = max(1, workers) }
      sweep.stopAfterFailures = stopAfter
      let begin = Console.wallClock()
      let total = seeds.seeds.count
      let runs = sweep.run { run, done in
        if !run.isPass { Console.note("seed \(run.seed): \(run.verdict) \(run.invariant ?? "") \(run.summary ?? "")") }
        if done % 50 == 0 || done == total { Console.note("\(done) of \(total) seeds done") }
      }
      let seconds = Double(Console.wallClock() - begin) / 1_000_000_000
      let summary = SweepSummary(
        name: loaded.scenario.name, runs: runs, seconds: seconds,
        replay: { seed in
          "streamhouse-sim run \((scenario.words + ["--seed", "\(seed)"]).joined(separator: " "))"
        })
      Console.out(json ? summary.json : summary.text)
      if !summary.failures.isEmpty { throw Console.exit(1) }
    }
  }

  private var workerArguments: [String] {
    scenario.overrides.flatMap { ["--set", $0] } + (scenario.allowFilesOutside ? ["--allow-files-outside"] : [])
      + (maxWall.map { ["--max-wall", "\($0.seconds)"] } ?? [])
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
