import Foundation

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

  /// Runs one seed; a worker that dies is reported as that seed's failure.
  func run(seed: UInt64) -> SweepRun {
    do {
      if process == nil { try start() }
      try input?.write(contentsOf: Data("\(seed)\n".utf8))
    } catch {
      stop()
      return SweepRun(seed: seed, verdict: "crash", summary: "the worker could not be started: \(error)")
    }
    guard let line = readLine(), let run = try? decoder.decode(SweepRun.self, from: line) else {
      process?.waitUntilExit()
      let status = process.map { "status \($0.terminationStatus)" } ?? "no status"
      stop()
      return SweepRun(seed: seed, verdict: "crash", summary: "the worker died in this run (\(status))")
    }
    return run
  }

  private func start() throws {
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
