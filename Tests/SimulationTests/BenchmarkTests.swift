import Benchmarking
import Testing

@Suite("The kernel's benchmark")
struct BenchmarkTests {
  @Test("gives a figure for each of its names")
  func names() {
    var clock: UInt64 = 0
    let benchmark = KernelBenchmark(messages: 2_000, repetitions: 1) {
      clock += 1_000_000
      return clock
    }
    let measurements = benchmark.measureAll()
    #expect(
      measurements.map(\.name) == [
        "kernel.messages", "kernel.messages.digest", "kernel.messages.manyHosts", "kernel.calls",
      ])
    #expect(measurements.allSatisfy { $0.value > 1_000_000 && $0.unit == "messages/s" && $0.higherIsBetter })
  }
}
