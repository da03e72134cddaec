import Nodes
import Simulation

/// How long partitions were without a leader and producers without an answer.
///
/// A partition is *led* from the time at which an agent's leadership begins until the agent takes no more batches for it, because it hands it over or has lost it, or until the agent's process ends. An agent that merely stalls counts as leading until another one begins; what its producers miss shows as a stall. Time before the first leader does not count.
///
/// A producer *stalls* while some batch of it is closed and its outcome is open: from its latest acknowledgement, or from the closing of the first such batch where nothing was outstanding, to its next acknowledgement. A batch that is given up ends no stall. Time before its first acknowledgement does not count: the cluster may only be starting.
struct Availability {
  private struct Tenure {
    let agent: HostID
    let epoch: Epoch
    let begin: VirtualTime
    var end: VirtualTime?
  }

  private struct Outstanding {
    let host: HostID
    let incarnation: Int
    var batches = 0
    var wasAnswered = false
    /// The latest acknowledgement, or when the first of the batches was closed.
    var since = VirtualTime.start
  }

  private var tenures: [TopicPartition: [Tenure]] = [:]
  private var producers: [UInt32: Outstanding] = [:]
  private var longestStall = VirtualDuration.zero
  /// How many batches ended without an acknowledgement.
  private(set) var failedSends = 0

  mutating func observe(_ event: HeardEvent, _ stamp: EventStamp) {
    switch event {
    case .workload(let event): observe(event, stamp)
    case .cluster(.leadershipBegan(let partition, let epoch, _)):
      tenures[partition, default: []].append(Tenure(agent: stamp.host, epoch: epoch, begin: stamp.time))
    case .cluster(.leadershipEnded(let partition, let epoch, _)): end(partition, epoch, stamp)
    case .agent(.leadershipFrozen(let partition, let epoch, _)): end(partition, epoch, stamp)
    case .cluster, .agent, .pipeline, .other: break
    }
  }

  private mutating func end(_ partition: TopicPartition, _ epoch: Epoch, _ stamp: EventStamp) {
    guard var known = tenures[partition],
      let index = known.lastIndex(where: { $0.agent == stamp.host && $0.epoch == epoch }), known[index].end == nil
    else { return }
    known[index].end = stamp.time
    tenures[partition] = known
  }

  private mutating func observe(_ event: WorkloadEvent, _ stamp: EventStamp) {
    switch event {
    case .batchClosed(let producer, _):
      var state = producers[producer] ?? Outstanding(host: stamp.host, incarnation: stamp.incarnation)
      if state.batches == 0 { state.since = stamp.time }
      state.batches += 1
      producers[producer] = state
    case .batchDelivered(let producer, let batch):
      guard var state = producers[producer] else { return }
      state.batches -= 1
      if case .acknowledged = batch.outcome {
        if state.wasAnswered { longestStall = max(longestStall, stamp.time - state.since) }
        state.wasAnswered = true
        state.since = stamp.time
      } else {
        failedSends += 1
      }
      producers[producer] = state
    default: break
    }
  }

  /// A machine's process died: what it led is led by nobody, and nobody waits there any more.
  mutating func crashed(_ machine: HostID, at time: VirtualTime) {
    for partition in tenures.keys.sorted() {
      guard var known = tenures[partition] else { continue }
      for index in known.indices where known[index].agent == machine && known[index].begin <= time {
        known[index].end = min(known[index].end ?? time, time)
      }
      tenures[partition] = known
    }
  }

  /// The figures of a run that ended at this time; `isRunning` tells whether an incarnation still runs.
  func figures(at end: VirtualTime, isRunning: (HostID, Int) -> Bool) -> AvailabilityFigures {
    var figures = AvailabilityFigures()
    figures.failedSends = failedSends
    figures.longestStall = longestStall
    for state in producers.values
    where state.wasAnswered && state.batches > 0 && isRunning(state.host, state.incarnation) {
      figures.longestStall = max(figures.longestStall, end - state.since)
    }
    for known in tenures.values {
      figures.longestLeaderless = max(figures.longestLeaderless, Self.longestGap(known, until: end))
    }
    return figures
  }

  private static func longestGap(_ tenures: [Tenure], until end: VirtualTime) -> VirtualDuration {
    var longest = VirtualDuration.zero
    var ledUntil: VirtualTime?
    for (index, tenure) in tenures.enumerated() {
      if let ledUntil, tenure.begin > ledUntil { longest = max(longest, tenure.begin - ledUntil) }
      let next = index + 1 < tenures.count ? tenures[index + 1].begin : end
      ledUntil = max(ledUntil ?? .start, tenure.end ?? next)
    }
    if let ledUntil, end > ledUntil { longest = max(longest, end - ledUntil) }
    return longest
  }
}

/// How long partitions were without a leader and producers without an answer, at the longest.
public struct AvailabilityFigures: Sendable, Hashable {
  /// The longest time that a partition was without a leader after it first had one.
  public var longestLeaderless = VirtualDuration.zero
  /// The longest time between two acknowledgements of a producer that had something outstanding.
  public var longestStall = VirtualDuration.zero
  /// How many batches ended without an acknowledgement: failed for good, or with an unknown outcome.
  public var failedSends = 0
  /// Makes zeros.
  public init() {}
}
