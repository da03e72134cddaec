import Simulation
import Testing

@testable import Nodes

/// What holds of every metric of the catalogue.
@Suite("The catalogue of metrics") struct MetricCatalogueTests {
  @Test("names every metric in snake case, by its role and with its unit last")
  func everyNameIsSnakeCaseAndSaysItsRoleAndUnit() {
    for metric in MetricCatalogue.all {
      #expect(metric.name.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil, "\(metric.name)")
      #expect(metric.name.hasPrefix("streamhouse_\(metric.role.rawValue)_"))
      #expect(metric.family.hasSuffix("_\(metric.unit.rawValue)"), "\(metric.family) does not end with its unit")
      #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name) is a \(metric.kind)")
    }
  }

  @Test("has every name once")
  func noTwoMetricsShareAName() {
    let families = MetricCatalogue.all.map(\.family)
    #expect(Set(families).count == families.count)
    let reserved = MetricCatalogue.all.filter { $0.kind == .histogram }.flatMap { metric in
      ["_bucket", "_count", "_sum", "_created"].map { metric.family + $0 }
    }
    #expect(Set(reserved).isDisjoint(with: families), "a name is a part of a histogram")
  }

  @Test("describes every metric in one sentence that says when to worry")
  func everyDescriptionIsOneSentenceThatSaysWhenToWorry() {
    for metric in MetricCatalogue.all {
      let text = metric.description
      #expect(text.hasSuffix(".") && text.first?.isUppercase == true, "\(metric.name): \(text)")
      #expect(text.contains("; worry "), "\(metric.name) does not say when to worry: \(text)")
      #expect(!text.dropLast().contains(". ") && !text.contains("|"), "\(metric.name): \(text)")
    }
    #expect(Set(MetricCatalogue.all.map(\.description)).count == MetricCatalogue.all.count)
  }

  @Test("has the metrics of each role in one place")
  func everyRoleHasItsMetricsInOnePlace() {
    #expect(MetricRole.allCases.flatMap { MetricCatalogue.of($0) } == MetricCatalogue.all)
    for role in MetricRole.allCases {
      #expect(MetricCatalogue.of(role).allSatisfy { $0.role == role })
      #expect(MetricCatalogue.of(role).contains { $0.kind == .counter })
    }
    #expect(MetricCatalogue.all[AgentMetric.breakerState.index] == AgentMetric.breakerState.definition)
    #expect(MetricCatalogue.all[MaintainerMetric.readBytes.index] == MaintainerMetric.readBytes.definition)
  }

  @Test("has labels that no sample has anyway")
  func labelsAreWordsThatNoSampleHasAnyway() {
    for metric in MetricCatalogue.all {
      #expect(Set(metric.labels).count == metric.labels.count)
      #expect(Set(metric.labels).isDisjoint(with: ["host", "incarnation", "role", "le"]))
      #expect(metric.labels.allSatisfy { $0.wholeMatch(of: /[a-z]+/) != nil })
    }
  }

  @Test("has rising bounds for histograms, and none for others")
  func histogramsHaveRisingBoundsAndNothingElseHasAny() {
    for metric in MetricCatalogue.all {
      #expect(metric.bounds.isEmpty == (metric.kind != .histogram), "\(metric.name)")
      #expect(zip(metric.bounds, metric.bounds.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test("puts an observation into the first bucket that has room for it")
  func anObservationFallsIntoTheFirstBucketThatHasRoomForIt() {
    var histogram = MetricHistogram([10, 20])
    for value: Int64 in [0, 10, 11, 20, 21] { histogram.record(value) }
    histogram.record(15, times: 3)
    #expect(histogram.counts == [2, 5, 1])
    #expect(histogram.count == 8)
    #expect(histogram.sum == 107)
  }

  @Test("counts no probe that the cluster does not have")
  func everyProbeThatCountsForAMetricIsOneOfTheClusters() {
    let known = Set(Probe.all.map { $0.name.description })
    #expect(Set(RecordedMetrics.ofProbe.keys).isSubset(of: known))
  }
}
