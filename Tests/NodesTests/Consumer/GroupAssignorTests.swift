import Simulation
import Testing

@testable import Nodes

@Suite("Sharing partitions among the members of a group")
struct GroupAssignorTests {
  private static let topics = [
    AssignableTopic(id: TopicID(rawValue: 1), partitions: 7), AssignableTopic(id: TopicID(rawValue: 2), partitions: 3),
  ]
  private static let both = topics.map(\.id)

  private func members(_ count: Int) -> [AssignableMember] {
    (0..<count).map { AssignableMember(id: UInt64($0 + 1), topics: Self.both, previous: []) }
  }

  private func counts(_ shares: [UInt64: [TopicPartition]], _ members: [AssignableMember]) -> [Int] {
    members.map { shares[$0.id]?.count ?? 0 }
  }

  @Test("by ranges gives each neighbouring partitions of a topic, the first ones more where it does not come out even")
  func range() {
    let shares = GroupAssignor.range.share(Self.topics, among: members(3))
    #expect(shares[1]?.map(\.index) == [0, 1, 2, 0])
    #expect(shares[2]?.map(\.index) == [3, 4, 1])
    #expect(shares[3]?.map(\.index) == [5, 6, 2])
    #expect(counts(GroupAssignor.range.share(Self.topics, among: members(5)), members(5)) == [3, 3, 2, 1, 1])
  }

  @Test("in turn goes on with the next member from topic to topic")
  func roundRobin() {
    let shares = GroupAssignor.roundRobin.share(Self.topics, among: members(3))
    #expect(counts(shares, members(3)) == [4, 3, 3])
    #expect(shares[2]?.map(\.word) == [1 << 32 | 1, 1 << 32 | 4, 2 << 32])
  }

  @Test("in turn passes over members that do not read the topic")
  func differentTopics() {
    var two = members(2)
    two[1].topics = [TopicID(rawValue: 2)]
    let shares = GroupAssignor.roundRobin.share(Self.topics, among: two)
    #expect(counts(shares, two) == [8, 2] || counts(shares, two) == [9, 1])
    #expect(shares[2]?.allSatisfy { $0.topic == TopicID(rawValue: 2) } == true)
  }

  @Test("stickily moves no more than evenness demands when a member comes or goes")
  func sticky() {
    var all = members(3)
    let before = GroupAssignor.sticky.share(Self.topics, among: all)
    #expect(counts(before, all) == [4, 3, 3])
    for index in all.indices { all[index].previous = before[all[index].id] ?? [] }
    // One comes: two partitions move, all of them to it.
    let grown = GroupAssignor.sticky.share(
      Self.topics, among: all + [AssignableMember(id: 4, topics: Self.both, previous: [])])
    #expect(grown[4]?.count == 2)
    for member in all {
      #expect(Set(grown[member.id] ?? []).isSubset(of: Set(member.previous)))
    }
    // One goes: the others keep theirs.
    let shrunk = GroupAssignor.sticky.share(Self.topics, among: Array(all.dropFirst()))
    for member in all.dropFirst() { #expect(Set(member.previous).isSubset(of: Set(shrunk[member.id] ?? []))) }
    #expect(counts(shrunk, Array(all.dropFirst())) == [5, 5])
  }

  @Test("leaves a topic that nobody reads alone, and a member for whom nothing is left without anything")
  func corners() {
    for assignor in GroupAssignor.allCases {
      #expect(assignor.share(Self.topics, among: []).isEmpty)
      #expect(assignor.share([], among: members(2)).isEmpty)
      let nobody = [AssignableMember(id: 1, topics: [TopicID(rawValue: 2)], previous: [])]
      #expect(assignor.share(Self.topics, among: nobody)[1]?.count == 3)
      #expect(assignor.share([Self.topics[1]], among: members(5)).values.map(\.count).reduce(0, +) == 3)
    }
  }

  @Test(
    "gives each partition to exactly one member that reads it, and evenly where all read the same", arguments: 0..<40)
  func everyPartitionOnce(seed: UInt64) {
    var random = RandomGenerator(state: seed)
    let topics = (1...(1 + random.below(4))).map {
      AssignableTopic(id: TopicID(rawValue: UInt32($0)), partitions: Int(random.below(9)))
    }
    var members: [AssignableMember] = []
    let areAlike = random.below(2) == 0
    for id in 1...(1 + random.below(7)) {
      var read = topics.map(\.id)
      if !areAlike { read = read.filter { _ in random.below(3) > 0 } }
      let previous = topics.flatMap(\.all).filter { _ in random.below(3) == 0 }
      members.append(AssignableMember(id: id, topics: read, previous: previous))
    }
    for assignor in GroupAssignor.allCases {
      let shares = assignor.share(topics, among: members)
      let given = members.flatMap { shares[$0.id] ?? [] }
      let readable = topics.filter { topic in members.contains { $0.topics.contains(topic.id) } }.flatMap(\.all)
      #expect(given.sorted() == readable.sorted(), "seed \(seed), \(assignor)")
      for member in members {
        #expect((shares[member.id] ?? []).allSatisfy { member.topics.contains($0.topic) }, "seed \(seed), \(assignor)")
      }
      if areAlike, assignor != .range {
        let counts = counts(shares, members)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "seed \(seed), \(assignor)")
      }
    }
  }
}
