import DequeModule

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
}
