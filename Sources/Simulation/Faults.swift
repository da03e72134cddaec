/// Brings a fault script about.
final class Faults {
  private static let requestStream = RandomStreamName("component.request")
  private static let tornStream = RandomStreamName("disk.torn")

  unowned(unsafe) let simulation: Simulation
  private(set) var script = FaultScript()
  private var active: [Int] = []
  /// Whether the faults have stopped for good.
  private(set) var hasHealed = false
  private var counts: [FaultCount] = []
  private var listedRequests: [UInt64: [UInt64: UInt64]] = [:]
  private(set) var firedMessages: [ListedMessageFault] = []
  private(set) var firedRequests: [ListedRequestFault] = []
  /// What took effect, for timelines and shaded charts.
  private(set) var windows: [FaultWindow] = []
  private var windowOfEntry: [Int: Int] = [:]

  init(simulation: Simulation) { self.simulation = simulation }

  /// Takes in the script; its entries happen when their time comes.
  func load(_ script: FaultScript) {
    self.script = script
    for (index, entry) in script.entries.enumerated() {
      count(entry.fault.kind) { $0.planned += 1 }
      simulation.schedule(FaultMoment(entry: index, begins: true), at: entry.at)
    }
    simulation.network.drawsWeather = script.messages == nil
    for fault in script.messages ?? [] {
      guard let from = simulation.machine(named: fault.from), let to = simulation.machine(named: fault.to) else {
        continue
      }
      simulation.network.listed[Network.linkKey(from.id, to.id), default: [:]][fault.ordinal] = (
        fault.fault, fault.extra
      )
    }
    for fault in script.requests ?? [] {
      guard let component = simulation.machine(named: fault.component),
        let client = simulation.machine(named: fault.client)
      else { continue }
      listedRequests[Network.linkKey(client.id, component.id), default: [:]][fault.ordinal] = fault.outcome
    }
  }

  /// What was planned and what fired, in the order of the script.
  var report: [FaultCount] { counts }

  private func count(_ kind: String, _ change: (inout FaultCount) -> Void) {
    if let index = counts.firstIndex(where: { $0.kind == kind }) {
      change(&counts[index])
    } else {
      var new = FaultCount(kind: kind, planned: 0, fired: 0)
      change(&new)
      counts.append(new)
    }
  }

  // MARK: Beginning and ending

  func begin(_ index: Int) {
    let entry = script.entries[index]
    guard apply(entry.fault, begins: true, index) else { return }
    windowOfEntry[index] = windows.count
    windows.append(FaultWindow(fault: entry.fault, begin: simulation.now, end: nil, event: simulation.currentEvent))
    switch entry.fault {
    case .start: windows[windows.count - 1].end = simulation.now
    // How long a process that leaves is away counts from its end.
    case .drain: active.append(index)
    default:
      active.append(index)
      scheduleEnd(of: index)
    }
    switch entry.fault {
    case .messages, .component, .diskErrors: break
    default: count(entry.fault.kind) { $0.fired += 1 }
    }
  }

  private func scheduleEnd(of index: Int) {
    guard let lasts = script.entries[index].lasts else { return }
    simulation.schedule(FaultMoment(entry: index, begins: false), at: simulation.now + lasts)
  }

  /// A process that an entry had told to leave has ended.
  func processEnded(entry index: Int) {
    guard active.contains(index) else { return }
    if script.entries[index].lasts != nil { scheduleEnd(of: index) } else { close(index) }
  }

  /// An entry is over, without anything to undo.
  private func close(_ index: Int) {
    active.removeAll { $0 == index }
    if let window = windowOfEntry[index] { windows[window].end = simulation.now }
  }

  /// Whether the process that an entry told to leave is still at it.
  private func isStillLeaving(_ index: Int) -> Bool {
    guard case .drain(let name) = script.entries[index].fault else { return false }
    return simulation.machine(named: name)?.current?.shutdownEntry == index
  }

  func end(_ index: Int) {
    guard let place = active.firstIndex(of: index) else { return }
    active.remove(at: place)
    if let window = windowOfEntry[index] { windows[window].end = simulation.now }
    _ = apply(script.entries[index].fault, begins: false, index)
  }

  /// Ends everything that is wrong, and starts every machine that is down and is meant to run. Whoever is leaving goes on to do so, and what concerns nobody but the machines `outside` goes on for good.
  func heal(leaving outside: Set<String> = []) {
    hasHealed = true
    let event = simulation.record(.healed, on: nil, cause: 0)
    let kept = Set(simulation.machines.filter { outside.contains($0.name) }.map { UInt64($0.id.rawValue) })
    simulation.network.listed = simulation.network.listed.filter { key, _ in
      kept.contains(key >> 32) || kept.contains(key & 0xFFFF_FFFF)
    }
    for index in active where !isStillLeaving(index) && !script.entries[index].fault.isConfined(to: outside) {
      simulation.currentEvent = event
      end(index)
    }
    for machine in simulation.machines
    where machine.current == nil && machine.isWanted && !outside.contains(machine.name) {
      simulation.currentEvent = event
      simulation.start(machine)
    }
  }

