/// All metrics of a cluster, by role.
public enum MetricCatalogue {
  /// All metrics, in the order of their roles.
  public static let all: [MetricDefinition] = MetricRole.allCases.flatMap(definitions)

  /// The metrics of a role, in order.
  public static func of(_ role: MetricRole) -> ArraySlice<MetricDefinition> { all[places(of: role)] }

  /// Where a role's metrics begin.
  static func beginning(of role: MetricRole) -> Int { places(of: role).lowerBound }

  /// Where a role's metrics are.
  static func places(of role: MetricRole) -> Range<Int> {
    switch role {
    case .host: 0..<hostEnd
    case .agent: hostEnd..<agentEnd
    case .metadata: agentEnd..<metadataEnd
    case .objectStore: metadataEnd..<storeEnd
    case .producer: storeEnd..<producerEnd
    case .consumer: producerEnd..<consumerEnd
    case .maintainer: consumerEnd..<maintainerEnd
    }
  }

  private static let hostEnd = HostMetric.allCases.count
  private static let agentEnd = hostEnd + AgentMetric.allCases.count
  private static let metadataEnd = agentEnd + MetadataMetric.allCases.count
  private static let storeEnd = metadataEnd + ObjectStoreMetric.allCases.count
  private static let producerEnd = storeEnd + ProducerMetric.allCases.count
  private static let consumerEnd = producerEnd + ConsumerMetric.allCases.count
  private static let maintainerEnd = consumerEnd + MaintainerMetric.allCases.count

  private static func definitions(_ role: MetricRole) -> [MetricDefinition] {
    switch role {
    case .host: HostMetric.allCases.map(\.definition)
    case .agent: AgentMetric.allCases.map(\.definition)
    case .metadata: MetadataMetric.allCases.map(\.definition)
    case .objectStore: ObjectStoreMetric.allCases.map(\.definition)
    case .producer: ProducerMetric.allCases.map(\.definition)
    case .consumer: ConsumerMetric.allCases.map(\.definition)
    case .maintainer: MaintainerMetric.allCases.map(\.definition)
    }
  }
}
