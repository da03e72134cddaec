import Nodes
import Simulation

/// One run of a scenario: build the cluster, let faults happen, heal, come to rest, read everything back, judge.
public final class ScenarioRun {
  private let scenario: Scenario
  private let options: RunOptions
  private let seed: UInt64
  private let simulation: Simulation
  private let cluster: Cluster
  private let labels: Labels
  private var checker: Checker
  private var observations: Observations
  private var availability = Availability()
  private var metrics: MetricsSampling?
  private var recentEvents = RecentEvents(limit: 0)
  private var result: RunResult
  private var isAtRest = false
  private var progress: ProgressCheck
  private var isMeasured = false
  private var ledAt: [TopicPartition: VirtualTime] = [:]

  /// Prepares a run.
  ///
  /// - Parameter preloaded: The segment files that the scenario names, in any order.
  public init(_ scenario: Scenario, preloaded: [PreloadedFile] = [], options: RunOptions) {
    let seed = options.seed ?? scenario.seed ?? 1
    let resolved = scenario.resolved(seed: seed)
    self.scenario = resolved
    self.options = options
    self.seed = seed
    var configuration = SimulationConfiguration(seed: seed)
    configuration.network = resolved.network
    if let choices = options.choices {
      configuration.choices = .recorded(choices)
    } else {
      configuration.choices =
        switch resolved.schedule {
        case .firstInFirstOut: .firstInFirstOut
        case .seeded: .seededOrder
        case .priorities: .priorities
        }
    }
    configuration.faultPoints = resolved.faultPoints
    let simulation = Simulation(configuration)
    let cluster = Cluster(resolved, simulation: simulation, preloaded: preloaded)
    self.simulation = simulation
    self.cluster = cluster
    labels = Labels(partition: cluster.label, host: simulation.name(of:))
    var contents: [TopicPartition: [ObservedRecord]] = [:]
    for file in preloaded {
      let topic = UInt32((resolved.topics.firstIndex { $0.name == file.preload.topic } ?? 0) + 1)
      contents[TopicPartition(topic: TopicID(rawValue: topic), index: UInt32(file.preload.partition))] = file.contents
    }
    checker = Checker(
      labels: labels, preloaded: contents, logStarts: contents.mapValues { $0.first?.offset ?? 0 },
      latecomers: cluster.latecomers, readersFromStart: cluster.readersFromStart, removals: cluster.removalCheck,
      seekers: cluster.seekers, topics: cluster.topicsByName)
    progress = ProgressCheck(settle: resolved.settle)
    observations = Observations(labels: labels)
    result = RunResult(resolved: resolved, seed: seed)
  }

  /// Runs to the end and judges.
  ///
  /// - Throws: ``SimulatorDefect`` when the simulator or node code broke a rule of the determinism contract.
  public func run() throws(SimulatorDefect) -> RunResult {
    let begin = options.wallClock()
    listen()
    simulation.load(scenario.script)
    simulation.startAll()
    let stop = goThroughPhases(begin)
    if case .defect(let defect) = stop {
      simulation.finish()
      throw defect
    }
    conclude(stop)
    simulation.trace(nil)
    metrics?.takeLast(at: simulation.now)
    gather(begin)
    simulation.finish()
    return result
  }

  // MARK: Listening

  private func listen() {
    let writer = options.history.map { HistoryWriter(write: $0, host: simulation.name(of:)) }
    simulation.observer = { [unowned self] event, stamp in
      let heard = HeardEvent(event)
      checker.observe(heard, stamp)
      observations.observe(heard, stamp, checker.history)
      availability.observe(heard, stamp)
      writer?.observe(heard, stamp)
      metrics?.observe(event, stamp, checker.history)
    }
    if let sink = options.metrics {
      let metrics = MetricsSampling(cluster, sink)
      self.metrics = metrics
      simulation.watcher = metrics.recorder
      simulation.sample(every: options.metricsInterval) { metrics.take(at: $0) }
    }
    guard options.trace != nil || options.keepsLastEvents > 0 else { return }
    recentEvents = RecentEvents(limit: options.keepsLastEvents)
    simulation.trace { [unowned self] event in
      options.trace?(event)
      recentEvents.add(event)
    }
  }

