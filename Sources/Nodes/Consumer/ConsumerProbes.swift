import Simulation

// The states of a consumer that its application brings about, and what it cannot read, as far as they are worth reaching.
extension Probe {
  /// An application sent a consumer to another offset.
  public static let consumerSought = Probe("consumerSought")
  /// A poll passed over a partition that is paused, although its next records were at hand.
  public static let pausedPartitionPassedOver = Probe("pausedPartitionPassedOver")
  /// An application was told of offsets that cannot be read, because no object holds them.
  public static let holeTold = Probe("holeTold")
  /// An application was told of a segment that does not hold what its row says.
  public static let damageTold = Probe("damageTold")
}
