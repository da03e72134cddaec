import Nodes
import Simulation
import Storage

/// A scenario's machines in a simulation, and the nodes that run on them now.
///
/// Sendable because it is confined, like its hosts, to the thread of its run.
final class Cluster: @unchecked Sendable {
  let scenario: Scenario
  let simulation: Simulation
  private(set) var metadata: MetadataService?
  private(set) var objectStore: ObjectStore?
  private(set) var agents: [Agent?]
  private(set) var producers: [ProducerApplication?]
  private(set) var consumers: [ConsumerApplication?]
  var pipelines: [PipelineApplication?]
  private(set) var maintainers: [Maintainer?]
  var administrators: [LifecycleApplication?]
  var administratorHosts: [HostID] = []
  let agentHosts: [HostID]
  private(set) var metadataHost = HostID(rawValue: 0)
  private(set) var objectStoreHost = HostID(rawValue: 1)
  private(set) var producerHosts: [HostID] = []
  private(set) var consumerHosts: [HostID] = []
  var pipelineHosts: [HostID] = []
  var nextProducer: UInt32 = 0
  /// What producers sent whose process has been followed by another.
  private var earlierProducers = ProducerStatistics()
  /// The machines that stay broken for good once the others are healed.
  let outsideCore: Set<HostID>
  /// What could not be built; a defect of validation.
  var problem: String?

  init(_ scenario: Scenario, simulation: Simulation, preloaded: [PreloadedFile]) {
    var scenario = scenario
    scenario.agent.leaseTerm = scenario.metadata.leaseTerm
    let lifetime = scenario.metadata.readerGrace / 2
    for index in scenario.consumers.indices {
      scenario.consumers[index].client.manifestLifetime = min(
        scenario.consumers[index].client.manifestLifetime, lifetime)
    }
    for name in scenario.defects { Defect.named(name).apply(to: &scenario) }
    self.scenario = scenario
    self.simulation = simulation
    let names = HostNames(of: scenario)
    outsideCore = scenario.outsideCoreIDs(names)
    let agentCount = names.agents.count + names.spares.count
    agents = Array(repeating: nil, count: agentCount)
    producers = Array(repeating: nil, count: names.producers.count)
    consumers = Array(repeating: nil, count: names.consumers.count)
    pipelines = Array(repeating: nil, count: names.pipelines.count)
    maintainers = Array(repeating: nil, count: names.maintainers.count)
    administrators = Array(repeating: nil, count: names.administrators.count)
    agentHosts = (0..<agentCount).map { HostID(rawValue: UInt32($0 + 2)) }
    addServices(preloaded)
    addAgents(names)
    addProducers(names)
    addConsumers(names)
    addPipelines(names)
    addMaintainers(names)
    addAdministrators(names)
  }

  var addresses: ClusterAddresses { ClusterAddresses(metadata: metadataHost, objectStore: objectStoreHost) }

  private func addServices(_ preloaded: [PreloadedFile]) {
    let topics = topicSpecifications(preloaded)
    let quotas = quotas
    let (metadataConfiguration, storeConfiguration) = (scenario.metadata, scenario.objectStore)
    metadataHost = simulation.addMachine(HostNames.metadata, disk: scenario.disk) { [unowned self] host in
      metadata = MetadataService(host: host, configuration: metadataConfiguration, topics: topics, quotas: quotas)
    }
    objectStoreHost = simulation.addMachine(HostNames.objectStore, disk: scenario.disk) { [unowned self] host in
      let store = ObjectStore(host: host, configuration: storeConfiguration)
      for file in preloaded {
        let topic = topicNumber(file.preload.topic)
        host.inspect(store) { $0.preload(file.key(topic: topic), file.bytes) }
      }
      objectStore = store
    }
  }

