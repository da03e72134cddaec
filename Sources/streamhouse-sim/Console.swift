import ArgumentParser
import Foundation
import Scenarios

/// Where output goes, and how errors become exit statuses.
enum Console {
  /// Writes a line of results.
  static func out(_ text: String) { write(text + "\n", to: FileHandle.standardOutput) }

  /// Writes a line of progress or trouble.
  static func note(_ text: String) { write(text + "\n", to: FileHandle.standardError) }

  /// The status for results that could not be written, as `EX_IOERR` of BSD's sysexits.
  private static let unwritten: Int32 = 74

  private static func write(_ text: String, to handle: FileHandle) {
    guard let error = writeAll(Array(text.utf8), to: handle.fileDescriptor) else { return }
    // A reader that went away is no trouble of ours, and trouble with standard error can be told to nobody.
    guard error != EPIPE, handle.fileDescriptor == STDOUT_FILENO else { return }
    let message = "streamhouse-sim: the results cannot be written: \(String(cString: strerror(error)))\n"
    _ = writeAll(Array(message.utf8), to: STDERR_FILENO)
    // Whoever reads a part of the results must not take it for all of them.
    Foundation.exit(unwritten)
  }

  /// Writes all bytes; answers the system's error number when that cannot be done.
  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }

  /// Whether standard output is a terminal that wants colours.
  static var wantsColour: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
  }

  /// Ends with a status of the contract.
  static func exit(_ status: Int32) -> any Error { ExitCode(status) }

  /// Runs `body`; unusable input ends with 65, a defect of the simulator with 70, results that could not be written whole with 74.
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
    } catch let error as UnwrittenResults {
      note("\(error)")
      throw exit(unwritten)
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

/// Results of which a part could not be written, in words.
struct UnwrittenResults: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
