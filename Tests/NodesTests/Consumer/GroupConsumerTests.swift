import Simulation
import Testing

@testable import Nodes

@Suite("Consumers of a group")
struct GroupConsumerTests {
  let cluster: TestCluster

  init() throws {
    var failure: (any Error)?
    cluster = TestCluster { settings in
      settings.partitions = 4
      do {
        for partition in 0..<4 { try settings.preload((0..<20).map { "\($0)" }, from: 0, partition: partition) }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func member(
    _ machine: String, instance: String? = nil, autoCommit: VirtualDuration? = .zero,
    _ change: (inout ConsumerConfiguration) -> Void = { _ in }
  ) throws -> TestConsumer {
    let consumer = try TestConsumer(on: cluster, machine: machine) {
      $0.autoCommitInterval = autoCommit
      $0.pollRecords = 5
      $0.groupProtocol = GroupProtocol()
      $0.groupProtocol?.instance = instance
      $0.groupProtocol?.sessionTimeout = .seconds(6)
      $0.groupProtocol?.heartbeatInterval = .seconds(1)
      change(&$0)
    }
    cluster.run(for: .milliseconds(50))
    return consumer
  }

  private func owned(_ consumer: TestConsumer) throws -> [UInt32] {
    try consumer.perform { $0.assignment }.map(\.index)
  }

  @Test("share its partitions, and a new one gets its part when the others poll")
  func share() throws {
    let first = try member("first")
    #expect(try owned(first) == [0, 1, 2, 3])
    let second = try member("second")
    #expect(try owned(second) == [], "the first one has not polled since")
    _ = try first.pollBatch()
    cluster.run(for: .milliseconds(50))
    #expect(try owned(first).count == 2 && owned(second).count == 2)
    #expect(cluster.count(of: .partitionsRevoked) == 1)
  }

  @Test("hand a partition on at the position behind what was handled: nothing is left out, nothing comes twice")
  func handOver() throws {
    let first = try member("first")
    var seen: [Int: [UInt64]] = [:]
    func take(_ consumer: TestConsumer) throws {
      for polled in try consumer.pollBatch(atMost: .milliseconds(200)) {
        seen[polled.partition, default: []] += polled.offsets
      }
    }
    for _ in 0..<6 { try take(first) }
    let second = try member("second")
    for _ in 0..<30 {
      try take(first)
      try take(second)
    }
    for partition in 0..<4 { #expect(seen[partition] == Array(0..<20), "partition \(partition)") }
  }

  @Test("revoke during a poll that waits for records, without waiting for its end")
  func duringPoll() throws {
    let first = try member("first")
    while try !first.pollBatch().isEmpty {}
    let poll = cluster.begin(on: first.consumer, of: first.id) { try await $0.poll(atMost: .seconds(30)).isEmpty }
    let second = try member("second")
    #expect(!poll.isThere)
    #expect(try owned(second).count == 2)
    #expect(cluster.count(of: .rebalanceDuringPoll) == 1)
    cluster.run(for: .seconds(31))
    #expect(poll.value == true)
  }

  @Test("take over the partitions of one that dies, from its committed positions")
  func crash() throws {
    let first = try member("first")
    let second = try member("second")
    _ = try first.pollBatch()
    cluster.run(for: .milliseconds(50))
    _ = try second.pollBatch()
    _ = try first.pollBatch()
    cluster.crash(first.id)
    var seen: [Int: [UInt64]] = [:]
    for _ in 0..<40 {
      for polled in try second.pollBatch(atMost: .milliseconds(400)) {
        seen[polled.partition, default: []] += polled.offsets
      }
    }
    #expect(try owned(second) == [0, 1, 2, 3])
    #expect(cluster.count(of: .sessionExpired) == 1)
    for partition in 0..<4 {
      let offsets = seen[partition] ?? []
      #expect(offsets.last == 19 && offsets == Array((offsets.first ?? 0)...19))
    }
  }

  @Test("go on reading what they have while a member crashes and comes back as a static one, undisturbed")
  func staticMember() throws {
    let first = try member("first", instance: "one")
    let second = try member("second", instance: "two")
    _ = try first.pollBatch()
    cluster.run(for: .milliseconds(50))
    let (mine, others) = (try owned(first), try owned(second))
    cluster.crash(first.id)
    for _ in 0..<3 { _ = try second.pollBatch(atMost: .seconds(1)) }
    _ = try first.restarted()
    cluster.run(for: .milliseconds(100))
    #expect(try owned(first) == mine && owned(second) == others)
    #expect(cluster.count(of: .staticMemberReturned) == 1 && cluster.count(of: .partitionsRevoked) == 1)
  }

  @Test("learn that another process has taken their static name")
  func instanceTaken() throws {
    let first = try member("first", instance: "one")
    let second = try member("second", instance: "one")
    cluster.run(for: .seconds(2))
    #expect(throws: ConsumerError.instanceTaken("one")) { _ = try first.pollBatch() }
    #expect(try owned(second) == [0, 1, 2, 3])
  }

  @Test("learn that the others share partitions otherwise")
  func assignorDiffers() throws {
    _ = try member("first")
    let second = try member("second") { $0.groupProtocol?.assignor = .range }
    #expect(throws: ConsumerError.assignorDiffers(.sticky)) { _ = try second.pollBatch() }
  }

  @Test("that slept past their session hand out nothing more and join anew; their commit is refused")
  func pause() throws {
    let first = try member("first", autoCommit: nil)
    #expect(try !first.pollBatch().isEmpty)
    let second = try member("second")
    cluster.pause(first.id)
    for _ in 0..<8 { _ = try second.pollBatch(atMost: .seconds(1)) }
    #expect(try owned(second) == [0, 1, 2, 3])
    let commit = cluster.begin(on: first.consumer, of: first.id) { try await $0.commit() }
    cluster.resume(first.id)
    cluster.run(until: "an answer") { commit.isThere }
    #expect(commit.error as? ConsumerError == .commitRefused)
    #expect(cluster.count(of: .commitRefused) == 1)
    cluster.run(for: .seconds(1))
    _ = try second.pollBatch()
    cluster.run(for: .milliseconds(50))
    #expect(try owned(first).count == 2 && owned(second).count == 2)
  }

  @Test("that hear nothing from the service for a session take their partitions for lost before others have them")
  func cutOff() throws {
    let first = try member("first")
    _ = try first.pollBatch()
    cluster.cutOff(first.id, cluster.metadata)
    cluster.run(for: .seconds(4))
    #expect(try !first.perform { $0.isSessionInDoubt })
    cluster.run(for: .seconds(4))
    #expect(try first.perform { $0.isSessionInDoubt }, "others may have its partitions, and it has not looked")
    #expect(try first.pollBatch(atMost: .milliseconds(10)).isEmpty)
    #expect(try owned(first) == [] && cluster.count(of: .sessionEndedByOwnClock) == 1)
    cluster.reconnect(first.id, cluster.metadata)
    cluster.run(for: .seconds(8))
    #expect(try owned(first) == [0, 1, 2, 3])
    #expect(try !first.perform { $0.isSessionInDoubt })
  }

  @Test("leave on behalf of an application that does not poll for too long, and come back when it does")
  func tooSlow() throws {
    let first = try member("first") { $0.groupProtocol?.maxPollInterval = .seconds(10) }
    let second = try member("second")
    _ = try first.pollBatch()
    for _ in 0..<14 {
      _ = try second.pollBatch()
      cluster.run(for: .seconds(1))
    }
    #expect(try owned(second) == [0, 1, 2, 3] && owned(first) == [])
    #expect(cluster.count(of: .applicationTooSlow) == 1)
    _ = try first.pollBatch()
    _ = try second.pollBatch()
    cluster.run(for: .milliseconds(50))
    #expect(try owned(first).count == 2)
  }

  @Test("take up again what they gave back only under another generation")
  func backAndForth() throws {
    let first = try member("first") { $0.fetchWait = .seconds(60) }
    let second = try member("second")
    #expect(try first.perform { $0.membership?.leaving.count } == 2)
    // It says once more what it owns; before that is answered, the other one is gone, and the application polls.
    try second.perform { try await $0.close() }
    cluster.hit(from: cluster.metadata, to: first.id, with: .delay, extra: .milliseconds(1_500))
    cluster.run(for: .milliseconds(1_200))
    _ = try first.pollBatch()
    #expect(try owned(first).count == 2)
    cluster.run(for: .seconds(3))
    #expect(try owned(first) == [0, 1, 2, 3])
    var begun: Set<[UInt64]> = []
    for event in cluster.events.compactMap({ $0.event as? ConsumerAssigned }) {
      for position in event.positions {
        #expect(begun.insert([event.generation, position.partition.word]).inserted, "once in a generation")
      }
    }
  }

  @Test("that are closed leave at once")
  func close() throws {
    let first = try member("first")
    let second = try member("second")
    _ = try first.pollBatch()
    cluster.run(for: .milliseconds(50))
    try first.perform { try await $0.close() }
    cluster.run(for: .milliseconds(50))
    #expect(try owned(second) == [0, 1, 2, 3])
  }

  @Test("keep their partitions when the service dies for less than a session")
  func serviceDies() throws {
    let first = try member("first")
    cluster.crash(cluster.metadata)
    cluster.run(for: .seconds(3))
    cluster.restart(cluster.metadata)
    cluster.run(for: .seconds(5))
    #expect(try owned(first) == [0, 1, 2, 3] && cluster.count(of: .partitionsLost) == 0)
  }

  @Test("that begin at the latest leave nothing out that comes while partitions change hands")
  func latest() throws {
    let first = try member("first", autoCommit: .seconds(5)) { $0.offsetReset = .latest }
    #expect(cluster.storedPosition() == 20, "the beginning is stored at once")
    cluster.crash(first.id)
    cluster.run(for: .seconds(7))
    let second = try member("second") { $0.offsetReset = .latest }
    #expect(second.positions == [20, 20, 20, 20])
  }

  @Test("without the group protocol share positions as in the original: all read everything, the last commit counts")
  func withoutProtocol() throws {
    let first = try TestConsumer(on: cluster, machine: "first") { $0.autoCommitInterval = nil }
    let second = try TestConsumer(on: cluster, machine: "second") { $0.autoCommitInterval = nil }
    #expect(try first.pollAll().count == 80)
    #expect(try second.pollBatch().count == 4)
    try first.commit()
    #expect(cluster.storedPosition() == 20)
    try second.perform { try $0.seek(.first, to: 3) }
    try second.commit()
    #expect(cluster.storedPosition() == 3)
  }
}
