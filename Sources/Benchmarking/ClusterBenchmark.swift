import Nodes
import Scenarios
import Simulation
import Storage

/// Measures whole runs, checks on.
public struct ClusterBenchmark {
  private let now: () -> UInt64
  private let repetitions: Int

  /// Makes the benchmark on a clock of nanoseconds.
  public init(repetitions: Int = 3, now: @escaping () -> UInt64) {
    self.now = now
    self.repetitions = repetitions
  }

  /// Measures everything.
  ///
  /// - Parameter quickstart: The scenario whose virtual seconds a real second are counted; nil leaves that out.
  /// - Throws: ``RunDefect``.
  public func measureAll(quickstart: LoadedScenario?) throws(RunDefect) -> [Measurement] {
    var measured = [try measureRecords()]
    if let quickstart { measured += try measureQuickstart(quickstart) }
    return measured
  }

  /// Records a real second from producers through agents and the object store to consumers: two million of 100 bytes.
  func measureRecords() throws(RunDefect) -> Measurement {
    var best = 0.0
    for _ in 0..<repetitions {
      let result = try run(Self.records)
      best = max(best, Double(result.records.delivered) / result.wallSeconds)
    }
    return Measurement(name: "cluster.records", value: best, unit: "records/s", higherIsBetter: true)
  }

  /// Virtual seconds a real second, and messages, of a scenario.
  func measureQuickstart(_ loaded: LoadedScenario) throws(RunDefect) -> [Measurement] {
    var best = 0.0
    var messages = 0.0
    for _ in 0..<repetitions {
      var options = RunOptions()
      options.seed = 7
      options.wallClock = now
      let result = try Runner.run(loaded, options)
      best = max(best, result.virtualSeconds / result.wallSeconds)
      messages = Double(result.messages) / result.virtualSeconds
    }
    return [
      Measurement(name: "cluster.quickstart", value: best, unit: "virtual seconds/s", higherIsBetter: true),
      Measurement(
        name: "cluster.quickstart.messages", value: messages, unit: "messages/virtual second", higherIsBetter: true),
    ]
  }

  private func run(_ scenario: Scenario) throws(RunDefect) -> RunResult {
    var options = RunOptions()
    options.seed = 1
    options.wallClock = now
    return try Runner.run(LoadedScenario(scenario), options)
  }

  /// Eight producers, 250,000 records of 100 bytes each, durable, through eight partitions to four consumers.
  private static var records: Scenario {
    var scenario = Scenario()
    scenario.name = "records"
    scenario.duration = .seconds(30)
    var topic = TopicShape()
    topic.name = "orders"
    topic.partitions = 8
    scenario.topics = [topic]
    scenario.agent.segmentAge = .seconds(1)
    scenario.agent.segmentBytes = 16 << 20
    scenario.agent.unregisteredBytes = 1 << 30
    // The producers are to go as fast as they can.
    scenario.agent.credits.refill = 0
    var producers = ProducerGroup()
    producers.count = 8
    producers.topic = topic.name
    producers.rate = .perSecond(50_000)
    producers.records = 250_000
    producers.client.batchRecords = 1_000
    producers.client.linger = .milliseconds(50)
    producers.client.partitioner = .sticky
    producers.client.bufferBytes = 256 << 20
    scenario.producers = [producers]
    var consumers = ConsumerGroup()
    consumers.count = 4
    consumers.topic = topic.name
    consumers.client.group = "readers"
    consumers.client.pollRecords = 1_000_000
    consumers.client.partitionRecords = 1_000_000
    scenario.consumers = [consumers]
    return scenario
  }
}
