import Simulation
import Testing

@testable import Nodes

@Suite("The credits of producers")
struct CreditBookTests {
  private var book = CreditBook(CreditConfiguration())
  private static let (one, other) = (AdmissionKey.producer(1), AdmissionKey.producer(2))

  @Test("begin at 10,000; who has too few is told when there are enough, at 5,000 a second")
  mutating func refill() {
    #expect(book.wait(of: Self.one, for: 10_000, at: .start) == nil)
    book.charge(Self.one, for: 10_000, at: .start)
    #expect(book.wait(of: Self.one, for: 100, at: .start) == .milliseconds(20))
    #expect(book.wait(of: Self.one, for: 100, at: at(19)) != nil)
    #expect(book.wait(of: Self.one, for: 100, at: at(20)) == nil)
    #expect(book.wait(of: Self.other, for: 10_000, at: .start) == nil, "each has its own")
  }

  @Test("are not taken by asking")
  mutating func asking() {
    for _ in 0..<10 { #expect(book.wait(of: Self.one, for: 10_000, at: .start) == nil) }
  }

  @Test("never exceed 100,000, and a batch that costs more takes all")
  mutating func most() {
    book.charge(Self.one, for: 1, at: .start)
    let later = at(3_600_000)
    #expect(book.wait(of: Self.one, for: 1_000_000, at: later) == nil)
    book.charge(Self.one, for: 1_000_000, at: later)
    #expect(book.wait(of: Self.one, for: 1, at: later) == .milliseconds(1))
    #expect(book.wait(of: Self.one, for: 1_000_000, at: later) == .seconds(20))
  }

  @Test("that do not come back admit everything")
  mutating func unlimited() {
    var configuration = CreditConfiguration()
    configuration.refill = 0
    book = CreditBook(configuration)
    book.charge(Self.one, for: 1_000_000, at: .start)
    #expect(book.wait(of: Self.one, for: 1_000_000, at: .start) == nil)
  }

  @Test("of producers that were not heard of for long are forgotten when there are many")
  mutating func idle() {
    for id in 0..<UInt64(CreditBook.roomyCount) { book.charge(.producer(id), for: 1, at: .start) }
    #expect(book.accountCount == CreditBook.roomyCount)
    book.charge(.producer(1_000_000), for: 1, at: at(60_000))
    #expect(book.accountCount == 1)
  }
}

@Suite("An agent's admission")
struct AdmissionTests {
  private func cluster(_ change: (inout ClusterSettings) -> Void = { _ in }) -> TestCluster {
    let cluster = TestCluster {
      $0.agents = 1
      $0.partitions = 2
      change(&$0)
    }
    cluster.awaitLeaders()
    return cluster
  }

  private func produce(
    _ bytes: Int, to index: Int = 0, in cluster: TestCluster, as client: Int = 0,
    producer: ProducerIdentity? = nil, sequence: UInt64 = 0
  ) throws {
    let acknowledgement = producer == nil ? Acknowledgement.none : .durable
    let request = Produce(
      to: TopicPartition(index: index), String(repeating: "x", count: bytes), acknowledgement: acknowledgement,
      producer: producer, sequence: sequence)
    try cluster.ask(request, of: cluster.agent(0), as: client)
  }

  /// How long a refusal says to wait; nil when it is none of those that say so.
  private func refusal(_ body: () throws -> Void) -> (isQuota: Bool, wait: VirtualDuration)? {
    do {
      try body()
    } catch ProduceError.quotaExceeded(let wait) {
      return (true, wait)
    } catch ProduceError.overloaded(let wait) {
      return (false, wait)
    } catch {
      Issue.record("\(error)")
    }
    return nil
  }

  @Test("refuses who has used up its credits, says when to come back, and takes the batch then")
  func credits() throws {
    let cluster = cluster {
      $0.agent.credits.initial = 2
      $0.agent.credits.refill = 10
    }
    try produce(10, in: cluster)
    try produce(10, in: cluster)
    let refusal = try #require(refusal { try produce(10, in: cluster) })
    #expect(!refusal.isQuota)
    #expect(refusal.wait == .milliseconds(100))
    try produce(10, in: cluster, as: 1)
    cluster.run(for: refusal.wait)
    try produce(10, in: cluster)
    #expect(cluster.count(of: .creditsRefused) == 1)
  }

  @Test("counts the credits of an idempotent producer wherever it sends from, and a repetition costs none")
  func creditsOfIdentity() throws {
    let cluster = cluster {
      $0.agent.credits.initial = 1
      $0.agent.credits.refill = 1
    }
    try produce(10, in: cluster, producer: .seven)
    try produce(10, in: cluster, producer: .seven)
    #expect(refusal { try produce(10, in: cluster, as: 1, producer: .seven, sequence: 1) } != nil)
    #expect(cluster.values().count == 1)
  }

