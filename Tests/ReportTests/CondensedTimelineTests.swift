import Simulation
import Testing

@testable import Report
@testable import Scenarios

@Suite("A condensed timeline")
struct CondensedTimelineTests {
  private func retries(_ count: Int, from second: Int64 = 10, every milliseconds: Int64 = 100) -> [TimelineEntry] {
    (0..<count).map { index in
      TimelineEntry(
        at: Sample.at(second) + .milliseconds(milliseconds * Int64(index)), event: UInt64(index + 1), kind: .recovery,
        text: "agent-\(index % 3 + 1) tries the upload of orders/\(index % 2) from offset \(index * 10) again")
    }
  }

  private func crashes(_ count: Int) -> [TimelineEntry] {
    (0..<count).map { index in
      TimelineEntry(
        at: Sample.at(Int64(index) * 70), event: UInt64(index + 1), kind: .fault, text: "agent-\(index + 1) crashes")
    }
  }

  @Test("Forty retries become one line with their count, what varied and when they ended")
  func repeats() {
    let lines = CondensedTimeline(retries(40), limit: 30).lines
    #expect(lines.count == 1)
    #expect(lines[0].text == "agent-{1,2,3} tries the upload of orders/{0,1} from offset {0…390} again")
    #expect(lines[0].repeats == "40 times until 13.900s")
    #expect(lines[0].event == 1)
  }

  @Test("Repeats far apart stay apart while there is room")
  func apart() {
    let lines = CondensedTimeline(retries(2) + retries(2, from: 50), limit: 30).lines
    #expect(lines.map(\.count) == [2, 2])
  }

  @Test("A fault ends what repeated before it")
  func faults() {
    let fault = TimelineEntry(at: Sample.at(12), event: 9, kind: .fault, text: "the object store is back")
    let lines = CondensedTimeline(retries(2) + [fault] + retries(2, from: 13), limit: 30).lines
    #expect(lines.map(\.count) == [2, 1, 2])
  }

  @Test("Faults are told one by one while there is room, and gathered when there is not")
  func room() {
    #expect(CondensedTimeline(crashes(30), limit: 30).lines.count == 30)
    let lines = CondensedTimeline(crashes(31), limit: 30).lines
    #expect(lines.map(\.text) == ["agent-{1…31} crashes"])
  }

  @Test("What does not fit is left out in the middle, but never a violation")
  func shortened() {
    var entries = (0..<100).map { index in
      TimelineEntry(
        at: Sample.at(Int64(index)), event: UInt64(index), kind: .fault,
        text: String(repeating: "x", count: index + 1))
    }
    entries.insert(
      TimelineEntry(at: Sample.at(50), event: 1, kind: .violation, text: "invariant A is violated"), at: 51)
    let lines = CondensedTimeline(entries, limit: 30).lines
    #expect(lines.count == 31)
    #expect(lines.contains { $0.kind == .violation })
    #expect(lines.contains { $0.kind == nil && $0.text == "… 71 lines left out …" })
    #expect(lines.first?.text == "x")
    #expect(lines.last?.at == Sample.at(99))
  }

  @Test("A number with decimals is one number")
  func decimals() {
    let texts = ["loses 2.5% of 3.", "loses 10% of 3."].map(NumberedText.init)
    #expect(texts[0].numbers == ["2.5", "3"])
    #expect(NumberedText.merged(texts) == "loses {2.5,10}% of 3.")
  }
}
