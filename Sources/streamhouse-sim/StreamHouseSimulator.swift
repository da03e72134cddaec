import ArgumentParser

/// The command line: a verb a file, the work in the modules below.
@main
struct StreamHouseSimulator: ParsableCommand {
  /// What failures are kept under and runs are told to be of.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "streamhouse-sim",
    abstract: "Runs a whole StreamHouse cluster in one process, with virtual time and faults, all decided by one seed.",
    discussion: """
      Exit status: 0 all held; 1 an invariant was violated; 2 liveness failed; 3 an expectation was missed; \
      4 unfinished; 64 wrong usage; 65 unusable input; 70 a defect of the simulator itself; 74 the results \
      cannot be written.

      Example: streamhouse-sim run scenarios/quickstart.yaml --seed 7
      """,
    version: version,
    subcommands: [
      RunCommand.self, SweepCommand.self, ScenarioCommand.self, SegmentCommand.self, HuntCommand.self,
      BenchCommand.self, MetricsCommand.self, WorkerCommand.self, RangedReadCommand.self, ObjectStoreCommand.self,
    ])
}
