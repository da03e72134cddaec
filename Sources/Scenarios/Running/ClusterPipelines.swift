import Nodes
import Simulation

/// The pipelines of a cluster.
extension Cluster {
  func addPipelines(_ names: HostNames) {
    var number = 0
    for (groupIndex, group) in scenario.pipelines.enumerated() {
      let partitions = scenario.topics.first { $0.name == group.from }?.partitions ?? 0
      for member in 0..<group.count {
        let share = (0..<partitions).filter { $0 % group.count == member }
        for _ in 0..<group.rivals {
          let index = number
          number += 1
          let zone = index % scenario.cluster.zones
          let id = simulation.addMachine(names.pipelines[index], zone: zone, disk: scenario.disk) {
            [unowned self] host in
            nextProducer += 1
            noteFigures(of: pipelines[index])
            do {
              pipelines[index] = try PipelineApplication(
                host: host, number: nextProducer, groupIndex: scenario.producers.count + groupIndex, group: group,
                name: "\(group.group)-\(member + 1)", partitions: share, addresses: addresses)
            } catch {
              problem = "\(error)"
            }
          }
          pipelineHosts.append(id)
        }
      }
    }
  }

  /// What pipelines still have to do, in words; nil when nothing.
  func unfinishedPipeline() -> String? {
    guard !pipelines.isEmpty else { return nil }
    for (id, application) in zip(pipelineHosts, pipelines) {
      guard let host = simulation.host(id), let application else { return "\(simulation.name(of: id)) is down" }
      if host.inspect(application, { $0.hasFailed }) { return nil }
    }
    guard let host = simulation.host(metadataHost), let metadata else { return "the metadata service is down" }
    if let open = host.inspect(metadata, { $0.openTransactions }).first { return "\(open) is open" }
    for group in scenario.pipelines {
      for (name, partition) in partitions where name == group.from {
        let stored = host.inspect(metadata) { $0.committedOffset(group: group.group, partition) } ?? 0
        guard let watermark = manifest(of: partition)?.watermark, stored < watermark else { continue }
        return "group \(group.group) has committed \(stored) of \(label(partition)), the watermark is at \(watermark)"
      }
    }
    return nil
  }

  /// The pipelines, as the check of their results knows them.
  var pipelineTopics: [ExactlyOnceCheck.Pipeline] {
    scenario.pipelines.compactMap { group in
      guard let from = topic(named: group.from), let to = topic(named: group.to) else { return nil }
      return ExactlyOnceCheck.Pipeline(group: group.group, from: from, to: to)
    }
  }

  /// Who reads topics from their start, and committed records only.
  var committedReaders: [VisibilityCheck.Reader] {
    let served = groupsServed
    let consumers = scenario.consumers.indices.filter { served[$0] }.map { scenario.consumers[$0] }.filter {
      // Who leaves records out by a seek need not have been handed them.
      $0.client.isolation == .readCommitted && $0.client.offsetReset == .earliest && $0.seeks?.mayLeaveOut != true
    }
    let groups =
      consumers.map { ($0.client.group, $0.topic) }
      + scenario.pipelines.filter { $0.consumer.isolation == .readCommitted }.map { ($0.group, $0.from) }
    return groups.compactMap { group, name in
      guard let group, let topic = topic(named: name) else { return nil }
      return VisibilityCheck.Reader(group: group, topic: topic)
    }
  }

  private func topic(named name: String) -> TopicID? {
    scenario.topics.firstIndex { $0.name == name }.map { TopicID(rawValue: UInt32($0 + 1)) }
  }
}
