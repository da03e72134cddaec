import Nodes
import Simulation
import Testing

@testable import Scenarios

/// Metrics are looked at, never a part of the run.
@Suite("The metrics of a run") struct MetricsTests {
  /// What a run came to, and its samples.
  private func sampled(
    _ loaded: LoadedScenario, seed: UInt64 = 7, every interval: VirtualDuration = .seconds(1), events: UInt64? = nil
  ) throws -> (result: RunResult, samples: [MetricSample]) {
    var samples: [MetricSample] = []
    let result = try loaded.scenario.run(seed: seed, preloaded: loaded.preloaded) { options in
      options.maxEvents = events
      options.metricsInterval = interval
      options.metrics = { samples.append($0) }
    }
    return (result, samples)
  }

  private func sampled(_ text: String, seed: UInt64 = 7) throws -> (result: RunResult, samples: [MetricSample]) {
    try sampled(LoadedScenario(scenario(text)), seed: seed)
  }

  @Test(
    "are sampled without changing its digest",
    arguments: ["quickstart", "transactional-pipeline", "compaction-race", "failing-uploads"])
  func aRunThatIsSampledHasTheDigestOfOneThatIsNot(name: String) throws {
    let loaded = try Repository.load(name)
    let plain = try loaded.scenario.run(seed: 7, preloaded: loaded.preloaded) { $0.maxEvents = 25_000 }
    // Often, and at times that nothing else happens at.
    for interval in [VirtualDuration.seconds(1), .microseconds(7_003)] {
      let (result, samples) = try sampled(loaded, every: interval, events: 25_000)
      #expect(!samples.isEmpty)
      #expect(result.digest == plain.digest, "\(name) sampled every \(interval)")
      #expect(result.events == plain.events)
    }
  }

  @Test("are sampled at every multiple of the interval and at the end")
  func samplesAreTakenAtEveryMultipleOfTheIntervalAndAtTheEnd() throws {
    let (result, samples) = try sampled(smallCluster())
    let hosts = HostNames(of: result.resolved).all
    let times = samples.filter { $0.host == hosts[0] }.map(\.time)
    let whole = Int64(result.virtualSeconds)
    #expect(times.prefix(Int(whole)) == (1...whole).map { .start + .seconds($0) }[...])
    #expect(abs((times.last?.seconds ?? 0) - result.virtualSeconds) < 1e-9)
    #expect(times.count <= Int(whole) + 1)
    for time in Set(times) {
      #expect(samples.filter { $0.time == time }.map(\.host) == hosts, "every host, in order")
    }
  }

  @Test("say what the run came to")
  func whatMetricsSayIsWhatTheRunCameTo() throws {
    let (result, samples) = try sampled(smallCluster())
    let last = samples.suffix(HostNames(of: result.resolved).all.count)
    func sum(_ metric: some MetricName, _ labels: [String]? = nil) -> Int64 {
      last.reduce(0) { $0 + $1.total(metric, labels) }
    }
    #expect(sum(ProducerMetric.outcomes, ["acknowledged"]) == Int64(result.records.acknowledged))
    #expect(sum(ConsumerMetric.polledRecords) == Int64(result.records.delivered))
    #expect(sum(ProducerMetric.closedBatches) == Int64(result.producers.batches))
    #expect(sum(ObjectStoreMetric.bytesIn) == Int64(result.objectStore.bytesIn))
    #expect(sum(HostMetric.messagesSent) == Int64(result.messages))
    #expect(sum(AgentMetric.appendedRecords) == sum(MetadataMetric.registeredRecords))
    #expect(sum(MetadataMetric.watermark) == sum(MetadataMetric.registeredRecords))
    #expect(sum(ConsumerMetric.lag) == 0, "the run has come to rest")
  }

  @Test("have counters that never fall within the life of a process")
  func countersNeverFallWithinTheLifeOfAProcess() throws {
    for name in ["agent-crash", "metadata-restart"] {
      let (_, samples) = try sampled(Repository.load(name), events: 60_000)
      var before: [String: MetricValue] = [:]
      for sample in samples {
        for point in sample.points where point.definition.kind != .gauge {
          let series = "\(sample.host).\(sample.incarnation) \(point.definition.name) \(point.labels)"
          if let earlier = before[series] {
            #expect(!point.value.isBelow(earlier), "\(series) falls at \(sample.time) in \(name)")
          }
          before[series] = point.value
        }
      }
      #expect(before.count > 100)
    }
  }

  @Test("have every series once, with its labels")
  func noSampleHasASeriesTwiceOrWithoutItsLabels() throws {
    let (_, samples) = try sampled(Repository.load("transactional-pipeline"), events: 25_000)
    for sample in samples {
      var seen: Set<[String]> = []
      for point in sample.points {
        #expect(point.labels.count == point.definition.labels.count, "\(point.definition.name)")
        #expect(
          seen.insert([point.definition.name] + point.labels).inserted, "\(point.definition.name) \(point.labels)")
        if case .histogram(let histogram) = point.value { #expect(histogram.bounds == point.definition.bounds) }
      }
    }
  }

  @Test("of a machine that is down say only that, and its next process begins at nothing")
  func aMachineThatIsDownSaysOnlyThatAndItsNextProcessBeginsAtNothing() throws {
    let text = smallCluster(
      seconds: 12,
      """
      faults:
        - kind: crash
          host: agent-1
          at: 4500ms
          for: 2s
      """)
    let samples = try sampled(text).samples.filter { $0.host == "agent-1" }
    func at(_ second: Int64) throws -> MetricSample {
      try #require(samples.first { $0.time == .start + .seconds(second) })
    }
    #expect(try at(4).total(HostMetric.running) == 1)
    #expect(try at(4).total(AgentMetric.appendedBatches) > 0)
    let down = try at(6)
    #expect(down.total(HostMetric.running) == 0)
    #expect(down.points.map(\.definition) == [HostMetric.starts.definition, HostMetric.running.definition])
    let back = try at(7)
    #expect(back.total(HostMetric.running) == 1)
    #expect(back.incarnation == 2)
    #expect(back.total(HostMetric.starts) == 2)
    #expect(back.total(AgentMetric.appendedBatches) < (try at(4).total(AgentMetric.appendedBatches)))
  }
}

extension MetricSample {
  /// The sum over the series of a metric, or the value of the one with these labels.
  fileprivate func total(_ metric: some MetricName, _ labels: [String]? = nil) -> Int64 {
    points.filter { $0.definition == metric.definition && (labels == nil || $0.labels == labels) }.reduce(0) {
      if case .number(let value) = $1.value { $0 + value } else { $0 }
    }
  }
}

extension MetricValue {
  fileprivate func isBelow(_ other: MetricValue) -> Bool {
    switch (self, other) {
    case (.number(let now), .number(let before)): now < before
    case (.histogram(let now), .histogram(let before)):
      zip(now.counts, before.counts).contains { $0 < $1 } || now.sum < before.sum
    default: true
    }
  }
}
