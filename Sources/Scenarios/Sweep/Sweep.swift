import Foundation
import Synchronization

/// Many runs of a scenario, each seed once, on worker processes.
public struct Sweep: Sendable {
  /// The scenario file, as a worker is told it.
  public var file: String
  /// Further arguments of the workers.
  public var arguments: [String]
  /// The seeds.
  public var seeds: ClosedRange<UInt64>
  /// How many workers.
  public var workers: Int
  /// How many failures end the sweep; nil goes through all seeds.
  public var stopAfterFailures: Int?
  /// Of how many seeds one is run a second time, in another process, to compare the digests; nil runs each once.
  public var repeatsOneOf: UInt64?
  /// Asked before each run; true ends the sweep with what is done.
  public var isInterrupted: @Sendable () -> Bool = { false }
  /// The program to start as a worker.
  public var executable: URL

  /// Makes a sweep on all cores.
  public init(file: String, arguments: [String], seeds: ClosedRange<UInt64>, executable: URL) {
    self.file = file
    self.arguments = arguments
    self.seeds = seeds
    self.executable = executable
    // lint: allow environment because how many workers share the seeds decides no run
    workers = ProcessInfo.processInfo.activeProcessorCount
  }

  /// What the workers' threads share.
  private final class Shared: Sendable {
    struct State {
      var next: UInt64?
      var runs: [SweepRun] = []
      var failures = 0
      var isStopped = false
      var working: Int
    }

    let state: Mutex<State>
    let change = NSCondition()

    init(first: UInt64, workers: Int) { state = Mutex(State(next: first, working: workers)) }

    func oneIsDone() {
      change.lock()
      state.withLock { $0.working -= 1 }
      change.broadcast()
      change.unlock()
    }

    func waitForAll() {
      change.lock()
      while state.withLock({ $0.working > 0 }) { change.wait() }
      change.unlock()
    }
  }

  /// Goes through the seeds; `progress` hears of each run as it ends, in any order.
  ///
  /// - Returns: The runs by seed.
  public func run(_ progress: @escaping @Sendable (SweepRun, _ done: Int) -> Void) -> [SweepRun] {
    let shared = Shared(first: seeds.lowerBound, workers: workers)
    for _ in 0..<workers {
      let thread = Thread {
        work(shared, progress)
        shared.oneIsDone()
      }
      thread.start()
    }
    shared.waitForAll()
    return shared.state.withLock { $0.runs }.sorted { $0.seed < $1.seed }
  }

  private func work(_ shared: Shared, _ progress: @Sendable (SweepRun, Int) -> Void) {
    let worker = WorkerProcess(executable: executable, arguments: ["worker", file] + arguments)
    let second = WorkerProcess(executable: executable, arguments: ["worker", file] + arguments)
    defer {
      worker.stop()
      second.stop()
    }
    while let seed = takeSeed(shared) {
      var run = worker.run(seed: seed)
      if let one = repeatsOneOf, seed % max(one, 1) == 0 { run = compare(run, with: second.run(seed: seed)) }
      let done = shared.state.withLock { state in
        state.runs.append(run)
        if !run.isPass { state.failures += 1 }
        if let limit = stopAfterFailures, state.failures >= limit { state.isStopped = true }
        return state.runs.count
      }
      progress(run, done)
    }
  }

  /// The run, or what is wrong with it when another process gave the same seed another course.
  private func compare(_ run: SweepRun, with other: SweepRun) -> SweepRun {
    var checked = run
    checked.isRepeated = true
    guard run.digest != other.digest || run.verdict != other.verdict else { return checked }
    checked.verdict = "defect"
    checked.summary =
      "the same seed gave another course in another process: \(run.verdict) \(run.digest) and \(other.verdict) \(other.digest)"
    return checked
  }

  private func takeSeed(_ shared: Shared) -> UInt64? {
    shared.state.withLock { state in
      guard !state.isStopped, !isInterrupted(), let seed = state.next else { return nil }
      state.next = seed < seeds.upperBound ? seed + 1 : nil
      return seed
    }
  }
}
