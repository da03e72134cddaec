import Simulation
import Testing

@testable import Nodes

@Suite("The members of a group")
struct GroupTests {
  let cluster = TestCluster {
    $0.partitions = 4
    $0.clients = 3
  }

  private func ask<Content: Request>(_ request: Content, as client: Int = 0) throws -> Content.Response {
    try cluster.ask(request, of: cluster.metadata, as: client)
  }

  private func partitions(_ indices: Int...) -> [TopicPartition] { indices.map { TopicPartition(index: $0) } }

  private func restartMetadata() {
    cluster.crash(cluster.metadata)
    cluster.restart(cluster.metadata)
    cluster.run(for: .milliseconds(20))
  }

  // MARK: Sharing

  @Test("share its topics' partitions: the first one has all of them")
  func alone() throws {
    let share = try ask(JoinGroup(1))
    #expect(share.partitions == partitions(0, 1, 2, 3))
    #expect(try ask(GroupHeartbeat(share)) == share)
  }

  @Test("give back first what another one is to have; what stays is not disturbed")
  func incremental() throws {
    let first = try ask(JoinGroup(1))
    let second = try ask(JoinGroup(1), as: 1)
    #expect(second.partitions.isEmpty, "nobody has given anything back yet")
    let asked = try ask(GroupHeartbeat(first))
    #expect(asked.generation == first.generation && asked.partitions.count == 2)
    #expect(try ask(GroupHeartbeat(second), as: 1).partitions.isEmpty)
    let kept = try ask(GroupHeartbeat(first, owning: asked.partitions))
    #expect(kept.partitions == asked.partitions && kept.generation > first.generation)
    let given = try ask(GroupHeartbeat(second), as: 1)
    #expect(Set(given.partitions).union(kept.partitions) == Set(partitions(0, 1, 2, 3)))
    #expect(given.partitions.count == 2 && given.generation > second.generation)
  }

  @Test("are answered at once when a held heartbeat gets something to tell, else when its time is over")
  func heldHeartbeat() throws {
    let first = try ask(JoinGroup(1))
    let held = cluster.send(GroupHeartbeat(first, waitAtMost: .seconds(3)), to: cluster.metadata)
    cluster.run(for: .seconds(1))
    #expect(!held.isThere)
    _ = try ask(JoinGroup(1), as: 1)
    cluster.run(for: .milliseconds(5))
    #expect(held.value?.partitions.count == 2)
    let begin = cluster.now
    let kept = try ask(GroupHeartbeat(first, owning: held.value!.partitions))
    let quiet = try ask(GroupHeartbeat(kept, waitAtMost: .seconds(2)))
    #expect(quiet == kept && cluster.now - begin >= .seconds(2))
  }

  @Test("get the partitions of one that leaves")
  func leaving() throws {
    let first = try ask(JoinGroup(1))
    _ = try ask(JoinGroup(1), as: 1)
    _ = try ask(LeaveGroup(group: "readers", member: first.member))
    let second = try ask(GroupHeartbeat(try ask(JoinGroup(1), as: 1)), as: 1)
    #expect(second.partitions == partitions(0, 1, 2, 3))
    _ = try ask(LeaveGroup(group: "readers", member: first.member))
    #expect(cluster.groupEvents.filter { $0.contains("leaves") }.count == 1, "to leave twice is to leave once")
  }

  @Test("get the partitions of one that is not heard of for its session, and not before")
  func sessionTimeout() throws {
    let first = try ask(JoinGroup(1, sessionTimeout: .seconds(5)))
    var second = try ask(JoinGroup(1), as: 1)
    let begin = cluster.now
    for _ in 0..<9 {
      cluster.run(for: .milliseconds(500))
      second = try ask(GroupHeartbeat(second), as: 1)
    }
    #expect(second.partitions.isEmpty && cluster.now - begin < .seconds(5))
    cluster.run(for: .milliseconds(600))
    #expect(try ask(GroupHeartbeat(second), as: 1).partitions.count == 4)
    #expect(throws: MetadataError.unknownMember) { _ = try ask(GroupHeartbeat(first)) }
    #expect(cluster.count(of: .sessionExpired) == 1 && cluster.count(of: .memberFenced) == 1)
  }

