import ArgumentParser
import Benchmarking
import Foundation
import Report

/// `ranged-read`: reads a segment by ranges in a process of its own, for the benchmark of memory; not for people.
struct RangedReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ranged-read", abstract: "Read a segment by ranges and say what memory it took.",
    shouldDisplay: false)

  @Argument(help: "The segment file.")
  var file: String

  /// What the process tells the benchmark.
  struct Report: Codable {
    var records: Int
    var bytes: Int
    var largestRange: Int
    var nanoseconds: UInt64
    var peakMemoryKibibytes: Int
  }

  func run() throws {
    try Console.reportingErrors {
      do {
        let outcome = try RangedReadBenchmark.read(SegmentFile(file), now: Console.wallClock)
        let report = Report(
          records: outcome.records, bytes: outcome.bytes, largestRange: outcome.largestRange,
          nanoseconds: outcome.nanoseconds, peakMemoryKibibytes: try Self.peakMemory())
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        Console.out(String(decoding: try encoder.encode(report), as: UTF8.self))
      } catch {
        throw UnusableInput("\(file): \(error)")
      }
    }
  }

  /// The most memory that this process has had at a time, in KiB, as the kernel counts it.
  private static func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let figure = line?.split(whereSeparator: \.isWhitespace).dropFirst().first, let kibibytes = Int(figure) else {
      throw UnusableInput("/proc/self/status: VmHWM is not there; this needs Linux")
    }
    return kibibytes
  }
}

extension RangedReadCommand {
  /// Writes a segment of more than a gigabyte to a temporary file and has a process of its own read it by ranges.
  ///
  /// - Returns: `storage.memory.ranged`, the reader's peak in MiB, and `storage.read.ranged` in records a second.
  static func measure() throws -> [Benchmarking.Measurement] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("streamhouse-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("large.seg")
    try Data(RangedReadBenchmark.makeSegment()).write(to: file)
    let report = try JSONDecoder().decode(Report.self, from: try read(file))
    guard report.bytes > 1 << 30 else {
      throw UnusableInput("\(file.path): the benchmark read \(report.bytes) bytes; it wants more than a gigabyte")
    }
    return [
      Benchmarking.Measurement(
        name: "storage.memory.ranged", value: Double(report.peakMemoryKibibytes) / 1024, unit: "MiB",
        higherIsBetter: false),
      Benchmarking.Measurement(
        name: "storage.read.ranged", value: Double(report.records) / (Double(max(1, report.nanoseconds)) / 1e9),
        unit: "records/s", higherIsBetter: true),
    ]
  }

  private static func read(_ file: URL) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["ranged-read", file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return text
  }
}
