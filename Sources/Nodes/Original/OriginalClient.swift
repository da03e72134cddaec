import DequeModule
import Simulation

/// How the original StreamHouse's client treats answers.
enum OriginalClient {
  /// Which batch an answer is for: those who wait stand in a queue of their own, and each answer goes to the first.
  static func first(waitingIn queue: Deque<OutgoingBatch>) -> OutgoingBatch? {
    queue.first { if case .sent = $0.state { true } else { false } }
  }

  /// Whether a refusal ends a batch: its agent is found out once, and one that does not lead any more is not retried.
  static func isFinal(_ refusal: ProduceError) -> Bool {
    switch refusal {
    case .notLeader, .moved: true
    default: false
    }
  }

  /// Whether a batch may be closed: one task goes from partition to partition and waits at each for its answer; what comes meanwhile grows one batch, however large, since its caps only say when it is ready.
  static func mayClose(_ lane: Lane) -> Bool { lane.queue.isEmpty }

  /// Whether a flush takes a batch: it looks for batches that are ready, and a young one is not.
  static func flushes(_ batch: OutgoingBatch, _ configuration: ProducerConfiguration, at now: VirtualTime) -> Bool {
    batch.tags.count >= configuration.batchRecords || batch.size >= configuration.batchBytes
      || batch.appendedAt + configuration.linger <= now
  }

  /// What closing returns: success, whatever has become of the batches.
  static func closed(_ summary: DeliverySummary, ofAll records: Int) -> DeliverySummary {
    var told = summary
    told.acknowledged = records
    told.failed = 0
    told.unknown = 0
    return told
  }
}
