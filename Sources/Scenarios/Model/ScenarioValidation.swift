import Nodes
import Simulation

/// What must hold between the parts of a scenario; every finding names the place in the file.
struct ScenarioValidation {
  private let scenario: Scenario
  private let locator: Locator
  private let names: HostNames

  /// Most machines that a scenario may have.
  static let machineLimit = 100_000
  /// Most partitions that a scenario may have.
  static let partitionLimit = 100_000

  init(scenario: Scenario, locator: Locator) {
    self.scenario = scenario
    self.locator = locator
    names = HostNames(of: scenario)
  }

  func check() {
    checkSizes()
    checkTimes()
    checkTopics()
    checkGroups()
    checkQuotas()
    checkPreload()
    for (index, plan) in scenario.faults.enumerated() { check(plan, "faults[\(index)]") }
    checkNumberOfFaults()
    checkListed()
    checkCore()
    checkExpectation()
  }

  private func checkCore() {
    guard let core = scenario.core else { return }
    if scenario.ending != .core {
      report("core", "everything is healed, so there is no core", "set `ending: core`, or leave `core` out")
    }
    for (index, host) in core.enumerated() where names.count(of: host) == nil || !names.isMachine(host) {
      report("core[\(index)]", "there is no host `\(host)`", nearestHost(host))
    }
  }

  private func checkSizes() {
    let producers = scenario.producers.reduce(0) { $0 + $1.count }
    let consumers = scenario.consumers.reduce(0) { $0 + $1.count }
    let pipelines = scenario.pipelines.reduce(0) { $0 + $1.count * $1.rivals }
    let administrators = scenario.lifecycles.reduce(0) { $0 + $1.count }
    let others = scenario.cluster.agents + scenario.cluster.spareAgents + scenario.cluster.maintainers + administrators
    if producers + consumers + pipelines + others > Self.machineLimit {
      report("producers", "the scenario has more than \(Self.machineLimit) machines", "lower the counts")
    }
    if scenario.topics.reduce(0, { $0 + $1.partitions }) > Self.partitionLimit {
      report("topics", "the scenario has more than \(Self.partitionLimit) partitions", "lower their number")
    }
    if scenario.topics.isEmpty, scenario.producers.count + scenario.consumers.count + scenario.pipelines.count > 0 {
      report("topics", "there is no topic for the clients to use", "add one, such as `orders: {partitions: 6}`")
    }
    if scenario.cluster.zones > scenario.cluster.agents {
      report(
        "cluster.zones", "there are more zones than agents", "at most \(scenario.cluster.agents), one for each agent")
    }
  }

  private func checkTimes() {
    let term = scenario.metadata.leaseTerm
    if scenario.agent.leaseMargin >= term {
      report("agent.leaseMargin", "the margin leaves nothing of the lease's term of \(term)", "a tenth of the term")
    } else if scenario.agent.renewalInterval >= term - scenario.agent.leaseMargin {
      report(
        "agent.renewalInterval", "leases would run out before they are renewed",
        "less than the term minus the margin, \(term - scenario.agent.leaseMargin)")
    }
    if scenario.agent.heartbeatInterval >= scenario.metadata.agentTimeout {
      report(
        "agent.heartbeatInterval", "agents would be taken for dead between two heartbeats",
        "less than `metadata.agentTimeout`, \(scenario.metadata.agentTimeout)")
    }
    if scenario.cluster.maintainers > 0,
      scenario.consumers.contains(where: { $0.client.requestTimeout * 2 > scenario.metadata.readerGrace })
    {
      report(
        "metadata.readerGrace", "a consumer's request may take longer than half the grace, and find its object gone",
        "at least twice the consumers' `requestTimeout`")
    }
    if scenario.agent.partBytes < scenario.objectStore.limits.minimumPartBytes {
      report(
        "agent.partBytes", "the object store takes no part so small",
        "at least `objectStore.minimumPartBytes`, \(scenario.objectStore.limits.minimumPartBytes)")
    }
    if scenario.agent.retryBackoff > scenario.agent.retryBackoffLimit {
      report("agent.retryBackoff", "the first wait is longer than the longest", "at most `agent.retryBackoffLimit`")
    }
  }

  private func checkTopics() {
    let names = scenario.topics.map(\.name)
    if names.isEmpty { return }
    for topic in scenario.topics where topic.settings.cleanup == .compact && scenario.cluster.maintainers == 0 {
      report(
        "topics.\(topic.name).cleanup", "there is no maintainer to compact the topic", "set `cluster.maintainers: 1`")
    }
    for (index, group) in scenario.producers.enumerated() {
      if !names.contains(group.topic) { reportTopic("producers[\(index)].topic", group.topic, names) }
      for (place, topic) in group.aims.otherTopics.enumerated() where !names.contains(topic) {
        reportTopic("producers[\(index)].otherTopics[\(place)]", topic, names)
      }
    }
    for (index, group) in scenario.consumers.enumerated() where !names.contains(group.topic) {
      reportTopic("consumers[\(index)].topic", group.topic, names)
    }
    for (index, group) in scenario.pipelines.enumerated() {
      if !names.contains(group.from) { reportTopic("pipelines[\(index)].from", group.from, names) }
      if !names.contains(group.to) { reportTopic("pipelines[\(index)].to", group.to, names) }
      checkGroup(group.group, of: index)
    }
  }

