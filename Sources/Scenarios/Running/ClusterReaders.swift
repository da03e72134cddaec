import Nodes
import Simulation

// Who reads what, and which agents hold what nobody else has: what checks ask of a cluster.
extension Cluster {
  /// The machines that read their topics from the start of the log.
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

  private var topicsByReader: [(host: HostID, topic: String)] {
    let consumers = zip(
      consumerHosts, scenario.consumers.flatMap { Array(repeating: $0, count: $0.count) }
    ).compactMap { host, group in
      group.client.offsetReset == .earliest ? (host: host, topic: group.topic) : nil
    }
    let pipelines = zip(
      pipelineHosts, scenario.pipelines.flatMap { Array(repeating: $0.from, count: $0.count * $0.rivals) })
    return consumers + pipelines.map { (host: $0, topic: $1) }
  }

  /// What the disks of agents have lost by now.
  ///
  /// - Parameter departed: The agents that have handed everything over.
  func diskLosses(departed: Set<HostID>) -> DiskLosses {
    let gone = agentHosts.filter { simulation.host($0) == nil && !departed.contains($0) }
    return DiskLosses(simulation.faultWindows, gone: gone, named: simulation.hostID(named:))
  }
}
