import Nodes
import Simulation
import Testing

@testable import Scenarios

/// R, on histories told by hand: where readers stand when half of their time is over, and when all of it is.
@Suite struct ProgressCheckTests {
  private func standing(at offset: UInt64, on host: UInt32 = 5, of partition: UInt32 = 0, below end: UInt64 = 40)
    -> ProgressCheck.Standing
  {
    let partition = TopicPartition(topic: TopicID(rawValue: 1), index: partition)
    return ProgressCheck.Standing(
      host: HostID(rawValue: host), position: CommittedOffset(partition: partition, offset: offset), watermark: end)
  }

  /// Looks at 10 s, 60 s, 90 s and at the end of 120 s.
  private func judge(
    _ early: [ProgressCheck.Standing], atHalf: [ProgressCheck.Standing], atEnd: [ProgressCheck.Standing]
  ) -> ViolationList {
    var check = ProgressCheck(settle: .seconds(120))
    check.look(after: .seconds(10)) { early }
    check.look(after: .seconds(60)) { atHalf }
    check.look(after: .seconds(90)) { [] }
    var found = ViolationList()
    check.judge(atEnd, at: .start + .seconds(180), Story.labels, &found)
    return found
  }

  @Test func aReaderThatStandsStillBelowTheWatermarkBreaksR() {
    let found = judge([], atHalf: [standing(at: 12, below: 40)], atEnd: [standing(at: 12, below: 50)])
    #expect(found.broken == [.readersGoOn])
    #expect(
      found.all.map(\.summary) == [
        "120s after the faults had stopped, consumer-1 stands at 12 of orders/0, the watermark at 50"
      ])
  }

  @Test func aReaderThatHasMovedIsOnlySlow() {
    #expect(judge([], atHalf: [standing(at: 12)], atEnd: [standing(at: 13)]).broken == [])
  }

  @Test func aReaderThatHasComeToTheEndGoesOn() {
    #expect(judge([standing(at: 12)], atHalf: [standing(at: 12)], atEnd: []).broken == [])
  }

  @Test func aReaderThatFellBehindLaterOrStandsElsewhereIsNotMeant() {
    #expect(judge([standing(at: 12)], atHalf: [], atEnd: [standing(at: 12)]).broken == [])
    #expect(judge([], atHalf: [standing(at: 12, of: 1)], atEnd: [standing(at: 12)]).broken == [])
    #expect(judge([], atHalf: [standing(at: 12, on: 4)], atEnd: [standing(at: 12)]).broken == [])
  }

  @Test func nothingIsSaidBeforeHalfOfTheTimeIsOver() {
    var check = ProgressCheck(settle: .seconds(120))
    check.look(after: .seconds(59)) { [standing(at: 12)] }
    var found = ViolationList()
    check.judge([standing(at: 12)], at: .start + .seconds(70), Story.labels, &found)
    #expect(found.broken == [])
  }
}