  // MARK: Phases

  private func goThroughPhases(_ begin: UInt64) -> RunStop {
    let stop = simulation.run(bounds(until: .start + scenario.duration, begin))
    switch stop {
    // Where nothing is left to happen, machines that are down may still come back.
    case .time, .nothingLeft, .stuck: simulation.heal(leaving: scenario.outsideCore)
    default: return stop
    }
    let healedAt = simulation.now
    result.healedAt = healedAt
    var bounds = bounds(until: healedAt + scenario.settle, begin)
    bounds.condition = (.milliseconds(100), { [unowned self] in isAllQuiet(healedAt) })
    return simulation.run(bounds)
  }

  private func bounds(until time: VirtualTime, _ begin: UInt64) -> RunBounds {
    var bounds = RunBounds(until: time)
    bounds.event = options.until ?? .max
    bounds.events = options.maxEvents ?? .max
    if let limit = options.maxWallNanoseconds {
      let clock = options.wallClock
      bounds.wallTimeIsUp = { clock() - begin > limit }
    }
    return bounds
  }

  private func isAllQuiet(_ healedAt: VirtualTime) -> Bool {
    for (_, partition) in cluster.partitions where ledAt[partition] == nil {
      if cluster.workingLeader(of: partition) != nil { ledAt[partition] = simulation.now }
    }
    progress.look(after: simulation.now - healedAt) { cluster.standingReaders }
    isAtRest = cluster.unrest() == nil
    return isAtRest
  }

  // MARK: The end

  private func conclude(_ stop: RunStop) {
    switch stop {
    case .condition, .time, .stuck, .nothingLeft:
      judgeLiveness(stop)
      if case .time = stop, scenario.outsideCore.isEmpty { audit(timeIsUp: true) } else { audit(timeIsUp: false) }
      measureAvailability()
      measure()
      decide()
    case .event(let number):
      measureAvailability()
      result.snapshots = simulation.snapshots()
      unfinished("stopped at event \(number), as asked")
    case .tooManyEvents(let count): unfinished("the bound of \(count) events was reached at \(simulation.now)")
    case .outOfTime: unfinished("the bound on real time was reached at \(simulation.now)")
    case .defect: break
    }
  }

  private func unfinished(_ reason: String) {
    result.verdict = .unfinished
    result.reasons = [reason]
    copyViolations()
    if !result.violations.isEmpty { result.verdict = .safety }
  }

  private func judgeLiveness(_ stop: RunStop) {
    if !isAtRest, let why = cluster.whyRightlyStuck {
      result.rightlyStuck = why
      result.reasons.append("it did not come to rest, and rightly so: \(why)")
      return
    }
    let healedAt = result.healedAt ?? simulation.now
    let bound = scenario.leaderWithin ?? scenario.metadata.leaseTerm + .seconds(10)
    for (_, partition) in cluster.partitions {
      checker.judgeLeader(partition, ledAt: ledAt[partition], within: bound, of: healedAt, at: simulation.now)
    }
    switch stop {
    case .stuck(let waiting):
      let told = waiting.prefix(5).map(\.description).joined(separator: "; ")
      result.reasons.append("nothing is left to happen at \(simulation.now), yet \(waiting.count) tasks wait: \(told)")
    case .time, .nothingLeft:
      checker.judge(progress, cluster.standingReaders, at: simulation.now)
      if let unrest = cluster.unrest() {
        result.reasons.append("\(scenario.settle) after the faults had stopped, \(unrest)")
      }
    default: break
    }
  }

  private func audit(timeIsUp: Bool) {
    let stamp = EventStamp(
      number: simulation.log.count, cause: 0, time: simulation.now,
      host: cluster.agentHosts.first ?? HostID(rawValue: 0),
      incarnation: 0)
    let duplicates = simulation.faultCounts.contains { $0.kind == "duplicate" && $0.fired > 0 }
    checker.finish(
      cluster, at: stamp, isAtRest: isAtRest, timeIsUp: timeIsUp, networkDuplicates: duplicates)
  }

