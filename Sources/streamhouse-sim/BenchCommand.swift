import ArgumentParser
import Benchmarking
import Foundation
import Scenarios

/// `bench`: how fast it all is, in real time.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the kernel, the storage and whole clusters in real time.",
    discussion: "Example: streamhouse-sim bench --filter 'kernel\\..*' --json")

  @Option(
    help: ArgumentHelp(
      "Measure only what this matches: kernel, storage, cluster or a figure's name.", valueName: "regex"))
  var filter: String?

  @Option(help: ArgumentHelp("The scenario whose virtual seconds a real second are counted.", valueName: "file.yaml"))
  var scenario = "scenarios/quickstart.yaml"

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try Console.reportingErrors {
      let pattern = try filter.map { text in
        do {
          return try Regex(text)
        } catch {
          throw UnusableInput("--filter \(text): this is not a regular expression: \(error)")
        }
      }
      func isWanted(_ name: String) -> Bool { pattern.map { name.contains($0) } ?? true }
      var measured: [Benchmarking.Measurement] = []
      for group in groups where filter == nil || group.names.contains(where: isWanted) {
        let figures = try group.measure().filter { isWanted($0.name) }
        if !json { for figure in figures { Console.out(text(figure)) } }
        measured += figures
      }
      if json { Console.out("[" + measured.map(document).joined(separator: ",") + "]") }
    }
  }

  /// Benchmarks that are measured together.
  private struct Group {
    let names: [String]
    let measure: () throws -> [Benchmarking.Measurement]
  }

  private var groups: [Group] {
    let shapes = (RecordShape.allCases.map(\.rawValue) + [RecordShape.json100.rawValue + ".version2"]).flatMap {
      shape in
      [
        "storage.write.", "storage.read.", "codec.write.", "codec.read.", "storage.overCodec.write.",
        "storage.overCodec.read.",
      ].map { $0 + shape }
    }
    return [
      Group(names: ["kernel.messages", "kernel.messages.digest", "kernel.messages.manyHosts", "kernel.calls"]) {
        KernelBenchmark(now: Console.wallClock).measureAll()
      },
      Group(names: ["cluster.records", "cluster.quickstart", "cluster.quickstart.messages"]) {
        let quickstart = FileManager.default.fileExists(atPath: scenario) ? try ScenarioLoader().load(scenario) : nil
        if quickstart == nil { Console.note("\(scenario) is not there: cluster.quickstart is left out") }
        return try ClusterBenchmark(now: Console.wallClock).measureAll(quickstart: quickstart)
      },
      Group(names: shapes + ["storage.seek.repeated1024.lz4"]) {
        try StorageBenchmark(now: Console.processorClock).measureAll()
      },
      Group(names: ["storage.memory.ranged", "storage.read.ranged"]) { try RangedReadCommand.measure() },
      Group(names: ["storage.batch.encode", "storage.batch.decode", "storage.log.encode", "storage.log.recover"]) {
        try LogBenchmark(now: Console.processorClock).measureAll()
      },
      Group(
        names: ["sequential", "zipf", "scan", "tailing"].map { "cache.hits." + $0 }
          + ["cache.duration.sequential", "cache.lookup"]
      ) { try CacheBenchmark(now: Console.processorClock).measureAll() },
    ]
  }

  private func text(_ figure: Benchmarking.Measurement) -> String {
    let name = figure.name + String(repeating: " ", count: max(1, 44 - figure.name.count))
    return "\(name)\(decimal(figure.value)) \(figure.unit)"
  }

  private func document(_ figure: Benchmarking.Measurement) -> String {
    "{\"name\":\"\(figure.name)\",\"value\":\(decimal(figure.value)),\"unit\":\"\(figure.unit)\",\"higherIsBetter\":\(figure.higherIsBetter)}"
  }

  /// Whole numbers where they are large, four digits behind the point where they are small.
  private func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    if abs(value) >= 1_000 { return "\(Int64(value.rounded()))" }
    let scaled = Int64((value * 10_000).rounded())
    let fraction = String(abs(scaled % 10_000))
    return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
  }
}
