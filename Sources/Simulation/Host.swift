import DequeModule

/// One incarnation of a process on a machine, and all that node code sees of the world: a clock, a disk, a network, randomness, tasks and waits.
///
/// Every actor of a node belongs to a host and runs on that host's executor. When the host crashes, nothing it still does has any effect, every wait fails with ``HostCrashed``, and a restart makes a new host that knows only the disk.
///
/// A host and everything reached from it is confined to the thread that runs its simulation, which the executors enforce; that is why it may call itself sendable.
public final class Host: @unchecked Sendable {
  let machine: Machine
  unowned(unsafe) let simulation: Simulation
  /// The run's thread, and where jobs from others are noted: a foreign thread may come when the simulation is gone.
  private let token: UInt64
  private let foreignJobs: ForeignJobs
  /// The number of this incarnation; the machine's first is 1.
  public let incarnation: Int

  private let actorExecutor = HostActorExecutor()
  let taskExecutor = HostTaskExecutor()
  /// What an actor of this host returns as its `unownedExecutor`.
  public let executor: UnownedSerialExecutor
  /// The executor that this host's tasks prefer.
  let preference: UnownedTaskExecutor
  var tasks = TaskRegistry()
  var firstWait: Wait?
  /// What was waited for last, to name a loop that never gets on.
  var latestWait: StaticString = ""
  var handlers: [Handler?] = Array(repeating: nil, count: 128)
  var snapshot: (() -> Snapshot)?
  var componentFault: ((String, [Int64], Bool) -> Void)?
  var shutdown: (() -> Void)?
  /// Whether it is about to end itself because its disk failed.
  var isAborting = false
  /// The entry of the fault script that told it to leave.
  var shutdownEntry: Int?

  /// Whether this incarnation is over.
  public var isCrashed: Bool { isOver }
  // Not public itself: only then can the compiler prove its uses exclusive.
  var isOver = false
  var isPaused = false
  /// Whether what arrives has to queue up, during a pause and until what arrived in it has been handed over.
  var holdsDeliveries = false
  /// The entry of the fault script that paused it.
  var pauseEntry: Int?
  var isReceiving = false
  var pausedAt = VirtualTime.start
  var heldJobs: [ReadyJob] = []
  var heldDeliveries: Deque<Envelope> = []
  var heldDepartures: [Envelope] = []
  var drainQueue: [ReadyJob] = []
  var waitsAfterCrash = 0

  init(machine: Machine, incarnation: Int) {
    self.machine = machine
    self.simulation = machine.simulation
    token = machine.simulation.token
    foreignJobs = machine.simulation.foreignJobs
    self.incarnation = incarnation
    executor = actorExecutor.asUnownedSerialExecutor()
    preference = taskExecutor.asUnownedTaskExecutor()
    actorExecutor.host = self
    taskExecutor.host = self
  }

  /// The machine's name, such as `agent-1`.
  public var name: String { machine.name }
  /// The machine's identifier.
  public var id: HostID { machine.id }
  /// The zone (failure domain) that the machine stands in.
  public var zone: Int { machine.zone }

  /// This host's monotonic clock: it may drift, it never steps.
  public var now: VirtualTime { machine.clock.local(at: simulation.now) }
  /// This host's wall clock in milliseconds since the epoch: it may be off, drift and step.
  public var wallClockMilliseconds: UInt64 {
    let local = (machine.clock.local(at: simulation.now) + machine.clock.wallOffset).nanoseconds
    // Rounded down also before the epoch, so that no millisecond lasts two.
    let milliseconds = local / 1_000_000 - (local % 1_000_000 < 0 ? 1 : 0)
    return Simulation.epochMilliseconds &+ UInt64(bitPattern: milliseconds)
  }

  /// A sequence of draws for this incarnation and this use.
  public func randomness(_ stream: RandomStreamName) -> RandomGenerator {
    simulation.randomness.generator(stream, key: UInt64(id.rawValue) << 32 | UInt64(incarnation))
  }

  /// The draw with this ordinal for this machine, whatever else happens.
  public func draw(_ stream: RandomStreamName, key: UInt64, ordinal: UInt64) -> UInt64 {
    simulation.randomness.draw(stream, key: mixed(UInt64(id.rawValue)) ^ key, ordinal: ordinal)
  }

  /// Occupies this machine's CPU: messages sent from now on leave when the work is done.
  public func work(_ cost: VirtualDuration) {
    guard !isOver else { return }
    machine.occupyCPU(cost, at: simulation.now)
  }

