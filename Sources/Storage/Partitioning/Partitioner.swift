/// How a producer chooses the partition of a record.
///
/// Records without a key go round robin, except with `sticky`. (The original's client takes the nanoseconds of its
/// wall clock instead, which makes its choice different in every run.)
public enum Partitioner: String, Sendable, Hashable, CaseIterable {
  /// SipHash-2-4 of the key modulo the partitions: the original's client.
  case keyHash
  /// SipHash-1-3 of the key modulo the partitions: the original's topic writer.
  case sipHash13
  /// murmur2 of the key with the top bit cleared, modulo the partitions: Kafka's clients.
  case murmur2
  /// murmur2 of the key with all 32 bits, modulo the partitions: the original's REST interface.
  case murmur2Unmasked
  /// Each record goes to the next partition, whatever its key.
  case roundRobin
  /// Records without a key stay with one partition until its batch is closed, which makes batches larger; keys as
  /// with `keyHash`.
  case sticky
}

/// A partitioner at work: it remembers whose turn it is.
public struct PartitionerState: Sendable, Hashable {
  /// How partitions are chosen.
  public let partitioner: Partitioner
  private var turn: UInt64 = 0

  /// Begins with the first partition.
  public init(_ partitioner: Partitioner) {
    self.partitioner = partitioner
  }

  /// The partition for a record with this key, in `0..<partitionCount`; 0 when there is no partition to choose from.
  public mutating func partition(forKey key: [UInt8]?, partitionCount: Int) -> Int {
    guard partitionCount > 0 else { return 0 }
    let count = UInt64(partitionCount)
    guard partitioner != .roundRobin, let key else { return Int(takeTurn() % count) }
    let hash: UInt64 =
      switch partitioner {
      case .keyHash, .sticky, .roundRobin: SipHash.hash24(key)
      case .sipHash13: SipHash.hash13(key)
      case .murmur2: UInt64(Murmur2.hash(key) & 0x7FFF_FFFF)
      case .murmur2Unmasked: UInt64(Murmur2.hash(key))
      }
    return Int(hash % count)
  }

  private mutating func takeTurn() -> UInt64 {
    let current = turn
    if partitioner != .sticky { turn &+= 1 }
    return current
  }

  /// Tells that the batch being filled was closed: `sticky` goes on with the next partition.
  public mutating func batchClosed() {
    if partitioner == .sticky { turn &+= 1 }
  }
}
