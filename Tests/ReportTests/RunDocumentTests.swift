import Foundation
import Testing

@testable import Report
@testable import Scenarios
@testable import Simulation

@Suite("The JSON document of a run")
struct RunDocumentTests {
  private func parsed(_ result: RunResult) throws -> [String: Any] {
    let json = RunDocument(result, replay: Sample.replay).json
    let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
    return try #require(value as? [String: Any])
  }

  @Test("It has exactly the fields that are promised")
  func fields() throws {
    let document = try parsed(Sample.broken())
    #expect(
      Set(document.keys) == [
        "scenario", "seed", "verdict", "reasons", "violations", "digest", "events", "messages", "virtualSeconds",
        "wallSeconds", "records", "throughput", "latencyMilliseconds", "availability", "clients", "producers", "cache",
        "s3", "faults", "probes", "replay",
      ])
    func keys(_ name: String) -> Set<String> { Set((document[name] as? [String: Any] ?? [:]).keys) }
    #expect(keys("records") == ["sent", "acknowledged", "delivered"])
    #expect(keys("throughput") == ["produced", "consumed"])
    #expect(keys("latencyMilliseconds") == ["produce", "endToEnd"])
    #expect(keys("availability") == ["longestLeaderlessSeconds", "longestStallSeconds", "failedSends"])
    #expect(
      keys("producers") == [
        "batches", "compressedBatches", "plainBytes", "encodedBytes", "tries", "messages", "connections",
      ])
    #expect(
      keys("clients") == [
        "duplicates", "nonmonotonicSends", "internalNonmonotonicSends", "realtimeLagSeconds", "atRisk", "lostAtRisk",
      ])
    #expect(keys("cache") == ["hits", "misses"])
    #expect(
      keys("s3") == [
        "put", "get", "list", "delete", "bytesIn", "bytesOut", "throttled", "dollars", "parts", "storedBytes",
        "orphanBytes", "storageDollars",
      ])
    #expect(keys("probes") == ["batchRetried", "leaseMoved"])
    let violation = try #require((document["violations"] as? [[String: Any]])?.first)
    #expect(Set(violation.keys) == ["invariant", "atSeconds", "summary", "events", "records"])
    let fault = try #require((document["faults"] as? [[String: Any]])?.first)
    #expect(Set(fault.keys) == ["kind", "planned", "fired"])
  }

  @Test("Its values are the result's")
  func values() throws {
    let document = try parsed(Sample.broken())
    #expect(document["scenario"] as? String == "calm-cluster")
    #expect(document["seed"] as? Int == 7)
    #expect(document["verdict"] as? String == "safety")
    #expect(document["digest"] as? String == "00abcdef01234567")
    #expect(document["replay"] as? String == Sample.replay)
    #expect((document["throughput"] as? [String: Double])?["produced"] == 74_990 / 62.5)
    #expect((document["s3"] as? [String: Double])?["dollars"] == 0.006)
    #expect((document["violations"] as? [[String: Any]])?.first?["invariant"] as? String == "A")
  }

  @Test("Numbers are plain decimals, and what is no number is null")
  func numbers() {
    var result = Sample.calm()
    (result.virtualSeconds, result.wallSeconds) = (1e20, 1e-9)
    result.produceLatency.max = .nan
    let json = RunDocument(result, replay: "").json
    #expect(json.contains("\"virtualSeconds\": 100000000000000000000,"))
    #expect(json.contains("\"wallSeconds\": 0.000000001,"))
    #expect(json.contains("\"max\": null"))
  }

  @Test("Hostile texts are escaped and read back")
  func escaping() throws {
    var result = Sample.calm()
    let name = "a\"b\\c\n\t\u{1}</script>é"
    result.resolved.name = name
    result.reasons = [name]
    let document = try parsed(result)
    #expect(document["scenario"] as? String == name)
    #expect(document["reasons"] as? [String] == [name])
  }

  @Test("The same result is the same bytes")
  func stable() {
    let (one, other) = (RunDocument(Sample.broken(), replay: "x"), RunDocument(Sample.broken(), replay: "x"))
    #expect(one.json == other.json)
  }
}