  private var quotas: [Quota] {
    let names = HostNames(of: scenario)
    return scenario.quotas.flatMap { plan in
      let topic = plan.topic.map { QuotaSubject.topic(TopicID(rawValue: UInt32(topicNumber($0)))) }
      // Machines are numbered in the order in which they are made.
      let clients = plan.client.flatMap { names.resolve($0) } ?? []
      let hosts = clients.compactMap { name in names.all.firstIndex(of: name).map { HostID(rawValue: UInt32($0)) } }
      return (topic.map { [$0] } ?? hosts.map { .client($0) }).map {
        Quota(subject: $0, bytesPerSecond: plan.bytesPerSecond)
      }
    }
  }

  /// The scenario's topics, for checks of what is sent to them.
  var topicsByName: [String: AimCheck.Topic] {
    var topics: [String: AimCheck.Topic] = [:]
    for (index, shape) in scenario.topics.enumerated() {
      topics[shape.name] = AimCheck.Topic(id: TopicID(rawValue: UInt32(index + 1)), partitions: shape.partitions)
    }
    return topics
  }

  private func topicNumber(_ name: String) -> Int { (scenario.topics.firstIndex { $0.name == name } ?? 0) + 1 }

  private func topicSpecifications(_ preloaded: [PreloadedFile]) -> [TopicSpecification] {
    scenario.topics.enumerated().map { index, shape in
      var topic = TopicSpecification(name: shape.name, partitions: shape.partitions)
      topic.settings = shape.settings
      for file in preloaded where file.preload.topic == shape.name {
        let row = file.row(topic: index + 1)
        topic.logStarts[file.preload.partition] = row.base
        topic.segments.append(PreloadedSegment(partition: file.preload.partition, row: row))
      }
      return topic
    }
  }

  private func addAgents(_ names: HostNames) {
    for (index, name) in (names.agents + names.spares).enumerated() {
      simulation.addMachine(
        name, zone: index % scenario.cluster.zones, disk: scenario.disk, beginsAbsent: index >= names.agents.count
      ) { [unowned self] host in
        agents[index] = Agent(host: host, configuration: scenario.agent, addresses: addresses)
      }
    }
  }

  private func addProducers(_ names: HostNames) {
    var number = 0
    for (groupIndex, group) in scenario.producers.enumerated() {
      for _ in 0..<group.count {
        let index = number
        number += 1
        let zone = index % scenario.cluster.zones
        let id = simulation.addMachine(names.producers[index], zone: zone, disk: scenario.disk) { [unowned self] host in
          nextProducer += 1
          noteFigures(of: producers[index])
          do {
            producers[index] = try ProducerApplication(
              host: host, number: nextProducer, groupIndex: groupIndex, group: group, topics: scenario.topics,
              metadata: metadataHost, stop: .start + scenario.duration)
          } catch {
            problem = "\(error)"
          }
        }
        producerHosts.append(id)
      }
    }
  }

  private func addConsumers(_ names: HostNames) {
    var number = 0
    for group in scenario.consumers {
      let partitions = scenario.topics.first { $0.name == group.topic }?.partitions ?? 0
      for member in 0..<group.count {
        let index = number
        number += 1
        let share = (0..<partitions).filter { $0 % group.count == member }
        let zone = index % scenario.cluster.zones
        let id = simulation.addMachine(names.consumers[index], zone: zone, disk: scenario.disk) { [unowned self] host in
          do {
            consumers[index] = try ConsumerApplication(
              host: host, group: group, partitions: share, addresses: addresses,
              stop: .start + scenario.duration)
          } catch {
            problem = "\(error)"
          }
        }
        consumerHosts.append(id)
      }
    }
  }

  private func addMaintainers(_ names: HostNames) {
    for (index, name) in names.maintainers.enumerated() {
      let zone = index % scenario.cluster.zones
      simulation.addMachine(name, zone: zone, disk: scenario.disk) { [unowned self] host in
        maintainers[index] = Maintainer(host: host, configuration: scenario.maintainer, addresses: addresses)
      }
    }
  }

  /// The groups of consumers that begin at the end of a log, by machine.
  var latecomers: [HostID: String] {
    let groups = scenario.consumers.flatMap { Array(repeating: $0.client, count: $0.count) }
    let pairs = zip(consumerHosts, groups).compactMap { host, client in
      client.offsetReset == .latest ? client.group.map { (host, $0) } : nil
    }
    return Dictionary(pairs) { first, _ in first }
  }

