import Nodes
import Simulation

/// What closing a producer returns agrees with what became of its batches, and with how many records it took.
///
/// A few numbers for each producer, whatever the run's length.
struct ClosingCheck {
  /// For each producer's number what its batches have come to.
  private var outcomes: [UInt32: DeliverySummary] = [:]

  /// Takes in what became of a batch.
  mutating func delivered(_ batch: DeliveredBatch, by producer: UInt32) {
    outcomes[producer, default: DeliverySummary()].add(batch.outcome, records: batch.tags.count)
  }

  /// Judges what a producer told when it was closed.
  ///
  /// - Parameter sent: How many records its application had handed to it.
  func closed(
    _ told: DeliverySummary, by producer: UInt32, sent: UInt64, _ stamp: EventStamp, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    let seen = outcomes[producer] ?? DeliverySummary()
    if told == seen, UInt64(told.acknowledged + told.failed + told.unknown) == sent { return }
    found.add(
      Violation(
        .closingTellsTheTruth, at: stamp.time,
        "\(labels.host(stamp.host)) was closed at \(stamp.time) after \(sent) records and told of \(told.words); its batches had come to \(seen.words)",
        events: [stamp.number]))
  }
}

extension DeliverySummary {
  /// As in `90 acknowledged, 0 failed, 10 unknown`.
  fileprivate var words: String { "\(acknowledged) acknowledged, \(failed) failed, \(unknown) unknown" }
}
