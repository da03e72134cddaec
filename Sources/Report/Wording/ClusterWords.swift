import Nodes
import Scenarios
import Simulation

/// A scenario's cluster and workload in a few sentences.
enum ClusterWords {
  /// The machines.
  static func machines(_ scenario: Scenario) -> String {
    let partitions = scenario.topics.reduce(0) { $0 + $1.partitions }
    var parts = [Numerals.count(scenario.cluster.agents, "agent")]
    if scenario.cluster.zones > 1 { parts[0] += " in \(scenario.cluster.zones) zones" }
    parts.append(
      Numerals.count(partitions, "partition") + " in " + Numerals.count(scenario.topics.count, "topic"))
    parts.append("object store preset \(scenario.objectStore.preset.rawValue)")
    return parts.joined(separator: ", ")
  }

  /// Who writes and reads.
  static func workload(_ scenario: Scenario) -> String {
    var parts = scenario.producers.prefix(3).map { group in
      "\(Numerals.count(group.count, "producer")) at \(group.rate) of \(Numerals.bytes(UInt64(max(group.valueBytes, 0))))"
        + " to \(group.topic) (\(acknowledgement(group.client)))"
    }
    let others = scenario.producers.dropFirst(3).reduce(0) { $0 + $1.count }
    if others > 0 { parts.append(Numerals.count(others, "more producer")) }
    let consumers = scenario.consumers.reduce(0) { $0 + $1.count }
    parts.append(Numerals.count(consumers, "consumer"))
    let pipelines = scenario.pipelines.reduce(0) { $0 + $1.count * $1.rivals }
    if pipelines > 0 { parts.append(Numerals.count(pipelines, "pipeline")) }
    return parts.joined(separator: "; ")
  }

  private static func acknowledgement(_ client: ProducerConfiguration) -> String {
    let level =
      switch client.acknowledgement {
      case .none: "unacknowledged"
      case .buffered: "buffered"
      case .durable: "durable"
      }
    return client.isIdempotent ? "\(level), idempotent" : level
  }

  /// How long, and from which seed.
  static func course(_ result: RunResult) -> String {
    let scenario = result.resolved
    return "seed \(result.seed); \(scenario.duration) of work, then at most \(scenario.settle) to come to rest"
  }

  /// The original's defects that are switched on; nil for none.
  static func defects(_ scenario: Scenario) -> String? {
    scenario.defects.isEmpty ? nil : scenario.defects.map(\.rawValue).joined(separator: ", ")
  }
}