  // MARK: Looking at it

  /// All partitions with their topics' names, as the metadata service has them; while it is down, those of the scenario.
  var partitions: [(name: String, partition: TopicPartition)] {
    if let host = simulation.host(metadataHost), let metadata {
      let now = host.inspect(metadata) { $0.partitions }
      if !now.isEmpty { return now }
    }
    return scenario.topics.enumerated().flatMap { index, topic in
      (0..<topic.partitions).map {
        (topic.name, TopicPartition(topic: TopicID(rawValue: UInt32(index + 1)), index: UInt32($0)))
      }
    }
  }

  /// For example `orders/3`.
  func label(_ partition: TopicPartition) -> String {
    let index = Int(partition.topic.rawValue) - 1
    let name =
      scenario.topics.indices.contains(index) ? scenario.topics[index].name : "topic \(partition.topic.rawValue)"
    return "\(name)/\(partition.index)"
  }

  func leader(of partition: TopicPartition) -> HostID? {
    guard let host = simulation.host(metadataHost), let metadata else { return nil }
    return host.inspect(metadata) { $0.leader(of: partition) }
  }

  /// Rows of a partition as the metadata service has them.
  func manifest(of partition: TopicPartition) -> (logStart: UInt64, watermark: UInt64, rows: [SegmentRow])? {
    guard let host = simulation.host(metadataHost), let metadata else { return nil }
    return host.inspect(metadata) { $0.manifest(of: partition) }
  }

  /// A partition with its topic's settings, as the metadata service has it.
  func view(of partition: TopicPartition) -> RemovalCheck.View? {
    guard let host = simulation.host(metadataHost), let metadata else { return nil }
    return host.inspect(metadata) { service in
      guard let manifest = service.manifest(of: partition), let settings = service.settings(of: partition.topic) else {
        return nil
      }
      return RemovalCheck.View(settings: settings, logStart: manifest.logStart, rows: manifest.rows)
    }
  }

  /// An object as it is in the bucket.
  func object(_ key: ObjectKey) -> [UInt8]? {
    guard let host = simulation.host(objectStoreHost), let objectStore else { return nil }
    return host.inspect(objectStore) { $0.content(key) }
  }

  /// What was asked of the object store.
  var usage: ObjectStoreUsage {
    guard let host = simulation.host(objectStoreHost), let objectStore else { return ObjectStoreUsage() }
    return host.inspect(objectStore) { $0.usage }
  }

  /// Blocks that the consumers that run now asked for: those that were at hand, and those that were not.
  var cache: (hits: UInt64, misses: UInt64) {
    var sum = (hits: UInt64(0), misses: UInt64(0))
    for (id, application) in zip(consumerHosts, consumers) {
      guard let host = simulation.host(id), let application else { continue }
      let counts = host.inspect(application) { $0.consumer.assumeIsolated { $0.blockCounts } }
      sum.hits += counts.hits
      sum.misses += counts.misses
    }
    return sum
  }

  /// What all producers sent, those of pipelines included, in all their incarnations.
  var producerFigures: ProducerStatistics {
    var sum = earlierProducers
    for application in producers { application.map { sum.add($0.host.inspect($0) { $0.figures }) } }
    for application in pipelines { application.map { sum.add($0.host.inspect($0) { $0.figures }) } }
    return sum
  }

  /// Keeps what a producer did that is about to be replaced by its next incarnation.
  func noteFigures(of application: ProducerApplication?) {
    application.map { earlierProducers.add($0.host.inspect($0) { $0.figures }) }
  }

  /// Keeps what a pipeline's producer did that is about to be replaced by its next incarnation.
  func noteFigures(of application: PipelineApplication?) {
    application.map { earlierProducers.add($0.host.inspect($0) { $0.figures }) }
  }

  // MARK: Coming to rest

