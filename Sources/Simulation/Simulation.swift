import DequeModule

/// What a run is made of besides its machines.
public struct SimulationConfiguration: Sendable {
  /// The number that the run is drawn from.
  public var seed: UInt64
  /// The network's figures.
  public var network = NetworkConfiguration()
  /// Where the outcomes of choices come from.
  public var choices = ChoiceSource.firstInFirstOut
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
  var queue = EventQueue()
  private var ready = Deque<ReadyJob>()
  /// True virtual time.
  public private(set) var now = VirtualTime.start
  /// The event that whatever happens now is caused by.
  var currentEvent: UInt64 = 0
  var probes: [String: Int] = [:]
  /// Hears every domain event of living incarnations.
  public var observer: ((any DomainEvent, EventStamp) -> Void)?
  private var defect: SimulatorDefect?
  /// Tells this run's thread from others; only ever compared.
  private var token: UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(self))) }
  private var isRunning = false
  private var stepsAtInstant = 0
  private var latestJobHost: Host?
  private var drainingHost: Host?
  private var lateHosts: [Host] = []
  private let foreignJobs = ForeignJobs()

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
  @discardableResult
  public func addMachine(
    _ name: String, zone: Int = 0, disk: DiskConfiguration = DiskConfiguration(), boot: @escaping (Host) -> Void
  ) -> HostID {
    let id = HostID(rawValue: UInt32(machines.count))
    machines.append(Machine(id: id, name: name, zone: zone, simulation: self, disk: disk, boot: boot))
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

  /// Starts every machine's first incarnation, in order.
  public func startAll() {
    asRunning {
      for machine in machines where machine.current == nil { start(machine) }
    }
  }

  func start(_ machine: Machine) {
    machine.incarnation += 1
    machine.clearQueues()
    let host = Host(machine: machine, incarnation: machine.incarnation)
    machine.current = host
    record(.started, on: host)
    machine.boot(host)
  }

  func crash(_ machine: Machine) {
    guard let host = machine.current else { return }
    record(.crashed, on: host)
    machine.current = nil
    host.isCrashed = true
    host.isPaused = false
    host.heldDeliveries = []
    host.heldDepartures = []
    _ = queue.removeAll { ($0 as? Envelope).map { $0.source === machine && $0.departure > now } ?? false }
    host.drainQueue = host.heldJobs + ready.filter { $0.host === host }
    host.heldJobs = []
    ready.removeAll { $0.host === host }
    for wait in host.waits { wait.fail(HostCrashed()) }
    host.tasks.cancelAll()
    drain(host)
    host.handlers = []
    host.snapshot = nil
    host.componentFault = nil
    if host.tasks.count > 0 { fail(.tasksOutliveCrash(host: host.name, count: host.tasks.count)) }
    host.tasks = TaskRegistry()
  }

  // The jobs of a dead incarnation run at once and outside of all choices: they can do nothing but end.
  private func drain(_ host: Host) {
    drainingHost = host
    defer { drainingHost = nil }
    while !host.drainQueue.isEmpty {
      let jobs = host.drainQueue
      host.drainQueue = []
      for job in jobs { job.run() }
    }
  }

  func pause(_ machine: Machine) -> Bool {
    guard let host = machine.current, !host.isPaused else { return false }
    record(.paused, on: host)
    host.isPaused = true
    host.pausedAt = now
    host.heldJobs = ready.filter { $0.host === host }
    ready.removeAll { $0.host === host }
    let unsent = queue.removeAll { ($0 as? Envelope).map { $0.source === machine && $0.departure > now } ?? false }
    host.heldDepartures = unsent.compactMap { $0 as? Envelope }
    return true
  }

  func resume(_ machine: Machine) -> Bool {
    guard let host = machine.current, host.isPaused else { return false }
    record(.resumed, on: host)
    host.isPaused = false
    let pause = now - host.pausedAt
    machine.shiftQueues(by: pause, at: now)
    for envelope in host.heldDepartures {
      envelope.departure = envelope.departure + pause
      queue.reinsert(envelope, at: envelope.time + pause)
    }
    host.heldDepartures = []
    ready.append(contentsOf: host.heldJobs)
    host.heldJobs = []
    let deliveries = host.heldDeliveries
    host.heldDeliveries = []
    for envelope in deliveries {
      currentEvent = envelope.cause
      network.hand(envelope, to: host)
    }
    return true
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
    if becomesCause || kind.setsThingsGoing { currentEvent = log.count }
    return log.count
  }

  func enqueue(_ job: ReadyJob) {
    guard RunningThread.token == token else {
      foreignJobs.note(host: job.host.name)
      return
    }
    if job.host.isCrashed {
      job.host.drainQueue.append(job)
      // A job that comes later than the crash's own draining still has to end.
      if drainingHost !== job.host { lateHosts.append(job.host) }
    } else if job.host.isPaused {
      job.host.heldJobs.append(job)
    } else {
      ready.append(job)
    }
  }

  /// Ends the run with a defect of the simulator or of node code.
  func fail(_ defect: SimulatorDefect) { if self.defect == nil { self.defect = defect } }

  // MARK: The run loop

  /// Runs until a time, a condition or a bound is reached, or nothing is left to happen.
  ///
  /// - Parameter bounds: Where to stop.
  public func run(_ bounds: RunBounds) -> RunStop {
    asRunning { loop(bounds) }
  }

  private func loop(_ bounds: RunBounds) -> RunStop {
    var nextCheck = bounds.condition.map { now + $0.every }
    var untilClock = 1_024
    while true {
      if let stop = runReadyJobs(bounds) { return stop }
      if log.count >= bounds.event { return .event(log.count) }
      if log.count >= bounds.events { return .tooManyEvents(log.count) }
      untilClock -= 1
      if untilClock == 0 {
        untilClock = 1_024
        if bounds.wallTimeIsUp?() == true { return .outOfTime }
      }
      guard let time = queue.nextTime else {
        let waiting = waits()
        if waiting.isEmpty { return .nothingLeft }
        return .stuck(waiting)
      }
      if let check = nextCheck, let condition = bounds.condition, time > check, check <= bounds.time {
        now = check
        nextCheck = check + condition.every
        if condition.holds() { return .condition }
        continue
      }
      if time > bounds.time {
        now = bounds.time
        return .time
      }
      if time > now {
        now = time
        stepsAtInstant = 0
      }
      let item = choices.ordersSchedule ? chooseSimultaneous(at: time) : queue.popFirst()
      guard let item else { continue }
      currentEvent = item.cause
      step()
      item.fire(self)
    }
  }

  private func runReadyJobs(_ bounds: RunBounds) -> RunStop? {
    while true {
      if let defect { return .defect(defect) }
      while let host = lateHosts.popLast() { drain(host) }
      guard !ready.isEmpty else { break }
      let job: ReadyJob
      if choices.ordersSchedule && ready.count > 1 {
        job = ready.remove(at: choices.chooseNext(.readyJob, enabled: ready.count))
      } else {
        job = ready.removeFirst()
      }
      currentEvent = job.cause
      latestJobHost = job.host
      step()
      job.run()
      if let escape = RunningThread.escape { return .defect(.escapedJob(host: job.host.name, how: escape)) }
      if log.count >= bounds.event { return .event(log.count) }
    }
    if let escape = RunningThread.escape { return .defect(.escapedJob(host: latestJobHost?.name ?? "", how: escape)) }
    if let host = foreignJobs.host { return .defect(.foreignThread(host: host)) }
    return nil
  }

  private func step() {
    stepsAtInstant += 1
    if stepsAtInstant > configuration.standstillLimit {
      let host = latestJobHost
      fail(.standstill(host: host?.name ?? "", wait: host?.waits.first.map { "\($0.label)" } ?? "", at: now))
      stepsAtInstant = 0
    }
  }

  private func chooseSimultaneous(at time: VirtualTime) -> Scheduled? {
    guard let first = queue.popFirst() else { return nil }
    guard queue.nextTime == time else { return first }
    var due = [first]
    while queue.nextTime == time, let next = queue.popFirst() { due.append(next) }
    let chosen = due.remove(at: choices.chooseNext(.simultaneous, enabled: due.count))
    for item in due { queue.reinsert(item, at: time) }
    return chosen
  }

  /// Runs something on this thread with the guard against escaping jobs in force.
  private func asRunning<Value>(_ body: () -> Value) -> Value {
    if isRunning { return body() }
    isRunning = true
    RunningThread.enter(token)
    defer {
      RunningThread.leave()
      isRunning = false
    }
    return body()
  }

  // MARK: Looking at a run

  /// Ends every task: crashes every host, so that nothing outlives the run.
  public func finish() {
    asRunning {
      observer = nil
      faults.cancelPending()
      for machine in machines { crash(machine) }
      while queue.popFirst() != nil {}
    }
  }

  /// Loads the fault script of the run.
  public func load(_ script: FaultScript) { faults.load(script) }

  /// Ends every fault, starts what is down, and drops the script's entries that have not begun.
  public func heal() {
    asRunning {
      faults.cancelPending()
      faults.heal()
    }
  }

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
