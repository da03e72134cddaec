import Nodes
import Scenarios
import Simulation
import Storage

/// What `run --json` prints: everything a program wants to know of a run, in a stable order.
public struct RunDocument: Sendable {
  private let result: RunResult
  private let replay: String

  /// Prepares the document.
  ///
  /// - Parameter replay: The command that repeats the run.
  public init(_ result: RunResult, replay: String) {
    self.result = result
    self.replay = replay
  }

  /// The document, without a line break at its end.
  public var json: String { value.pretty }

  private var value: JSON {
    [
      "scenario": .text(result.resolved.name),
      "seed": .number(result.seed),
      "verdict": .text(result.verdict.rawValue),
      "reasons": .array(result.reasons.map(JSON.text)),
      "violations": .array(result.violations.map(Self.value(of:))),
      "digest": .text(result.digest.sixteenDigits),
      "events": .number(result.events),
      "messages": .number(result.messages),
      "virtualSeconds": .number(result.virtualSeconds),
      "wallSeconds": .number(result.wallSeconds),
      "records": [
        "sent": .number(result.records.sent), "acknowledged": .number(result.records.acknowledged),
        "delivered": .number(result.records.delivered),
      ],
      "throughput": ["produced": .number(Figures.produced(result)), "consumed": .number(Figures.consumed(result))],
      "latencyMilliseconds": [
        "produce": Self.value(of: result.produceLatency), "endToEnd": Self.value(of: result.endToEndLatency),
      ],
      "availability": [
        "longestLeaderlessSeconds": .number(Self.seconds(result.availability.longestLeaderless)),
        "longestStallSeconds": .number(Self.seconds(result.availability.longestStall)),
        "failedSends": .number(result.availability.failedSends),
      ],
      "producers": Self.value(of: result.producers),
      "clients": Self.value(of: result.clients),
      "cache": ["hits": .number(result.cache.hits), "misses": .number(result.cache.misses)],
      "s3": Self.value(of: result.objectStore),
      "faults": .array(result.faults.map(Self.value(of:))),
      "probes": .object(result.probes.map { JSON.Member($0.name, .number($0.count)) }),
      "replay": .text(replay),
    ]
  }

  private static func value(of violation: Violation) -> JSON {
    [
      "invariant": .text(violation.invariant.rawValue), "atSeconds": .number(violation.at.seconds),
      "summary": .text(violation.summary), "events": .array(violation.events.map(JSON.number)),
      "records": .array(violation.records.map(JSON.text)),
    ]
  }

  private static func value(of clients: ClientFigures) -> JSON {
    [
      "duplicates": .number(clients.order.duplicates), "nonmonotonicSends": .number(clients.order.misplaced),
      "internalNonmonotonicSends": .number(clients.order.misplacedInBatch),
      "realtimeLagSeconds": .number(seconds(clients.realtimeLag)), "atRisk": .number(clients.atRisk.records),
      "lostAtRisk": .number(clients.atRisk.lost),
    ]
  }

  private static func seconds(_ duration: VirtualDuration) -> Double { Double(duration.nanoseconds) / 1_000_000_000 }

  private static func value(of latency: LatencyFigures) -> JSON {
    ["p50": .number(latency.p50), "p99": .number(latency.p99), "max": .number(latency.max)]
  }

  private static func value(of producers: ProducerStatistics) -> JSON {
    let connections = producers.connections
    return [
      "batches": .number(producers.batches), "compressedBatches": .number(producers.compressedBatches),
      "plainBytes": .number(producers.plainBytes), "encodedBytes": .number(producers.encodedBytes),
      "tries": .number(producers.tries), "messages": .number(producers.messages),
      "connections": [
        "opened": .number(connections.opened), "failedToOpen": .number(connections.failedToOpen),
        "closedIdle": .number(connections.closedIdle), "closedUnhealthy": .number(connections.closedUnhealthy),
        "reused": .number(connections.reused),
      ],
    ]
  }

  private static func value(of usage: ObjectStoreUsage) -> JSON {
    [
      "put": .number(usage.put), "get": .number(usage.get), "list": .number(usage.list),
      "delete": .number(usage.delete), "bytesIn": .number(usage.bytesIn), "bytesOut": .number(usage.bytesOut),
      "throttled": .number(usage.throttled), "dollars": .decimal(Numerals.exactDollars(nano: usage.nanoDollars)),
      "parts": .number(usage.parts), "storedBytes": .number(usage.storedBytes),
      "orphanBytes": .number(usage.orphanBytes),
      "storageDollars": .decimal(Numerals.exactDollars(nano: usage.storageNanoDollars)),
    ]
  }

  private static func value(of count: FaultCount) -> JSON {
    ["kind": .text(count.kind), "planned": .number(count.planned), "fired": .number(count.fired)]
  }
}
