import ArgumentParser
import Foundation
import Scenarios

/// Where output goes, and how errors become exit statuses.
enum Console {
  /// Writes a line of results.
  static func out(_ text: String) { write(text + "\n", to: FileHandle.standardOutput) }

  /// Writes a line of progress or trouble.
  static func note(_ text: String) { write(text + "\n", to: FileHandle.standardError) }

  private static func write(_ text: String, to handle: FileHandle) {
    // A reader that went away is no trouble of ours.
    try? handle.write(contentsOf: Data(text.utf8))
  }

  /// Whether standard output is a terminal that wants colours.
  static var wantsColour: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
  }

  /// Ends with a status of the contract.
  static func exit(_ status: Int32) -> any Error { ExitCode(status) }

  /// Runs `body`; unusable input ends with 65, a defect of the simulator with 70.
  static func reportingErrors(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let errors as ScenarioErrors {
      note("\(errors)")
      throw exit(65)
    } catch let defect as RunDefect {
      note("streamhouse-sim: a defect of the simulator: \(defect)")
      throw exit(70)
    } catch let error as UnusableInput {
      note("\(error)")
      throw exit(65)
    }
  }

  /// A monotonic clock in nanoseconds, handed to runs for their bounds and figures.
  static func wallClock() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  /// The processor time of this process in nanoseconds: for figures of work that waits for nothing, which neighbours
  /// on the machine then cannot stretch by taking turns with it.
  static func processorClock() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// Input that cannot be used, in words.
struct UnusableInput: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
