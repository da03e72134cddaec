import Nodes
import Simulation
import Testing

@testable import Scenarios

@Suite("Leaders that come back")
struct LeaderCheckTests {
  private static let healed = VirtualTime.start + .seconds(60)
  private static let bound = VirtualDuration.seconds(20)

  private func broken(
    ledAt seconds: Int64?, createdAt created: Int64? = nil, at now: Int64 = 100
  ) -> [String] {
    var check = LeaderCheck()
    var found = ViolationList()
    if let created {
      check.observe(
        .topicCreated(Story.orders.topic, name: "orders", logStarts: [0]), .told(1, created, on: "metadata"))
    }
    check.judge(
      Story.orders, ledAt: seconds.map { .start + .seconds($0) }, within: Self.bound, of: Self.healed,
      at: .start + .seconds(now), Story.labels, &found)
    return found.all.map(\.summary)
  }

  @Test("break nothing when they are there in time")
  func inTime() { #expect(broken(ledAt: 80).isEmpty) }

  @Test("break nothing as long as the time is not over")
  func timeIsNotOver() { #expect(broken(ledAt: nil, at: 79).isEmpty) }

  @Test("violate G when they are late, or never come")
  func late() {
    #expect(broken(ledAt: 81) == ["orders/0 had no leader within 20s after the faults had stopped at 60.000s"])
    #expect(broken(ledAt: nil).count == 1)
    #expect(broken(ledAt: nil, createdAt: 5).count == 1)
  }

  @Test("have as long for a topic that is created later")
  func createdLater() {
    #expect(broken(ledAt: 102, createdAt: 83, at: 110).isEmpty)
    #expect(broken(ledAt: nil, createdAt: 83, at: 102).isEmpty)
    #expect(
      broken(ledAt: 104, createdAt: 83, at: 110)
        == ["orders/0 had no leader within 20s after its topic had been created at 83.000s"])
  }
}
