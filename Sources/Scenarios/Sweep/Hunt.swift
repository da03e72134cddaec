import Foundation
import Simulation
import Synchronization

/// Switches defects on, one after another, and looks for the first seed whose run shows each by the sign that its row names.
///
/// The defects are shared among worker processes. A process that dies in a run catches nothing.
public struct Hunt: Sendable {
  /// The defects, in the order in which they are begun with.
  public var defects: [Defect]
  /// The folder of the scenario library.
  public var folder: String
  /// The seeds to try for each defect.
  public var seeds: ClosedRange<UInt64>
  /// How many defects are hunted at once.
  public var workers: Int
  /// After how many seconds of real time a defect counts as survived; nil tries all seeds.
  public var secondsForEach: Double?
  /// Whether faults of every kind are added, drawn from the seed.
  public var isSwarm = false
  /// The program to start as a worker.
  public var executable: URL
  /// A wall clock in nanoseconds, for budgets and figures.
  public var wallClock: @Sendable () -> UInt64

  /// Makes a hunt on all cores.
  public init(
    defects: [Defect], folder: String, seeds: ClosedRange<UInt64>, executable: URL,
    wallClock: @escaping @Sendable () -> UInt64
  ) {
    self.defects = defects
    self.folder = folder
    self.seeds = seeds
    self.executable = executable
    self.wallClock = wallClock
    // lint: allow environment because how many workers share the defects decides no run
    workers = ProcessInfo.processInfo.activeProcessorCount
  }

  private final class Shared: Sendable {
    let state: Mutex<(next: Int, catches: [Int: HuntCatch], working: Int)>
    let change = NSCondition()

    init(workers: Int) { state = Mutex((0, [:], workers)) }
  }

  /// Hunts them all; `progress` hears of each as it is done, in any order.
  ///
  /// - Returns: What became of each, in the order of the defects.
  /// - Throws: ``ScenarioErrors`` when a scenario is not right.
  public func run(_ progress: @escaping @Sendable (HuntCatch) -> Void = { _ in }) throws(ScenarioErrors) -> [HuntCatch]
  {
    for defect in defects { _ = try ScenarioLoader().load(file(of: defect), overrides: [override(defect)]) }
    let shared = Shared(workers: workers)
    for _ in 0..<workers {
      let thread = Thread {
        work(shared, progress)
        shared.change.lock()
        shared.state.withLock { $0.working -= 1 }
        shared.change.broadcast()
        shared.change.unlock()
      }
      thread.start()
    }
    shared.change.lock()
    while shared.state.withLock({ $0.working > 0 }) { shared.change.wait() }
    shared.change.unlock()
    let catches = shared.state.withLock { $0.catches }
    return defects.indices.compactMap { catches[$0] }
  }

  private func work(_ shared: Shared, _ progress: @Sendable (HuntCatch) -> Void) {
    while true {
      let index = shared.state.withLock { state in
        defer { state.next += 1 }
        return state.next
      }
      guard index < defects.count else { return }
      let found = hunt(defects[index])
      shared.state.withLock { $0.catches[index] = found }
      progress(found)
    }
  }

  private func file(of defect: Defect) -> String {
    (folder.hasSuffix("/") ? folder : folder + "/") + defect.scenario + ".yaml"
  }

  private func override(_ defect: Defect) -> String { "defects=[\(defect.name.rawValue)]" }

  private func hunt(_ defect: Defect) -> HuntCatch {
    let begin = wallClock()
    let arguments = ["worker", file(of: defect)] + (isSwarm ? ["--swarm"] : [])
    let worker = WorkerProcess(executable: executable, arguments: arguments + ["--set", override(defect)])
    defer { worker.stop() }
    var found = HuntCatch(defect: defect)
    for seed in seeds {
      let run = worker.run(seed: seed)
      found.runs += 1
      if run.isCrash { found.crashes += 1 }
      if run.shows(defect.breaks) {
        let innocent = WorkerProcess(executable: executable, arguments: arguments)
        defer { innocent.stop() }
        found.run = run
        found.passesWithout = innocent.run(seed: seed).isPass
        break
      }
      found.seconds = seconds(since: begin)
      if let secondsForEach, found.seconds >= secondsForEach { break }
    }
    found.seconds = seconds(since: begin)
    return found
  }

  private func seconds(since begin: UInt64) -> Double { Double(wallClock() - begin) / 1_000_000_000 }
}

extension SweepRun {
  /// Whether the run shows a defect by this sign. A process that died, or broke a rule of the simulator, shows nothing.
  func shows(_ sign: DefectSign) -> Bool {
    guard !isCrash else { return false }
    return switch sign {
    case .invariant(let invariant): violated.contains(invariant.rawValue)
    case .liveness: verdict == Verdict.liveness.rawValue && violated.isEmpty
    case .bound(let bound): verdict == Verdict.expectation.rawValue && missedBounds?.contains(bound.rawValue) == true
    }
  }

  /// Whether the run came to no verdict because the process died or the simulator is at fault.
  var isCrash: Bool { verdict == "crash" || verdict == "defect" }
}

/// What the hunt for a defect came to.
public struct HuntCatch: Sendable {
  /// The defect.
  public let defect: Defect
  /// How many runs it took.
  public internal(set) var runs = 0
  /// In how many of them the process died, or the simulator was at fault.
  public internal(set) var crashes = 0
  /// The run that caught it; nil when none did.
  public internal(set) var run: SweepRun?
  /// Whether the same seed passes without the defect.
  public internal(set) var passesWithout = false
  /// How many seconds of real time it took.
  public internal(set) var seconds = 0.0

  init(defect: Defect) { self.defect = defect }

  /// Whether the sign showed, and only the defect is to blame.
  public var isCaught: Bool { run != nil && passesWithout }

  /// For people.
  public var text: String {
    let dead = crashes > 0 ? "; in \(crashes) of them the process died or the simulator was at fault" : ""
    guard let run else {
      return "\(defect.name.rawValue): NOT caught by \(defect.breaks.name) in \(runs) runs of \(defect.scenario)\(dead)"
    }
    let without = passesWithout ? "the same seed passes without it" : "the same seed FAILS without it"
    return
      "\(defect.name.rawValue): caught by \(defect.breaks.name) in run \(runs) of \(defect.scenario), seed \(run.seed), after \(tenths) s; \(without)\(dead)\n    \(run.summary ?? "")"
  }

  private var tenths: String {
    let tenths = Int((seconds * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// One element of the JSON document.
  public var json: String {
    let seed = run.map { "\($0.seed)" } ?? "null"
    let invariant = run == nil ? "null" : "\"\(defect.breaks.name)\""
    return
      "{\"defect\":\"\(defect.name.rawValue)\",\"caught\":\(isCaught),\"seed\":\(seed),\"runs\":\(runs),\"invariant\":\(invariant),"
      + "\"scenario\":\"\(defect.scenario)\",\"passesWithout\":\(passesWithout),\"crashes\":\(crashes),\"seconds\":\(tenths),"
      + "\"summary\":\"\((run?.summary ?? "").escapedForJSON)\"}"
  }
}
