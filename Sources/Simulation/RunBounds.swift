/// Where a run stops.
public struct RunBounds {
  /// At this time.
  public var time: VirtualTime
  /// After this event.
  public var event: UInt64 = .max
  /// When there have been so many events, as unfinished.
  public var events: UInt64 = .max
  /// When this says that no real time is left; asked now and then.
  public var wallTimeIsUp: (() -> Bool)?
  /// When this holds, looked at once per period of virtual time.
  public var condition: (every: VirtualDuration, holds: () -> Bool)?

  /// Makes the bounds of a run that goes on until a time.
  public init(until time: VirtualTime) { self.time = time }
}

/// Why a run stopped.
public enum RunStop: Sendable {
  /// The time was reached.
  case time
  /// The condition held.
  case condition
  /// The event was reached.
  case event(UInt64)
  /// The bound on events was reached.
  case tooManyEvents(UInt64)
  /// The bound on real time was reached.
  case outOfTime
  /// Nothing is left to happen and nobody waits.
  case nothingLeft
  /// Nothing is left to happen, yet someone waits.
  case stuck([WaitReport])
  /// The simulator or node code broke a rule.
  case defect(SimulatorDefect)
}

/// Who waits for what.
public struct WaitReport: Sendable, Hashable, CustomStringConvertible {
  /// The waiting host.
  public let host: String
  /// Its incarnation.
  public let incarnation: Int
  /// What kind of wait it is.
  public let what: String
  /// More about it.
  public let detail: String

  /// The wait in words.
  public var description: String {
    "\(host) (incarnation \(incarnation)) waits for \(what)\(detail.isEmpty ? "" : ", \(detail)")"
  }
}

/// A broken rule of the simulator itself, or of node code toward it; never a verdict on the simulated system.
public enum SimulatorDefect: Error, Sendable, Hashable, CustomStringConvertible {
  /// A job left the simulation's hosts.
  case escapedJob(host: String, how: String)
  /// A job reached a host from a thread that is not the run's.
  case foreignThread(host: String)
  /// Very many jobs and events happened without virtual time moving.
  case standstill(host: String, wait: String, at: VirtualTime)
  /// A task of a crashed incarnation went on waiting a thousand times.
  case crashSwallowed(host: String, incarnation: Int, wait: String)
  /// Tasks were still there after a crash had ended every wait.
  case tasksOutliveCrash(host: String, count: Int)
  /// Two types of message have the same code, or a request was sent as a one-way message.
  case sharedMessageCode(code: UInt8, name: String)
  /// A node's task ended with an error that nobody handles.
  case uncaughtError(host: String, task: String, error: String)

  /// The defect in words, with the rule of the determinism contract that it breaks.
  public var description: String {
    switch self {
    case .escapedJob(let host, let how):
      "a job of \(host) escaped \(how); rule 2 and 6: tasks start with host.spawn and wait on their host only"
    case .foreignThread(let host):
      "a job reached \(host) from a foreign thread; rule 6: nothing but the run loop may resume a task of a host"
    case .standstill(let host, let wait, let time):
      "virtual time stands still at \(time): \(host) goes on without waiting\(wait.isEmpty ? "" : " (its latest wait: \(wait))")"
    case .crashSwallowed(let host, let incarnation, let wait):
      "a task of \(host), incarnation \(incarnation), went on after its crash and waited a thousand times for \(wait); let HostCrashed through"
    case .tasksOutliveCrash(let host, let count):
      "\(count) tasks of \(host) outlived its crash; they wait for something that is not of their host"
    case .sharedMessageCode(let code, let name):
      "a message \(name) came where another type with the code \(code) is received; a code belongs to one type, and a request is called"
    case .uncaughtError(let host, let task, let error):
      "task \(task) of \(host) ended with an unhandled error: \(error)"
    }
  }
}
