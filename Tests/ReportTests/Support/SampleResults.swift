import Nodes

@testable import Scenarios
@testable import Simulation

/// Results made by hand, for what pages and summaries do with them.
enum Sample {
  /// A run in which an agent crashes and everything held.
  static func calm() -> RunResult {
    var result = RunResult(resolved: scenario(), seed: 7)
    result.digest = 0x00AB_CDEF_0123_4567
    (result.events, result.messages) = (1_234_567, 89_012)
    (result.virtualSeconds, result.wallSeconds) = (62.5, 0.25)
    result.records = (sent: 75_000, acknowledged: 74_990, delivered: 74_980)
    (result.produceLatency.p50, result.produceLatency.p99, result.produceLatency.max) = (21.4, 311.5, 9_520.25)
    (result.endToEndLatency.p50, result.endToEndLatency.p99, result.endToEndLatency.max) = (120, 900, 12_500)
    result.cache = (hits: 300, misses: 100)
    (result.objectStore.put, result.objectStore.get) = (1_000, 2_500)
    (result.objectStore.bytesIn, result.objectStore.bytesOut) = (7_000_000, 900)
    result.faults = [FaultCount(kind: "crash", planned: 1, fired: 1)]
    result.probes = [("batchRetried", 40), ("leaseMoved", 2)]
    result.faultWindows = [
      FaultWindow(fault: .crash(host: "agent-2"), begin: at(30), end: at(35), event: 5_000)
    ]
    result.timeline = [
      TimelineEntry(at: at(30), event: 5_000, kind: .fault, text: "agent-2 crashes"),
      TimelineEntry(at: at(35), event: 5_000, kind: .fault, text: "agent-2 starts again"),
      TimelineEntry(at: at(60), event: 0, kind: .recovery, text: "faults stop; everything heals"),
    ]
    result.leaderships = [
      Leadership(partition: "orders/0", agent: "agent-2", epoch: 1, begin: at(1), end: at(30)),
      Leadership(partition: "orders/0", agent: "agent-1", epoch: 2, begin: at(37), end: nil),
    ]
    result.series = (0..<62).map { second in
      var figures = SecondFigures()
      (figures.acknowledged, figures.delivered) = (1_200 + second, second == 31 ? 0 : 1_190)
      (figures.produceP50, figures.produceP99) = second == 31 ? (0, 0) : (20 + Double(second), 9_000)
      return figures
    }
    result.healedAt = at(60)
    return result
  }

  /// A run in which invariants were violated.
  static func broken() -> RunResult {
    var result = calm()
    result.verdict = .safety
    result.violations = [
      Violation(
        .acknowledgedIsStored, at: at(40), "record producer-1#3 was acknowledged and is nowhere", events: [901, 950],
        records: ["producer-1#3"])
    ]
    result.violationCounts = [(invariant: .acknowledgedIsStored, count: 13)]
    result.timeline.append(
      TimelineEntry(at: at(61), event: 950, kind: .violation, text: "invariant A is violated"))
    result.lastEvents = (900...950).map { number in
      TracedEvent(
        number: number, cause: number == 900 ? 7 : number - 1, time: at(40), host: "agent-1", incarnation: 1,
        kind: "delivered", fields: "\"topic\":1,\"offset\":\(number)")
    }
    return result
  }

  /// The scenario of the samples.
  static func scenario() -> Scenario {
    var scenario = Scenario()
    scenario.name = "calm-cluster"
    scenario.teaches = String(repeating: "Producers batch records and send them to agents. ", count: 6)
    var topic = TopicShape()
    (topic.name, topic.partitions) = ("orders", 12)
    scenario.topics = [topic]
    var producers = ProducerGroup()
    (producers.count, producers.topic) = (50, "orders")
    scenario.producers = [producers]
    var consumers = ConsumerGroup()
    (consumers.count, consumers.topic) = (5, "orders")
    scenario.consumers = [consumers]
    return scenario
  }

  /// A point in virtual time.
  static func at(_ seconds: Int64) -> VirtualTime { .start + .seconds(seconds) }

  /// The command that repeats the samples.
  static let replay = "streamhouse-sim run scenarios/calm-cluster.yaml --seed 7"
}
