import CExecutorHooks
@_spi(ExperimentalScheduling) import _Concurrency

// Everything of Swift's concurrency that could break determinism lives in this file: the executors, the one way to start a task, the one way to wait.
//
// A host has two executor objects over the simulation's one ready queue: one for the isolation of actors, one as the preference of tasks. Each job runs as what it was enqueued as, but for the resumption of an actor's code. One object in both roles lets the optimiser remove hops, and debug and release builds then run different numbers of jobs.

/// Where a job runs.
enum JobRole {
  /// On the executor of its host's actors.
  case actor
  /// On the executor that its host's tasks prefer.
  case task
}

/// A job that is ready to run.
struct ReadyJob {
  let job: UnownedJob
  // Not counted: a task keeps the host it was started on.
  unowned(unsafe) let host: Host
  let role: JobRole
  /// The event during which it was enqueued.
  let cause: UInt64

  func run() {
    switch role {
    case .actor: job.runSynchronously(isolatedTo: host.executor, taskExecutor: host.preference)
    case .task: job.runSynchronously(on: host.preference)
    }
  }
}

/// The executor of a host's actors.
final class HostActorExecutor: SerialExecutor, @unchecked Sendable {
  /// Whose it is: that host makes it before it is complete, and then sets this once.
  unowned(unsafe) var host: Host!

  func enqueue(_ job: consuming ExecutorJob) { host.enqueue(UnownedJob(job), as: .actor) }

  /// True only while the run loop hands this host a message; without it `assumeIsolated` outside a job traps.
  func isIsolatingCurrentContext() -> Bool? { host.isReceiving }
}

/// The executor that a host's tasks prefer.
final class HostTaskExecutor: TaskExecutor, @unchecked Sendable {
  /// Whose it is: that host makes it before it is complete, and then sets this once.
  unowned(unsafe) var host: Host!

  func enqueue(_ job: consuming ExecutorJob) { host.enqueue(UnownedJob(job), as: .task) }
}

// `Task.sleep` asks the executor that it runs on to wake it, and only if that cannot, the pool, past all hooks. Hosts say they can, to catch it; the job is dropped.
extension HostTaskExecutor: SchedulingExecutor {
  func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
    host.refuseRealSleep()
  }

  func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C) {
    host.refuseRealSleep()
  }
}

extension HostActorExecutor: SchedulingExecutor {
  func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
    host.refuseRealSleep()
  }

  func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C) {
    host.refuseRealSleep()
  }
}

extension Host {
  fileprivate func refuseRealSleep() {
    simulation.fail(.escapedJob(host: name, how: "to the runtime's own timer (Task.sleep)"))
  }
}

extension Host {
  /// Starts a task on this host; the only way in which node code starts one.
  ///
  /// The task ends with the incarnation: a crash fails its waits with ``HostCrashed``, which it lets through. Any other error that leaves the operation is a defect of the node and ends the run.
  public func spawn<Node: Actor>(
    _ name: StaticString, on node: Node, _ operation: @escaping @Sendable (isolated Node) async throws -> Void
  ) {
    guard !isOver else { return }
    simulation.asRunning {
      let slot = tasks.reserve()
      let task = Task(executorPreference: taskExecutor) { [self] in
        do {
          try await operation(node)
        } catch {
          taskFailed(name, error)
        }
        tasks.release(slot)
      }
      tasks.fill(slot, task)
    }
  }

  func taskFailed(_ name: StaticString, _ error: any Error) {
    guard !isOver, !(error is HostCrashed) else { return }
    if error is DiskError { return abort() }
    simulation.fail(.uncaughtError(host: self.name, task: "\(name)", error: "\(error)"))
  }
}

extension Host {
  /// Makes sure, once and for all, that a node is an actor of this host.
  ///
  /// - Precondition: The node's `unownedExecutor` is this host's ``Host/executor``.
  func adopt(_ node: some Actor) { receiving { node.assumeIsolated { _ in } } }
}

/// A body that is isolated to an adopted node, which the run loop calls while it steps onto the host: what `assumeIsolated` does, without asking the runtime for each message. Sendable because its body is; on another thread it is never run.
struct Step<Node: Actor, Content, Answer>: @unchecked Sendable {
  private struct Isolated {
    let body: @Sendable (isolated Node, Content, Sender) throws -> Answer
  }

