import Simulation

/// What clients lived through that breaks no promise.
public struct ClientFigures: Sendable, Hashable {
  /// Records that came twice or out of order.
  public var order = SendOrderFigures()
  /// Records that a fault took with the disk on which alone they lay.
  public var atRisk = RiskFigures()
  /// The longest time for which the record behind a poll's last one had been known to exist when the poll began.
  public var realtimeLag = VirtualDuration.zero
  /// Makes zeros.
  public init() {}
}
