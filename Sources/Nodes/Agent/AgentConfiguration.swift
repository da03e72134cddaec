import Simulation
import Storage

/// The figures of an agent.
public struct AgentConfiguration: Sendable, Hashable {
  /// How often it reports and asks what it is to lead.
  public var heartbeatInterval = VirtualDuration.seconds(1)
  /// The metadata service's lease term.
  public var leaseTerm = VirtualDuration.seconds(10)
  /// How much earlier than the term the agent stops, so that a clock that drifts within bounds never has it overstay.
  public var leaseMargin = VirtualDuration.seconds(1)
  /// How often leases are renewed.
  public var renewalInterval = VirtualDuration.seconds(3)
  /// How often an agent that is leaving reports: what it leads is to go quickly.
  public var leavingInterval = VirtualDuration.milliseconds(100)
  /// How long the service may hold back a request for a lease that another agent is to hand over.
  public var leaseWait = VirtualDuration.milliseconds(1_500)
  /// How long a leader that is to hand over goes on taking batches while older ones are brought to the object store.
  public var handoverPreparation = VirtualDuration.seconds(2)
  /// How long a leader that takes no more batches may take to store the last ones; what is left then goes to its successor.
  public var handoverPatience = VirtualDuration.milliseconds(400)
  /// How long an agent that is leaving waits for somebody to succeed it.
  public var leavingPatience = VirtualDuration.seconds(5)
  /// How long a batch waits at an agent that is about to get its partition's lease.
  public var arrivalPatience = VirtualDuration.seconds(1)
  /// At which estimated size a segment is closed, in bytes.
  public var segmentBytes = 8 * 1_048_576
  /// How long after its first record a segment is closed at the latest.
  public var segmentAge = VirtualDuration.seconds(2)
  /// How long a record that waits to be durable keeps a segment open for others.
  public var durableLinger = VirtualDuration.milliseconds(200)
  /// When log entries are written and synced together: the original's figures, 1,000 records, 1 MiB or 10 ms.
  public var logGroups = GroupCommitOptions()
  /// How many segments of a partition may be on their way to the object store at once.
  public var uploadsInFlight = 4
  /// How many bytes of a partition may be unregistered before producers are told to come back.
  public var unregisteredBytes = 64 * 1_048_576
  /// From which size on a segment is uploaded in parts, in bytes.
  public var multipartThreshold = 8 * 1_048_576
  /// The size of a part in bytes; the last may be smaller.
  public var partBytes = 8 * 1_048_576
  /// How many parts of a segment are uploaded at once.
  public var partsInFlight = 4
  /// How many bytes of all partitions together may be unregistered before producers are told to come back.
  public var memoryBytes = 512 * 1_048_576
  /// How many records a producer may send.
  public var credits = CreditConfiguration()
  /// When the object store is given a rest.
  public var breaker = BreakerConfiguration()
  /// How many requests a second are made to the object store.
  public var storeRate = AdaptiveRateConfiguration()
  /// How long an upload may take before it is tried again.
  public var uploadTimeout = VirtualDuration.seconds(10)
  /// How long an upload may take before it is asked for a second time beside the first: twice what 99 in a hundred take of a calm store.
  public var hedgeDelay = VirtualDuration.milliseconds(500)
  /// How long a request to the metadata service may take.
  public var metadataTimeout = VirtualDuration.seconds(2)
  /// The first wait before something failed is tried again; it doubles up to `retryBackoffLimit`.
  public var retryBackoff = VirtualDuration.milliseconds(100)
  /// The longest such wait.
  public var retryBackoffLimit = VirtualDuration.seconds(2)
  /// What a request costs the CPU.
  public var requestCost = VirtualDuration.microseconds(5)
  /// What a record costs the CPU.
  public var recordCost = VirtualDuration.nanoseconds(150)
  /// What a byte costs the CPU until it is in a compressed segment, in picoseconds.
  public var bytePicoseconds: Int64 = 1_500
  /// What a byte of a compressed batch costs the CPU to restore, in picoseconds; LZ4's own figure for one core is above 3 GB/s.
  public var decompressionPicoseconds: Int64 = 300
  /// How large a batch may be, in bytes, uncompressed; the original's limit of a message.
  public var largestBatch = 64 * 1_048_576
  /// The checks in force.
  public var safeguards = Safeguards.all
  /// The chosen behaviours.
  public var behaviour = AgentBehaviour()

  /// Makes the default agent.
  public init() {}
}

/// Where the services of a cluster are.
public struct ClusterAddresses: Sendable, Hashable {
  /// The metadata service.
  public var metadata: HostID
  /// The object store.
  public var objectStore: HostID

  /// Names the services.
  public init(metadata: HostID, objectStore: HostID) {
    self.metadata = metadata
    self.objectStore = objectStore
  }
}

/// Waits that double from try to try, with jitter of a quarter each way, so that many who failed together do not come back together.
struct Backoff {
  private let limit: VirtualDuration
  private var next: VirtualDuration

  init(first: VirtualDuration, limit: VirtualDuration) {
    next = first
    self.limit = limit
  }

  mutating func wait(_ randomness: inout RandomGenerator) -> VirtualDuration {
    let base = next
    next = min(next * 2, limit)
    return base * 3 / 4 + VirtualDuration(nanoseconds: Int64(randomness.below(UInt64(max(base.nanoseconds / 2, 1)))))
  }
}
