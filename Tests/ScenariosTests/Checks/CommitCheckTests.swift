import Nodes
import Simulation
import Testing

@testable import Scenarios

@Suite("Commits by hand")
struct CommitCheckTests {
  private var check = CommitCheck()
  private var found = ViolationList()
  private var event: UInt64 = 0

  private mutating func ask(at offset: UInt64, on host: String = "consumer-1", incarnation: Int = 1) {
    event += 1
    check.asked(
      "readers", [CommittedOffset(partition: Story.orders, offset: offset)],
      .told(event, 5, on: host, incarnation: incarnation))
  }

  private mutating func tell(on host: String = "consumer-1", incarnation: Int = 1) {
    event += 1
    check.told(.told(event, 6, on: host, incarnation: incarnation), Story.labels, &found)
  }

  private mutating func store(_ offset: UInt64, of group: String = "readers") {
    check.stored(group, Story.orders, offset)
  }

  @Test("hold when what is told to be stored was stored meanwhile, or before")
  mutating func stored() {
    ask(at: 10)
    store(10)
    tell()
    ask(at: 10)
    tell()
    ask(at: 4)
    store(4)
    // Another one may follow before the answer is there.
    store(7)
    tell()
    #expect(found.isEmpty)
  }

  @Test("violate commit-truth when a position that went back is left out")
  mutating func wentBack() {
    store(10)
    ask(at: 4)
    tell()
    #expect(found.broken == [.commitsAreStored])
    #expect(
      found.all.map(\.summary) == [
        "consumer-1 was told at 6.000s that its commit for group readers is stored; it stood at offset 4 of orders/0, and stored is 10"
      ])
  }

  @Test("violate commit-truth when nothing is stored, or for another group")
  mutating func nothingStored() {
    ask(at: 3)
    store(3, of: "others")
    tell()
    #expect(found.all.first?.summary.hasSuffix("and stored is nothing") == true)
  }

  @Test("hold where a recovery may have found more than was told, and are judged again by what is told behind it")
  mutating func recovered() {
    store(10)
    ask(at: 20)
    check.recovered()
    tell()
    ask(at: 20)
    tell()
    #expect(found.isEmpty)
    store(20)
    ask(at: 4)
    tell()
    #expect(found.broken == [.commitsAreStored])
  }

  @Test("hold when nobody was told, and when the start of the log was never stored")
  mutating func notTold() {
    ask(at: 0)
    tell()
    ask(at: 8)
    // It crashes, and the next incarnation commits elsewhere.
    ask(at: 2, incarnation: 2)
    store(2)
    tell(incarnation: 2)
    #expect(found.isEmpty)
  }
}
