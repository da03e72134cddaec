import Nodes
import Simulation

/// Gathers the samples of a run and writes them in OpenMetrics' text format, with timestamps: what Prometheus' `promtool tsdb create-blocks-from openmetrics` takes in.
///
/// All samples of a series stand together there, so that nothing can be written before the run is over. Timestamps are those of a wall clock that is right, which begins at ``Simulation/epochMilliseconds``.
public struct OpenMetricsText {
  private struct Series: Hashable {
    let host: String
    let incarnation: Int
    let labels: [String]
  }

  private struct Family {
    var order: [Series] = []
    var samples: [Series: [(time: Int64, value: MetricValue)]] = [:]
  }

  /// By place in the catalogue.
  private var families = [Family](repeating: Family(), count: MetricCatalogue.all.count)

  /// Makes an exposition of nothing.
  public init() {}

  /// Takes a sample in; samples come in order of their times.
  public mutating func add(_ sample: MetricSample) {
    for point in sample.points {
      let series = Series(host: sample.host, incarnation: sample.incarnation, labels: point.labels)
      let value = (time: sample.time.nanoseconds, value: point.value)
      if families[point.index].samples[series]?.append(value) == nil {
        families[point.index].order.append(series)
        families[point.index].samples[series] = [value]
      }
    }
  }

  /// Hands out the lines, the last being `# EOF`.
  public func write(_ line: (String) -> Void) {
    for (definition, family) in zip(MetricCatalogue.all, families) where !family.order.isEmpty {
      line("# TYPE \(definition.family) \(definition.kind.rawValue)")
      line("# UNIT \(definition.family) \(definition.unit.rawValue)")
      line("# HELP \(definition.family) \(Self.escaped(definition.description))")
      for series in family.order {
        let labels = Self.labels(definition, series)
        for (time, value) in family.samples[series] ?? [] {
          Self.write(definition, labels, value, " \(Self.timestamp(time))", line)
        }
      }
    }
    line("# EOF")
  }

  private static func write(
    _ definition: MetricDefinition, _ labels: String, _ value: MetricValue, _ time: String, _ line: (String) -> Void
  ) {
    switch value {
    case .number(let number):
      line("\(definition.name){\(labels)} \(MetricText.value(number, definition.unit))\(time)")
    case .histogram(let histogram):
      for bucket in MetricText.buckets(histogram, definition.unit) {
        // Bounds are floating-point numbers by the format's rules.
        let bound = bucket.bound.contains { $0 == "." || $0 == "I" } ? bucket.bound : bucket.bound + ".0"
        line("\(definition.family)_bucket{\(labels),le=\"\(bound)\"} \(bucket.count)\(time)")
      }
      line("\(definition.family)_count{\(labels)} \(histogram.count)\(time)")
      line("\(definition.family)_sum{\(labels)} \(MetricText.value(histogram.sum, definition.unit))\(time)")
    }
  }

  private static func labels(_ definition: MetricDefinition, _ series: Series) -> String {
    let own = zip(definition.labels, series.labels).map { ",\($0)=\"\(escaped($1))\"" }.joined()
    return "host=\"\(escaped(series.host))\",incarnation=\"\(series.incarnation)\"\(own)"
  }

  /// As the format has it in labels and descriptions.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }

  private static func timestamp(_ nanoseconds: Int64) -> String {
    MetricText.seconds(Int64(Simulation.epochMilliseconds) * 1_000_000 + nanoseconds)
  }
}
