import Nodes
import Simulation

/// R: once the faults have stopped, every reader comes to the end of the log, or says what keeps it.
///
/// It is asked of a run that did not come to rest in its time. Who stood below the watermark when half of that time was over, and stands at the same offset when all of it is, does not go on: half of the time is more than any wait of a reader that is at work. Who has moved is only slow, which the run's own verdict tells.
struct ProgressCheck {
  /// A reader that stands below the watermark.
  struct Standing: Sendable {
    var host: HostID
    var position: CommittedOffset
    var watermark: UInt64
  }

  /// How long after the faults have stopped everything may take to come to rest.
  let settle: VirtualDuration
  /// Who stood where when half of the time was over; nil before that.
  private var atHalf: [Standing]?

  init(settle: VirtualDuration) { self.settle = settle }

  /// Looks at who stands below the watermark, once half of the time is over.
  ///
  /// - Parameter elapsed: How long ago the faults stopped.
  mutating func look(after elapsed: VirtualDuration, _ standing: () -> [Standing]) {
    if atHalf == nil, elapsed >= settle / 2 { atHalf = standing() }
  }

  /// Judges who stands below the watermark when the time is over.
  func judge(_ standing: [Standing], at time: VirtualTime, _ labels: Labels, _ found: inout ViolationList) {
    for reader in standing
    where atHalf?.contains(where: { $0.host == reader.host && $0.position == reader.position }) == true {
      let place = "\(reader.position.offset) of \(labels.partition(reader.position.partition))"
      found.add(
        Violation(
          .readersGoOn, at: time,
          "\(settle) after the faults had stopped, \(labels.host(reader.host)) stands at \(place), the watermark at \(reader.watermark)"
        ))
    }
  }
}