  @Test("that come back to a group that everybody left get a higher generation than any before")
  func emptyGroup() throws {
    let first = try ask(JoinGroup(1))
    _ = try ask(LeaveGroup(group: "readers", member: first.member))
    restartMetadata()
    let again = try ask(JoinGroup(2))
    #expect(again.generation > first.generation && again.member != first.member)
  }

  // MARK: Generations

  @Test("give nothing back by a heartbeat of before their latest share")
  func lateHeartbeat() throws {
    let empty = try ask(JoinGroup(1), as: 1)
    #expect(empty.partitions.count == 4)
    _ = try ask(LeaveGroup(group: "readers", member: empty.member), as: 1)
    let first = try ask(JoinGroup(1))
    let second = try ask(JoinGroup(2), as: 1)
    let kept = try ask(GroupHeartbeat(first, owning: partitions(0, 1)))
    #expect(kept.partitions == partitions(0, 1))
    let given = try ask(GroupHeartbeat(second), as: 1)
    #expect(given.partitions == partitions(2, 3))
    // What the second one said before it had anything arrives again.
    #expect(try ask(GroupHeartbeat(second), as: 1) == given)
    // What the first one said when it still had everything does, too.
    #expect(try ask(GroupHeartbeat(first)) == kept)
    #expect(cluster.groupEvents.suffix(2) == ["\(first.member) owns [0, 1]", "\(second.member) owns [2, 3]"])
    #expect(cluster.count(of: .heartbeatOfOlderGeneration) == 2)
  }

