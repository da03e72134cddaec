import Simulation
import Storage
import Testing

@testable import Nodes

/// The producer's, the upload's and the registration's own behaviour, and the original's in its place.
@Suite("As the original's clients and uploads do it")
struct ClientBehaviourTests {
  private func readyCluster(partitions: Int = 1, _ change: (inout AgentConfiguration) -> Void = { _ in }) -> TestCluster
  {
    let cluster = TestCluster {
      $0.agents = 1
      $0.partitions = partitions
      change(&$0.agent)
    }
    cluster.awaitLeaders()
    return cluster
  }

  @Test("a batch grows beyond its caps while an earlier one is under way", arguments: [true, false])
  func batchGrowth(isOriginal: Bool) throws {
    let cluster = TestCluster { $0.metadata.leaseTerm = .seconds(10_000) }
    let leader = try ScriptedLeader(on: cluster)
    leader.answer = { number, _ in number == 1 ? nil : .success(.final(0)) }
    let producer = try TestProducer(on: cluster) {
      $0.batchRecords = 10
      $0.retry.requestTimeout = .seconds(5)
      if isOriginal { $0.behaviour.batchGrowth = .original }
    }
    try producer.appendAll((0..<100).map { "\($0)" })
    try producer.flush()
    let largest = leader.received.map(\.request.batch.count).max()
    #expect(largest == (isOriginal ? 90 : 10))
  }

  @Test("closing says that all is well, whatever became of the batches", arguments: [true, false])
  func closing(isOriginal: Bool) throws {
    let cluster = TestCluster { $0.agents = 0 }
    let producer = try TestProducer(on: cluster) {
      $0.retry.deliveryTimeout = .seconds(2)
      if isOriginal { $0.behaviour.closing = .original }
    }
    try producer.append("a", "b")
    let told = try producer.close()
    #expect(told.isComplete == isOriginal)
    #expect(told.acknowledged == (isOriginal ? 2 : 0) && told.failed == (isOriginal ? 0 : 2))
  }

  @Test("a flush leaves young batches where they are", arguments: [true, false])
  func flushing(isOriginal: Bool) throws {
    let cluster = readyCluster()
    let producer = try TestProducer(on: cluster) {
      $0.linger = .seconds(10)
      if isOriginal { $0.behaviour.closing = .original }
    }
    try producer.append("a")
    try producer.flush()
    #expect(cluster.values() == (isOriginal ? [] : ["a"]))
  }

  @Test("an upload holds up the batches of all partitions", arguments: [true, false])
  func uploadWaits(isOriginal: Bool) throws {
    let cluster = readyCluster(partitions: 2) {
      $0.segmentBytes = 1
      if isOriginal { $0.behaviour.uploadWaits = .original }
    }
    cluster.cutOff(cluster.agent(0), cluster.store)
    try cluster.ask(Produce("a", acknowledgement: .none), of: cluster.agent(0))
    cluster.run(for: .milliseconds(100))
    let other = cluster.send(
      Produce(to: TopicPartition(index: 1), "b", acknowledgement: .none), to: cluster.agent(0), within: .seconds(5))
    cluster.run(for: .milliseconds(20))
    #expect(other.isThere == !isOriginal)
    cluster.reconnect(cluster.agent(0), cluster.store)
    cluster.run(until: "an answer") { other.isThere }
    #expect(other.error == nil)
  }

  @Test("a segment's row outlives a crash that its watermark does not", arguments: [true, false])
  func registration(isOriginal: Bool) throws {
    let cluster = TestCluster {
      $0.agents = 0
      if isOriginal { $0.metadata.behaviour.registration = .original }
    }
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    let answer = cluster.send(RegisterSegment(0..<3, epoch: 1), to: cluster.metadata, within: .seconds(1))
    // The first sync is done after half a millisecond; a second change would be under way.
    cluster.run(for: .microseconds(1_800))
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(until: "an answer") { answer.isThere }
    #expect(cluster.watermark() == (isOriginal ? 0 : 3))
    #expect(cluster.manifest().rows.count == 1)
  }
}
