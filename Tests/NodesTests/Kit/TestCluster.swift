import Storage
import Testing

@testable import Nodes
@testable import Simulation

/// What a test's cluster is made of.
struct ClusterSettings {
  var seed: UInt64 = 1
  /// Whether jobs and events of one instant run in an order drawn from the seed.
  var drawsOrder = false
  /// Machines `agent-0`, `agent-1` …
  var agents = 0
  /// Machines `client-0`, `client-1` …, which send what a test tells them.
  var clients = 2
  /// Partitions of the one topic, `orders`.
  var partitions = 1
  /// Other topics, with as many partitions.
  var otherTopics: [String] = []
  /// How long that topic keeps its records.
  var topic = TopicSettings()
  /// Segments that the topic begins with, with the objects of those that have one.
  var preloaded: [(segment: PreloadedSegment, body: [UInt8]?)] = []
  var metadata = MetadataConfiguration()
  var store = ObjectStoreConfiguration()
  var agent = AgentConfiguration()
  /// Machines `maintainer-0`, `maintainer-1` …
  var maintainers = 0
  var maintainer = MaintainerConfiguration()

  init() {
    store.preset = .instant
    // A log entry is written at once, so that a test can say when; how groups gather has tests of its own.
    agent.logGroups.ageNanoseconds = 0
  }
}

/// A small cluster whose time the test moves: one metadata service, one object store, agents, and clients that send single requests.
///
/// ```swift
/// let cluster = TestCluster { $0.agents = 1 }
/// cluster.awaitLeaders()
/// let answer = try cluster.ask(Produce(to: .first, "a", "b"), of: cluster.agent(0))
/// ```
///
/// The network takes a millisecond each way, always, so that a test can say when things happen. Sendable because it is confined to its test's thread.
final class TestCluster: @unchecked Sendable {
  let settings: ClusterSettings
  let simulation: Simulation
  private(set) var metadataService: MetadataService?
  private(set) var objectStore: ObjectStore?
  private(set) var agents: [Agent?]
  private(set) var clients: [Client?]
  /// What nodes told the world, in order.
  private(set) var events: [(event: any DomainEvent, stamp: EventStamp)] = []
  /// Called with each of those as it happens.
  var onEvent: ((ClusterEvent) -> Void)?

  /// Builds a cluster and starts it; the metadata service serves when this returns.
  init(_ change: (inout ClusterSettings) -> Void = { _ in }) {
    var settings = ClusterSettings()
    change(&settings)
    settings.agent.leaseTerm = settings.metadata.leaseTerm
    self.settings = settings
    var configuration = SimulationConfiguration(seed: settings.seed)
    configuration.network.latency = .milliseconds(1)
    configuration.network.jitter = .zero
    configuration.network.crossZoneLatency = .zero
    if settings.drawsOrder { configuration.choices = .seededOrder }
    simulation = Simulation(configuration)
    agents = Array(repeating: nil, count: settings.agents)
    clients = Array(repeating: nil, count: settings.clients)
    addMachines()
    simulation.observer = { [unowned self] event, stamp in
      events.append((event, stamp))
      if let event = event as? ClusterEvent { onEvent?(event) }
    }
    simulation.startAll()
    run(for: .milliseconds(5))
  }

  deinit {
    if let defect = simulation.finish() { Issue.record("\(defect)") }
  }

  private func addMachines() {
    let settings = settings
    var topic = TopicSpecification(name: "orders", partitions: settings.partitions)
    topic.settings = settings.topic
    for (segment, _) in settings.preloaded {
      topic.logStarts[segment.partition] = min(
        segment.row.base, topic.segments.first { $0.partition == segment.partition }?.row.base ?? segment.row.base)
      topic.segments.append(segment)
    }
    let others = settings.otherTopics.map { TopicSpecification(name: $0, partitions: settings.partitions) }
    simulation.addMachine("metadata") { [unowned self] host in
      metadataService = MetadataService(host: host, configuration: settings.metadata, topics: [topic] + others)
    }
    simulation.addMachine("store") { [unowned self] host in
      let store = ObjectStore(host: host, configuration: settings.store)
      for (segment, body) in settings.preloaded {
        if let body { host.inspect(store) { $0.preload(segment.row.key, body) } }
      }
      objectStore = store
    }
    for index in 0..<settings.agents {
      simulation.addMachine("agent-\(index)") { [unowned self] host in
        agents[index] = Agent(host: host, configuration: settings.agent, addresses: addresses)
      }
    }
    for index in 0..<settings.clients {
      simulation.addMachine("client-\(index)") { [unowned self] host in clients[index] = Client(host: host) }
    }
    for index in 0..<settings.maintainers {
      simulation.addMachine("maintainer-\(index)") { [unowned self] host in
        _ = Maintainer(host: host, configuration: settings.maintainer, addresses: addresses)
      }
    }
    simulation.addMachine("pendulum") { host in
      // Time goes on also when nothing else happens.
      host.spawn("swing", on: Client(host: host)) { client in for await _ in client.host.ticks(every: .seconds(1)) {} }
    }
  }

  // MARK: Who is where

  let metadata = HostID(rawValue: 0)
  let store = HostID(rawValue: 1)
  var addresses: ClusterAddresses { ClusterAddresses(metadata: metadata, objectStore: store) }

  func agent(_ index: Int) -> HostID { HostID(rawValue: UInt32(2 + index)) }
  func client(_ index: Int) -> HostID { HostID(rawValue: UInt32(2 + settings.agents + index)) }
  func maintainer(_ index: Int) -> HostID {
    HostID(rawValue: UInt32(2 + settings.agents + settings.clients + index))
  }
  func machine(_ id: HostID) -> Machine { simulation.machine(named: simulation.name(of: id))! }
  func name(_ id: HostID) -> String { simulation.name(of: id) }