  // Two that store positions under one group, and do not know of each other, would skip what the other one has read.
  private func checkGroup(_ group: String, of pipeline: Int) {
    let others = scenario.pipelines.prefix(pipeline).map(\.group) + scenario.consumers.compactMap(\.client.group)
    if others.contains(group) {
      report("pipelines[\(pipeline)].group", "the group `\(group)` is somebody else's", "a name of its own")
    }
  }

  private func reportTopic(_ path: String, _ name: String, _ names: [String]) {
    report(path, "there is no topic `\(name)`", NearestName.suggestion(for: name, among: names))
  }

  // Members of one group have to agree on how they share partitions.
  private func checkGroups() {
    for (index, group) in scenario.consumers.enumerated() {
      guard let name = group.client.group,
        let first = scenario.consumers.prefix(index).first(where: { $0.client.group == name })
      else { continue }
      if first.subscribes != group.subscribes {
        report(
          "consumers[\(index)].subscribe", "other consumers of group `\(name)` do it otherwise",
          "the same for all of the group")
      } else if group.subscribes, first.membership.assignor != group.membership.assignor {
        report(
          "consumers[\(index)].assignor", "other members of group `\(name)` want another one",
          "the same for all of the group")
      }
    }
  }

  private func checkQuotas() {
    for (index, quota) in scenario.quotas.enumerated() {
      if let topic = quota.topic, !scenario.topics.contains(where: { $0.name == topic }) {
        reportTopic("quotas[\(index)].topic", topic, scenario.topics.map(\.name))
      }
      if let client = quota.client {
        let producers = Set(names.producers)
        if !(names.resolve(client) ?? []).allSatisfy(producers.contains) || names.count(of: client) ?? 0 == 0 {
          report("quotas[\(index)].client", "`\(client)` is no producer", "a producer, or `producers`")
        }
      }
    }
  }

  private func checkPreload() {
    var taken: Set<String> = []
    for (index, preload) in scenario.preload.enumerated() {
      guard let topic = scenario.topics.first(where: { $0.name == preload.topic }) else {
        reportTopic("preload[\(index)].topic", preload.topic, scenario.topics.map(\.name))
        continue
      }
      if preload.partition >= topic.partitions {
        report(
          "preload[\(index)].partition", "topic `\(topic.name)` has no partition \(preload.partition)",
          "0 to \(topic.partitions - 1)")
      }
      if !taken.insert("\(preload.topic)/\(preload.partition)").inserted {
        report("preload[\(index)].partition", "this partition has a segment already", "one segment a partition")
      }
    }
  }

  private func check(_ plan: FaultPlan, _ path: String) {
    if let at = plan.at, at >= scenario.duration {
      report(
        "\(path).at", "the faults stop before that, at \(scenario.duration)", "an earlier time or a longer `duration`")
    }
    if let every = plan.every, mostFaults(every: every) > Scenario.drawnFaultLimit {
      report("\(path).every", "that may make more than 100,000 faults", "a longer time")
    }
    switch plan.action {
    case .crash(let target), .pause(let target), .replace(let target), .isolate(let target), .diskFull(let target),
      .bitFlip(let target):
      checkHosts(["host": [target.host]], path)
    case .split(let target), .ring(let target), .swizzle(let target): checkHosts(["hosts": [target.host]], path)
    case .zoneOutage(let target):
      if let zone = target.zone, zone >= scenario.cluster.zones {
        report("\(path).zone", "there is no zone \(zone)", "0 to \(scenario.cluster.zones - 1)")
      }
    case .diskStall(let stall): checkHosts(["host": [stall.host]], path)
    case .diskErrors(let share): checkHosts(["host": [share.host]], path)
    case .bandwidth(let bandwidth): checkHosts(["from": bandwidth.from, "to": bandwidth.to], path)
    case .drain(let target), .start(let target): checkAgents(target, path)
    case .clockStep(let step): checkHosts(["host": [step.host]], path)
    case .clockDrift(let drift): checkHosts(["host": [drift.host]], path)
    case .slowCPU(let slowdown): checkHosts(["host": [slowdown.host]], path)
    case .partition(let shape), .clog(let shape): checkHosts(["from": shape.from, "to": shape.to], path)
    case .loss(let trouble), .duplicate(let trouble), .delay(let trouble), .reorder(let trouble), .reset(let trouble):
      checkHosts(["from": trouble.from, "to": trouble.to], path)
    case .objectStoreErrors(let errors):
      if errors.before + errors.after > 1_000_000 {
        report("\(path).before", "the probabilities add up to more than 100%", "at most 100% together")
      }
    case .objectStoreExpiredCredentials(let target): checkHosts(["host": [target.host]], path)
    case .objectStoreOutage, .objectStoreLate, .objectStoreThrottle, .objectStoreSlow, .objectStoreSlowTail,
      .objectStoreSlowPrefix, .objectStoreShortPages, .objectStoreRate, .objectStoreDamage:
      break
    }
    checkMachine(of: plan, path)
  }

