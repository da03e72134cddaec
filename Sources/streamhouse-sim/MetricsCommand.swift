import ArgumentParser
import Report

/// `metrics`: which metrics there are.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics", abstract: "Print the catalogue of metrics as Markdown.",
    discussion: "Example: streamhouse-sim metrics > docs/metrics.md")

  func run() { Console.out(MetricReference.markdown) }
}