  @Test("that gave a partition back get it again only under another generation")
  func backAndForth() throws {
    let first = try ask(JoinGroup(1))
    let second = try ask(JoinGroup(1), as: 1)
    let asked = try ask(GroupHeartbeat(first))
    // The other one is gone before this one's word that it has given something back.
    _ = try ask(LeaveGroup(group: "readers", member: second.member), as: 1)
    let all = try ask(GroupHeartbeat(first, owning: asked.partitions))
    #expect(all.partitions == partitions(0, 1, 2, 3) && all.generation > first.generation)
    #expect(throws: MetadataError.commitFenced(current: all.generation)) {
      _ = try ask(CommitOffsets(1, of: TopicPartition(index: 3), request: 1, as: first))
    }
    _ = try ask(CommitOffsets(1, of: TopicPartition(index: 3), request: 2, as: all))
  }

  @Test("of a generation that never was are unknown")
  func futureGeneration() throws {
    var share = try ask(JoinGroup(1))
    share.generation += 5
    #expect(throws: MetadataError.unknownMember) { _ = try ask(GroupHeartbeat(share)) }
  }

  @Test("keep membership, generation and partitions when the service dies, and their full session begins anew")
  func recovery() throws {
    let first = try ask(JoinGroup(1, sessionTimeout: .seconds(5)))
    _ = try ask(JoinGroup(1, sessionTimeout: .seconds(5)), as: 1)
    let kept = try ask(GroupHeartbeat(first, owning: partitions(0, 1)))
    cluster.run(for: .seconds(4))
    restartMetadata()
    cluster.run(for: .seconds(4))
    #expect(try ask(GroupHeartbeat(kept)) == kept)
    let second = try ask(JoinGroup(1), as: 1)
    #expect(try ask(GroupHeartbeat(second), as: 1).partitions == partitions(2, 3))
    cluster.run(for: .seconds(7))
    #expect(throws: MetadataError.unknownMember) { _ = try ask(GroupHeartbeat(kept)) }
  }

  // MARK: Joining

  @Test("have to want the same way of sharing")
  func assignor() throws {
    _ = try ask(JoinGroup(1, assignor: .range))
    #expect(throws: MetadataError.assignorDiffers(.range)) { _ = try ask(JoinGroup(1), as: 1) }
    // Whoever is alone may change it.
    #expect(try ask(JoinGroup(2, assignor: .roundRobin)).partitions.count == 4)
  }

  @Test("need a group, a topic and a session", arguments: 0..<3)
  func invalid(what: Int) {
    var request = JoinGroup(1)
    switch what {
    case 0: request.group = ""
    case 1: request.topics = []
    default: request.sessionTimeout = .zero
    }
    #expect(throws: MetadataError.invalid) { _ = try ask(request) }
  }

  @Test("may wait for a topic that does not exist yet")
  func unknownTopic() throws {
    var request = JoinGroup(1)
    request.topics = ["later"]
    #expect(try ask(request).partitions.isEmpty)
  }

  @Test("that join late, after a newer joining of the same machine, are refused")
  func lateJoin() throws {
    let first = try ask(JoinGroup(1))
    let again = try ask(JoinGroup(2))
    #expect(again.member == first.member && again.generation > first.generation)
    #expect(again.partitions == first.partitions, "it goes on with its own")
    #expect(throws: MetadataError.staleRequest) { _ = try ask(JoinGroup(1)) }
    _ = try ask(LeaveGroup(group: "readers", member: again.member))
    #expect(throws: MetadataError.staleRequest) { _ = try ask(JoinGroup(2)) }
  }

  // MARK: Static members

  @Test("that are static go on when they come back as another process, and nobody else notices")
  func staticMember() throws {
    let first = try ask(JoinGroup(1, instance: "one"))
    let second = try ask(JoinGroup(1, instance: "two"), as: 1)
    let kept = try ask(GroupHeartbeat(first, owning: partitions(0, 1)))
    let other = try ask(GroupHeartbeat(second), as: 1)
    _ = try ask(CommitOffsets(7, request: 1, as: kept))
    let before = cluster.groupEvents.count
    cluster.crash(cluster.client(0))
    cluster.restart(cluster.client(0))
    cluster.run(for: .seconds(3))
    let back = try ask(JoinGroup(1, instance: "one"))
    #expect(back.member == kept.member && back.partitions == kept.partitions && back.generation > kept.generation)
    #expect(try ask(GroupHeartbeat(other), as: 1) == other)
    #expect(cluster.groupEvents.count == before + 1)
    #expect(cluster.count(of: .staticMemberReturned) == 1)
    // What the old process sent is fenced off.
    #expect(throws: MetadataError.commitFenced(current: back.generation)) {
      _ = try ask(CommitOffsets(9, request: 2, as: kept))
    }
    #expect(cluster.storedPosition() == 7)
  }

  @Test("that are static lose their name to whoever joins under it later")
  func instanceTaken() throws {
    let first = try ask(JoinGroup(1, instance: "one"))
    let second = try ask(JoinGroup(1, instance: "one"), as: 1)
    #expect(second.member == first.member && second.partitions.count == 4)
    #expect(throws: MetadataError.instanceTaken) { _ = try ask(GroupHeartbeat(first)) }
    #expect(throws: MetadataError.unknownMember) { _ = try ask(CommitOffsets(1, request: 1, as: first)) }
    #expect(try ask(GroupHeartbeat(second), as: 1) == second)
  }
}

@Suite("A commit to a group")
struct GroupCommitTests {
  let cluster = TestCluster { $0.partitions = 2 }

  private func ask<Content: Request>(_ request: Content, as client: Int = 0) throws -> Content.Response {
    try cluster.ask(request, of: cluster.metadata, as: client)
  }

  @Test("of a member counts for the partitions that it owns")
  func owner() throws {
    let share = try ask(JoinGroup(1))
    _ = try ask(CommitOffsets(5, request: 1, as: share))
    #expect(cluster.storedPosition() == 5)
  }

  @Test("of a member that was taken for dead is refused")
  func zombie() throws {
    let share = try ask(JoinGroup(1, sessionTimeout: .seconds(2)))
    cluster.run(for: .seconds(3))
    let other = try ask(JoinGroup(1), as: 1)
    _ = try ask(CommitOffsets(8, request: 1, as: other), as: 1)
    #expect(throws: MetadataError.unknownMember) { _ = try ask(CommitOffsets(5, request: 1, as: share)) }
    #expect(cluster.storedPosition() == 8 && cluster.count(of: .commitRefused) == 1)
  }

