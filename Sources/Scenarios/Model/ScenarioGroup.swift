/// What a scenario is about, for lists: the first part of the cluster that one looks at.
public enum ScenarioGroup: String, Sendable, Hashable, CaseIterable {
  /// Where to begin.
  case firstSteps
  /// Agents that die, stall, come and go.
  case agents
  /// Messages that get lost, late or cut off.
  case network
  /// The object store and its ways to fail.
  case objectStore
  /// Disks and clocks.
  case machines
  /// The metadata service.
  case metadata
  /// Groups of consumers, and producers that wait.
  case clients
  /// Transactions from end to end.
  case transactions
  /// Topics, retention and compaction.
  case topics
  /// Several of these at once, and what is left of a cluster.
  case everything
  /// Said nowhere.
  case other

  /// The heading in lists.
  public var title: String {
    switch self {
    case .firstSteps: "First steps"
    case .agents: "Agents"
    case .network: "Network"
    case .objectStore: "Object store"
    case .machines: "Disks and clocks"
    case .metadata: "Metadata service"
    case .clients: "Clients"
    case .transactions: "Transactions"
    case .topics: "Topics and old segments"
    case .everything: "Everything at once"
    case .other: "Others"
    }
  }
}
