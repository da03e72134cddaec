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

  /// Reads a file whole.
  static func read(_ path: String) throws -> [UInt8] {
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
            try SegmentReader(bytes).forEachRecord { record in
              Console.out(RecordLines.line(record))
              return true
            }
          } else {
            let summary = try SegmentSummary(bytes)
            Console.out(json ? summary.json : summary.text)
          }
        } catch let error as SegmentError {
          throw UnusableInput("\(file): \(error)")
        }
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

    func run() throws {
      var isWrong = false
      for file in files {
        do {
          let bytes = try SegmentCommand.read(file)
          _ = try SegmentSummary(bytes)
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
  }

  /// `segment write`.
  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "write", abstract: "Write a segment from records in JSON Lines.",
      discussion: "Example: streamhouse-sim segment write --from records.jsonl --compression lz4 --out FILE.seg")

    @Option(help: ArgumentHelp("The records, a line of JSON each.", valueName: "file.jsonl"))
    var from: String

    @Option(help: "How blocks are compressed: none or lz4.")
    var compression = CompressionName.lz4

    @Option(help: ArgumentHelp("The segment file to write.", valueName: "file.seg"))
    var out: String

    /// The compressions that can be written.
    enum CompressionName: String, ExpressibleByArgument, CaseIterable {
      case none
      case lz4

      var compression: Compression { self == .none ? .none : .lz4 }
    }

    func run() throws {
      try Console.reportingErrors {
        let text = String(decoding: try SegmentCommand.read(from), as: UTF8.self)
        do {
          var writer = SegmentWriter(compression: compression.compression)
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