  /// Entries whose time has not come never will.
  func cancelPending() {
    _ = simulation.queue.removeAll { $0 is FaultMoment }
  }

  private func apply(_ fault: Fault, begins: Bool, _ index: Int) -> Bool {
    switch fault {
    case .crash(let name): return withMachine(name) { begins ? crash($0) : restart($0) }
    case .replace(let name): return withMachine(name) { begins ? replace($0) : restart($0) }
    case .drain(let name): return withMachine(name) { begins ? tellToLeave($0, index) : restart($0) }
    case .start(let name):
      return withMachine(name) { machine in
        guard begins, machine.current == nil, !machine.isWanted else { return false }
        machine.isWanted = true
        return restart(machine)
      }
    case .pause(let name):
      return withMachine(name) {
        begins ? simulation.pause($0, entry: index) : simulation.resume($0, entry: index)
      }
    case .cut(let from, let to, let bothWays):
      eachLink(machines(from), machines(to), bothWays: bothWays) {
        simulation.network.cut($0, $1, by: begins ? 1 : -1)
      }
      return true
    case .clog(let from, let to, let bothWays):
      eachLink(machines(from), machines(to), bothWays: bothWays) {
        simulation.network.clog($0, $1, by: begins ? 1 : -1)
      }
      return true
    case .bandwidth(let from, let to, _, _):
      eachLink(machines(from), machines(to), bothWays: false) { source, target in
        simulation.network.limit(
          source, target, to: limits(from: source.name, to: target.name, changing: index, begins))
      }
      return true
    case .diskStall(let name, _), .diskErrors(let name, _), .diskFull(let name):
      return withMachine(name) {
        troubleDisk(of: $0, by: inForce(changing: index, begins))
        return true
      }
    case .bitFlip(let name): return withMachine(name) { begins ? flipBit(of: $0, entry: index) : true }
    case .messages(let kind, let from, let to, let odds, let extra):
      if begins {
        simulation.network.weather.append(
          Network.Weather(
            identifier: index, kind: kind, source: machines(from).map(\.id), target: machines(to).map(\.id),
            partsPerMillion: odds, extra: extra))
      } else {
        simulation.network.weather.removeAll { $0.identifier == index }
      }
      return true
    case .clockStep(let name, let by):
      return withMachine(name) {
        $0.clock.wallOffset = begins ? $0.clock.wallOffset + by : $0.clock.wallOffset - by
        return true
      }
    case .clockDrift(let name, let drift):
      return withMachine(name) {
        $0.clock.setDrift(partsPerMillion: begins ? drift : activeDrift(of: name), at: simulation.now)
        $0.current?.followClock()
        return true
      }
    case .slowCPU(let name, let factor):
      return withMachine(name) {
        $0.cpuSlowdown = begins ? factor : activeSlowdown(of: name)
        return true
      }
    case .component(let name, let what, let values):
      return withMachine(name) { machine in
        guard let apply = machine.current?.componentFault else { return false }
        apply(what, values, begins)
        return true
      }
    }
  }

  // Where faults of one kind overlap, the one that began last holds; when it ends, the one before it.
  private func activeDrift(of host: String) -> Int64 {
    for index in active.reversed() {
      if case .clockDrift(host, let drift) = script.entries[index].fault { return drift }
    }
    return 0
  }

  private func activeSlowdown(of host: String) -> Int64 {
    for index in active.reversed() {
      if case .slowCPU(host, let factor) = script.entries[index].fault { return factor }
    }
    return 1
  }

  /// The entries that hold once the one of this index has begun or ended.
  private func inForce(changing index: Int, _ begins: Bool) -> [Fault] {
    let others = active.filter { $0 != index }
    return (begins ? others + [index] : others).map { script.entries[$0].fault }
  }

  private func limits(
    from source: String, to target: String, changing index: Int, _ begins: Bool
  ) -> [(bytesPerSecond: Int64, queue: Int)] {
    inForce(changing: index, begins).compactMap { fault in
      guard case .bandwidth(let from, let to, let bytesPerSecond, let queue) = fault,
        from.contains(source), to.contains(target)
      else { return nil }
      return (bytesPerSecond, queue)
    }
  }

  private func replace(_ machine: Machine) -> Bool {
    guard machine.current != nil else { return false }
    simulation.crash(machine)
    let lost = machine.disk.size
    machine.disk.erase()
    simulation.record(.diskLoss, on: nil) { $0.number("bytes", lost) }
    return true
  }

