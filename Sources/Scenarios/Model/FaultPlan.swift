import Simulation

/// A fault of a scenario: at a fixed time, or again and again at times drawn from the seed.
public struct FaultPlan: Sendable, Hashable {
  /// When it happens, for a fixed one.
  public var at: VirtualDuration?
  /// The mean time between two, for a random one.
  public var every: VirtualDuration?
  /// How long it lasts, drawn when it is a range; nil until the faults stop.
  public var lasts: ClosedRange<VirtualDuration>?
  /// What happens.
  public var action = FaultAction.crash(HostTarget())
  /// Makes a crash without a time.
  public init() {}
}

/// What a fault does.
public enum FaultAction: Sendable, Hashable {
  /// A process dies and starts again at the fault's end.
  case crash(HostTarget)
  /// A process dies, and its machine comes back at the fault's end with an empty disk.
  case replace(HostTarget)
  /// Processes are told to leave: each brings its work to an end and then ends itself.
  case drain(StaggeredTarget)
  /// Machines that begin absent, or have left, start.
  case start(StaggeredTarget)
  /// A process stalls.
  case pause(HostTarget)
  /// Messages between two sets of hosts vanish.
  case partition(PartitionShape)
  /// One host is cut off from all others.
  case isolate(HostTarget)
  /// The hosts of a group are split in two halves that cannot reach each other.
  case split(HostTarget)
  /// Each host of a group reaches only its two neighbours.
  case ring(HostTarget)
  /// All hosts of a zone are cut off from the others.
  case zoneOutage(ZoneTarget)
  /// Messages between two sets of hosts are held up until the fault's end.
  case clog(PartitionShape)
  /// The hosts of half a group are clogged one by one, and unclogged in another order.
  case swizzle(HostTarget)
  /// Links carry little.
  case bandwidth(Bandwidth)
  /// Some messages vanish.
  case loss(MessageTrouble)
  /// Some messages arrive twice.
  case duplicate(MessageTrouble)
  /// Some messages arrive late, and may be overtaken.
  case delay(MessageTrouble)
  /// Some messages are overtaken by later ones.
  case reorder(MessageTrouble)
  /// Some messages are lost with their connection, of which whoever waits for the answer hears.
  case reset(MessageTrouble)
  /// A host's wall clock jumps.
  case clockStep(ClockStep)
  /// A host's clocks run faster or slower.
  case clockDrift(ClockDrift)
  /// A host's CPU is slow.
  case slowCPU(Slowdown)
  /// Every operation of a disk takes longer.
  case diskStall(DiskStall)
  /// Some syncs of a disk fail.
  case diskErrors(HostShare)
  /// A disk takes no more bytes.
  case diskFull(HostTarget)
  /// A bit of what a disk holds flips.
  case bitFlip(HostTarget)
  /// The object store refuses everything.
  case objectStoreOutage
  /// The object store fails some requests, before or after it has applied them.
  case objectStoreErrors(ObjectStoreErrors)
  /// The object store applies some requests half a minute late.
  case objectStoreLate(Share)
  /// The object store refuses some requests with SlowDown.
  case objectStoreThrottle(Share)
  /// The object store takes longer.
  case objectStoreSlow(Factor)
  /// The object store takes ten times longer for some requests.
  case objectStoreSlowTail(Share)
  /// The object store is slow for some keys, or fails requests for them.
  case objectStoreSlowPrefix(SlowPrefix)
  /// The object store refuses a client with 403.
  case objectStoreExpiredCredentials(HostTarget)
  /// The object store ends pages of listings early.
  case objectStoreShortPages(Share)
  /// The object store takes fewer requests a second.
  case objectStoreRate(RateLeft)
  /// Objects of the object store are damaged or gone, until the fault ends.
  case objectStoreDamage(DamagePlan)
}

/// A host, or one drawn from a group such as `agents`.
public struct HostTarget: Sendable, Hashable {
  /// The host's or the group's name.
  public var host = ""
  /// Makes an empty target.
  public init() {}
}

