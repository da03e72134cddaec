import Nodes
import Simulation

extension Scenario {
  /// The machines outside of the core; they are numbered in the order in which they are made.
  func outsideCoreIDs(_ names: HostNames) -> Set<HostID> {
    let outside = Set(outsideCore)
    return Set(names.all.indices.filter { outside.contains(names.all[$0]) }.map { HostID(rawValue: UInt32($0)) })
  }
}

// A cluster of which only a core is healed in the end.
extension Cluster {
  /// Who leads a partition, if that is a machine that was healed.
  func workingLeader(of partition: TopicPartition) -> HostID? {
    leader(of: partition).flatMap { outsideCore.contains($0) ? nil : $0 }
  }

  /// Whether the services can be looked into: one that is down for good cannot.
  var canBeRead: Bool {
    [metadataHost, objectStoreHost].allSatisfy { !outsideCore.contains($0) || simulation.host($0) != nil }
  }

  /// What the core lacks for ever, so that it cannot come to rest whatever it does; nil when it has what it needs.
  ///
  /// It needs both services, an agent that reaches them, and for each producer and consumer of it the way to what it works with. Where everything is healed nothing is lacking.
  var whyRightlyStuck: String? {
    guard !outsideCore.isEmpty else { return nil }
    for service in [metadataHost, objectStoreHost] where !simulation.isWorking(service) {
      return "\(simulation.name(of: service)) is down or stalled for good"
    }
    let agents = agentHosts.filter {
      simulation.isWorking($0) && simulation.areConnected($0, metadataHost)
        && simulation.areConnected($0, objectStoreHost)
    }
    if agents.isEmpty { return "no agent is alive that reaches the metadata service and the object store" }
    for producer in core(producerHosts) {
      if let why = whyIdle(producer, needs: [metadataHost]) { return why }
      if !agents.contains(where: { simulation.areConnected($0, producer) }) {
        return "\(simulation.name(of: producer)) reaches no agent that works"
      }
    }
    for consumer in core(consumerHosts) {
      if let why = whyIdle(consumer, needs: [metadataHost, objectStoreHost]) { return why }
    }
    return nil
  }

  private func core(_ hosts: [HostID]) -> [HostID] { hosts.filter { !outsideCore.contains($0) } }

  private func whyIdle(_ client: HostID, needs services: [HostID]) -> String? {
    for service in services where !simulation.areConnected(client, service) {
      return "\(simulation.name(of: client)) is cut off from \(simulation.name(of: service)) for good"
    }
    return nil
  }
}