  private func crash(_ machine: Machine) -> Bool {
    guard let host = machine.current else { return false }
    simulation.crash(machine)
    if let entry = host.shutdownEntry { close(entry) }
    let lost = machine.disk.crash { name, unsynced in
      let key = UInt64(machine.id.rawValue) << 32 | UInt64(machine.incarnation)
      let draw = simulation.randomness.draw(Self.tornStream, key: key, ordinal: name.stableHash)
      // A third of the files keep nothing, a third a part, a third everything that had been handed to the device.
      switch draw % 3 {
      case 0: return 0
      case 1: return mixed(draw).scaled(below: unsynced + 1)
      default: return unsynced
      }
    }
    simulation.record(.diskLoss, on: nil) { $0.number("bytes", lost) }
    return true
  }

  /// A process ends itself; of what it had not synced its disk keeps what a crash leaves.
  func abort(_ machine: Machine) -> Bool { crash(machine) }

  /// Starts a process that has ended itself, unless a fault keeps its machine down.
  func startAgain(_ machine: Machine) {
    for index in active {
      switch script.entries[index].fault {
      case .crash(machine.name), .replace(machine.name): return
      default: break
      }
    }
    _ = restart(machine)
  }

  private func restart(_ machine: Machine) -> Bool {
    guard machine.current == nil, machine.isWanted else { return false }
    simulation.start(machine)
    return true
  }

  private func tellToLeave(_ machine: Machine, _ index: Int) -> Bool {
    guard let host = machine.current, host.shutdownEntry == nil else { return false }
    host.shutdownEntry = index
    if script.entries[index].lasts == nil { machine.isWanted = false }
    if let shutdown = host.shutdown { shutdown() } else { host.exit() }
    return true
  }

  private func eachLink(
    _ from: [Machine], _ to: [Machine], bothWays: Bool, _ body: (_ source: Machine, _ target: Machine) -> Void
  ) {
    for source in from {
      for target in to where source !== target {
        body(source, target)
        if bothWays { body(target, source) }
      }
    }
  }

  private func withMachine(_ name: String, _ body: (Machine) -> Bool) -> Bool {
    guard let machine = simulation.machine(named: name) else { return false }
    return body(machine)
  }

  private func machines(_ names: [String]) -> [Machine] { names.compactMap { simulation.machine(named: $0) } }

  // MARK: Single messages and requests

  /// One of the many hits of a kind of fault took effect.
  func fired(_ kind: String) { count(kind) { $0.fired += 1 } }

  func fired(message: MessageFault, from: Machine, to: Machine, ordinal: UInt64, extra: VirtualDuration) {
    firedMessages.append(
      ListedMessageFault(from: from.name, to: to.name, ordinal: ordinal, fault: message, extra: extra))
    let kind = Fault.messages(message, from: [], to: [], partsPerMillion: 0, extra: .zero).kind
    count(kind) { $0.fired += 1 }
  }

  func fired(componentFault kind: String) { count(kind) { $0.fired += 1 } }

  func requestOutcome(
    component: Machine, client: HostID, ordinal: UInt64, odds: [RequestOdds]
  ) -> UInt64 {
    let key = Network.linkKey(client, component.id)
    guard !odds.isEmpty || !listedRequests.isEmpty || simulation.choices.isReplay else { return 0 }
    let outcome = simulation.choices.choose(.request, subject: key, ordinal: ordinal) {
      if script.requests != nil { return listedRequests[key]?[ordinal] ?? 0 }
      let draw = simulation.randomness.draw(Self.requestStream, key: key, ordinal: ordinal).scaled(below: 1_000_000)
      var bound: UInt64 = 0
      for possible in odds {
        bound += UInt64(possible.partsPerMillion)
        if draw < bound { return possible.outcome }
      }
      return 0
    }
    if outcome != 0 {
      firedRequests.append(
        ListedRequestFault(
          component: component.name, client: simulation.machines[Int(client.rawValue)].name, ordinal: ordinal,
          outcome: outcome))
      if let cause = odds.first(where: { $0.outcome == outcome }) { count(cause.kind) { $0.fired += 1 } }
    }
    return outcome
  }
}

/// A fault that took effect: from when to when.
public struct FaultWindow: Sendable, Hashable {
  /// What was wrong.
  public let fault: Fault
  /// When it began.
  public let begin: VirtualTime
  /// When it ended; nil when the run ended first.
  public var end: VirtualTime?
  /// The event with which it began.
  public let event: UInt64
}

/// The beginning or the end of an entry of the fault script.
private final class FaultMoment: Scheduled {
  private let entry: Int
  private let begins: Bool

  init(entry: Int, begins: Bool) {
    self.entry = entry
    self.begins = begins
  }

  override func fire(_ simulation: Simulation) {
    let fault = simulation.faults.script.entries[entry].fault
    simulation.record(.fault, on: nil, becomesCause: true) { log in
      log.text("fault", fault.kind)
      log.number("entry", entry)
      log.number("begins", begins ? 1 : 0)
    }
    if begins { simulation.faults.begin(entry) } else { simulation.faults.end(entry) }
  }
}
