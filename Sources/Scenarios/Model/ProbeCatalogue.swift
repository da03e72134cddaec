import Nodes
import Simulation

/// The names of all probes.
public enum ProbeCatalogue {
  /// All names.
  public static let names = Probe.all.map { $0.name.description }
  /// Those that are hit only where a part breaks the protocol, with the reason why nothing else reaches them.
  public static let guards = Probe.ofGuards.map { (name: $0.probe.name.description, reason: $0.reason) }
}
