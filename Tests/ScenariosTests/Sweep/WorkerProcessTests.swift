import Foundation
import Synchronization
import Testing

@testable import Scenarios

/// Workers that do not behave: each costs its sweep one seed, and no more.
@Suite(.serialized) struct WorkerProcessTests {
  /// A program that reads seeds and does what a shell function `one SEED` says.
  private func worker(_ folder: borrowing TemporaryFolder, _ one: String) throws -> URL {
    let path = try folder.write(
      "worker",
      """
      #!/bin/sh
      pass() {
        echo "{\\"seed\\":$1,\\"verdict\\":\\"pass\\",\\"violated\\":[],\\"digest\\":\\"00\\",\\"events\\":1,\\"messages\\":1,\\"virtualSeconds\\":1.5,\\"probes\\":{},\\"faults\\":{}}"
      }
      one() {
        \(one)
      }
      while read -r seed; do one "$seed"; done
      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return URL(fileURLWithPath: path)
  }

  private func sweep(_ executable: URL, _ seeds: ClosedRange<UInt64>, workers: Int = 2) -> [SweepRun] {
    var sweep = Sweep(file: "s.yaml", arguments: [], seeds: seeds, executable: executable)
    sweep.workers = workers
    return sweep.run { _, _ in }
  }

  @Test func everySeedRunsOnceAndResultsComeInOrder() throws {
    let folder = try TemporaryFolder()
    let executable = try worker(folder, "pass $1")
    let told = Mutex<[Int]>([])
    var sweep = Sweep(file: "s.yaml", arguments: [], seeds: 10...60, executable: executable)
    sweep.workers = 3
    let runs = sweep.run { _, done in told.withLock { $0.append(done) } }
    #expect(runs.map(\.seed) == Array(10...60))
    #expect(runs.filter { !$0.isPass }.isEmpty)
    #expect(told.withLock { $0 }.sorted() == Array(1...51))
  }

  @Test func aWorkerThatDiesInARunIsThatSeedsFailure() throws {
    let folder = try TemporaryFolder()
    let runs = sweep(try worker(folder, "if [ $1 = 4 ]; then exit 9; fi; pass $1"), 1...8)
    #expect(runs.map(\.seed) == Array(1...8))
    #expect(runs.filter { !$0.isPass }.map(\.seed) == [4])
    let failure = try #require(runs.first { $0.seed == 4 })
    #expect(failure.verdict == "crash")
    #expect(failure.summary == "the worker died in this run (status 9)")
  }

  @Test func aWorkerThatIsKilledIsThatSeedsFailure() throws {
    let folder = try TemporaryFolder()
    let runs = sweep(try worker(folder, "if [ $1 = 4 ]; then kill -9 $$; fi; pass $1"), 1...8)
    #expect(runs.filter { !$0.isPass }.map(\.seed) == [4])
    #expect(runs.first { $0.seed == 4 }?.summary == "the worker died in this run (signal 9)")
  }

  @Test func aWorkerThatDiesWhileItWaitsEndsNoSweep() throws {
    let folder = try TemporaryFolder()
    let runs = sweep(try worker(folder, "pass $1; if [ $(($1 % 5)) = 0 ]; then kill -9 $$; fi"), 1...20, workers: 1)
    #expect(runs.map(\.seed) == Array(1...20))
    // The next seed may have been handed to the dead one.
    #expect(Set(runs.filter { !$0.isPass }.map(\.seed)).isSubset(of: [6, 11, 16]))
  }

  @Test func aWorkerThatAnswersNonsenseIsThatSeedsFailure() throws {
    let folder = try TemporaryFolder()
    let runs = sweep(try worker(folder, "if [ $1 = 2 ]; then echo nonsense; else pass $1; fi"), 1...4, workers: 1)
    #expect(runs.filter { !$0.isPass }.map(\.seed) == [2])
    #expect(runs.first { $0.seed == 2 }?.summary == "the worker's answer is not a run of this seed: nonsense")
  }

  @Test func aWorkerThatAnswersForAnotherSeedIsThatSeedsFailure() throws {
    let folder = try TemporaryFolder()
    let runs = sweep(try worker(folder, "if [ $1 = 2 ]; then pass 7; else pass $1; fi"), 1...4, workers: 1)
    #expect(runs.filter { !$0.isPass }.map(\.seed) == [2])
  }

  @Test func aProgramThatIsNotThereFailsEverySeed() throws {
    let runs = sweep(URL(fileURLWithPath: "/nowhere/streamhouse-sim"), 1...3)
    #expect(runs.map(\.verdict) == ["crash", "crash", "crash"])
    #expect(runs.first?.summary?.hasPrefix("the worker could not be started") == true)
  }

  @Test func theSweepEndsAfterAsManyFailuresAsAskedFor() throws {
    let folder = try TemporaryFolder()
    var sweep = Sweep(
      file: "s.yaml", arguments: [], seeds: 1...1_000, executable: try worker(folder, "exit 3"))
    sweep.workers = 1
    sweep.stopAfterFailures = 3
    #expect(sweep.run { _, _ in }.map(\.seed) == [1, 2, 3])
  }
}
