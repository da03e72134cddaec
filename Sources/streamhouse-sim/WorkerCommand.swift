import ArgumentParser
import Foundation
import Scenarios

/// `worker`: runs seeds from standard input for a sweep; not for people.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Run seeds from standard input, for sweeps.", shouldDisplay: false)

  @OptionGroup var scenario: ScenarioArguments

  @Option(help: "Stop a run as unfinished after so many seconds of real time.")
  var maxWall: RealSeconds?

  func run() throws {
    try Console.reportingErrors {
      // An interrupt at the terminal is for the sweep, which lets its workers end what they are at.
      signal(SIGINT, SIG_IGN)
      signal(SIGPIPE, SIG_IGN)
      let loaded = try scenario.loadAll().map(\.loaded)
      SweepWorker.work(loaded, wallClock: Console.wallClock, maxWallNanoseconds: maxWall?.nanoseconds)
    }
  }
}
