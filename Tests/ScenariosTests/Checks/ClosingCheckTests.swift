import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// What closing a producer tells, against what became of its batches.
@Suite("The check of what closing tells") struct ClosingCheckTests {
  private func judged(
    _ outcomes: [(Range<UInt64>, DeliveryOutcome)], sent: UInt64, acknowledged: Int = 0, failed: Int = 0,
    unknown: Int = 0
  ) -> [String] {
    var check = ClosingCheck()
    for (numbers, outcome) in outcomes {
      check.delivered(
        DeliveredBatch(
          partition: Story.orders, tags: .told(numbers, 1), outcome: outcome, attempts: 1, appendedAt: .start), by: 1)
    }
    // Another producer's batches are none of its business.
    check.delivered(
      DeliveredBatch(partition: Story.orders, tags: .told(0..<9, 2), outcome: .failed, attempts: 1, appendedAt: .start),
      by: 2)
    var told = DeliverySummary()
    told.acknowledged = acknowledged
    told.failed = failed
    told.unknown = unknown
    var found = ViolationList()
    check.closed(told, by: 1, sent: sent, .told(9, 30, on: "producer-1"), Story.labels, &found)
    #expect(found.broken == (found.all.isEmpty ? [] : [.closingTellsTheTruth]))
    return found.all.map(\.summary)
  }

  @Test("close-truth: records that failed are told as acknowledged")
  func failuresAreHidden() {
    let told = judged([(0..<5, .acknowledged(.final(0))), (5..<8, .failed)], sent: 8, acknowledged: 8)
    #expect(
      told == [
        "producer-1 was closed at 30.000s after 8 records and told of 8 acknowledged, 0 failed, 0 unknown; its batches had come to 5 acknowledged, 3 failed, 0 unknown"
      ])
  }

  @Test("close-truth: records that it took are told of nowhere")
  func recordsAreLeftOut() {
    #expect(judged([(0..<5, .acknowledged(.final(0)))], sent: 6, acknowledged: 5).count == 1)
  }

  @Test("no close-truth: each record is told as what became of it")
  func truth() {
    #expect(
      judged(
        [(0..<5, .acknowledged(.final(0))), (5..<8, .failed), (8..<9, .unknown)], sent: 9, acknowledged: 5, failed: 3,
        unknown: 1) == [])
    #expect(judged([], sent: 0) == [])
  }
}
