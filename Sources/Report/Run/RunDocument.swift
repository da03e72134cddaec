import Nodes
import Scenarios
import Simulation

/// A run as one JSON document, for programs.
public struct RunDocument: Sendable {
  private let result: RunResult
  private let replay: String

  /// Wraps a result.
  ///
  /// - Parameter replay: The command that repeats the run.
  public init(_ result: RunResult, replay: String) {
    self.result = result
    self.replay = replay
  }

  /// The document on one line.
  public var json: String { JSON.object(identity + figures + faultsAndProbes).text }

  private var identity: [(String, JSON)] {
    [
      ("scenario", .text(result.resolved.name)), ("seed", .count(result.seed)),
      ("verdict", .text(result.verdict.rawValue)), ("reasons", .list(result.reasons.map { .text($0) })),
      ("violations", .list(result.violations.map(Self.violation))),
      ("digest", .text(result.digest.sixteenDigits)), ("events", .count(result.events)),
      ("messages", .count(result.messages)), ("virtualSeconds", .decimal(result.virtualSeconds)),
      ("wallSeconds", .decimal(result.wallSeconds)),
    ]
  }

  private static func violation(_ violation: Violation) -> JSON {
    .object([
      ("invariant", .text(violation.invariant.rawValue)), ("atSeconds", .decimal(violation.at.seconds)),
      ("summary", .text(violation.summary)), ("events", .list(violation.events.map { .count($0) })),
      ("records", .list(violation.records.map { .text($0) })),
    ])
  }

  private var figures: [(String, JSON)] {
    let seconds = max(result.virtualSeconds, 0.000_001)
    let store = result.objectStore
    return [
      (
        "records",
        .object([
          ("sent", .count(result.records.sent)), ("acknowledged", .count(result.records.acknowledged)),
          ("delivered", .count(result.records.delivered)),
        ])
      ),
      (
        "throughput",
        .object([
          ("produced", .decimal(Double(result.records.acknowledged) / seconds)),
          ("consumed", .decimal(Double(result.records.delivered) / seconds)),
        ])
      ),
      (
        "latencyMilliseconds",
        .object([
          ("produce", Self.latency(result.produceLatency)), ("endToEnd", Self.latency(result.endToEndLatency)),
        ])
      ),
      ("cache", .object([("hits", .count(result.cache.hits)), ("misses", .count(result.cache.misses))])),
      (
        "s3",
        .object([
          ("put", .count(store.put)), ("get", .count(store.get)), ("list", .count(store.list)),
          ("delete", .count(store.delete)), ("bytesIn", .count(store.bytesIn)), ("bytesOut", .count(store.bytesOut)),
          ("throttled", .count(store.throttled)), ("dollars", .decimal(store.dollars)),
        ])
      ),
    ]
  }

  private static func latency(_ figures: LatencyFigures) -> JSON {
    .object([("p50", .decimal(figures.p50)), ("p99", .decimal(figures.p99)), ("max", .decimal(figures.max))])
  }

  private var faultsAndProbes: [(String, JSON)] {
    [
      (
        "faults",
        .list(
          result.faults.map {
            .object([("kind", .text($0.kind)), ("planned", .count($0.planned)), ("fired", .count($0.fired))])
          })
      ),
      ("probes", .object(result.probes.map { ($0.name, .count($0.count)) })),
      ("replay", .text(replay)),
    ]
  }
}
