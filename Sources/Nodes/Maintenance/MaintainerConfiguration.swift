import Simulation

/// The figures of a maintainer.
public struct MaintainerConfiguration: Sendable, Hashable {
  /// How often it asks for objects whose rows have gone.
  public var removalInterval = VirtualDuration.seconds(5)
  /// How often it asks for a partition to compact.
  public var compactionInterval = VirtualDuration.seconds(5)
  /// How often it lists all objects and looks for orphans. An hour, as in the original.
  public var reconcileInterval = VirtualDuration.seconds(3_600)
  /// How large the segments become that it makes of smaller ones, in bytes of records.
  public var segmentBytes = 8 * 1_048_576
  /// How many keys are listed and judged at once.
  public var pageSize = 1_000
  /// How long a request to the object store may take.
  public var requestTimeout = VirtualDuration.seconds(10)
  /// How long a request to the metadata service may take.
  public var metadataTimeout = VirtualDuration.seconds(2)
  /// The first wait before something failed is tried again; it doubles up to `retryBackoffLimit`.
  public var retryBackoff = VirtualDuration.milliseconds(100)
  /// The longest such wait.
  public var retryBackoffLimit = VirtualDuration.seconds(5)
  /// The checks in force.
  public var safeguards = Safeguards.all
  /// The parts whose behaviour can be chosen.
  public var behaviour = MaintainerBehaviour()
  /// What a record costs the CPU.
  public var recordCost = VirtualDuration.nanoseconds(150)

  /// Makes the default maintainer.
  public init() {}
}
