/// The names of a scenario's hosts, and the groups by which faults can name several.
public struct HostNames: Sendable, Hashable {
  /// The metadata service.
  public static let metadata = "metadata"
  /// The object store.
  public static let objectStore = "object-store"

  /// `agent-1` and so on.
  public let agents: [String]
  /// The agents that begin absent; their numbers follow.
  public let spares: [String]
  /// `producer-1` and so on, over all groups of producers.
  public let producers: [String]
  /// `consumer-1` and so on, over all groups of consumers.
  public let consumers: [String]
  /// `pipeline-1` and so on, over all groups of pipelines.
  public let pipelines: [String]
  /// `maintainer-1` and so on.
  public let maintainers: [String]
  /// `administrator-1` and so on, over all groups of them.
  public let administrators: [String]

  /// Over how many zones the hosts are spread.
  public let zones: Int

  /// The names of a scenario's hosts.
  public init(of scenario: Scenario) {
    func numbered(_ role: String, _ count: Int) -> [String] { count > 0 ? (1...count).map { "\(role)-\($0)" } : [] }
    zones = scenario.cluster.zones
    let everyAgent = numbered("agent", scenario.cluster.agents + scenario.cluster.spareAgents)
    agents = Array(everyAgent.prefix(scenario.cluster.agents))
    spares = Array(everyAgent.dropFirst(scenario.cluster.agents))
    producers = numbered("producer", scenario.producers.reduce(0) { $0 + $1.count })
    consumers = numbered("consumer", scenario.consumers.reduce(0) { $0 + $1.count })
    pipelines = numbered("pipeline", scenario.pipelines.reduce(0) { $0 + $1.count * $1.rivals })
    maintainers = numbered("maintainer", scenario.cluster.maintainers)
    administrators = numbered("administrator", scenario.lifecycles.reduce(0) { $0 + $1.count })
  }

  /// All hosts in the order in which they are made.
  public var all: [String] {
    [Self.metadata, Self.objectStore] + agents + spares + producers + consumers + pipelines + maintainers
      + administrators
  }

  /// The zone in which a host stands: agents, producers and consumers are spread in turn, the services stand in the first.
  public func zone(of host: String) -> Int {
    let parts = host.split(separator: "-")
    guard parts.count == 2, let number = Int(parts[1]), number > 0 else { return 0 }
    return (number - 1) % max(zones, 1)
  }

  /// The groups' names.
  public static let groups = [
    "all", "agents", "spares", "producers", "consumers", "pipelines", "clients", "maintainers", "administrators",
  ]

  /// The hosts that a name stands for: itself, or a group's members; nil for a name that is neither.
  public func resolve(_ name: String) -> [String]? {
    switch name {
    case "all": all
    case "agents": agents
    case "spares": spares
    case "producers": producers
    case "consumers": consumers
    case "pipelines": pipelines
    case "clients": producers + consumers + pipelines
    case "maintainers": maintainers
    case "administrators": administrators
    default: isHost(name) ? [name] : nil
    }
  }

  /// How many hosts a name stands for, without listing them; nil for a name that is neither a host nor a group.
  func count(of name: String) -> Int? {
    switch name {
    case "all":
      2 + agents.count + spares.count + producers.count + consumers.count + pipelines.count + maintainers.count
        + administrators.count
    case "agents": agents.count
    case "spares": spares.count
    case "producers": producers.count
    case "consumers": consumers.count
    case "pipelines": pipelines.count
    case "clients": producers.count + consumers.count + pipelines.count
    case "maintainers": maintainers.count
    case "administrators": administrators.count
    default: isHost(name) ? 1 : nil
    }
  }

  /// Whether a name is that of one machine, not of a group.
  func isMachine(_ name: String) -> Bool { !Self.groups.contains(name) && isHost(name) }

  private func isHost(_ name: String) -> Bool {
    if name == Self.metadata || name == Self.objectStore { return true }
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int(parts[1]), String(number) == parts[1], number >= 1 else { return false }
    switch parts[0] {
    case "agent": return number <= agents.count + spares.count
    case "producer": return number <= producers.count
    case "consumer": return number <= consumers.count
    case "maintainer": return number <= maintainers.count
    case "administrator": return number <= administrators.count
    case "pipeline": return number <= pipelines.count
    default: return false
    }
  }
}
