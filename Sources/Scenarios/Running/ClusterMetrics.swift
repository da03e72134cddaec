import Nodes
import Simulation

// The metrics of a cluster's machines, by what runs on them.
extension Cluster {
  /// What runs on a machine; the number is its place among its like.
  private enum Seat {
    case metadata
    case objectStore
    case agent(Int)
    case producer(Int)
    case consumer(Int)
    case pipeline(Int)
    case maintainer(Int)
    case administrator
  }

  // Machines are numbered in the order in which they are made.
  private func seat(of id: HostID) -> Seat {
    if id == metadataHost { return .metadata }
    if id == objectStoreHost { return .objectStore }
    var place = Int(id.rawValue) - 2
    let kinds: [(count: Int, seat: (Int) -> Seat)] = [
      (agents.count, Seat.agent), (producers.count, Seat.producer), (consumers.count, Seat.consumer),
      (pipelines.count, Seat.pipeline), (maintainers.count, Seat.maintainer),
    ]
    for kind in kinds {
      if place < kind.count { return kind.seat(place) }
      place -= kind.count
    }
    return .administrator
  }

  /// The roles that a machine's processes play.
  func roles(of id: HostID) -> [MetricRole] {
    switch seat(of: id) {
    case .metadata: [.host, .metadata]
    case .objectStore: [.host, .objectStore]
    case .agent: [.host, .agent]
    case .producer: [.host, .producer]
    case .consumer: [.host, .consumer]
    case .maintainer: [.host, .maintainer]
    case .pipeline, .administrator: [.host, .producer, .consumer]
    }
  }

  /// Adds what a machine's node says of itself. An administrator's clients live as long as its topic only, and say nothing.
  func read(_ id: HostID, _ host: Host, into sample: MetricSample) {
    switch seat(of: id) {
    case .metadata: if let metadata { host.inspect(metadata) { $0.read(into: sample) } }
    case .objectStore: if let objectStore { host.inspect(objectStore) { $0.read(into: sample) } }
    case .agent(let place): if let agent = agents[place] { host.inspect(agent) { $0.read(into: sample) } }
    case .producer(let place):
      guard let application = producers[place] else { return }
      host.inspect(application) { $0.producer.assumeIsolated { $0.read(into: sample) } }
    case .consumer(let place):
      guard let application = consumers[place] else { return }
      host.inspect(application) { $0.consumer.assumeIsolated { $0.read(into: sample) } }
    case .pipeline(let place):
      guard let application = pipelines[place] else { return }
      host.inspect(application) { application in
        application.producer.assumeIsolated { $0.read(into: sample) }
        application.consumer.assumeIsolated { $0.read(into: sample) }
      }
    case .maintainer(let place):
      if let maintainer = maintainers[place] { host.inspect(maintainer) { $0.read(into: sample) } }
    case .administrator: break
    }
  }
}