/// A zone.
public struct ZoneTarget: Sendable, Hashable {
  /// The zone's number, from 0; nil draws one.
  public var zone: Int?
  /// Makes a target that is drawn.
  public init() {}
}

/// Links of little bandwidth.
public struct Bandwidth: Sendable, Hashable {
  /// Hosts or groups that send.
  public var from: [String] = ["all"]
  /// Hosts or groups that receive.
  public var to: [String] = ["all"]
  /// What each link carries, in bytes a second.
  public var bytesPerSecond = 1_000_000
  /// How many messages wait on a link before further ones vanish.
  public var queue = 1_000
  /// Makes links of a megabyte a second.
  public init() {}
}

/// A disk that stalls.
public struct DiskStall: Sendable, Hashable {
  /// The host or group.
  public var host = ""
  /// What each operation takes longer.
  public var extra = VirtualDuration.milliseconds(200)
  /// Makes a fifth of a second.
  public init() {}
}

/// Some share of what a host does.
public struct HostShare: Sendable, Hashable {
  /// The host or group.
  public var host = ""
  /// How likely an operation is hit, in parts per million.
  public var probability: UInt32 = 50_000
  /// Makes 5 %.
  public init() {}
}

/// A host, one drawn from a group, or all of a group one after another.
public struct StaggeredTarget: Sendable, Hashable {
  /// The host's or the group's name.
  public var host = ""
  /// How long after one host the next of the group follows; nil draws one host.
  public var spacing: VirtualDuration?
  /// Makes an empty target.
  public init() {}
}

/// Two sets of hosts that are cut off from each other.
public struct PartitionShape: Sendable, Hashable {
  /// Hosts or groups on one side.
  public var from: [String] = []
  /// Hosts or groups on the other side.
  public var to: [String] = []
  /// Whether messages vanish both ways or only from the first side to the second.
  public var bothWays = true
  /// Makes an empty partition.
  public init() {}
}

/// Which messages go wrong.
public struct MessageTrouble: Sendable, Hashable {
  /// Hosts or groups that send.
  public var from: [String] = ["all"]
  /// Hosts or groups that receive.
  public var to: [String] = ["all"]
  /// How likely a message is hit, in parts per million.
  public var probability: UInt32 = 50_000
  /// The mean time by which it, or its duplicate, is late.
  public var mean = VirtualDuration.milliseconds(50)
  /// Makes 5 % of all messages.
  public init() {}
}

/// How a wall clock jumps.
public struct ClockStep: Sendable, Hashable {
  /// The host or group.
  public var host = ""
  /// By how much; negative jumps back.
  public var by = VirtualDuration.seconds(60)
  /// Makes a jump of a minute.
  public init() {}
}

/// How a clock drifts.
public struct ClockDrift: Sendable, Hashable {
  /// The host or group.
  public var host = ""
  /// How much faster, in parts per million; negative is slower.
  public var partsPerMillion: Int64 = 500
  /// Makes a drift of 500 parts per million.
  public init() {}
}

/// How slow a CPU is.
public struct Slowdown: Sendable, Hashable {
  /// The host or group.
  public var host = ""
  /// How many times slower.
  public var factor: Int64 = 10
  /// Makes a tenth of the speed.
  public init() {}
}

/// Which requests the object store fails.
public struct ObjectStoreErrors: Sendable, Hashable {
  /// How likely a request fails before it is applied, in parts per million.
  public var before: UInt32 = 0
  /// How likely a request is applied and then fails, in parts per million.
  public var after: UInt32 = 0
  /// Makes no errors.
  public init() {}
}

/// Some share of requests.
public struct Share: Sendable, Hashable {
  /// How likely a request is hit, in parts per million.
  public var probability: UInt32 = 50_000
  /// Makes 5 %.
  public init() {}
}

/// How many times longer something takes.
public struct Factor: Sendable, Hashable {
  /// The factor.
  public var factor: Int64 = 10
  /// Makes ten times.
  public init() {}
}
