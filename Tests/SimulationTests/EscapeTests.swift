import Foundation
import Synchronization
import Testing

@testable import Simulation

/// Plants what rule 6 of the determinism contract refuses, one of each kind, and wants the run to end with its name.
@Suite("An escaped job")
struct EscapeTests {
  private func defect(_ life: @escaping @Sendable (isolated Node) async throws -> Void) -> SimulatorDefect? {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("bystander") { node in for await _ in node.host.ticks(every: .seconds(1)) {} }
    simulation.addNode("culprit", life: life)
    return simulation.play().defect
  }

  private func escaped(_ defect: SimulatorDefect?, _ words: String) -> Bool {
    guard case .escapedJob("culprit", let how) = defect else { return false }
    return how.contains(words)
  }

  @Test("is seen when it is a detached task")
  func detached() {
    #expect(escaped(defect { _ in Task.detached {} }, "pool"))
  }

  @Test("is seen when it is the child of a task that was not spawned")
  func unspawnedChild() {
    let defect = defect { node in
      Task {
        async let child: Void = node.increment()
        await child
        _ = node.count
      }
    }
    #expect(escaped(defect, "pool"))
  }

  @Test("is seen when it sleeps on the runtime's clock")
  func sleep() {
    #expect(escaped(defect { _ in try await Task.sleep(for: .milliseconds(1)) }, "timer"))
    #expect(escaped(defect { _ in try await Task.sleep(nanoseconds: 1) }, "timer"))
  }

  @Test("is seen when it goes to the main actor")
  func mainActor() {
    #expect(escaped(defect { _ in await MainActor.run {} }, "main"))
  }

  @Test("is seen when it goes to an actor that has no host")
  func foreignActor() {
    actor Stray { func touch() {} }
    #expect(defect { _ in await Stray().touch() } == nil, "a default actor under a spawned task stays on the host")
    let stray = Stray()
    #expect(escaped(defect { _ in Task.detached { await stray.touch() } }, "pool"))
  }

  @Test("is seen when the set-up of a node lets it out")
  func inSetUp() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("culprit", setUp: { _ in Task.detached {} })
    #expect(escaped(simulation.play().defect, "pool"))
  }

  @Test("is seen when a dying task lets it out at the very end")
  func atTheEnd() {
    let simulation = Simulation(steadyConfiguration())
    simulation.addNode("culprit") { node in
      do { try await node.host.sleep(for: .seconds(900)) } catch is HostCrashed { Task.detached {} }
    }
    #expect(simulation.play(seconds: 1).name == "time")
    #expect(escaped(simulation.defect, "pool"))
  }

  @Test("is seen when a foreign thread resumes a task of a host")
  func foreignContinuation() {
    let simulation = Simulation(steadyConfiguration())
    let waiting = Mutex<UnsafeContinuation<Void, Never>?>(nil)
    simulation.addNode("culprit") { _ in
      await withUnsafeContinuation { continuation in waiting.withLock { $0 = continuation } }
    }
    simulation.addNode("accomplice") { node in
      try await node.host.sleep(for: .seconds(1))
      onAnotherThread { waiting.withLock { $0.take()?.resume() } }
    }
    #expect(simulation.play().defect == .foreignThread(host: "culprit"))
  }

  @Test("is seen when a foreign thread calls an actor of a host")
  func foreignCall() {
    let simulation = Simulation(steadyConfiguration())
    nonisolated(unsafe) var node: Node?
    simulation.addNode("culprit", setUp: { node = $0 })
    simulation.addNode("clock") { node in for await _ in node.host.ticks(every: .milliseconds(1)) {} }
    simulation.startAll()
    let culprit = node
    onAnotherThread { Task.detached { await culprit?.increment() } }
    // The pool takes its time: virtual time goes on until the call comes in.
    let stop = simulation.run(RunBounds(until: .distantFuture))
    #expect(stop.defect == .foreignThread(host: "culprit"))
    simulation.finish()
  }

  @Test("of the rest of the process passes while no simulation runs on its thread")
  func bystanders() async {
    #expect(Simulation(steadyConfiguration()).play().defect == nil)
    #expect(await Task.detached { 7 }.value == 7)
    #expect(await MainActor.run { 8 } == 8)
  }

  @Test("may come after its simulation is gone")
  func late() {
    let waiting = Mutex<UnsafeContinuation<Void, Never>?>(nil)
    do {
      let simulation = Simulation(steadyConfiguration())
      simulation.addNode("culprit") { _ in
        await withUnsafeContinuation { continuation in waiting.withLock { $0 = continuation } }
      }
      simulation.play()
    }
    onAnotherThread { waiting.withLock { $0.take()?.resume() } }
  }
}

/// Runs something on a thread of its own and waits for its end.
private func onAnotherThread(_ body: @escaping @Sendable () -> Void) {
  let done = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    body()
    done.signal()
  }
  done.wait()
}
