import Testing

@testable import Simulation

@Suite("Randomness")
struct RandomnessTests {
  private let randomness = Randomness(seed: 42)
  private let stream = RandomStreamName("test.stream")

  @Test("gives the same draws in every process and build")
  func stable() {
    #expect(randomness.draw(stream, key: 1, ordinal: 1) == 16_942_286_572_450_521_384)
    var generator = RandomGenerator(state: 1)
    #expect([generator.next(), generator.next()] == [10_451_216_379_200_822_465, 13_757_245_211_066_428_519])
  }

  @Test("differs between seeds, streams, keys and ordinals")
  func independent() {
    let draws: [UInt64] = [
      randomness.draw(stream, key: 1, ordinal: 1), randomness.draw(stream, key: 1, ordinal: 2),
      randomness.draw(stream, key: 2, ordinal: 1), randomness.draw(RandomStreamName("test.other"), key: 1, ordinal: 1),
      Randomness(seed: 43).draw(stream, key: 1, ordinal: 1),
    ]
    #expect(Set(draws).count == draws.count)
  }

  @Test("names the same stream by the same text")
  func names() {
    #expect(RandomStreamName("test.stream") == stream)
    #expect(RandomStreamName("test.strean") != stream)
  }

  @Test("spreads bounded draws evenly")
  func bounded() {
    var buckets = Array(repeating: 0, count: 10)
    for ordinal in 0..<100_000 {
      buckets[Int(randomness.draw(stream, key: 0, ordinal: UInt64(ordinal)).scaled(below: 10))] += 1
    }
    #expect(buckets.allSatisfy { (9_600...10_400).contains($0) }, "\(buckets)")
    #expect(UInt64.max.scaled(below: 10) == 9)
    #expect(UInt64(0).scaled(below: 0) == 0)
  }

  @Test("draws durations from a closed range")
  func durations() {
    var generator = randomness.generator(stream, key: 9)
    let draws = (0..<1_000).map { _ in generator.duration(in: .nanoseconds(3)...(.nanoseconds(5))).nanoseconds }
    #expect(Set(draws) == [3, 4, 5])
  }

  @Test("draws exponential lengths with the mean asked for, the median of an exponential, and a bound")
  func exponential() {
    let mean = VirtualDuration.milliseconds(10)
    let draws = (0..<100_000).map {
      randomness.draw(stream, key: 3, ordinal: UInt64($0)).exponential(mean: mean).nanoseconds
    }
    let average = draws.reduce(0, +) / Int64(draws.count)
    #expect((9_850_000...10_150_000).contains(average), "\(average)")
    let median = draws.sorted()[draws.count / 2]
    #expect((6_800_000...7_060_000).contains(median), "\(median)")
    #expect(draws.allSatisfy { (0...110_000_000).contains($0) })
    #expect(UInt64(5).exponential(mean: .zero) == .zero)
  }

  @Test("belongs to the incarnation: a restart draws anew, another host draws differently")
  func incarnations() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    for name in ["a", "b"] {
      simulation.addNode(name) { node in
        var generator = node.host.randomness(RandomStreamName("test.life"))
        journal.note("\(generator.next())")
      }
    }
    simulation.load(FaultScript(entries: [FaultEntry(1, to: 2, .crash(host: "a"))]))
    simulation.play()
    #expect(Set(journal.lines).count == 3)
  }
}
