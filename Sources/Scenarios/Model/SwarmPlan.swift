import Simulation

/// Faults of every kind, drawn from the seed: each seed leaves some kinds out, aims at some roles, and has calm periods, since a fault that is always there hides what only its absence shows.
public struct SwarmPlan: Sendable, Hashable {
  /// How long a period is in which faults are drawn or left out as a whole.
  public var period = VirtualDuration.seconds(10)
  /// How many faults a period has on the average, each of them of one kind.
  public var intensity = 2
  /// Whether the order of jobs and the nodes' fault points are drawn, too.
  public var drawsSchedule = true
  /// Whether each seed draws a load of its own, no more than the scenario's: many short runs find more than a few long ones.
  public var drawsLoad = true
  /// Whether a quarter of the seeds heal a core only, and leave the rest broken for good.
  public var drawsEnding = true
  /// Makes two faults in ten seconds.
  public init() {}

  static let schema = Schema<SwarmPlan>(
    "swarm", "Faults of every kind, drawn from the seed; each seed leaves some kinds out.", defaults: SwarmPlan.init
  ) {
    Field(
      "period", \.period, .time(in: .milliseconds(100)...(.hour)),
      "The length of a period; in a quarter of them nothing goes wrong.")
    Field("intensity", \.intensity, .count(in: 0...1_000), "How many faults a period has on the average.")
    Field(
      "drawsLoad", \.drawsLoad, .boolean,
      "Whether each seed draws a load of its own, mostly much lighter than the scenario's.")
    Field("drawsSchedule", \.drawsSchedule, .boolean, "Whether the order of jobs and fault points are drawn, too.")
    Field(
      "drawsEnding", \.drawsEnding, .boolean,
      "Whether a quarter of the seeds heal a core only, and leave the rest broken for good.")
  }
}
