/// The checks on which the protocol's safety rests, each at one place in the nodes.
///
/// A run may leave some out, to see what each of them is for.
public struct Safeguards: OptionSet, Sendable, Hashable {
  /// The value as stored.
  public let rawValue: UInt64
  /// Makes a set of its bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The metadata service registers a segment only under the partition's current epoch.
  public static let epochIsCurrent = Safeguards(rawValue: 1 << 0)
  /// The metadata service registers a segment only where the watermark stands.
  public static let baseIsWatermark = Safeguards(rawValue: 1 << 1)
  /// An agent puts a segment only where there is no object yet.
  public static let putIsConditional = Safeguards(rawValue: 1 << 2)
  /// An agent appends only while its lease holds by its own clock.
  public static let leaseHoldsBeforeAppend = Safeguards(rawValue: 1 << 3)
  /// An agent acknowledges a logged batch only while its lease still holds.
  public static let leaseHoldsBeforeAcknowledgement = Safeguards(rawValue: 1 << 4)
  /// An agent that lost its lease stops writing segments.
  public static let writerEndsWithLease = Safeguards(rawValue: 1 << 5)
  /// A producer's batches are taken in the order of their sequence numbers, each once.
  public static let sequenceIsNext = Safeguards(rawValue: 1 << 6)
  /// An agent counts a batch as taken while it is on its way, and not only once it is stored.
  public static let batchesInFlightCount = Safeguards(rawValue: 1 << 7)
  /// A producer that gives a numbered batch up numbers anew, so that no gap is left.
  public static let givenUpNumberIsReplaced = Safeguards(rawValue: 1 << 8)
  /// The metadata service lets only the holder of a lease give it back.
  public static let releaserHoldsLease = Safeguards(rawValue: 1 << 9)

  /// The metadata service counts records of a transaction that is not open as aborted.
  public static let transactionIsOpen = Safeguards(rawValue: 1 << 30)
  /// The metadata service commits a transaction only when all records that its producer names are registered.
  public static let commitIsComplete = Safeguards(rawValue: 1 << 31)
  /// The metadata service keeps readers of committed records before the first record of an open transaction.
  public static let openTransactionsHoldReaders = Safeguards(rawValue: 1 << 32)
  /// The metadata service tells readers of committed records which offsets were aborted.
  public static let abortedOffsetsAreTold = Safeguards(rawValue: 1 << 33)

  /// The metadata service stores a group's positions only for a member that owns the partition without a break.
  public static let committerOwnsPartition = Safeguards(rawValue: 1 << 20)

  /// All of them.
  public static let all = Safeguards(rawValue: ~0)
}

/// Asserts what a safeguard demands: throws `error` when the condition does not hold and the safeguard is in force.
@inline(__always)
func require<Failure: Error>(
  _ safeguard: Safeguards, of safeguards: Safeguards, _ condition: Bool, else error: @autoclosure () -> Failure
) throws(Failure) {
  if !condition && safeguards.contains(safeguard) { throw error() }
}
