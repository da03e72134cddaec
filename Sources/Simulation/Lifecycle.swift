import DequeModule

// How incarnations begin, stall and end.

extension Simulation {
  func start(_ machine: Machine) {
    machine.incarnation += 1
    machine.clearQueues()
    let host = Host(machine: machine, incarnation: machine.incarnation)
    machine.current = host
    actingMachine = machine
    record(.started, on: host)
    machine.boot(host)
  }

  func crash(_ machine: Machine) { stop(machine, .crashed) }

  /// A process that was told to leave has brought its work to an end; its disk keeps everything that it wrote.
  fileprivate func end(_ host: Host) {
    guard host.machine.current === host else { return }
    let entry = host.shutdownEntry
    stop(host.machine, .ended)
    if let entry { faults.processEnded(entry: entry) }
  }

  private func stop(_ machine: Machine, _ how: EventKind) {
    guard let host = machine.current else { return }
    record(how, on: host)
    machine.current = nil
    host.isOver = true
    host.isPaused = false
    host.heldDepartures = []
    _ = queue.removeAll { $0.isUnsent(by: machine, at: now) }
    host.drainQueue = host.heldJobs + ready.removeAll(of: host)
    host.heldJobs = []
    for wait in host.waits { wait.fail(HostCrashed()) }
    host.tasks.cancelAll()
    actingMachine = machine
    drain(host)
    host.handlers = []
    host.snapshot = nil
    host.componentFault = nil
    host.shutdown = nil
    if host.tasks.count > 0 { fail(.tasksOutliveCrash(host: host.name, count: host.tasks.count)) }
    // What had arrived at the stalled process was never read by it.
    for envelope in host.heldDeliveries {
      currentEvent = envelope.cause
      network.refuse(envelope)
    }
    host.heldDeliveries = []
  }

  /// Stalls a machine's incarnation on behalf of an entry of the fault script; tells whether there was one to stall.
  func pause(_ machine: Machine, entry: Int) -> Bool {
    guard let host = machine.current, !host.isPaused else { return false }
    record(.paused, on: host)
    host.isPaused = true
    host.holdsDeliveries = true
    host.pauseEntry = entry
    host.pausedAt = now
    host.heldJobs = ready.removeAll(of: host)
    host.heldDepartures = queue.removeAll { $0.isUnsent(by: machine, at: now) }.compactMap { $0 as? Envelope }
    return true
  }

  /// Lets an incarnation go on: first its jobs, in the state of mind they were in, then what arrived meanwhile.
  ///
  /// The end of another entry than the one that stalled it does nothing: the incarnation may be a later one.
  func resume(_ machine: Machine, entry: Int) -> Bool {
    guard let host = machine.current, host.isPaused, host.pauseEntry == entry else { return false }
    record(.resumed, on: host)
    host.isPaused = false
    host.pauseEntry = nil
    let pause = now - host.pausedAt
    machine.shiftQueues(by: pause, at: now)
    for envelope in host.heldDepartures { network.release(envelope, after: pause) }
    host.heldDepartures = []
    for job in host.heldJobs { ready.append(job) }
    host.heldJobs = []
    host.holdsDeliveries = !host.heldDeliveries.isEmpty
    if host.holdsDeliveries { schedule(HeldDelivery(to: host), at: now) }
    return true
  }
}

/// Hands a host what arrived while it was paused, one message after another, with whatever follows from each in between.
private final class HeldDelivery: Scheduled {
  private let host: Host

  init(to host: Host) { self.host = host }

  override func fire(_ simulation: Simulation) {
    guard !host.isPaused, let envelope = host.heldDeliveries.popFirst() else { return }
    simulation.currentEvent = envelope.cause
    simulation.network.hand(envelope, to: host)
    if host.heldDeliveries.isEmpty {
      host.holdsDeliveries = false
    } else {
      simulation.schedule(self, at: simulation.now)
    }
  }
}

extension Host {
  /// Says how this host's node begins to shut down in an orderly way; it calls ``exit()`` when it is done. A node that says nothing ends at once.
  public func onShutdown<Node: Actor>(of node: Node, _ begin: @escaping @Sendable (isolated Node) -> Void) {
    guard !isOver else { return }
    shutdown = { [unowned self] in receiving { node.assumeIsolated { begin($0) } } }
  }

  /// Ends this process in an orderly way, as soon as what runs now is done: its waits end as in a crash, its disk keeps everything.
  public func exit() {
    guard !isOver else { return }
    simulation.schedule(ProcessEnd(of: self), at: simulation.now)
  }
}

extension Host {
  /// How long after a process has aborted its machine starts it again.
  static let restartDelay = VirtualDuration.seconds(1)

  /// Ends this process because its disk failed it and it does not know how to go on: a crash, after which the machine starts it again.
  func abort() {
    guard !isAborting else { return }
    isAborting = true
    simulation.schedule(ProcessAbort(of: self), at: simulation.now)
  }
}

/// A process dies by its own hand.
private final class ProcessAbort: Scheduled {
  private let host: Host

  init(of host: Host) { self.host = host }

  override func fire(_ simulation: Simulation) {
    guard host.machine.current === host, simulation.faults.abort(host.machine) else { return }
    simulation.schedule(ProcessRestart(of: host.machine), at: simulation.now + Host.restartDelay)
  }
}

/// A machine starts its process again, unless something else has done so or keeps it down.
private final class ProcessRestart: Scheduled {
  private let machine: Machine

  init(of machine: Machine) { self.machine = machine }

  override func fire(_ simulation: Simulation) { simulation.faults.startAgain(machine) }
}

/// The end of a process that has nothing left to do.
private final class ProcessEnd: Scheduled {
  private let host: Host

  init(of host: Host) { self.host = host }

  override func fire(_ simulation: Simulation) { simulation.end(host) }
}
