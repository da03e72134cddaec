import Nodes
import Simulation

/// Samples as JSON Lines, an object a series and time:
/// `{"seconds":1,"host":"agent-1","incarnation":1,"role":"agent","metric":"streamhouse_agent_appended_records_total","labels":{},"value":40}`.
///
/// The value of a histogram is an object: `{"count":2,"sum":0.031,"buckets":{"0.001":0,…,"+Inf":2}}`, each bucket with all that is not larger.
public enum MetricLines {
  /// The lines of a sample.
  public static func lines(_ sample: MetricSample) -> [String] {
    let head =
      "{\"seconds\":\(MetricText.seconds(sample.time.nanoseconds)),\"host\":\"\(sample.host.escapedForJSON)\","
      + "\"incarnation\":\(sample.incarnation),\"role\":\""
    return sample.points.map { point in
      let definition = point.definition
      let labels = zip(definition.labels, point.labels).map { "\"\($0)\":\"\($1.escapedForJSON)\"" }
      return head + definition.role.rawValue + "\",\"metric\":\"" + definition.name + "\",\"labels\":{"
        + labels.joined(separator: ",") + "},\"value\":" + value(point.value, definition.unit) + "}"
    }
  }

  private static func value(_ value: MetricValue, _ unit: MetricUnit) -> String {
    switch value {
    case .number(let number): return MetricText.value(number, unit)
    case .histogram(let histogram):
      let buckets = MetricText.buckets(histogram, unit).map { "\"\($0.bound)\":\($0.count)" }
      return
        "{\"count\":\(histogram.count),\"sum\":\(MetricText.value(histogram.sum, unit)),\"buckets\":{\(buckets.joined(separator: ","))}}"
    }
  }
}
