import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

@Suite("The availability of a run")
struct AvailabilityTests {
  private static let orders = TopicPartition(topic: TopicID(rawValue: 1), index: 0)
  private var availability = Availability()
  private static let (one, two, client) = (HostID(rawValue: 2), HostID(rawValue: 3), HostID(rawValue: 4))

  private mutating func tell(_ seconds: Int64, _ host: HostID, _ event: any DomainEvent) {
    let stamp = EventStamp(number: 1, cause: 0, time: .start + .seconds(seconds), host: host, incarnation: 1)
    availability.observe(HeardEvent(event), stamp)
  }

  private mutating func begins(_ seconds: Int64, _ host: HostID, epoch: Epoch) {
    tell(seconds, host, ClusterEvent.leadershipBegan(Self.orders, epoch: epoch, watermark: 0))
  }

  private mutating func ends(_ seconds: Int64, _ host: HostID, epoch: Epoch) {
    tell(seconds, host, ClusterEvent.leadershipEnded(Self.orders, epoch: epoch, reason: .leaseLost))
  }

  private mutating func freezes(_ seconds: Int64, _ host: HostID, epoch: Epoch) {
    tell(seconds, host, AgentEvent.leadershipFrozen(Self.orders, epoch: epoch, successor: nil))
  }

  private mutating func closes(_ seconds: Int64) {
    let batch = ClosedBatch(partition: Self.orders, tags: [1], gathered: .zero)
    tell(seconds, Self.client, WorkloadEvent.batchClosed(producer: 1, batch))
  }

  private mutating func answers(_ seconds: Int64, _ outcome: DeliveryOutcome = .acknowledged(.final(0))) {
    let batch = DeliveredBatch(
      partition: Self.orders, tags: [1], outcome: outcome, attempts: 1, appendedAt: .start)
    tell(seconds, Self.client, WorkloadEvent.batchDelivered(producer: 1, batch))
  }

  private func figures(at seconds: Int64 = 100) -> AvailabilityFigures {
    availability.figures(at: .start + .seconds(seconds)) { _, _ in true }
  }

  // MARK: Without a leader

  @Test("counts the longest time between two leaderships, not that before the first")
  mutating func betweenLeaderships() {
    begins(20, Self.one, epoch: 1)
    ends(30, Self.one, epoch: 1)
    begins(33, Self.two, epoch: 2)
    ends(40, Self.two, epoch: 2)
    begins(41, Self.one, epoch: 3)
    #expect(figures().longestLeaderless == .seconds(3))
  }

  @Test("counts from when a leader takes no more batches, not from when it has stored the last")
  mutating func frozen() {
    begins(1, Self.one, epoch: 1)
    freezes(10, Self.one, epoch: 1)
    ends(14, Self.one, epoch: 1)
    begins(15, Self.two, epoch: 2)
    #expect(figures().longestLeaderless == .seconds(5))
  }

  @Test("counts from a crash, which ends a leadership without a word")
  mutating func crashed() {
    begins(1, Self.one, epoch: 1)
    begins(20, Self.two, epoch: 2)
    #expect(figures().longestLeaderless == .zero, "a leader that stalls leads until another one does")
    availability.crashed(Self.one, at: .start + .seconds(8))
    #expect(figures().longestLeaderless == .seconds(12))
    availability.crashed(Self.two, at: .start + .seconds(50))
    #expect(figures().longestLeaderless == .seconds(50), "up to the end")
  }

  @Test("takes an older leader that ends late for no gap while a newer one leads")
  mutating func overlapping() {
    begins(1, Self.one, epoch: 1)
    begins(20, Self.two, epoch: 2)
    ends(30, Self.one, epoch: 1)
    #expect(figures().longestLeaderless == .zero)
  }

  // MARK: Stalls

  @Test("counts the longest time between acknowledgements while something is outstanding")
  mutating func betweenAcknowledgements() {
    closes(0)
    answers(5)
    closes(10)
    answers(12)
    closes(20)
    closes(21)
    answers(24)
    answers(27)
    #expect(figures().longestStall == .seconds(4), "from 20 to 24; nothing was outstanding between 12 and 20")
  }

  @Test("does not count the time before a producer's first acknowledgement")
  mutating func firstAnswer() {
    closes(0)
    answers(50)
    #expect(figures().longestStall == .zero)
  }

  @Test("takes a batch that is given up for no end of a stall, and counts it")
  mutating func givenUp() {
    closes(0)
    answers(1)
    closes(2)
    closes(3)
    answers(9, .failed)
    answers(12)
    closes(20)
    answers(21, .unknown)
    #expect(figures().longestStall == .seconds(10))
    #expect(figures().failedSends == 2)
  }

  @Test("counts a stall that lasts to the end, unless its producer is gone")
  mutating func toTheEnd() {
    closes(0)
    answers(1)
    closes(10)
    #expect(figures(at: 17).longestStall == .seconds(7))
    #expect(availability.figures(at: .start + .seconds(17)) { _, _ in false }.longestStall == .zero)
  }
}
