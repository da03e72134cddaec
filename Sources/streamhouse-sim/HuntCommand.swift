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

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try Console.reportingErrors {
      var catches: [HuntCatch] = []
      for hunted in try huntedDefects() {
        let hunt = Hunt(defect: hunted, folder: scenarios, seeds: seeds.seeds, executable: Program.executable)
        let caught = try hunt.run()
        if !json { Console.out(caught.text) }
        catches.append(caught)
      }
      if json { Console.out("[" + catches.map(\.json).joined(separator: ",") + "]") }
      if catches.contains(where: { !$0.isCaught }) { throw Console.exit(1) }
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