  private func checkMachine(of plan: FaultPlan, _ path: String) {
    switch plan.action {
    case .crash(let target), .replace(let target):
      if target.host == HostNames.objectStore || target.host == "all" {
        report(
          "\(path).host", "the object store cannot crash: it is a service that only its own faults concern",
          "use `objectStoreOutage`")
      }
    default: break
    }
    switch plan.action {
    case .replace(let target), .bitFlip(let target):
      if target.host == HostNames.metadata || target.host == "all" {
        report(
          "\(path).host", "the metadata service keeps one copy of its journal: nothing brings back what its disk loses",
          "name agents or clients")
      }
    default: break
    }
  }

  private func checkAgents(_ target: StaggeredTarget, _ path: String) {
    checkHosts(["host": [target.host]], path)
    let agents = Set(names.agents + names.spares)
    let hosts = names.resolve(target.host) ?? []
    if !hosts.allSatisfy({ agents.contains($0) }) {
      report(
        "\(path).host", "only agents leave and join in an orderly way, and `\(target.host)` is none",
        "an agent, `agents` or `spares`")
    }
  }

  // What is drawn has to fit into a resolved scenario.
  private func checkNumberOfFaults() {
    let counts = scenario.faults.map { plan in
      min(plan.every.map { mostFaults(every: $0) } ?? 1, Scenario.drawnFaultLimit + 1) * plan.hostsAtOnce(names)
    }
    guard counts.allSatisfy({ $0 <= Scenario.drawnFaultLimit }) else { return }
    if counts.reduce(0, +) > Scenario.drawnFaultLimit {
      report("faults", "the plans together may make more than 100,000 faults", "longer times between them")
    }
  }

  // Two are at least half their mean time apart.
  private func mostFaults(every: VirtualDuration) -> Int {
    Int(scenario.duration.nanoseconds / max(every.nanoseconds / 2, 1))
  }

  private func checkHosts(_ lists: KeyValuePairs<String, [String]>, _ path: String) {
    for (key, hosts) in lists {
      for (index, host) in hosts.enumerated() {
        let place = key.hasPrefix("host") ? "\(path).\(key)" : "\(path).\(key)[\(index)]"
        switch names.count(of: host) {
        case nil: report(place, "there is no host `\(host)`", nearestHost(host))
        case 0: report(place, "there are no \(host) in this scenario", "add some, or name another host")
        default: break
        }
      }
    }
  }

  private func nearestHost(_ host: String) -> String {
    NearestName.suggestion(for: host, among: HostNames.groups + names.all.prefix(1_000))
  }

  private func checkListed() {
    for (index, fault) in (scenario.messageFaults ?? []).enumerated() {
      for (key, host) in [("from", fault.from), ("to", fault.to)] where names.count(of: host) != 1 {
        report("messageFaults[\(index)].\(key)", "there is no host `\(host)`", "a host of this scenario")
      }
    }
    for (index, fault) in (scenario.requestFaults ?? []).enumerated() where names.count(of: fault.client) != 1 {
      report("requestFaults[\(index)].client", "there is no host `\(fault.client)`", "a host of this scenario")
    }
  }

  private func checkExpectation() {
    for probe in scenario.expect.probes where !ProbeCatalogue.names.contains(probe.name) {
      report(
        "expect.probes.\(probe.name)", "there is no probe `\(probe.name)`",
        NearestName.suggestion(for: probe.name, among: ProbeCatalogue.names))
    }
    let kinds = FaultKindNames.all
    for fault in scenario.expect.faults where !kinds.contains(fault.kind) {
      report(
        "expect.faults.\(fault.kind)", "there is no kind of fault `\(fault.kind)`",
        NearestName.suggestion(for: fault.kind, among: kinds))
    }
  }

  // Of very many errors only the first are kept: looking for what the others may have meant would take long.
  private func report(_ path: String, _ message: String, _ remedy: @autoclosure () -> String) {
    let isKept = locator.reader.errorCount < ScenarioErrors.limit
    locator.report(at: path, message, remedy: isKept ? remedy() : "")
  }
}

/// The kinds of faults by their names in scenario files.
enum FaultKindNames {
  static let all = [
    "crash", "replace", "drain", "start", "pause", "partition", "isolate", "split", "ring", "zoneOutage", "clog",
    "swizzle", "bandwidth",
    "loss", "duplicate", "delay", "reorder", "reset", "clockStep", "clockDrift", "slowCPU", "diskStall", "diskErrors",
    "diskFull", "bitFlip",
    "objectStoreOutage", "objectStoreErrors", "objectStoreLate", "objectStoreThrottle", "objectStoreSlow",
    "objectStoreSlowTail", "objectStoreSlowPrefix", "objectStoreExpiredCredentials", "objectStoreShortPages",
    "objectStoreRate", "objectStoreDamage",
  ]
}
