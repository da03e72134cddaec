/// Sees what happens in a run from outside, for figures: it is told, decides nothing, and is asked nothing.
///
/// Nothing that it is told becomes an event, and no draw or choice is made for it, so that a run that is watched has the digest of one that is not. It must not send, spawn or emit.
public protocol RunWatcher: AnyObject {
  /// A message left a host for the network, which may lose it.
  func sent(bytes: Int, by host: Host)
  /// The network lost a message of a host.
  func lostMessage(of host: Host)
  /// A state worth reaching was reached.
  func reached(_ probe: Probe, on host: Host)
  /// A host was handed a request.
  func received(_ kind: MessageKind, on host: Host)
  /// A host answered a request; a duplicate counts again, as its work does.
  func served(_ request: WatchedRequest, on host: Host)
  /// A host heard of a request's outcome; what it no longer waited for does not count.
  func heard(_ request: WatchedRequest, on host: Host)
}

/// A request that has come to its end, as the host that answered or asked sees it.
public struct WatchedRequest {
  /// The request's kind.
  public let kind: MessageKind
  /// How long it took in true time: from its arrival to its answer, or from its sending to its outcome.
  public let duration: VirtualDuration
  /// What the receiver or the network refused it with; nil for a success.
  public let error: (any Error)?
  /// The answer's length on the wire in bytes; 0 without one.
  public let answerBytes: Int
}

extension Simulation {
  /// Calls `take` whenever virtual time has passed a multiple of an interval, with that time as the present: everything up to it has happened, and nothing after it.
  ///
  /// It is called between events by the run loop, schedules nothing, and may only look.
  ///
  /// - Parameter interval: More than nothing.
  public func sample(every interval: VirtualDuration, _ take: @escaping (VirtualTime) -> Void) {
    precondition(interval > .zero, "samples are taken at intervals")
    sampling = (interval, take)
    nextSample = now + interval
  }

  /// Takes the sample that is due before `time`, unless something else comes first; tells whether there was one.
  func takesSample(before time: VirtualTime, check: VirtualTime?, bound: VirtualTime) -> Bool {
    guard let sampling, nextSample < time, nextSample <= bound, nextSample <= check ?? .distantFuture else {
      return false
    }
    if now < nextSample { self.time = nextSample }
    nextSample = nextSample + sampling.interval
    sampling.take(now)
    return true
  }
}

/// What a host's machine can tell of itself.
public struct HostFigures: Sendable, Hashable {
  /// Whether the process is stalled.
  public let isPaused: Bool
  /// How long the CPU is booked out from now.
  public let cpuBacklog: VirtualDuration
  /// Bytes of the files on the disk.
  public let diskBytes: Int
  /// Syncs that the disk performed over the life of the machine.
  public let diskSyncs: UInt64
  /// How many waits of the process have not ended.
  public let waits: Int
}

extension Host {
  /// What the machine can tell of itself now.
  public var figures: HostFigures {
    let backlog = machine.readyToSend(at: simulation.now) - simulation.now
    return HostFigures(
      isPaused: isPaused, cpuBacklog: backlog, diskBytes: machine.disk.size, diskSyncs: machine.disk.syncs,
      waits: waits.count)
  }
}
