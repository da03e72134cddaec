import Simulation

extension MetricSample {
  /// Adds what is known of a process's machine.
  public func set(_ figures: HostFigures) {
    set(HostMetric.running, true)
    set(HostMetric.paused, figures.isPaused)
    set(HostMetric.cpuBacklog, figures.cpuBacklog)
    set(HostMetric.diskBytes, figures.diskBytes)
    set(HostMetric.diskSyncs, figures.diskSyncs)
    set(HostMetric.waits, figures.waits)
  }
}
