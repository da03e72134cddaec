import Nodes
import Simulation

/// The administrators of a cluster.
extension Cluster {
  func addAdministrators(_ names: HostNames) {
    var number = 0
    for (groupIndex, group) in scenario.lifecycles.enumerated() {
      for _ in 0..<group.count {
        let index = number
        number += 1
        let zone = index % scenario.cluster.zones
        let id = simulation.addMachine(names.administrators[index], zone: zone, disk: scenario.disk) {
          [unowned self] host in
          nextProducer += 1
          administrators[index] = LifecycleApplication(
            host: host, number: nextProducer,
            groupIndex: scenario.producers.count + scenario.pipelines.count + groupIndex, group: group,
            topic: "\(group.topic)-\(index + 1)", addresses: addresses, stop: .start + scenario.duration)
        }
        administratorHosts.append(id)
      }
    }
  }

  /// What administrators still have to do, in words; nil when nothing.
  func unfinishedAdministrator() -> String? {
    for (id, application) in zip(administratorHosts, administrators) {
      guard let host = simulation.host(id), let application else { return "\(simulation.name(of: id)) is down" }
      if !host.inspect(application, { $0.isFinished }) { return "\(host.name) has not come to its last topic" }
    }
    return nil
  }
}
