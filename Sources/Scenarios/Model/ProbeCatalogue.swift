import Nodes
import Simulation

/// The names of all probes.
public enum ProbeCatalogue {
  /// All names.
  public static let names = Probe.all.map { $0.name.description }
}