  /// Records something worth telling; nothing happens when the incarnation is over. Returns the event's number.
  @discardableResult
  public func emit(_ event: some DomainEvent) -> UInt64 {
    guard !isOver else { return 0 }
    let number = simulation.record(event.kind, on: self) { event.describe(into: $0) }
    simulation.observer?(
      event,
      EventStamp(
        number: number, cause: simulation.currentEvent, time: simulation.now, host: id, incarnation: incarnation))
    return number
  }

  /// Marks that a state worth reaching was reached.
  public func probe(_ probe: Probe) {
    guard !isOver else { return }
    simulation.probes[probe.text, default: 0] += 1
    simulation.watcher?.reached(probe, on: self)
    simulation.record(.probe, on: self) { $0.text("probe", probe.text) }
  }

  /// Decides what becomes of one request to this component: 0, or one of the outcomes with its odds in parts per million.
  ///
  /// The decision is drawn by (client, ordinal), is recorded as an entry of the fault script, and follows the script where that lists decisions.
  public func requestOutcome(client: HostID, ordinal: UInt64, odds: [RequestOdds]) -> UInt64 {
    guard !isOver else { return 0 }
    return simulation.faults.requestOutcome(component: machine, client: client, ordinal: ordinal, odds: odds)
  }

  /// Says that a fault of this component took effect on a request without a draw, such as one that slows all of them.
  public func faultFired(_ kind: String) {
    guard !isOver else { return }
    simulation.faults.fired(componentFault: kind)
  }

  /// Says how to take a picture of the state of this host's node.
  public func provideSnapshot<Node: Actor>(of node: Node, _ take: @escaping @Sendable (isolated Node) -> Snapshot) {
    guard !isOver else { return }
    snapshot = { [unowned self] in receiving { node.assumeIsolated { take($0) } } }
  }

  /// Says what to do when a fault of this component (such as an outage of the object store) begins or ends.
  public func onComponentFault<Node: Actor>(
    of node: Node,
    _ apply: @escaping @Sendable (isolated Node, _ name: String, _ values: [Int64], _ begins: Bool) -> Void
  ) {
    guard !isOver else { return }
    componentFault = { [unowned self] name, values, begins in
      receiving { node.assumeIsolated { apply($0, name, values, begins) } }
    }
  }

  /// Runs something on a node of this host at once, as the world outside the cluster: to set up and to inspect.
  public func inspect<Node: Actor, Value: Sendable>(
    _ node: Node, _ body: @Sendable (isolated Node) -> Value
  ) -> Value {
    simulation.asRunning { receiving { node.assumeIsolated { body($0) } } }
  }

  /// Runs something that may step onto this host's actors. Such steps nest: an observer looks at a node in the middle of a delivery to it.
  func receiving<Value>(_ body: () -> Value) -> Value {
    let wasReceiving = isReceiving
    isReceiving = true
    defer { isReceiving = wasReceiving }
    return body()
  }

  func enqueue(_ job: UnownedJob, as role: JobRole) {
    guard RunningThread.token == token else {
      foreignJobs.note(host: name)
      return
    }
    let role = simulation.resumesOnActor ? .actor : role
    simulation.enqueue(ReadyJob(job: job, host: self, role: role, cause: simulation.currentEvent))
  }

  var waits: [Wait] {
    var all: [Wait] = []
    var next = firstWait
    while let wait = next {
      all.append(wait)
      next = wait.following
    }
    return all
  }
}

/// Something that a node tells the world: checks listen to it, the digest covers it.
public protocol DomainEvent: EventContent, Sendable {
  /// The event's kind.
  var kind: EventKind { get }
}

/// When and where an event happened, and why.
public struct EventStamp: Sendable, Hashable {
  /// The event's number.
  public let number: UInt64
  /// The number of the event that caused it.
  public let cause: UInt64
  /// True virtual time.
  public let time: VirtualTime
  /// The machine.
  public let host: HostID
  /// The machine's incarnation.
  public let incarnation: Int

  /// Makes a stamp, for events that are told by hand.
  public init(number: UInt64, cause: UInt64, time: VirtualTime, host: HostID, incarnation: Int) {
    self.number = number
    self.cause = cause
    self.time = time
    self.host = host
    self.incarnation = incarnation
  }
}

/// A state worth reaching, counted when reached.
public struct Probe: Sendable {
  /// The name shown in results, such as `uploadRetriedAfterAmbiguousReply`.
  public let name: StaticString
  /// The name as what it is counted by: made once, not at each hit.
  let text: String

  /// Makes a probe.
  public init(_ name: StaticString) {
    self.name = name
    text = name.description
  }
}
