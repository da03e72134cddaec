import ArgumentParser
import Foundation
import Report
import Scenarios

/// `hunt`: every defect of the original against the checks.
struct HuntCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hunt", abstract: "Switch each defect of the original on, and demand that an invariant catches it.",
    discussion: "Example: streamhouse-sim hunt --seeds 1...200")

  @Option(help: ArgumentHelp("The folder of the scenario library.", valueName: "folder"))
  var scenarios = "scenarios"

  @Option(help: ArgumentHelp("The seeds to try for each defect.", valueName: "first...last"))
  var seeds = SeedRange(argument: "1...200")!

  @Option(help: ArgumentHelp("Hunt this defect only; may be given several times.", valueName: "defect"))
  var defect: [String] = []

  @Option(help: "How many worker processes; all cores when not given.")
  var workers: Int?

  @Option(help: ArgumentHelp("Give a defect up after so many seconds of real time.", valueName: "seconds"))
  var maxSeconds: RealSeconds?

  @Flag(help: "Add faults of every kind, drawn from the seed, to each scenario.")
  var swarm = false

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try Console.reportingErrors {
      var hunt = Hunt(
        defects: try huntedDefects(), folder: scenarios, seeds: seeds.seeds, executable: Program.executable,
        wallClock: { Console.wallClock() })
      if let workers { hunt.workers = max(1, workers) }
      hunt.secondsForEach = maxSeconds?.seconds
      hunt.isSwarm = swarm
      let begin = Console.wallClock()
      let catches = try hunt.run { caught in
        Console.note(
          "\(caught.defect.name.rawValue): \(caught.isCaught ? "caught" : "NOT caught") in run \(caught.runs)")
      }
      let survived = catches.filter { !$0.isCaught }
      if json {
        Console.out("[" + catches.map(\.json).joined(separator: ",") + "]")
      } else {
        for caught in catches { Console.out(caught.text) }
        let seconds = (Console.wallClock() - begin) / 1_000_000_000
        Console.out("\(catches.count - survived.count) of \(catches.count) defects caught in \(seconds) s")
      }
      if !survived.isEmpty { throw Console.exit(1) }
    }
  }

  private func huntedDefects() throws -> [Defect] {
    if defect.isEmpty { return Defect.all }
    return try defect.map { name in
      guard let known = DefectName(rawValue: name) else {
        throw UnusableInput(
          "--defect \(name): there is no such defect; one of \(DefectName.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      return Defect.named(known)
    }
  }
}
