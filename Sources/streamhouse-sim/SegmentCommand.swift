import ArgumentParser
import Foundation
import Report
import Storage

/// `segment`: look at, check and write segment files.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Show, check and write segment files.",
    discussion: "Example: streamhouse-sim segment show FILE.seg --records --json | jq .offset",
    subcommands: [Show.self, Check.self, Write.self])

  /// Reads a file whole; `-` is standard input.
  static func read(_ path: String) throws -> [UInt8] {
    if path == "-" { return [UInt8](try FileHandle.standardInput.readToEnd() ?? Data()) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UnusableInput("\(path):1:1: there is no such file, or it cannot be read; name a segment file")
    }
    return [UInt8](data)
  }

  /// `segment show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show a segment's header, blocks, first and last record, or all records.",
      discussion: "Example: streamhouse-sim segment show FILE.seg --records --json")

    @Argument(help: "The segment file.")
    var file: String

    @Flag(help: "Print every record as a line of JSON.")
    var records = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      try Console.reportingErrors {
        let bytes = try SegmentCommand.read(file)
        do {
          if records {
            try showRecords(bytes)
          } else {
            let summary = try SegmentSummary(bytes)
            Console.out(json ? summary.json : summary.text)
          }
        } catch let error as SegmentError {
          throw UnusableInput("\(file): \(error)")
        }
      }
    }

    /// Prints the records in large pieces; those in front of damage are printed before the error.
    private func showRecords(_ bytes: [UInt8]) throws {
      var lines: [String] = []
      defer { if !lines.isEmpty { Console.out(lines.joined(separator: "\n")) } }
      try SegmentReader(bytes).forEachRecord { record in
        lines.append(try RecordLines.line(record))
        if lines.count == 1000 {
          Console.out(lines.joined(separator: "\n"))
          lines.removeAll(keepingCapacity: true)
        }
        return true
      }
    }
  }

  /// `segment check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Read segments through and say what is wrong with them.",
      discussion: "Example: streamhouse-sim segment check *.seg")

    @Argument(help: "The segment files.")
    var files: [String]

    @Flag(
      help: ArgumentHelp(
        "Read one block at a time, for files larger than memory.",
        discussion: "The checksum of version 1 covers the whole file and cannot be checked this way."))
    var byRanges = false

    func run() throws {
      var isWrong = false
      for file in files {
        do {
          try check(file)
          Console.out("\(file): right")
        } catch let error as UnusableInput {
          isWrong = true
          Console.note("\(error)")
        } catch {
          isWrong = true
          Console.note("\(file): \(error)")
        }
      }
      if isWrong { throw Console.exit(65) }
    }

    private func check(_ file: String) throws {
      if byRanges {
        var source = try SegmentFile(file)
        try source.forEachRecord(startingAt: .offset(0)) { _ in true }
      } else {
        try SegmentReader(SegmentCommand.read(file)).forEachRecord { _ in true }
      }
    }
  }

  /// `segment write`.
  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "write", abstract: "Write a segment from records in JSON Lines.",
      discussion: "Example: streamhouse-sim segment write --from records.jsonl --compression lz4 --out FILE.seg")

    @Option(help: ArgumentHelp("The records, a line of JSON each; - for standard input.", valueName: "file.jsonl"))
    var from: String

    @Option(help: "How blocks are compressed: none or lz4.")
    var compression = CompressionName.lz4

    @Option(
      help: ArgumentHelp(
        "The version of the format: 1, the original's, or 2, which has room for headers and producers.",
        valueName: "1|2"))
    var formatVersion = FormatVersion.one

    @Option(help: ArgumentHelp("The segment file to write.", valueName: "file.seg"))
    var out: String

    /// The compressions that can be written.
    enum CompressionName: String, ExpressibleByArgument, CaseIterable {
      case none
      case lz4

      var compression: Compression { self == .none ? .none : .lz4 }
    }

    /// The versions that can be written.
    enum FormatVersion: String, ExpressibleByArgument, CaseIterable {
      case one = "1"
      case two = "2"

      var version: SegmentVersion { self == .one ? .one : .two }
    }

    func run() throws {
      try Console.reportingErrors {
        let text = String(decoding: try SegmentCommand.read(from), as: UTF8.self)
        do {
          var writer = SegmentWriter(version: formatVersion.version, compression: compression.compression)
          for record in try RecordLines.records(text) { try writer.append(record) }
          let bytes = try writer.finish()
          try Data(bytes).write(to: URL(fileURLWithPath: out), options: .atomic)
        } catch let problem as RecordLines.Problem {
          throw UnusableInput("\(from):\(problem)")
        } catch let error as SegmentError {
          throw UnusableInput("\(from):1:1: \(error)")
        } catch {
          throw UnusableInput("\(out):1:1: the file cannot be written: \(error.localizedDescription)")
        }
      }
    }
  }
}
