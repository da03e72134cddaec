import Simulation
import Testing

@Suite("The run loop")
struct RunLoopTests {
  @Test("gives the same digest for the same seed and another for another")
  func sameSeedSameDigest() {
    func digest(_ seed: UInt64) -> UInt64 {
      let simulation = pingPongWorld(seed: seed, pairs: 3)
      _ = simulation.run(RunBounds(until: .start + .seconds(1)))
      simulation.finish()
      return simulation.log.digest
    }
    #expect(digest(7) == digest(7))
    #expect(digest(7) != digest(8))
  }
}
