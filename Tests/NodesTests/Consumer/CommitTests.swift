import Simulation
import Testing

@testable import Nodes

@Suite("A consumer's committed position")
struct CommitTests {
  let cluster: TestCluster

  init() throws {
    var failure: (any Error)?
    cluster = TestCluster {
      do { try $0.preload((0..<30).map { "\($0)" }, from: 0) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func consumer(_ machine: String, autoCommit: VirtualDuration? = .zero) throws -> TestConsumer {
    try TestConsumer(on: cluster, machine: machine) {
      $0.pollRecords = 10
      $0.autoCommitInterval = autoCommit
    }
  }

  private func stored() -> UInt64? {
    guard let host = cluster.simulation.host(cluster.metadata), let service = cluster.metadataService else {
      return nil
    }
    return host.inspect(service) { $0.committedOffset(group: "readers", .first) }
  }

  @Test("is where the next consumer of the group begins")
  func resumes() throws {
    let first = try consumer("first")
    #expect(try first.poll()?.first == 0)
    #expect(try first.poll()?.first == 10)
    cluster.crash(first.id)
    let second = try consumer("second")
    #expect(second.positions == [10])
    #expect(try second.poll()?.first == 10)
    #expect(cluster.count(of: .consumerResumedFromCommit) == 1)
  }

  @Test("covers only what the poll before handed out: what died in the application's hands comes again")
  func crashBetweenPolls() throws {
    let first = try consumer("first")
    #expect(try first.poll()?.values.first == "0")
    #expect(stored() == 0, "nobody said that these are handled")
    cluster.crash(first.id)
    let second = try consumer("second")
    #expect(try second.poll()?.values.first == "0")
    #expect(try second.poll()?.values.first == "10")
    #expect(stored() == 10)
  }

  @Test("is stored no more often than the interval says")
  func interval() throws {
    let consumer = try consumer("consumer", autoCommit: .seconds(5))
    _ = try consumer.poll()
    _ = try consumer.poll()
    #expect(stored() == nil)
    cluster.run(for: .seconds(5))
    _ = try consumer.poll()
    #expect(stored() == 20)
  }

  @Test("is the application's to store when there is no interval, and covers all that was handed out")
  func byHand() throws {
    let consumer = try consumer("consumer", autoCommit: nil)
    _ = try consumer.poll()
    cluster.run(for: .seconds(60))
    _ = try consumer.poll()
    #expect(stored() == nil)
    try consumer.commit()
    #expect(stored() == 20)
    _ = try consumer.poll()
    try consumer.commit()
    #expect(stored() == 30)
  }

  @Test("is stored by a later commit when the service does not answer")
  func serviceDown() throws {
    let consumer = try consumer("consumer")
    _ = try consumer.poll()
    cluster.crash(cluster.metadata)
    #expect(try consumer.poll()?.first == 10)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
    #expect(stored() == 0)
    #expect(try consumer.poll()?.first == 20)
    #expect(stored() == 20)
  }

  @Test("is stored again after an answer was lost, and does no harm")
  func answerLost() throws {
    let consumer = try consumer("consumer")
    _ = try consumer.poll()
    cluster.cut(from: cluster.metadata, to: consumer.id)
    _ = try consumer.poll()
    cluster.mend(from: cluster.metadata, to: consumer.id)
    #expect(stored() == 10)
    _ = try consumer.poll()
    #expect(stored() == 20)
  }

  @Test("is stored where the consumer stands after an answer was lost, also where that was stored before")
  func answerLostBeforeASeekBack() throws {
    let consumer = try consumer("consumer", autoCommit: nil)
    _ = try consumer.poll()
    try consumer.commit()
    _ = try consumer.poll()
    cluster.cut(from: cluster.metadata, to: consumer.id)
    #expect(throws: ConsumerError.commitUnanswered) { try consumer.commit() }
    cluster.mend(from: cluster.metadata, to: consumer.id)
    #expect(stored() == 20)
    try consumer.perform { try $0.seek(.first, to: 10) }
    try consumer.commit()
    #expect(stored() == 10)
  }

  @Test("does not exist without a group: to ask for it is an error, said at once")
  func noGroup() throws {
    #expect {
      _ = try TestConsumer(on: cluster, machine: "refused") { $0.group = nil }
    } throws: { error in
      if case ConsumerError.invalidConfiguration = error { true } else { false }
    }
    let consumer = try TestConsumer(on: cluster) {
      $0.group = nil
      $0.autoCommitInterval = nil
    }
    _ = try consumer.pollAll()
    #expect(throws: ConsumerError.noGroup) { try consumer.commit() }
    #expect(stored() == nil)
  }
}