  @Test("is bounded by the memory of all partitions together, and takes more once something is registered")
  func memory() throws {
    let cluster = cluster { $0.agent.memoryBytes = 1_000 }
    // Whatever is larger than the bound is taken alone, or it never would be.
    try produce(2_000, in: cluster)
    let refusal = try #require(refusal { try produce(10, to: 1, in: cluster) })
    #expect(refusal.wait == cluster.settings.agent.durableLinger * 2)
    #expect(cluster.count(of: .memoryBoundReached) == 1)
    cluster.run(for: .seconds(3))
    #expect(cluster.watermark() == 1)
    try produce(10, to: 1, in: cluster)
  }

  private func limit(_ subject: QuotaSubject, in cluster: TestCluster) throws {
    try cluster.ask(SetQuota(subject: subject, bytesPerSecond: 1_000, revision: 1), of: cluster.metadata)
    // Until the agent has reported.
    cluster.run(for: .seconds(2))
  }

  @Test("takes two seconds' worth of a client's quota at once, then says when there is something again")
  func clientQuota() throws {
    let cluster = cluster()
    try limit(.client(cluster.client(0)), in: cluster)
    try produce(1_100, in: cluster)
    try produce(1_100, to: 1, in: cluster)
    let refusal = try #require(refusal { try produce(10, in: cluster) })
    #expect(refusal.isQuota)
    #expect(refusal.wait > .milliseconds(150) && refusal.wait < .milliseconds(600))
    try produce(1_100, in: cluster, as: 1)
    cluster.run(for: refusal.wait)
    try produce(10, in: cluster)
    #expect(cluster.count(of: .quotaRefused) == 1)
  }

  @Test("never says to come back later than its next report, which may bring it more")
  func waitsAreBounded() throws {
    let cluster = cluster()
    try limit(.client(cluster.client(0)), in: cluster)
    try produce(100_000, in: cluster)
    let refusal = try #require(refusal { try produce(10, in: cluster) })
    #expect(refusal.isQuota && refusal.wait == cluster.settings.agent.heartbeatInterval)
  }

  @Test("takes a topic's quota from whoever sends, and in whatever partition")
  func topicQuota() throws {
    let cluster = cluster()
    try limit(.topic(TopicPartition.first.topic), in: cluster)
    try produce(1_100, in: cluster)
    try produce(1_100, to: 1, in: cluster, as: 1)
    for client in 0...1 { #expect(refusal { try produce(10, in: cluster, as: client) }?.isQuota == true) }
  }

  @Test("knows no quota any more once it is removed")
  func removedQuota() throws {
    let cluster = cluster()
    try limit(.client(cluster.client(0)), in: cluster)
    try cluster.ask(
      SetQuota(subject: .client(cluster.client(0)), bytesPerSecond: nil, revision: 2), of: cluster.metadata)
    cluster.run(for: .seconds(2))
    for _ in 0..<5 { try produce(1_100, in: cluster) }
  }
}

@Suite("A request that sets a quota")
struct QuotaRequestTests {
  let cluster = TestCluster()

  private func set(_ bytes: UInt64?, revision: UInt64, topic: UInt32 = 1) throws {
    try cluster.ask(
      SetQuota(subject: .topic(TopicID(rawValue: topic)), bytesPerSecond: bytes, revision: revision),
      of: cluster.metadata)
  }

  private var quotas: [Quota] { get throws { try cluster.ask(AgentHeartbeat(zone: 0), of: cluster.metadata).quotas } }

  @Test("of nothing a second, or for a topic that there is not, makes no sense")
  func outOfRange() {
    #expect(throws: MetadataError.invalid) { try set(0, revision: 1) }
    #expect(throws: MetadataError.noSuchTopic) { try set(1, revision: 1, topic: 99) }
  }

  @Test("may be as large as numbers go")
  func largest() throws {
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try set(.max, revision: .max)
    #expect(try quotas.map(\.bytesPerSecond) == [.max])
  }

  @Test("and is late, does not undo a newer one")
  func late() throws {
    try set(100, revision: 2)
    #expect(throws: MetadataError.staleRequest) { try set(50, revision: 1) }
    #expect(throws: MetadataError.staleRequest) { try set(50, revision: 2) }
    try set(100, revision: 2)
    try set(nil, revision: 3)
    #expect(throws: MetadataError.staleRequest) { try set(100, revision: 2) }
    #expect(try quotas.isEmpty)
  }

  @Test("holds across a restart of the service")
  func restart() throws {
    try set(100, revision: 1)
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(try quotas.map(\.subject) == [.topic(TopicID(rawValue: 1))])
  }

  @Test("gives each agent an equal share of a client's, and of a topic's as much as it leads")
  func shares() throws {
    let client = QuotaSubject.client(cluster.client(0))
    try cluster.ask(SetQuota(subject: client, bytesPerSecond: 1_000, revision: 1), of: cluster.metadata)
    try set(500, revision: 1)
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata, as: 0)
    _ = try cluster.ask(AgentHeartbeat(zone: 0), of: cluster.metadata, as: 1)
    let (holder, other) = (
      try quotas, try cluster.ask(AgentHeartbeat(zone: 0), of: cluster.metadata, as: 1).quotas
    )
    #expect(holder.map(\.bytesPerSecond) == [500, 500])
    #expect(
      other.map(\.bytesPerSecond) == [500, 500], "and of one partition, should it lead one before it reports again")
  }
}
