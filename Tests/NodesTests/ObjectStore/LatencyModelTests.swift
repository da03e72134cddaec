import Simulation
import Testing

@testable import Nodes

/// The figures are those of a table of measured and published S3 latencies; over 200,000 draws they come out within a few percent.
@Suite("The latency of the object store")
struct LatencyModelTests {
  struct Figures: Sendable {
    let name: String
    let model: LatencyModel
    let p25, p50, p95, p99, p999: Double
  }

  private static func quantiles(_ model: LatencyModel, draws: Int = 200_000) -> (Double) -> Double {
    var generator = RandomGenerator(state: 4_711)
    let sorted = (0..<draws).map { _ in model.draw(generator.next()).seconds * 1_000 }.sorted()
    return { sorted[Int(Double(draws) * $0)] }
  }

  @Test(
    "has the quantiles of its preset",
    arguments: [
      Figures(
        name: "loaded put", model: ObjectStorePreset.loaded.put, p25: 52, p50: 80, p95: 740, p99: 1_725, p999: 11_421),
      Figures(name: "calm put", model: ObjectStorePreset.calm.put, p25: 46, p50: 61, p95: 126, p99: 246, p999: 497),
      Figures(name: "calm get", model: ObjectStorePreset.calm.get, p25: 23, p50: 30, p95: 63, p99: 122, p999: 241),
      Figures(name: "express", model: ObjectStorePreset.express.put, p25: 4, p50: 5, p95: 8, p99: 13, p999: 30),
    ])
  func presets(figures: Figures) {
    let quantile = Self.quantiles(figures.model)
    // The table is rounded to whole milliseconds; the thousandth part of 200,000 draws is a matter of 200 of them.
    for (share, expected, tolerance) in [
      (0.25, figures.p25, 0.04), (0.5, figures.p50, 0.04), (0.95, figures.p95, 0.06), (0.99, figures.p99, 0.08),
      (0.999, figures.p999, 0.2),
    ] {
      let found = quantile(share)
      #expect(
        abs(found - expected) <= expected * tolerance + 0.5,
        "\(figures.name), \(share): \(found) instead of \(expected)")
    }
  }

  @Test("is always the same with the preset for tests")
  func instant() {
    for bits in 0..<100 {
      #expect(ObjectStorePreset.instant.put.draw(UInt64(bits)) == .milliseconds(1))
      #expect(ObjectStorePreset.instant.get.draw(UInt64(bits)) == .milliseconds(1))
    }
  }

  @Test("stalls for seconds now and then, within the preset's bounds")
  func stalls() {
    let model = ObjectStorePreset.loaded.put
    var generator = RandomGenerator(state: 1)
    let draws = (0..<20_000).map { _ in model.draw(generator.next()) }
    let stalled = draws.count { model.stall.contains($0) }
    #expect((25...90).contains(stalled), "0.25 % stall; a few of the tail take as long")
    #expect(draws.allSatisfy { $0 > .zero && $0 <= model.stall.upperBound })
  }
}
