import Simulation

/// A run that ended with a defect of the simulator instead of a verdict.
public struct RunDefect: Error, Sendable, CustomStringConvertible {
  /// The seed.
  public let seed: UInt64
  /// The broken rule.
  public let defect: SimulatorDefect
  /// The defect in words.
  public var description: String { "seed \(seed): \(defect)" }
}

/// A line of a trace.
public typealias TraceLine = TracedEvent

/// Runs loaded scenarios.
public enum Runner {
  /// Runs a scenario to its verdict.
  ///
  /// - Throws: ``RunDefect``.
  public static func run(_ loaded: LoadedScenario, _ options: RunOptions) throws(RunDefect) -> RunResult {
    do {
      return try ScenarioRun(loaded.scenario, preloaded: loaded.preloaded, options: options).run()
    } catch {
      throw RunDefect(seed: options.seed ?? loaded.scenario.seed ?? 1, defect: error)
    }
  }

  /// How many events are shown before a violation.
  public static let shownEvents = 100

  /// The last events before the first violation, by running once more up to it; none when nothing was violated.
  ///
  /// - Throws: ``RunDefect``.
  public static func eventsBeforeViolation(
    of result: RunResult, _ loaded: LoadedScenario, _ options: RunOptions
  ) throws(RunDefect) -> [TracedEvent] {
    guard let first = result.violations.min(by: { $0.at < $1.at }), let event = first.events.last, event > 0 else {
      return []
    }
    var again = options
    again.trace = nil
    again.history = nil
    again.metrics = nil
    again.until = event
    again.keepsLastEvents = shownEvents
    return try run(loaded, again).lastEvents.filter { $0.number <= event }
  }
}

/// Drawing seeds.
public enum Seeds {
  /// Seeds are below this, so that every JSON reader keeps them exactly.
  public static let bound: UInt64 = 1 << 53

  /// A seed from the system's randomness, for runs that name none; printed, it repeats the run.
  public static func drawn() -> UInt64 {
    // lint: allow random because a drawn seed is the input of a run, not a part of it
    var system = SystemRandomNumberGenerator()
    return system.next() % bound
  }
}
