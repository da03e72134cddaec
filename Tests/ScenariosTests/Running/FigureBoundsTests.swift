import Nodes
import Simulation
import Testing

@testable import Scenarios

/// The bounds that a scenario sets to a run's figures.
@Suite struct FigureBoundsTests {
  private func sample() throws -> RunResult {
    var result = RunResult(resolved: try scenario("name: x"), seed: 1)
    result.virtualSeconds = 10
    result.records = (sent: 1_000, acknowledged: 1_000, delivered: 900)
    (result.produceLatency.p50, result.produceLatency.p99, result.produceLatency.max) = (2, 9, 12)
    (result.endToEndLatency.p50, result.endToEndLatency.p99, result.endToEndLatency.max) = (100, 300, 400)
    result.cache = (hits: 90, misses: 10)
    result.producers.plainBytes = 1_000
    result.producers.encodedBytes = 750
    result.producers.connections.opened = 2
    result.producers.connections.messages = 10
    return result
  }

  private func missed(_ figures: String) throws -> [String] {
    try scenario("name: x\nexpect: {figures: \(figures)}").expect.figures.missed(by: try sample())
  }

  @Test(arguments: [
    ("{produceLatencyP50: {atMost: 1ms}}", "the produce latency's median is 2ms, more than 1ms"),
    ("{produceLatencyP99: {atMost: 8ms}}", "the produce latency's 99th percentile is 9ms, more than 8ms"),
    ("{produceLatencyMax: {atLeast: 13ms}}", "the longest produce latency is 12ms, less than 13ms"),
    ("{endToEndLatencyP50: {atMost: 99ms}}", "the end-to-end latency's median is 100ms, more than 99ms"),
    ("{endToEndLatencyP99: {atMost: 99ms}}", "the end-to-end latency's 99th percentile is 300ms, more than 99ms"),
    ("{endToEndLatencyMax: {atMost: 99ms}}", "the longest end-to-end latency is 400ms, more than 99ms"),
    ("{producedPerSecond: {atLeast: 101}}", "the number of records produced a second is 100, less than 101"),
    ("{consumedPerSecond: {atLeast: 91}}", "the number of records consumed a second is 90, less than 91"),
    ("{cacheHits: {atLeast: 91%}}", "the part of blocks that caches had is 90.00%, less than 91.00%"),
    (
      "{connectionsReused: {atLeast: 90%}}",
      "the part of messages that found an open connection is 80.00%, less than 90.00%"
    ),
    ("{compressionSaved: {atLeast: 30%}}", "the part of bytes that compression took off is 25.00%, less than 30.00%"),
  ])
  func eachBoundThatIsNotKeptIsMissed(figures: String, reason: String) throws {
    #expect(try missed(figures) == [reason])
  }

  @Test func boundsThatAreKeptAreNotMissed() throws {
    let figures =
      "{produceLatencyP50: {atMost: 2ms}, produceLatencyP99: {atLeast: 9ms, atMost: 9ms}, producedPerSecond: {atLeast: 100}, "
      + "consumedPerSecond: {atMost: 90}, cacheHits: {atLeast: 90%}, connectionsReused: {atMost: 80%}, compressionSaved: {atLeast: 25%}}"
    #expect(try missed(figures) == [])
  }

  @Test func aShareOfNothingKeepsToNoBound() throws {
    let bounds = try scenario("name: x\nexpect: {figures: {cacheHits: {atLeast: 0%}}}").expect.figures
    var result = try sample()
    result.cache = (0, 0)
    #expect(bounds.missed(by: result) == ["the part of blocks that caches had is unknown: there was nothing to count"])
  }

  @Test func aRunOutsideOfItsBoundsMissesWhatIsExpected() throws {
    let result = try scenario(
      smallCluster(seconds: 2, "expect: {figures: {produceLatencyP50: {atMost: 1us}, producedPerSecond: {atMost: 1}}}")
    ).run(seed: 1)
    #expect(result.verdict == .expectation)
    #expect(result.reasons.count == 2)
    let within = try scenario(
      smallCluster(
        seconds: 2, "expect: {figures: {producedPerSecond: {atLeast: 1}, connectionsReused: {atLeast: 50%}}}")
    ).run(seed: 1)
    #expect(within.verdict == .pass, "\(within.reasons)")
    #expect(within.producers.connections.opened > 0)
    #expect(within.producers.records == within.records.sent)
  }

  @Test func boundsThatNothingKeepsToAreRefused() {
    #expect(
      headlines("name: x\nexpect: {figures: {cacheHits: {atLeast: 90%, atMost: 80%}}}").first?.hasPrefix("s.yaml:2:")
        == true)
    #expect(
      headlines("name: x\nexpect: {figures: {cacheHitss: {}}}") == [
        "s.yaml:2:20: unknown key `cacheHitss`; did you mean `cacheHits`?"
      ])
  }

  @Test func loadThatBeginsLaterBeginsThen() throws {
    var first: VirtualTime?
    let result = try scenario(
      smallCluster(seconds: 3), "producers[0].begins=2s", "producers[1].begins=2s"
    ).run(seed: 1) { options in
      options.trace = { if $0.kind == "batchClosed", first == nil { first = $0.time } }
    }
    #expect(result.records.acknowledged == result.records.sent && result.records.sent > 0)
    #expect(try #require(first) >= .start + .seconds(2))
  }
}
