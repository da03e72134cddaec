/// What a run is made of besides its machines.
public struct SimulationConfiguration: Sendable {
  /// The number that the run is drawn from.
  public var seed: UInt64
  /// The network's figures.
  public var network = NetworkConfiguration()
  /// Where the outcomes of choices come from.
  public var choices = ChoiceSource.firstInFirstOut
  /// Whether rare branches of node code, its fault points, may be taken for no reason.
  public var faultPoints = false
  /// Whether events are folded into a digest.
  public var digests = true
  /// Jobs and events at one instant after which virtual time is said to stand still.
  public var standstillLimit = 2_000_000

  /// Makes the configuration of a seed.
  public init(seed: UInt64) { self.seed = seed }
}

/// One simulated world: machines, a network, virtual time, and the loop that runs it all on one thread.
///
/// A run is a function of its configuration, its machines' code and its fault script. Many simulations may run side by side in a process, each on its own thread.
public final class Simulation: @unchecked Sendable {
  /// What wall clocks show at the start: 2024-01-01T00:00:00Z.
  public static let epochMilliseconds: UInt64 = 1_704_067_200_000

  let configuration: SimulationConfiguration
  let randomness: Randomness
  let choices: Choices
  /// Every event of the run.
  public let log: EventLog
  private(set) var network: Network!
  private(set) var faults: Faults!
  private(set) var machines: [Machine] = []
  let machineTable = MachineTable()
  let queue = EventQueue()
  let ready = ReadyQueue()
  /// True virtual time.
  public var now: VirtualTime { time }
  // What the loop uses at every step is not public itself: only then can the compiler prove its uses exclusive.
  final var time = VirtualTime.start
  /// The event that whatever happens now is caused by.
  var currentEvent: UInt64 = 0
  var probes: [String: Int] = [:]
  /// Hears every domain event of living incarnations.
  public var observer: ((any DomainEvent, EventStamp) -> Void)?
  /// Sees what happens, for figures; nil when nobody looks.
  public final var watcher: (any RunWatcher)?
  /// When the next sample is due; never when none are taken.
  final var nextSample = VirtualTime.distantFuture
  final var sampling: (interval: VirtualDuration, take: (VirtualTime) -> Void)?
  /// The first broken rule that was seen; a run ends with it.
  public private(set) var defect: SimulatorDefect?
  /// Whether there is a defect or a late host to look at before the next step.
  var needsAttention = false
  /// Tells this run's thread from others; only ever compared.
  var token: UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(self))) }
  private var isRunning = false
  var stepsAtInstant = 0
  /// The machine whose code ran last, to name it when that broke a rule.
  unowned(unsafe) var actingMachine: Machine?
  /// The dead incarnation whose jobs are being drained.
  var drainingHost: Host?
  /// Whether the task that is being resumed goes on as an actor's code.
  var resumesOnActor = false
  /// Dead incarnations that were given jobs after their draining.
  var lateHosts: [Host] = []
  let foreignJobs = ForeignJobs()

  /// Makes an empty world.
  public init(_ configuration: SimulationConfiguration) {
    self.configuration = configuration
    randomness = Randomness(seed: configuration.seed)
    choices = Choices(source: configuration.choices, randomness: randomness)
    log = EventLog(digesting: configuration.digests)
    network = Network(simulation: self, configuration: configuration.network)
    faults = Faults(simulation: self)
  }

  // MARK: Machines

  /// Adds a machine; `boot` is called on the host of each incarnation and makes its node.
  ///
  /// - Parameter beginsAbsent: Whether it stays down until an entry of the fault script starts it.
  @discardableResult
  public func addMachine(
    _ name: String, zone: Int = 0, disk: DiskConfiguration = DiskConfiguration(), beginsAbsent: Bool = false,
    boot: @escaping (Host) -> Void
  ) -> HostID {
    precondition(machineIndex[name] == nil, "each machine has a name of its own; there is a second \(name)")
    let id = HostID(rawValue: UInt32(machines.count))
    machines.append(Machine(id: id, name: name, zone: zone, simulation: self, disk: disk, boot: boot))
    machines[machines.count - 1].isWanted = !beginsAbsent
    machineTable.append(machines[machines.count - 1])
    machineIndex[name] = machines.count - 1
    return id
  }

  private var machineIndex: [String: Int] = [:]

  func machine(named name: String) -> Machine? { machineIndex[name].map { machines[$0] } }

  /// The names of all machines, in the order they were added.
  public var machineNames: [String] { machines.map(\.name) }

  /// The identifier of the machine of this name.
  public func hostID(named name: String) -> HostID? { machine(named: name)?.id }

  /// The name of a machine.
  public func name(of id: HostID) -> String { machines[Int(id.rawValue)].name }

  /// The incarnation that now runs on a machine; nil while it is down.
  public func host(_ id: HostID) -> Host? { machines[Int(id.rawValue)].current }

  /// How often a process was started on a machine: the number of its latest incarnation.
  public func starts(of id: HostID) -> Int { machines[Int(id.rawValue)].incarnation }

  /// Whether a machine is down and meant to be: it begins absent, or has left for good.
  public func isAbsent(_ id: HostID) -> Bool {
    machines[Int(id.rawValue)].current == nil && !machines[Int(id.rawValue)].isWanted
  }

  /// Starts the first incarnation of every machine that does not begin absent, in order.
  public func startAll() {
    asRunning {
      for machine in machines where machine.current == nil && machine.isWanted {
        currentEvent = 0
        start(machine)
      }
    }
  }

  // MARK: Events

  func schedule(_ item: Scheduled, at time: VirtualTime) {
    item.cause = currentEvent
    queue.insert(item, at: time < now ? now : time)
  }

  /// Takes an event in; the kinds that set things going become the cause of what follows.
  @discardableResult
  func record(
    _ kind: EventKind, on host: Host?, cause: UInt64? = nil, becomesCause: Bool = false,
    _ content: (EventLog) -> Void = { _ in }
  ) -> UInt64 {
    log.begin(
      kind, time: now, cause: cause ?? currentEvent, machine: host?.machine, incarnation: host?.incarnation ?? 0)
    content(log)
    if becomesCause || kind.setsThingsGoing { currentEvent = log.latest }
    return log.latest
  }

  func enqueue(_ job: ReadyJob) {
    if job.host.isOver {
      job.host.drainQueue.append(job)
      // A job that comes later than the crash's own draining still has to end.
      if drainingHost !== job.host { late(job.host) }
    } else if job.host.isPaused {
      job.host.heldJobs.append(job)
    } else {
      ready.append(job)
    }
  }

  /// Ends the run with a defect of the simulator or of node code.
  func fail(_ defect: SimulatorDefect) {
    if self.defect == nil { self.defect = defect }
    needsAttention = true
  }

  private func late(_ host: Host) {
    lateHosts.append(host)
    needsAttention = true
  }

  /// Runs something on this thread with the guard against escaping jobs in force.
  func asRunning<Value>(_ body: () -> Value) -> Value {
    if isRunning { return body() }
    isRunning = true
    let before = RunningThread.enter(token)
    defer {
      noteEscape()
      log.complete()
      RunningThread.leave(to: before)
      isRunning = false
    }
    return body()
  }

  /// Turns what the guards saw into a defect.
  func noteEscape() {
    if let escape = RunningThread.escape { fail(.escapedJob(host: actingMachine?.name ?? "", how: escape)) }
    if let host = foreignJobs.host { fail(.foreignThread(host: host)) }
  }

  // MARK: Looking at a run

  /// Ends every task: crashes every host, so that nothing outlives the run. Returns the run's ``defect``, which may show only here.
  @discardableResult
  public func finish() -> SimulatorDefect? {
    asRunning {
      observer = nil
      watcher = nil
      sampling = nil
      // First what is scheduled and what is ready: each crash looks through all of it for its own.
      while queue.popFirst() != nil {}
      while let job = ready.popFirst() { job.host.heldJobs.append(job) }
      for machine in machines {
        currentEvent = 0
        machine.current?.heldDeliveries.removeAll()
        crash(machine)
        machine.links.dropHeld()
      }
      drainLateHosts()
      while queue.popFirst() != nil {}
    }
    return defect
  }

  /// Loads the fault script of the run.
  public func load(_ script: FaultScript) { faults.load(script) }

  /// Who waits for what, on every running host.
  public func waits() -> [WaitReport] {
    machines.compactMap(\.current).flatMap { host in
      host.waits.reversed().map {
        WaitReport(host: host.name, incarnation: host.incarnation, what: "\($0.label)", detail: $0.detail)
      }
    }
  }

  /// The state of every node that offers a snapshot, in the order of the machines.
  public func snapshots() -> [(host: String, snapshot: Snapshot)] {
    asRunning {
      machines.compactMap { machine in
        guard let take = machine.current?.snapshot else { return nil }
        return (machine.name, take())
      }
    }
  }

  /// Calls `sink` with every event from now on; nil ends it. The digest is the same with and without.
  public func trace(_ sink: ((TracedEvent) -> Void)?) {
    log.complete()
    log.sink = sink
  }

  /// Messages sent so far.
  public var messageCount: UInt64 { network.messages }
  /// How often each probe was hit, by name.
  public var probeCounts: [(name: String, count: Int)] {
    probes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }
  /// The faults planned and fired.
  public var faultCounts: [FaultCount] { faults.report }
  /// The faults that took effect, by beginning.
  public var faultWindows: [FaultWindow] { faults.windows }
  /// The script with every fault of a single message or request that fired listed in it: fed back, it gives the same digest.
  public var resolvedScript: FaultScript {
    FaultScript(entries: faults.script.entries, messages: faults.firedMessages, requests: faults.firedRequests)
  }
  /// The choices other than the ordinary course; as a recorded source they give the same digest.
  public var choicesMade: [Choice] { choices.made }
  /// How many things are scheduled.
  public var scheduledCount: Int { queue.count }
}
