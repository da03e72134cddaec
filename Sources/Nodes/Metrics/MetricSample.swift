import Simulation

/// What a metric was at a time.
public enum MetricValue: Sendable, Hashable {
  /// Of a counter or gauge, in the unit's whole numbers, see ``MetricUnit/scale``.
  case number(Int64)
  /// Of a histogram.
  case histogram(MetricHistogram)
}

/// One series of a sample.
public struct MetricPoint: Sendable, Hashable {
  /// The metric's place in ``MetricCatalogue/all``.
  public let index: Int
  /// The values of the metric's labels, in the order of their names.
  public let labels: [String]
  /// The value.
  public let value: MetricValue

  /// The metric.
  public var definition: MetricDefinition { MetricCatalogue.all[index] }
}

/// All metrics of one process at a time. Sendable because it never leaves the thread of its run.
public final class MetricSample: @unchecked Sendable {
  /// True virtual time.
  public let time: VirtualTime
  /// The machine's name.
  public let host: String
  /// Which of the machine's processes it was.
  public let incarnation: Int
  /// The series, in no particular order but the same in every run.
  public private(set) var points: [MetricPoint] = []

  /// Makes an empty sample.
  public init(time: VirtualTime, host: String, incarnation: Int) {
    self.time = time
    self.host = host
    self.incarnation = incarnation
  }

  func add(_ index: Int, _ labels: [String], _ value: Int64) {
    points.append(MetricPoint(index: index, labels: labels, value: .number(value)))
  }

  func add(_ index: Int, _ labels: [String], _ histogram: MetricHistogram) {
    points.append(MetricPoint(index: index, labels: labels, value: .histogram(histogram)))
  }

  /// Adds the value of a counter or gauge, in the unit's whole numbers.
  public func set(_ metric: some MetricName, _ value: some BinaryInteger, _ labels: String...) {
    add(metric.index, labels, Int64(clamping: value))
  }

  /// Adds a length of time.
  public func set(_ metric: some MetricName, _ value: VirtualDuration, _ labels: String...) {
    add(metric.index, labels, value.nanoseconds)
  }

  /// Adds a state that holds or does not.
  public func set(_ metric: some MetricName, _ value: Bool) { add(metric.index, [], value ? 1 : 0) }

  /// Adds a histogram.
  public func set(_ metric: some MetricName, _ value: MetricHistogram) { add(metric.index, [], value) }
}
