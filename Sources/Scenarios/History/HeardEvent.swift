import Nodes
import Simulation

/// What a node told, by who tells such things: several listen to each event, and it is asked only once what it is.
enum HeardEvent {
  case workload(WorkloadEvent)
  case cluster(ClusterEvent)
  case agent(AgentEvent)
  case pipeline(PipelineEvent)
  /// One of a consumer's or of the object store's own.
  case other(any DomainEvent)

  init(_ event: any DomainEvent) {
    // The most frequent first.
    if let event = event as? WorkloadEvent {
      self = .workload(event)
    } else if let event = event as? ClusterEvent {
      self = .cluster(event)
    } else if let event = event as? AgentEvent {
      self = .agent(event)
    } else if let event = event as? PipelineEvent {
      self = .pipeline(event)
    } else {
      self = .other(event)
    }
  }
}
