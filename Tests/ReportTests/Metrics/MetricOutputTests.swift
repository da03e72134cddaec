import Foundation
import Nodes
import Simulation
import Testing

@testable import Report

@Suite("Metrics as text")
struct MetricOutputTests {
  private func sample(at time: VirtualTime, records: Int64) -> MetricSample {
    let sample = MetricSample(time: time, host: "agent-1", incarnation: 2)
    sample.set(AgentMetric.appendedRecords, records)
    sample.set(AgentMetric.leaseMargin, .milliseconds(-1_250))
    sample.set(MetadataMetric.watermark, 9, "a \"topic\"\n\\", "0")
    var histogram = MetricHistogram(ProducerMetric.batchRecords.definition.bounds)
    for value: Int64 in [1, 3, 2_000] { histogram.record(value) }
    sample.set(ProducerMetric.batchRecords, histogram)
    return sample
  }

  @Test("A line of JSON is one series at one time")
  func lines() throws {
    let lines = MetricLines.lines(sample(at: .start + .milliseconds(1_500), records: 40))
    #expect(
      lines[0]
        == "{\"seconds\":1.5,\"host\":\"agent-1\",\"incarnation\":2,\"role\":\"agent\",\"metric\":\"streamhouse_agent_appended_records_total\",\"labels\":{},\"value\":40}"
    )
    #expect(lines[1].hasSuffix("\"metric\":\"streamhouse_agent_lease_margin_seconds\",\"labels\":{},\"value\":-1.25}"))
    let documents = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(documents[2]["labels"] as? [String: String] == ["topic": "a \"topic\"\n\\", "partition": "0"])
    let value = try #require(documents[3]["value"] as? [String: Any])
    #expect(value["count"] as? Int == 3)
    #expect(value["sum"] as? Int == 2_004)
    let buckets = try #require(value["buckets"] as? [String: Int])
    #expect(buckets["1"] == 1 && buckets["5"] == 2 && buckets["1000"] == 2 && buckets["+Inf"] == 3)
  }

  @Test("The exposition has families in one piece, with their type, unit and description, and ends with EOF")
  func exposition() throws {
    var text = OpenMetricsText()
    text.add(sample(at: .start + .seconds(1), records: 40))
    text.add(sample(at: .start + .milliseconds(2_250), records: 45))
    var lines: [String] = []
    text.write { lines.append($0) }
    let description = AgentMetric.appendedRecords.definition.description
    #expect(
      lines.prefix(5) == [
        "# TYPE streamhouse_agent_appended_records counter", "# UNIT streamhouse_agent_appended_records records",
        "# HELP streamhouse_agent_appended_records \(description)",
        "streamhouse_agent_appended_records_total{host=\"agent-1\",incarnation=\"2\"} 40 1704067201",
        "streamhouse_agent_appended_records_total{host=\"agent-1\",incarnation=\"2\"} 45 1704067202.25",
      ])
    #expect(
      lines.contains(
        "streamhouse_metadata_high_watermark_offset{host=\"agent-1\",incarnation=\"2\",topic=\"a \\\"topic\\\"\\n\\\\\",partition=\"0\"} 9 1704067201"
      ))
    let buckets = lines.filter { $0.hasPrefix("streamhouse_producer_batch_records") && $0.hasSuffix(" 1704067201") }
    let head = "streamhouse_producer_batch_records"
    let labels = "host=\"agent-1\",incarnation=\"2\""
    #expect(buckets[0] == "\(head)_bucket{\(labels),le=\"1.0\"} 1 1704067201")
    #expect(buckets.suffix(3)[buckets.endIndex - 3] == "\(head)_bucket{\(labels),le=\"+Inf\"} 3 1704067201")
    #expect(buckets.suffix(2) == ["\(head)_count{\(labels)} 3 1704067201", "\(head)_sum{\(labels)} 2004 1704067201"])
    #expect(lines.last == "# EOF")
    #expect(lines.filter { $0 == "# EOF" }.count == 1)
  }

  @Test("Values are exact, whatever their scale")
  func values() {
    #expect(MetricText.value(0, .seconds) == "0")
    #expect(MetricText.value(1, .seconds) == "0.000000001")
    #expect(MetricText.value(-1_500_000_000, .seconds) == "-1.5")
    #expect(MetricText.value(.max, .seconds) == "9223372036.854775807")
    #expect(MetricText.value(.min, .seconds) == "-9223372036.854775808")
    #expect(MetricText.value(250_000, .ratio) == "0.25")
    #expect(MetricText.value(.min, .records) == "-9223372036854775808")
  }

  @Test("docs/metrics.md is the catalogue as the command prints it")
  func reference() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = try String(contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
    #expect(file == MetricReference.markdown + "\n", "write it anew: streamhouse-sim metrics > docs/metrics.md")
  }
}