  /// Adds a machine in the middle of a test and starts it.
  @discardableResult
  func addMachine(_ name: String, boot: @escaping (Host) -> Void) -> HostID {
    let id = simulation.addMachine(name, boot: boot)
    restart(id)
    return id
  }

  /// Adds another agent in the middle of a test.
  func addAgent(_ name: String) -> HostID {
    addMachine(name) { [unowned self] host in
      _ = Agent(host: host, configuration: settings.agent, addresses: addresses)
    }
  }

  // MARK: Time

  var now: VirtualTime { simulation.now }

  /// Lets a length of time pass.
  func run(for duration: VirtualDuration) {
    check(simulation.run(RunBounds(until: now + duration)))
  }

  /// Lets time pass until something holds, looked at once a step; an issue when it does not within the limit.
  @discardableResult
  func run(
    until what: Comment, within limit: VirtualDuration = .seconds(120), step: VirtualDuration = .milliseconds(1),
    at place: SourceLocation = #_sourceLocation,
    _ condition: @escaping () -> Bool
  ) -> Bool {
    if condition() { return true }
    var bounds = RunBounds(until: now + limit)
    bounds.condition = (step, condition)
    check(simulation.run(bounds))
    let holds = condition()
    if !holds { Issue.record("did not come about: \(what.rawValue)", sourceLocation: place) }
    return holds
  }

  private func check(_ stop: RunStop) {
    if case .defect(let defect) = stop { Issue.record("\(defect)") }
  }

  // MARK: Looking at it

  /// What nodes told so far, as far as it is of the cluster.
  var clusterEvents: [ClusterEvent] { events.compactMap { $0.event as? ClusterEvent } }

  /// The place of the first of those that is meant.
  func position(of isMeant: (ClusterEvent) -> Bool) -> Int? { clusterEvents.firstIndex(where: isMeant) }

  /// When the first of all events that is meant was told.
  func time(of isMeant: (any DomainEvent) -> Bool) -> VirtualTime? { events.first { isMeant($0.event) }?.stamp.time }

  /// When the last of all events that is meant was told.
  func lastTime(of isMeant: (any DomainEvent) -> Bool) -> VirtualTime? { events.last { isMeant($0.event) }?.stamp.time }

  func count(of probe: Probe) -> Int {
    simulation.probeCounts.first { $0.name == probe.name.description }?.count ?? 0
  }

  func manifest(_ partition: TopicPartition = .first) -> (logStart: UInt64, watermark: UInt64, rows: [SegmentRow]) {
    guard let host = simulation.host(metadata), let metadataService else { return (0, 0, []) }
    return host.inspect(metadataService) { $0.manifest(of: partition) } ?? (0, 0, [])
  }

  func watermark(_ partition: TopicPartition = .first) -> UInt64 { manifest(partition).watermark }

  func leader(_ partition: TopicPartition = .first) -> HostID? {
    guard let host = simulation.host(metadata), let metadataService else { return nil }
    return host.inspect(metadataService) { $0.leader(of: partition) }
  }

  /// Lets time pass until every partition has a leader that takes batches.
  func awaitLeaders(at place: SourceLocation = #_sourceLocation) {
    run(until: "every partition has a leader", at: place) { [self] in
      (0..<settings.partitions).allSatisfy { leads(TopicPartition(index: $0)) != nil }
    }
  }

  /// The agent that thinks it leads a partition and holds its lease.
  func leads(_ partition: TopicPartition = .first) -> HostID? {
    guard let holder = leader(partition), holder.rawValue >= 2, holder.rawValue < 2 + settings.agents,
      let host = simulation.host(holder), let agent = agents[Int(holder.rawValue) - 2]
    else { return nil }
    return host.inspect(agent) { $0.leaders[partition] != nil } ? holder : nil
  }

  func object(_ key: ObjectKey) -> [UInt8]? {
    guard let host = simulation.host(store), let objectStore else { return nil }
    return host.inspect(objectStore) { $0.content(key) }
  }

  var usage: ObjectStoreUsage {
    guard let host = simulation.host(store), let objectStore else { return ObjectStoreUsage() }
    return host.inspect(objectStore) { $0.usage }
  }

  /// The values that a partition's registered segments hold, by offset; an issue when the rows are not contiguous or an object is not what its row says.
  func values(_ partition: TopicPartition = .first, at place: SourceLocation = #_sourceLocation) -> [String] {
    let (logStart, _, rows) = manifest(partition)
    var next = logStart
    var values: [String] = []
    for row in rows {
      #expect(row.base == next, "rows follow one another", sourceLocation: place)
      next = row.end
      do {
        let reader = try SegmentReader(object(row.key) ?? [])
        var offset = row.base
        try reader.forEachRecord { record in
          #expect(record.offset == offset, "offsets follow one another", sourceLocation: place)
          offset += 1
          values.append(String(decoding: record.value, as: UTF8.self))
          return true
        }
        #expect(offset == row.end, "the object ends where its row does", sourceLocation: place)
      } catch {
        Issue.record("\(row.key): \(error)", sourceLocation: place)
      }
    }
    return values
  }

  /// How often a machine's disk was synced.
  func syncs(_ id: HostID) -> UInt64 { machine(id).disk.syncs }

  /// The files of a machine's disk whose names begin so.
  func files(_ id: HostID, prefix: String = "log/") -> [String] { machine(id).disk.names(prefix: prefix) }
}
