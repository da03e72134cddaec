/// What survives the death of a process: its place in the network, its disk, its clock, and how often it has been started.
///
/// Node code sees a ``Host``, which is one incarnation running on a machine.
final class Machine {
  let id: HostID
  let name: String
  let zone: Int
  unowned(unsafe) let simulation: Simulation
  let disk: DiskState
  var clock = HostClock()
  let links = LinkTable()
  /// The incarnation that runs now; nil while the machine is down.
  var current: Host?
  /// Whether it is meant to run: not before the script starts one that begins absent, and not after one has left for good.
  var isWanted = true
  /// The number of the latest incarnation; 0 before the first.
  var incarnation = 0
  /// The incarnation that a message sent now is meant for: the one that runs, or the next.
  var reachableIncarnation: Int { current == nil ? incarnation + 1 : incarnation }
  let boot: (Host) -> Void
  /// How much longer than usual everything takes the CPU.
  var cpuSlowdown: Int64 = 1
  /// How often each fault point was passed, by the hash of its name.
  var faultPoints: [UInt64: UInt64] = [:]
  private(set) var cpuFreeAt = VirtualTime.start
  private var interfaceFreeAt = VirtualTime.start

  init(
    id: HostID, name: String, zone: Int, simulation: Simulation, disk: DiskConfiguration,
    boot: @escaping (Host) -> Void
  ) {
    self.id = id
    self.name = name
    self.zone = zone
    self.simulation = simulation
    self.disk = DiskState(configuration: disk)
    self.boot = boot
  }

  func readyToSend(at now: VirtualTime) -> VirtualTime { now < cpuFreeAt ? cpuFreeAt : now }

  func occupyCPU(_ cost: VirtualDuration, at now: VirtualTime) {
    cpuFreeAt = readyToSend(at: now) + cost * cpuSlowdown
  }

  func shiftQueues(by pause: VirtualDuration, at now: VirtualTime) {
    if cpuFreeAt > now - pause { cpuFreeAt = cpuFreeAt + pause }
    if interfaceFreeAt > now - pause { interfaceFreeAt = interfaceFreeAt + pause }
  }

  func clearQueues() {
    cpuFreeAt = .start
    interfaceFreeAt = .start
  }

  /// When a message has left the interface, behind those before it.
  func departure(of size: Int64, ready: VirtualTime, bytesPerSecond: Int64) -> VirtualTime {
    let begin = ready < interfaceFreeAt ? interfaceFreeAt : ready
    let transfer = VirtualDuration(nanoseconds: size * 1_000_000_000 / bytesPerSecond)
    interfaceFreeAt = begin + transfer
    return interfaceFreeAt
  }
}

/// The machines by their identifiers, in plain memory: every message looks up its receiver.
final class MachineTable {
  private var machines: UnsafeMutablePointer<Machine>
  private var capacity = 16
  private var count = 0

  init() { machines = .allocate(capacity: capacity) }

  deinit {
    machines.deinitialize(count: count)
    machines.deallocate()
  }

  func append(_ machine: Machine) {
    if count == capacity {
      let bigger = UnsafeMutablePointer<Machine>.allocate(capacity: capacity * 2)
      bigger.moveInitialize(from: machines, count: count)
      machines.deallocate()
      machines = bigger
      capacity *= 2
    }
    (machines + count).initialize(to: machine)
    count += 1
  }

  subscript(id: HostID) -> Machine {
    precondition(id.rawValue < count, "there is no machine \(id.rawValue)")
    return machines[Int(id.rawValue)]
  }
}