  private func measureAvailability() {
    for window in simulation.faultWindows {
      guard case .crash(let name) = window.fault, let id = simulation.hostID(named: name) else { continue }
      availability.crashed(id, at: window.begin)
    }
    result.availability = availability.figures(at: simulation.now) { id, incarnation in
      simulation.host(id)?.incarnation == incarnation
    }
  }

  private func copyViolations() {
    result.violations = checker.found.all
    result.violationCounts = checker.found.broken.map { ($0, checker.found.count(of: $0)) }
  }

  /// Safety before liveness before expectation.
  private func decide() {
    copyViolations()
    if result.rightlyStuck != nil && scenario.expect.violates == nil {
      if !checker.found.isEmpty { result.verdict = .safety }
      return
    }
    let broken = checker.found.broken
    if let expected = scenario.expect.violates {
      if broken == [expected] {
        result.reasons = []
      } else {
        result.verdict = .expectation
        let seen = broken.isEmpty ? "nothing" : broken.map(\.rawValue).joined(separator: ", ")
        result.reasons.insert("invariant \(expected.rawValue) alone was to be violated; violated was \(seen)", at: 0)
        return
      }
    } else if broken.contains(where: { $0 != .leadersReturn && $0 != .readersGoOn }) {
      result.verdict = .safety
      return
    } else if !broken.isEmpty || !result.reasons.isEmpty {
      result.verdict = .liveness
      return
    }
    let missed = missedExpectations()
    if !missed.isEmpty {
      result.verdict = .expectation
      result.reasons += missed
    }
  }

  private func missedExpectations() -> [String] {
    var missed: [String] = []
    for probe in scenario.expect.probes {
      let count = simulation.probeCounts.first { $0.name == probe.name }?.count ?? 0
      if count < probe.atLeast { missed.append("probe \(probe.name) was hit \(count) times, not \(probe.atLeast)") }
    }
    for fault in scenario.expect.faults {
      let count = simulation.faultCounts.first { $0.kind == fault.kind }?.fired ?? 0
      if count < fault.atLeast { missed.append("fault \(fault.kind) fired \(count) times, not \(fault.atLeast)") }
    }
    let bounds = scenario.expect.missedBounds(result.availability)
    result.missedBounds = bounds.map(\.bound)
    return missed + bounds.map(\.reason) + scenario.expect.figures.missed(by: result)
  }

  // MARK: Figures

  /// What the run came to, in figures of virtual time.
  private func measure() {
    guard !isMeasured else { return }
    isMeasured = true
    result.virtualSeconds = simulation.now.seconds
    result.records = (checker.history.sent, checker.history.acknowledged, checker.history.delivered)
    if options.measuresLatencies || scenario.expect.figures != FigureBounds() {
      (result.produceLatency, result.endToEndLatency) = observations.figures()
    }
    result.clients = checker.clients
    result.cache = cluster.cache
    result.producers = cluster.producerFigures
    result.objectStore = cluster.usage
  }

  private func gather(_ begin: UInt64) {
    measure()
    result.digest = simulation.log.digest
    result.events = simulation.log.count
    result.messages = simulation.messageCount
    result.faults = simulation.faultCounts
    result.probes = simulation.probeCounts
    result.choices = simulation.choicesMade
    result.faultWindows = simulation.faultWindows
    for window in result.faultWindows {
      if case .crash(let host) = window.fault { observations.crashed(host, at: window.begin) }
    }
    result.leaderships = observations.leaderships
    result.series = observations.series
    result.timeline = Timeline.merged(observations.timeline, result)
    result.lastEvents = recentEvents.events
    let script = simulation.resolvedScript
    result.resolved.messageFaults = script.messages
    result.resolved.requestFaults = script.requests
    result.wallSeconds = Double(options.wallClock() - begin) / 1_000_000_000
  }
}

/// The last events of a run.
struct RecentEvents {
  let limit: Int
  private var kept: [TracedEvent] = []

  init(limit: Int) { self.limit = limit }

  mutating func add(_ event: TracedEvent) {
    guard limit > 0 else { return }
    kept.append(event)
    if kept.count >= limit * 2 { kept.removeFirst(kept.count - limit) }
  }

  var events: [TracedEvent] { Array(kept.suffix(limit)) }
}
