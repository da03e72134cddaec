import Nodes
import Simulation

// Who reads what, and which agents hold what nobody else has: what checks ask of a cluster.
extension Cluster {
  /// The machines that read their topics from the start of the log: their polls count.
  var readersFromStart: Set<HostID> { Set(topicsByReader.map(\.host)) }

  /// The topics that are read from the start of the log, and by nobody who has met something that it cannot go past.
  func topicsReadFromStart(except failed: Set<HostID>) -> Set<TopicID> {
    var names: Set<String> = []
    var broken: Set<String> = []
    for reader in topicsByReader {
      names.insert(reader.topic)
      if failed.contains(reader.host) { broken.insert(reader.topic) }
    }
    names.subtract(broken)
    // Those of the scenario: a later topic of the same name is another one, which these readers do not know.
    return Set(
      scenario.topics.indices.filter { names.contains(scenario.topics[$0].name) }.map {
        TopicID(rawValue: UInt32($0 + 1))
      })
  }

  /// The machines whose applications may leave records out by a seek, with the number of their entry.
  var seekers: [HostID: Int] {
    var seekers: [HostID: Int] = [:]
    let entries = scenario.consumers.indices.flatMap { Array(repeating: $0, count: scenario.consumers[$0].count) }
    for (host, entry) in zip(consumerHosts, entries) where scenario.consumers[entry].seeks?.mayLeaveOut == true {
      seekers[host] = entry
    }
    return seekers
  }

  /// For each topic whose readers from the start may all leave records out by a seek, the numbers of their entries.
  var seekersByTopic: [TopicID: [Int]] {
    var entries: [TopicID: [Int]] = [:]
    for (index, topic) in scenario.topics.enumerated() {
      let readers = scenario.consumers.indices.filter {
        scenario.consumers[$0].topic == topic.name && scenario.consumers[$0].client.offsetReset == .earliest
      }
      let isPiped = scenario.pipelines.contains { $0.from == topic.name }
      if !isPiped, readers.allSatisfy({ scenario.consumers[$0].seeks?.mayLeaveOut == true }) {
        entries[TopicID(rawValue: UInt32(index + 1))] = readers
      }
    }
    return entries
  }

  /// Who stands below the watermark now, though it runs and has met nothing that it cannot go past.
  var standingReaders: [ProgressCheck.Standing] {
    zip(consumerHosts, consumers).flatMap { id, application -> [ProgressCheck.Standing] in
      guard !outsideCore.contains(id), let host = simulation.host(id), let application else { return [] }
      let positions = host.inspect(application) { application in
        application.hasFailed ? [] : application.consumer.assumeIsolated { $0.positions } ?? []
      }
      return positions.compactMap { position in
        guard let end = manifest(of: position.partition)?.watermark, position.offset < end else { return nil }
        return ProgressCheck.Standing(host: id, position: position, watermark: end)
      }
    }
  }

  /// What the caches of consumers have on their disks.
  var cacheFolders: [CacheCheck.Folder] {
    let groups = scenario.consumers.flatMap { Array(repeating: $0.client, count: $0.count) }
    return zip(consumerHosts, groups).compactMap { id, client in
      guard let disk = simulation.host(id)?.disk else { return nil }
      let bytes = disk.names(prefix: Consumer.cacheFolder).reduce(0) { $0 + (disk.size(of: $1) ?? 0) }
      return CacheCheck.Folder(host: id, bytes: bytes, bound: client.cacheBytes)
    }
  }

  /// Who reads which topic from its start; only groups of which enough belong to the core.
  private var topicsByReader: [(host: HostID, topic: String)] {
    let served = groupsServed
    var consumers: [(host: HostID, topic: String)] = []
    var next = 0
    for (index, group) in scenario.consumers.enumerated() {
      let hosts = consumerHosts[next..<next + group.count]
      next += group.count
      if served[index], group.client.offsetReset == .earliest { consumers += hosts.map { ($0, group.topic) } }
    }
    let pipelines = zip(
      pipelineHosts, scenario.pipelines.flatMap { Array(repeating: $0.from, count: $0.count * $0.rivals) })
    return consumers + pipelines.map { (host: $0, topic: $1) }
  }

  /// For each group of consumers whether those of it that work read all of its partitions: where they share them themselves one is enough, else nobody takes another's part.
  var groupsServed: [Bool] {
    var next = 0
    return scenario.consumers.map { group in
      let hosts = consumerHosts[next..<next + group.count]
      next += group.count
      if group.subscribes { return !isOutsideCore(group.client.group ?? "") }
      return hosts.allSatisfy { !outsideCore.contains($0) }
    }
  }

  /// Whether no member of a group that shares its partitions itself belongs to the core.
  func isOutsideCore(_ group: String) -> Bool {
    var next = 0
    for consumers in scenario.consumers {
      let hosts = consumerHosts[next..<next + consumers.count]
      next += consumers.count
      if consumers.client.group == group, hosts.contains(where: { !outsideCore.contains($0) }) { return false }
    }
    return true
  }

  /// What the disks of agents have lost by now.
  ///
  /// - Parameter departed: The agents that have handed everything over.
  func diskLosses(departed: Set<HostID>) -> DiskLosses {
    let gone = agentHosts.filter {
      outsideCore.contains($0) || (simulation.host($0) == nil && !departed.contains($0))
    }
    return DiskLosses(simulation.faultWindows, gone: gone, named: simulation.hostID(named:))
  }
}
