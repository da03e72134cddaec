/// A place in node code where something rare but allowed may be made to happen: a timer that fires early, a batch that closes before it is full.
///
/// In a run that has fault points switched on, each point is active with a probability of a quarter, and an active one fires a quarter of the time: faults that gather in some runs find more than faults spread evenly.
public struct FaultPoint: Sendable {
  /// The name shown in results, such as `segmentClosesEarly`.
  public let name: StaticString
  /// Under what its firing is counted.
  let kind: String
  /// What its draws are drawn by.
  let key: UInt64

  /// Makes a fault point.
  public init(_ name: StaticString) {
    self.name = name
    kind = "faultPoint.\(name)"
    key = name.description.stableHash
  }
}

extension Host {
  /// Whether the rare thing is to happen now. Always false in runs without fault points, and once the faults have stopped: what happens a quarter of the time may keep a cluster from ever coming to rest. Drawn by (point, machine, ordinal), and recorded as a choice.
  public func fires(_ point: FaultPoint) -> Bool {
    guard !isOver, !simulation.faults.hasHealed,
      simulation.configuration.faultPoints || simulation.choices.isReplay
    else { return false }
    return simulation.faults.fires(point, on: machine)
  }
}

extension Faults {
  private static let activeStream = RandomStreamName("faultPoint.active")
  private static let fireStream = RandomStreamName("faultPoint.fire")

  func fires(_ point: FaultPoint, on machine: Machine) -> Bool {
    let key = point.key
    let ordinal = machine.faultPoints[key, default: 0] + 1
    machine.faultPoints[key] = ordinal
    let subject = key ^ mixed(UInt64(machine.id.rawValue))
    let outcome = simulation.choices.choose(.branch, subject: subject, ordinal: ordinal) {
      guard simulation.randomness.draw(Self.activeStream, key: key, ordinal: 0) & 3 == 0 else { return 0 }
      return simulation.randomness.draw(Self.fireStream, key: subject, ordinal: ordinal) & 3 == 0 ? 1 : 0
    }
    if outcome != 0 { fired(point.kind) }
    return outcome != 0
  }
}
