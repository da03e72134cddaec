import Foundation
import Synchronization

/// One worker process as its sweep sees it.
///
/// A run that traps takes only its worker with it: the sweep notes the seed and starts another.
final class WorkerProcess {
  private let executable: URL
  private let arguments: [String]
  private var process: Process?
  private var input: FileHandle?
  private var output: FileHandle?
  private var pending = Data()
  private let decoder = JSONDecoder()

  init(executable: URL, arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// Runs one seed; a worker that dies, or answers anything but this seed's run, is that seed's failure.
  func run(seed: UInt64) -> SweepRun {
    do {
      if process == nil { try start() }
    } catch {
      stop()
      return SweepRun(seed: seed, verdict: "crash", summary: "the worker could not be started: \(error)")
    }
    guard (try? input?.write(contentsOf: Data("\(seed)\n".utf8))) != nil, let line = readLine() else {
      let how = ending()
      stop()
      return SweepRun(seed: seed, verdict: "crash", summary: "the worker died in this run (\(how))")
    }
    guard let run = try? decoder.decode(SweepRun.self, from: line), run.seed == seed else {
      stop()
      let answer = String(decoding: line.prefix(200), as: UTF8.self)
      return SweepRun(seed: seed, verdict: "crash", summary: "the worker's answer is not a run of this seed: \(answer)")
    }
    return run
  }

  /// How a worker came to its end, which its closed output announces.
  private func ending() -> String {
    guard let process else { return "no status" }
    process.waitUntilExit()
    let what = process.terminationReason == .uncaughtSignal ? "signal" : "status"
    return "\(what) \(process.terminationStatus)"
  }

  /// Workers start one at a time, so that none inherits the pipes of another: those would stay open after its death.
  // lint: allow mutable-global because it orders the starting of processes, and no run sees it
  private static let starting = Mutex(())

  private func start() throws {
    // Writing to a worker that has died is an error of that write, and not the end of the sweep.
    signal(SIGPIPE, SIG_IGN)
    try Self.starting.withLock { _ in try startAlone() }
  }

  private func startAlone() throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    self.process = process
    self.input = input.fileHandleForWriting
    self.output = output.fileHandleForReading
  }

  private func readLine() -> Data? {
    while true {
      if let end = pending.firstIndex(of: 10) {
        let line = Data(pending[pending.startIndex..<end])
        pending = Data(pending[pending.index(after: end)...])
        return line
      }
      guard let more = output?.availableData, !more.isEmpty else { return nil }
      pending.append(more)
    }
  }

  /// Ends the worker.
  func stop() {
    try? input?.close()
    try? output?.close()
    if let process, process.isRunning { process.terminate() }
    process = nil
    pending = Data()
  }
}