  /// What still has to happen before the cluster is at rest, in words; nil when it is.
  func unrest() -> String? {
    for (name, partition) in partitions where workingLeader(of: partition) == nil {
      return "\(name)/\(partition.index) has no leader"
    }
    for (id, application) in zip(producerHosts, producers) where !outsideCore.contains(id) {
      guard let host = simulation.host(id), let application else { return "\(simulation.name(of: id)) is down" }
      if !host.inspect(application, { $0.isFinished }) { return "\(host.name) has batches whose outcome is open" }
    }
    for (id, agent) in zip(agentHosts, agents) where !simulation.isAbsent(id) && !outsideCore.contains(id) {
      guard let host = simulation.host(id), let agent else { return "\(simulation.name(of: id)) is down" }
      if let work = host.inspect(agent, { $0.unfinishedWork }) { return "\(host.name) \(work)" }
    }
    if let host = simulation.host(metadataHost), let metadata, host.inspect(metadata, { $0.hasUnsyncedChanges }) {
      return "the metadata service has changes that are not durable yet"
    }
    return laggingConsumer() ?? unreadPartition() ?? unfinishedPipeline() ?? unfinishedAdministrator()
  }

  /// The groups that share their partitions themselves, with who reads what now by its own word.
  var sharedGroups:
    [(name: String, partitions: [TopicPartition], readers: [(host: HostID, partitions: [TopicPartition])])]
  {
    var names: [String] = []
    for group in scenario.consumers where group.subscribes {
      if let name = group.client.group, !names.contains(name) { names.append(name) }
    }
    let members = zip(
      zip(consumerHosts, consumers), scenario.consumers.flatMap { Array(repeating: $0, count: $0.count) })
    return names.map { name in
      let topics = Set(scenario.consumers.filter { $0.client.group == name }.map(\.topic))
      let readers = members.compactMap { member, group -> (host: HostID, partitions: [TopicPartition])? in
        guard group.client.group == name, !outsideCore.contains(member.0), let host = simulation.host(member.0),
          let application = member.1
        else {
          return nil
        }
        return (member.0, host.inspect(application) { $0.consumer.assumeIsolated { $0.assignment } })
      }
      return (name, partitions.filter { topics.contains($0.name) }.map(\.partition), readers)
    }
  }

  private func unreadPartition() -> String? {
    for group in sharedGroups where !isOutsideCore(group.name) {
      for partition in group.partitions where !group.readers.contains(where: { $0.partitions.contains(partition) }) {
        return "nobody reads \(label(partition)) for group \(group.name)"
      }
    }
    return nil
  }

  private func laggingConsumer() -> String? {
    for (id, application) in zip(consumerHosts, consumers) where !outsideCore.contains(id) {
      guard let host = simulation.host(id), let application else { return "\(simulation.name(of: id)) is down" }
      let state = host.inspect(application) { application in
        let (positions, isInDoubt) = application.consumer.assumeIsolated { ($0.positions, $0.isSessionInDoubt) }
        return (failed: application.hasFailed, positions: positions, isInDoubt: isInDoubt)
      }
      if state.failed { continue }
      if state.isInDoubt { return "\(host.name) does not know yet whether it is still a member of its group" }
      guard let positions = state.positions else { return "\(host.name) has not started" }
      for position in positions {
        guard let watermark = manifest(of: position.partition)?.watermark, position.offset < watermark else { continue }
        return
          "\(host.name) stands at \(position.offset) of \(label(position.partition)), the watermark at \(watermark)"
      }
    }
    return nil
  }
}

extension Cluster {
  /// The check of what is removed, with eyes for this cluster.
  var removalCheck: RemovalCheck {
    let pauses = scenario.faults.compactMap { plan -> VirtualDuration? in
      guard case .pause(let target) = plan.action, [HostNames.metadata, "all"].contains(target.host) else { return nil }
      return plan.lasts?.upperBound ?? scenario.duration
    }
    return RemovalCheck(
      eyes: RemovalCheck.Eyes(object: { [unowned self] in object($0) }, view: { [unowned self] in view(of: $0) }),
      manifestLifetime: scenario.metadata.readerGrace / 2,
      slack: .seconds(2) + (pauses.max() ?? .zero))
  }
}
