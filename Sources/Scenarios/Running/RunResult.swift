import Nodes
import Simulation

/// How a run ended.
public enum Verdict: String, Sendable, Hashable {
  /// Everything held, and what was expected was seen.
  case pass
  /// An invariant was violated.
  case safety
  /// The cluster did not come back to work, or did not come to rest.
  case liveness
  /// What the scenario expects was not seen.
  case expectation
  /// A bound on events or real time was reached.
  case unfinished

  /// The process's exit status.
  public var exitStatus: Int32 {
    switch self {
    case .pass: 0
    case .safety: 1
    case .liveness: 2
    case .expectation: 3
    case .unfinished: 4
    }
  }
}

/// All that a run has to tell.
public struct RunResult: Sendable {
  /// The scenario with everything written out that was drawn, message faults included: run again, it gives the same digest.
  public var resolved: Scenario
  /// The seed.
  public var seed: UInt64
  /// How it ended.
  public var verdict = Verdict.pass
  /// Why, when it did not pass: one sentence each.
  public var reasons: [String] = []
  /// What the cluster lacks for ever, so that it cannot come to rest: no fault of its own. Nil when it came to rest, or should have.
  public var rightlyStuck: String?
  /// What was violated; of each invariant the first few.
  public var violations: [Violation] = []
  /// How often each invariant was violated, those not told included.
  public var violationCounts: [(invariant: InvariantName, count: Int)] = []
  /// The digest of all events.
  public var digest: UInt64 = 0
  /// How many events there were.
  public var events: UInt64 = 0
  /// How many messages were sent.
  public var messages: UInt64 = 0
  /// How much virtual time passed.
  public var virtualSeconds = 0.0
  /// How much real time passed.
  public var wallSeconds = 0.0
  /// Records sent, acknowledged, and handed to applications.
  public var records = (sent: 0, acknowledged: 0, delivered: 0)
  /// Latencies of batches: from the first record's append to the acknowledgement.
  public var produceLatency = LatencyFigures()
  /// Latencies of records: from the append of their batch's first record to the poll that hands them out.
  public var endToEndLatency = LatencyFigures()
  /// How long partitions were without a leader and producers without an answer.
  public var availability = AvailabilityFigures()
  /// Which bounds of `expect` on what users notice were not kept.
  public var missedBounds: [ExpectedBound] = []
  /// What clients lived through that breaks no promise.
  public var clients = ClientFigures()
  /// What consumers' caches had and had not.
  public var cache = (hits: UInt64(0), misses: UInt64(0))
  /// What producers sent, in how many messages on how many connections, and what compression saved.
  public var producers = ProducerStatistics()
  /// What was asked of the object store.
  public var objectStore = ObjectStoreUsage()
  /// Faults planned and fired.
  public var faults: [FaultCount] = []
  /// Probes hit.
  public var probes: [(name: String, count: Int)] = []
  /// The choices other than the ordinary course.
  public var choices: [Choice] = []
  /// What mattered, by time.
  public var timeline: [TimelineEntry] = []
  /// Faults by begin and end, for shading.
  public var faultWindows: [FaultWindow] = []
  /// Who led which partition when.
  public var leaderships: [Leadership] = []
  /// Figures for each second of virtual time.
  public var series: [SecondFigures] = []
  /// The last events; kept when asked for.
  public var lastEvents: [TracedEvent] = []
  /// The nodes' states at the end, when the run was to stop at an event.
  public var snapshots: [(host: String, snapshot: Snapshot)] = []
  /// When the faults stopped; nil when the run ended before.
  public var healedAt: VirtualTime?

  /// Makes the result of a run that has not told anything yet.
  public init(resolved: Scenario, seed: UInt64) {
    self.resolved = resolved
    self.seed = seed
  }
}

extension RunResult {
  /// Records acknowledged in a virtual second, over the whole run.
  public var producedPerSecond: Double { perSecond(records.acknowledged) }

  /// Records handed to applications in a virtual second, over the whole run.
  public var consumedPerSecond: Double { perSecond(records.delivered) }

  private func perSecond(_ count: Int) -> Double { virtualSeconds > 0 ? Double(count) / virtualSeconds : 0 }

  /// The part of the blocks asked for that consumers' caches had; nil when none was asked for.
  public var cacheHitShare: Double? {
    let all = cache.hits + cache.misses
    return all > 0 ? Double(cache.hits) / Double(all) : nil
  }
}

/// Quantiles of latencies.
public struct LatencyFigures: Sendable, Hashable {
  /// The median in milliseconds.
  public var p50 = 0.0
  /// 99 of 100 are at most this, in milliseconds.
  public var p99 = 0.0
  /// The longest in milliseconds.
  public var max = 0.0
  /// Makes zeros.
  public init() {}
}

/// Something that mattered, in a line.
public struct TimelineEntry: Sendable, Hashable {
  /// When.
  public let at: VirtualTime
  /// The event.
  public let event: UInt64
  /// What kind of thing it was.
  public let kind: Kind
  /// What happened, in words.
  public let text: String

  /// What kind of thing an entry tells.
  public enum Kind: String, Sendable, Hashable {
    /// Something began or ceased to go wrong.
    case fault
    /// A lease moved or ended.
    case lease
    /// Something was brought back in order.
    case recovery
    /// An invariant was seen to be broken.
    case violation
  }
}

/// A stretch of time in which an agent led a partition.
public struct Leadership: Sendable, Hashable {
  /// The partition, such as `orders/3`.
  public let partition: String
  /// The agent.
  public let agent: String
  /// The epoch.
  public let epoch: Epoch
  /// From when.
  public let begin: VirtualTime
  /// Until when; nil when it still led at the end.
  public var end: VirtualTime?
}

/// What happened in one second of virtual time.
public struct SecondFigures: Sendable, Hashable {
  /// Records acknowledged.
  public var acknowledged = 0
  /// Records handed to applications.
  public var delivered = 0
  /// The median produce latency of the second's batches, in milliseconds.
  public var produceP50 = 0.0
  /// The 99th of 100, in milliseconds.
  public var produceP99 = 0.0
  /// Makes zeros.
  public init() {}
}
