import Nodes
import Simulation

/// How a scenario is run, apart from what it says itself. Nothing here but the bounds and the recorded choices changes a run.
public struct RunOptions {
  /// The seed; the scenario's own when nil, and 1 when that has none.
  public var seed: UInt64?
  /// A recorded list of choices to follow instead of drawing them.
  public var choices: [Choice]?
  /// Stop after this event and show the nodes' states.
  public var until: UInt64?
  /// Stop as unfinished after so many events.
  public var maxEvents: UInt64?
  /// Stop as unfinished after so many nanoseconds of real time.
  public var maxWallNanoseconds: UInt64?
  /// Reads a wall clock in nanoseconds; only the bound on real time and the figure `wallSeconds` look at it.
  public var wallClock: () -> UInt64 = { 0 }
  /// Receives every event.
  public var trace: ((TracedEvent) -> Void)?
  /// Receives a line of JSON for each thing that clients sent, were told and polled.
  public var history: ((String) -> Void)?
  /// Receives the metrics of each process, at every multiple of ``metricsInterval`` and at the end.
  public var metrics: ((MetricSample) -> Void)?
  /// How much virtual time lies between two samples of the metrics.
  public var metricsInterval = VirtualDuration.seconds(1)
  /// Whether to work out the quantiles of latencies; a scenario that bounds a figure has them worked out all the same.
  public var measuresLatencies = true
  /// How many of the last events to keep for a report; 0 keeps none and costs nothing.
  public var keepsLastEvents = 0

  /// Makes the options of a plain run.
  public init() {}
}
