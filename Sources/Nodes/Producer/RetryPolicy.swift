import Simulation

/// When a producer sends a batch again, and when it gives it up.
///
/// The wait doubles from try to try up to a limit; then it is spread by a quarter each way, so that many who failed together do not come back together. A batch is given up when it was tried often enough or when its time is over, whichever comes first.
public struct RetryPolicy: Sendable, Hashable {
  /// The wait before the second try.
  public var firstWait = VirtualDuration.milliseconds(100)
  /// The longest wait, before it is spread.
  public var longestWait = VirtualDuration.seconds(2)
  /// How often a batch is sent again at the most; nil leaves that to `deliveryTimeout`.
  public var maximumRetries: Int?
  /// How long one try may take.
  public var requestTimeout = VirtualDuration.seconds(10)
  /// How long after its closing a batch is given up.
  public var deliveryTimeout = VirtualDuration.seconds(60)

  /// Makes the policy of a producer that rather waits than loses.
  public init() {}

  /// The wait before a retry, before it is spread; the first retry is number 0.
  public func wait(beforeRetry number: Int) -> VirtualDuration {
    var wait = firstWait
    for _ in 0..<min(number, 63) where wait < longestWait { wait = wait * 2 }
    return min(wait, longestWait)
  }

  /// The same spread evenly over three quarters to five quarters of it.
  func spreadWait(beforeRetry number: Int, _ randomness: inout RandomGenerator) -> VirtualDuration {
    let wait = wait(beforeRetry: number)
    let spread = UInt64(max(wait.nanoseconds / 2, 1))
    return wait * 3 / 4 + VirtualDuration(nanoseconds: Int64(randomness.below(spread)))
  }

  /// Whether a batch that was sent so often may be sent once more.
  func allowsRetry(after attempts: Int) -> Bool { maximumRetries.map { attempts <= $0 } ?? true }
}

extension ProduceError {
  /// Whether the same batch may be taken another time: elsewhere, later, or when what is missing has come.
  public var isRetriable: Bool {
    switch self {
    case .notLeader, .moved, .overloaded, .quotaExceeded, .outOfSequence, .outcomeUnknown: true
    case .producerFenced, .invalid, .transactionOver: false
    }
  }
}
