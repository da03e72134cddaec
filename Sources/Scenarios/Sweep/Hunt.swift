import Foundation
import Simulation

/// Switches one defect on and looks for the first seed whose run the named invariant catches.
public struct Hunt: Sendable {
  private let defect: Defect
  private let file: String
  private let seeds: ClosedRange<UInt64>
  private let executable: URL

  /// Makes a hunt on the scenario that the catalogue names, in a folder.
  public init(defect: Defect, folder: String, seeds: ClosedRange<UInt64>, executable: URL) {
    self.defect = defect
    file = (folder.hasSuffix("/") ? folder : folder + "/") + defect.scenario + ".yaml"
    self.seeds = seeds
    self.executable = executable
  }

  /// Hunts, and runs the seed that caught the defect once more without it.
  ///
  /// - Throws: ``ScenarioErrors`` when the scenario is not right.
  public func run() throws(ScenarioErrors) -> HuntCatch {
    let override = "defects=[\(defect.name.rawValue)]"
    _ = try ScenarioLoader().load(file, overrides: [override])
    let worker = WorkerProcess(executable: executable, arguments: ["worker", file, "--set", override])
    defer { worker.stop() }
    var tried = 0
    for seed in seeds {
      let run = worker.run(seed: seed)
      tried += 1
      guard run.violated.contains(defect.breaks.rawValue) else { continue }
      let innocent = WorkerProcess(executable: executable, arguments: ["worker", file])
      defer { innocent.stop() }
      let without = innocent.run(seed: seed)
      return HuntCatch(defect: defect, runs: tried, run: run, passesWithout: without.isPass)
    }
    return HuntCatch(defect: defect, runs: tried, run: nil, passesWithout: false)
  }
}

/// What a hunt came to.
public struct HuntCatch: Sendable {
  /// The defect.
  public let defect: Defect
  /// How many runs it took.
  public let runs: Int
  /// The run that caught it; nil when none did.
  public let run: SweepRun?
  /// Whether the same seed passes without the defect.
  public let passesWithout: Bool

  /// Whether the named invariant caught the defect, and only the defect is to blame.
  public var isCaught: Bool { run != nil && passesWithout }

  /// For people.
  public var text: String {
    guard let run else { return "\(defect.name.rawValue): NOT caught in \(runs) runs of \(defect.scenario)" }
    let without = passesWithout ? "the same seed passes without it" : "the same seed FAILS without it"
    return
      "\(defect.name.rawValue): caught by invariant \(defect.breaks.rawValue) in run \(runs) of \(defect.scenario), seed \(run.seed); \(without)\n    \(run.summary ?? "")"
  }

  /// One element of the JSON document.
  public var json: String {
    let seed = run.map { "\($0.seed)" } ?? "null"
    let invariant = run == nil ? "null" : "\"\(defect.breaks.rawValue)\""
    return
      "{\"defect\":\"\(defect.name.rawValue)\",\"caught\":\(isCaught),\"seed\":\(seed),\"runs\":\(runs),\"invariant\":\(invariant),"
      + "\"scenario\":\"\(defect.scenario)\",\"summary\":\"\((run?.summary ?? "").escapedForJSON)\"}"
  }
}
