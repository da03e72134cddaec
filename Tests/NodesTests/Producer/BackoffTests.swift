import Simulation
import Testing

@testable import Nodes

@Suite("The wait before something is tried again")
struct BackoffTests {
  @Test("doubles up to a cap, with a jitter of a quarter each way", arguments: 1...50 as ClosedRange<UInt64>)
  func doubling(seed: UInt64) {
    var random = RandomGenerator(state: seed)
    var backoff = Backoff(first: .milliseconds(100), limit: .seconds(2))
    for base in [100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000] as [Int64] {
      let wait = backoff.wait(&random)
      let quarter = VirtualDuration.milliseconds(base) / 4
      #expect((.milliseconds(base) - quarter)...(.milliseconds(base) + quarter) ~= wait, "seed \(seed)")
    }
  }

  @Test("uses the whole width of the jitter, so that those who failed together part")
  func spread() {
    var random = RandomGenerator(state: 5)
    let waits = (0..<1_000).map { _ in
      var backoff = Backoff(first: .milliseconds(100), limit: .seconds(2))
      return backoff.wait(&random)
    }
    #expect(waits.min()! < .milliseconds(76) && waits.max()! > .milliseconds(124))
    #expect(Set(waits).count > 990)
  }

  @Test("stays at the cap when the first wait is the cap")
  func cap() {
    var random = RandomGenerator(state: 5)
    var backoff = Backoff(first: .seconds(1), limit: .seconds(1))
    for _ in 0..<5 { #expect(backoff.wait(&random) <= .milliseconds(1_250)) }
  }
}