  @Test(
    "of a partition that the member has given back is refused, of one that it kept it is not, whatever the generation")
  func givenBack() throws {
    let first = try ask(JoinGroup(1))
    _ = try ask(JoinGroup(1), as: 1)
    let kept = try ask(GroupHeartbeat(first, owning: [.first]))
    #expect(kept.partitions == [.first] && kept.generation > first.generation)
    _ = try ask(CommitOffsets(3, request: 1, as: first))
    #expect(throws: MetadataError.commitFenced(current: kept.generation)) {
      _ = try ask(CommitOffsets(3, of: TopicPartition(index: 1), request: 2, as: first))
    }
    #expect(cluster.storedPosition() == 3 && cluster.storedPosition(TopicPartition(index: 1)) == nil)
  }

  @Test("without a membership is refused as long as the group has members, and accepted without any")
  func noMember() throws {
    _ = try ask(CommitOffsets(1, request: 1, as: nil), as: 1)
    let share = try ask(JoinGroup(1))
    #expect(throws: MetadataError.unknownMember) { _ = try ask(CommitOffsets(2, request: 2, as: nil), as: 1) }
    _ = try ask(LeaveGroup(group: "readers", member: share.member))
    _ = try ask(CommitOffsets(3, request: 3, as: nil), as: 1)
    #expect(cluster.storedPosition() == 3)
  }

  @Test("of another machine in a member's name is refused")
  func borrowedName() throws {
    let share = try ask(JoinGroup(1))
    #expect(throws: MetadataError.unknownMember) { _ = try ask(CommitOffsets(2, request: 1, as: share), as: 1) }
  }

  @Test("that arrives after a newer one of the same sender does not undo it, and a repetition is a success")
  func late() throws {
    _ = try ask(CommitOffsets(5, request: 1, as: nil))
    _ = try ask(CommitOffsets(9, request: 2, as: nil))
    #expect(throws: MetadataError.staleRequest) { _ = try ask(CommitOffsets(5, request: 1, as: nil)) }
    _ = try ask(CommitOffsets(9, request: 2, as: nil))
    #expect(cluster.storedPosition() == 9 && cluster.count(of: .lateCommitRefused) == 1)
    // Going back is a new commit.
    _ = try ask(CommitOffsets(4, request: 3, as: nil))
    #expect(cluster.storedPosition() == 4)
  }

  @Test("is taken from anyone when the safeguard is left out")
  func withoutSafeguard() throws {
    let cluster = TestCluster { $0.metadata.safeguards.subtract(.committerOwnsPartition) }
    let share = try cluster.ask(JoinGroup(1, sessionTimeout: .seconds(1)), of: cluster.metadata)
    cluster.run(for: .seconds(2))
    try cluster.ask(CommitOffsets(5, request: 1, as: share), of: cluster.metadata)
    #expect(cluster.storedPosition() == 5)
  }
}

@Suite("Positions of a group that are stored with a transaction")
struct GroupTransactionTests {
  let cluster = TestCluster()

  private func commit(_ number: UInt64, as share: GroupShare?) throws {
    let positions = TransactionOffsets(
      group: "readers", offsets: [CommittedOffset(partition: .first, offset: 3)],
      membership: share.map { GroupMembership(member: $0.member, generation: $0.generation) })
    try cluster.ask(
      EndTransaction(transaction: .of(number), outcome: .committed, sent: [], positions: [positions]),
      of: cluster.metadata)
  }

  @Test("are stored for the member that owns the partition in that very step, and with nobody else's transaction")
  func owner() throws {
    try cluster.take("pipe", request: 1)
    let share = try cluster.ask(JoinGroup(1, sessionTimeout: .seconds(5)), of: cluster.metadata)
    try cluster.begin(.of(1), timeout: .seconds(60))
    #expect(throws: MetadataError.unknownMember) { try commit(1, as: nil) }
    #expect(cluster.storedPosition() == nil)
    try cluster.begin(.of(2), timeout: .seconds(60))
    try commit(2, as: share)
    #expect(cluster.storedPosition() == 3)
    try cluster.begin(.of(3), timeout: .seconds(60))
    cluster.run(for: .seconds(6))
    #expect(throws: MetadataError.unknownMember) { try commit(3, as: share) }
    #expect(cluster.transactionEnds.map { $0.split(separator: " ")[1] } == ["aborted", "committed", "aborted"])
  }
}