  let run: (Node, Content, Sender) throws -> Answer

  init(_ body: @escaping @Sendable (isolated Node, Content, Sender) throws -> Answer) {
    // Isolation to a parameter is a matter of types: the function itself is the same. As a field it is cast as it is, without wrappers.
    self = unsafeBitCast(Isolated(body: body), to: Step.self)
  }
}

/// What becomes of one of several requests of a message, by its place among them.
typealias OutcomeStep<Node: Actor, Response: Payload> = Step<Node, (Int, Result<Response, any Error>), Void>

/// The tasks of one incarnation, so that a crash can cancel them.
struct TaskRegistry {
  private enum Slot {
    case free
    /// Reserved, and released before the handle arrived or not.
    case reserved
    case running(Task<Void, Never>)
  }

  private var slots: [Slot] = []
  private var freeSlots: [Int] = []
  private(set) var count = 0

  mutating func reserve() -> Int {
    count += 1
    if let slot = freeSlots.popLast() {
      slots[slot] = .reserved
      return slot
    }
    slots.append(.reserved)
    return slots.count - 1
  }

  mutating func fill(_ slot: Int, _ task: Task<Void, Never>) {
    if case .reserved = slots[slot] { slots[slot] = .running(task) }
  }

  mutating func release(_ slot: Int) {
    slots[slot] = .free
    freeSlots.append(slot)
    count -= 1
  }

  func cancelAll() {
    for case .running(let task) in slots { task.cancel() }
  }
}

/// One task's wait for a value that an event will bring.
class Suspension<Value: Sendable>: Wait {
  private var continuation: UnsafeContinuation<Value, any Error>?
  /// Whether it is an actor's code that waits.
  private var isIsolated = false

  func resume(_ value: Value) {
    guard let continuation else { return }
    end()
    self.continuation = nil
    goOn { continuation.resume(returning: value) }
  }

  override func fail(_ error: any Error) {
    guard let continuation else { return }
    end()
    self.continuation = nil
    goOn { continuation.resume(throwing: error) }
  }

  /// The runtime resumes every task on the executor that it prefers, where the first thing that an actor's code does is to ask for its actor's. All actors of a host share that one: a job that begins there goes on without a second turn. Code of no actor must not begin there, because debug builds go back to the other executor where release builds do not.
  private func goOn(_ resume: () -> Void) {
    host.simulation.resumesOnActor = isIsolated
    resume()
    host.simulation.resumesOnActor = false
  }

  /// Waits until someone resumes or fails this suspension; `begin` runs once the wait is registered.
  ///
  /// The isolation is a parameter of its own: left to `nonisolated(nonsending)`, the optimiser of Swift 6.3.1 drops the hop back, and in release builds the caller goes on outside of its actor.
  ///
  /// - Throws: ``HostCrashed`` when the host's incarnation is over, and whatever the suspension is failed with.
  final func wait(isolation: isolated (any Actor)? = #isolation, _ begin: () -> Void) async throws -> Value {
    if host.isOver {
      if host.mayWaitOnceMore(label) { throw HostCrashed() }
      // A loop that swallows the crash would never leave its job: it is parked, and the run ends with a report.
      return try await withUnsafeThrowingContinuation { (_: UnsafeContinuation<Value, any Error>) in }
    }
    isIsolated = isolation != nil
    return try await withUnsafeThrowingContinuation { continuation in
      self.continuation = continuation
      host.register(self)
      begin()
    }
  }
}

/// Marks the current thread as the one that runs a simulation, so that jobs which escape are seen.
struct RunningThread {
  /// Marks the thread; returns the mark it had, for ``leave(to:)``.
  static func enter(_ token: UInt64) -> UInt64 {
    executor_hooks_install()
    let before = executor_hooks_running()
    executor_hooks_set_running(token)
    return before
  }

  static func leave(to before: UInt64) { executor_hooks_set_running(before) }

  static var token: UInt64 { executor_hooks_running() }

  static var escape: String? {
    switch executor_hooks_escape() {
    case Int32(executor_escape_global.rawValue):
      "to the shared thread pool (a detached task, or a child of an unspawned one)"
    case Int32(executor_escape_delayed.rawValue): "to the runtime's own timer (Task.sleep)"
    case Int32(executor_escape_main.rawValue): "to the main executor (MainActor)"
    default: nil
    }
  }
}
