/// What kind of figure a metric is, in the words of OpenMetrics.
public enum MetricKind: String, Sendable, Hashable, CaseIterable {
  /// Counts up from 0 over the life of a process, and never falls.
  case counter
  /// A state that goes up and down.
  case gauge
  /// Counts observations by size.
  case histogram
}

/// What a metric counts or measures; the last word of its name.
public enum MetricUnit: String, Sendable, Hashable, CaseIterable {
  case seconds, bytes, ratio, dollars
  case records, batches, requests, messages, connections, retries
  case segments, uploads, leases, epochs, leaderships, partitions, topics, offset
  case entries, snapshots, groups, members, shares, transactions, commits, agents
  case polls, blocks, objects, files, sessions, prefixes, compactions, rows
  case starts, rests, state
  case requestsPerSecond = "requests_per_second"

  /// By how much values in whole numbers are larger than what they stand for: times are kept in nanoseconds, parts in millionths, prices in billionths.
  public var scale: Int64 {
    switch self {
    case .seconds, .dollars: 1_000_000_000
    case .ratio: 1_000_000
    default: 1
    }
  }
}

/// Whose metric it is.
public enum MetricRole: String, Sendable, Hashable, CaseIterable {
  /// Every process: its machine and its place in the network.
  case host
  case agent
  case metadata
  case objectStore = "object_store"
  case producer
  case consumer
  case maintainer

  /// The role as a heading.
  public var title: String {
    switch self {
    case .host: "Every host"
    case .agent: "Agents"
    case .metadata: "The metadata service"
    case .objectStore: "The object store"
    case .producer: "Producers"
    case .consumer: "Consumers"
    case .maintainer: "Maintainers"
    }
  }
}

/// One entry of the catalogue.
public struct MetricDefinition: Sendable, Hashable {
  /// Whose metric it is.
  public let role: MetricRole
  /// What kind of figure it is.
  public let kind: MetricKind
  /// What it counts or measures.
  public let unit: MetricUnit
  /// The names of its labels, besides those that every sample has.
  public let labels: [String]
  /// The upper bounds of a histogram's buckets, in the unit's whole numbers; empty for others.
  public let bounds: [Int64]
  /// What it means and when to worry, in one sentence.
  public let description: String
  /// The name of the family: everything but the suffix of a counter.
  public let family: String

  /// The full name, such as `streamhouse_agent_appended_records_total`.
  public var name: String { kind == .counter ? family + "_total" : family }

  private init(
    _ role: MetricRole, _ kind: MetricKind, _ subject: String, _ unit: MetricUnit, labels: [String],
    bounds: [Int64] = [], _ description: String
  ) {
    self.role = role
    self.kind = kind
    self.unit = unit
    self.labels = labels
    self.bounds = bounds
    self.description = description
    family = "streamhouse_\(role.rawValue)_\(subject)_\(unit.rawValue)"
  }

  static func counter(
    _ role: MetricRole, _ subject: String, _ unit: MetricUnit, by labels: [String] = [], _ description: String
  ) -> MetricDefinition { MetricDefinition(role, .counter, subject, unit, labels: labels, description) }

  static func gauge(
    _ role: MetricRole, _ subject: String, _ unit: MetricUnit, by labels: [String] = [], _ description: String
  ) -> MetricDefinition { MetricDefinition(role, .gauge, subject, unit, labels: labels, description) }

  static func histogram(
    _ role: MetricRole, _ subject: String, _ unit: MetricUnit, _ bounds: [Int64], by labels: [String] = [],
    _ description: String
  ) -> MetricDefinition {
    MetricDefinition(role, .histogram, subject, unit, labels: labels, bounds: bounds, description)
  }
}

/// The metrics of one role: code names a metric by a case, the catalogue says what it is.
public protocol MetricName: RawRepresentable<Int>, CaseIterable, Sendable {
  /// Whose metrics these are.
  static var role: MetricRole { get }
  /// What the metric is.
  var definition: MetricDefinition { get }
}

extension MetricName {
  /// The metric's place in the catalogue.
  var index: Int { MetricCatalogue.beginning(of: Self.role) + rawValue }

  static func counter(
    _ subject: String, _ unit: MetricUnit, by labels: [String] = [], _ description: String
  ) -> MetricDefinition { .counter(role, subject, unit, by: labels, description) }

  static func gauge(
    _ subject: String, _ unit: MetricUnit, by labels: [String] = [], _ description: String
  ) -> MetricDefinition { .gauge(role, subject, unit, by: labels, description) }

  static func histogram(
    _ subject: String, _ unit: MetricUnit, _ bounds: [Int64], by labels: [String] = [], _ description: String
  ) -> MetricDefinition { .histogram(role, subject, unit, bounds, by: labels, description) }
}
