import Foundation
import Scenarios

/// Writing what verbs produce.
enum Files {
  /// Writes a text, making the folder when it is not there.
  static func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw UnusableInput("\(path):1:1: the file cannot be written: \(error.localizedDescription)")
    }
  }
}

/// A file that is written line by line, in large pieces.
final class LineFile {
  private let path: String
  private let handle: FileHandle
  private var buffer = Data()
  /// Why nothing more is written.
  private var failure: (any Error)?

  init(_ path: String) throws {
    let url = URL(fileURLWithPath: path)
    try? FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    // Not by way of a file that takes the place of what is there: that would do away with a device or a pipe.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw UnusableInput("\(path):1:1: the file cannot be written; name a file in a folder that can")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    self.path = path
  }

  func write(_ line: String) {
    buffer.append(contentsOf: line.utf8)
    buffer.append(10)
    if buffer.count > 1 << 20 { flush() }
  }

  /// Writes what has gathered.
  func flush() {
    do {
      if failure == nil { try handle.write(contentsOf: buffer) }
    } catch {
      failure = error
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes what is left; tells when something could not be written, so that nobody takes a part for the whole.
  func close() throws {
    flush()
    if let failure {
      throw UnwrittenResults("\(path):1:1: the file cannot be written to its end: \(failure.localizedDescription)")
    }
  }
}
