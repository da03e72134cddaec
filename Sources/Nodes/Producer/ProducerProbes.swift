import Simulation

// The states of a producer worth reaching.
extension Probe {
  /// Batches of several partitions left in one message.
  public static let batchesSharedMessage = Probe("batchesSharedMessage")
  /// What was refused for a gap was sent again in one message with what it waited for.
  public static let batchesSentAgainTogether = Probe("batchesSentAgainTogether")
  /// A batch was given up after as many tries as are allowed.
  public static let retriesExhausted = Probe("retriesExhausted")
  /// A connection to an agent could not be opened.
  public static let connectionNotOpened = Probe("connectionNotOpened")
  /// A connection was closed because a request on it was not answered.
  public static let connectionUnhealthy = Probe("connectionUnhealthy")
  /// A batch waited because all connections to its agent were busy.
  public static let connectionsExhausted = Probe("connectionsExhausted")
  /// An application waited for space in its producer's buffer.
  public static let producerBufferFull = Probe("producerBufferFull")
  /// A record was refused because there is no topic of the name.
  public static let unknownTopicRefused = Probe("unknownTopicRefused")
  /// A record was refused because its topic does not have the partition.
  public static let unknownPartitionRefused = Probe("unknownPartitionRefused")
}
