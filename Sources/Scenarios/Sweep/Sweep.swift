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
    defer { worker.stop() }
    while let seed = takeSeed(shared) {
      let run = worker.run(seed: seed)
      let done = shared.state.withLock { state in
        state.runs.append(run)
        if !run.isPass { state.failures += 1 }
        if let limit = stopAfterFailures, state.failures >= limit { state.isStopped = true }
        return state.runs.count
      }
      progress(run, done)
    }
  }

  private func takeSeed(_ shared: Shared) -> UInt64? {
    shared.state.withLock { state in
      guard !state.isStopped, let seed = state.next else { return nil }
      state.next = seed < seeds.upperBound ? seed + 1 : nil
      return seed
    }
  }
}
