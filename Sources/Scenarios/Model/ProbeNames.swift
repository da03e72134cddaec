import Nodes
import Simulation

/// The names of all probes.
enum ProbeNames {
  static let all = Probe.all.map { $0.name.description }
}
