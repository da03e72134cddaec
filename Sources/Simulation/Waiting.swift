/// The host's incarnation is over: whatever it was waiting for will not come.
///
/// Node code lets this error through; it never goes on after it.
public struct HostCrashed: Error, Sendable {
  /// Makes the error.
  public init() {}
}

/// A wait that a crash must be able to end; also a thing that can be scheduled, so that a wait can have a deadline.
public class Wait: Scheduled {
  unowned(unsafe) let host: Host
  let label: StaticString
  /// When it is due on the host's own clock; nil when it is not that clock that ends it.
  var localDue: VirtualTime?
  // Not counted: who is before another in the list is in the list.
  private unowned(unsafe) var previous: Wait?
  private var next: Wait?
  private var isRegistered = false

  init(host: Host, label: StaticString) {
    self.host = host
    self.label = label
  }

  func fail(_ error: any Error) { preconditionFailure("a wait says how it fails") }

  /// More about what is waited for, such as the host that was called.
  var detail: String { "" }

  fileprivate func insert(before first: Wait?) {
    isRegistered = true
    next = first
    first?.previous = self
  }

  /// Leaves the host's list of waits and the event queue.
  func end() {
    if isScheduled { host.simulation.queue.cancel(self) }
    guard isRegistered else { return }
    isRegistered = false
    if let previous { previous.next = next } else { host.firstWait = next }
    next?.previous = previous
    previous = nil
    next = nil
  }

  var following: Wait? { next }
  /// Whether it has not come to its end.
  var isPending: Bool { isRegistered }
}

extension Host {
  func register(_ wait: Wait) {
    wait.insert(before: firstWait)
    firstWait = wait
    latestWait = wait.label
  }

  /// Schedules a wait's end after a length of this host's own time.
  func schedule(_ wait: Wait, after duration: VirtualDuration) {
    wait.localDue = now + duration
    simulation.schedule(wait, at: simulation.now + machine.clock.trueDuration(ofLocal: duration))
  }

  /// Moves the waits that this host's clock ends to where they are due now that its pace has changed.
  func followClock() {
    for wait in waits where wait.isScheduled {
      guard let due = wait.localDue else { continue }
      simulation.queue.cancel(wait)
      let left = due - now
      let time = simulation.now + machine.clock.trueDuration(ofLocal: left)
      simulation.queue.reinsert(wait, at: time < simulation.now ? simulation.now : time)
    }
  }

  /// Whether a task of a crashed incarnation may be told once more that it is over.
  func mayWaitOnceMore(_ label: StaticString) -> Bool {
    waitsAfterCrash += 1
    if waitsAfterCrash < 1_000 { return true }
    simulation.fail(.crashSwallowed(host: name, incarnation: incarnation, wait: "\(label)"))
    return false
  }

  /// Sleeps for a length of this host's own monotonic time.
  ///
  /// - Throws: ``HostCrashed``.
  public func sleep(for duration: VirtualDuration) async throws {
    let timer = Sleep(host: self, label: "sleep")
    try await timer.wait { schedule(timer, after: duration) }
  }

  /// A sequence that ticks every `period` of this host's time, first after one period, until the host crashes.
  public func ticks(every period: VirtualDuration) -> Ticks { Ticks(host: self, period: period) }
}

/// The ticks of ``Host/ticks(every:)``.
public struct Ticks: AsyncSequence, Sendable {
  let host: Host
  let period: VirtualDuration

  /// Waits for the next tick.
  public struct Iterator: AsyncIteratorProtocol {
    let host: Host
    let period: VirtualDuration

    /// Waits one period; nil once the host has crashed.
    public mutating func next() async -> Void? {
      do {
        try await host.sleep(for: period)
        return ()
      } catch {
        return nil
      }
    }
  }

  /// Starts counting periods now.
  public func makeAsyncIterator() -> Iterator { Iterator(host: host, period: period) }
}

/// One task's sleep.
private final class Sleep: Suspension<Void> {
  override func fire(_ simulation: Simulation) {
    simulation.record(.timer, on: host)
    resume(())
  }
}

/// A value that will be there later, for waits within one host: any number of tasks may wait, and each gets it.
public final class Promise<Value: Sendable>: @unchecked Sendable {
  private let host: Host
  private let label: StaticString
  private var outcome: Result<Value, any Error>?
  private var waiting: [Suspension<Value>] = []
  private var listeners: [@Sendable (Result<Value, any Error>) -> Void] = []

  /// Makes a promise on a host; the label tells in reports what is waited for.
  public init(on host: Host, _ label: StaticString) {
    self.host = host
    self.label = label
  }

  /// Whether the outcome is there.
  public var isSettled: Bool { outcome != nil }

  /// Gives the value; later outcomes are ignored.
  public func succeed(_ value: Value) { settle(.success(value)) }

  /// Gives an error instead of the value; later outcomes are ignored.
  public func fail(_ error: any Error) { settle(.failure(error)) }

  private func settle(_ result: Result<Value, any Error>) {
    guard outcome == nil else { return }
    outcome = result
    if host.isOver { listeners = [] }
    let tasks = waiting
    waiting = []
    for task in tasks {
      switch result {
      case .success(let value): task.resume(value)
      case .failure(let error): task.fail(error)
      }
    }
    guard !listeners.isEmpty else { return }
    let bodies = listeners
    listeners = []
    for body in bodies { body(result) }
  }

  /// Calls a body with the outcome, now if it is there, else when it is given; never after a crash.
  public func whenSettled(_ body: @escaping @Sendable (Result<Value, any Error>) -> Void) {
    guard !host.isOver else { return }
    if let outcome { body(outcome) } else { listeners.append(body) }
  }

  /// Waits for the value.
  ///
  /// - Throws: ``HostCrashed``, or the error that was given instead.
  public var value: Value {
    get async throws {
      if let outcome, !host.isOver { return try outcome.get() }
      let suspension = Suspension<Value>(host: host, label: label)
      return try await suspension.wait { waiting.append(suspension) }
    }
  }
}

/// A bell that wakes those who wait for it, with an optional longest wait.
public final class Signal: @unchecked Sendable {
  private let host: Host
  private let label: StaticString
  private var waiting: [SignalWait] = []

  /// Makes a signal on a host; the label tells in reports what is waited for.
  public init(on host: Host, _ label: StaticString) {
    self.host = host
    self.label = label
  }

  /// Wakes everyone who waits now.
  public func notify() {
    guard !waiting.isEmpty else { return }
    let tasks = waiting
    waiting = []
    for task in tasks { task.resume(true) }
  }

  /// Waits for the next notification, at most for `limit` of the host's time when given; tells whether it came.
  ///
  /// - Throws: ``HostCrashed``.
  @discardableResult
  public func wait(atMost limit: VirtualDuration? = nil) async throws -> Bool {
    let suspension = SignalWait(host: host, label: label, signal: self)
    return try await suspension.wait {
      waiting.append(suspension)
      if let limit { host.schedule(suspension, after: limit) }
    }
  }

  fileprivate func forget(_ wait: SignalWait) { waiting.removeAll { $0 === wait } }
}

/// One task's wait for a signal.
private final class SignalWait: Suspension<Bool> {
  // Unowned: the waiting task keeps the signal, and a cycle would outlive a crash, which leaves the wait in its list.
  private unowned let signal: Signal

  init(host: Host, label: StaticString, signal: Signal) {
    self.signal = signal
    super.init(host: host, label: label)
  }

  override func fire(_ simulation: Simulation) {
    simulation.record(.timer, on: host)
    signal.forget(self)
    resume(false)
  }
}
