/// A member of a group, as far as sharing partitions is concerned.
struct AssignableMember: Sendable {
  var id: UInt64
  /// The topics that it reads.
  var topics: [TopicID]
  /// What it was to work on before.
  var previous: [TopicPartition]
}

/// A topic whose partitions are shared.
struct AssignableTopic: Sendable, Hashable {
  var id: TopicID
  var partitions: Int

  var all: [TopicPartition] { (0..<partitions).map { TopicPartition(topic: id, index: UInt32($0)) } }
}

extension GroupAssignor {
  /// Shares the partitions of topics among members: each partition goes to one member that reads its topic, if there is any.
  ///
  /// - Parameters:
  ///   - members: In order of their numbers.
  ///   - topics: In order of their identifiers.
  /// - Returns: The members that get something, with their partitions in order.
  func share(_ topics: [AssignableTopic], among members: [AssignableMember]) -> [UInt64: [TopicPartition]] {
    switch self {
    case .range: Self.inRanges(topics, members)
    case .roundRobin: Self.inTurn(topics, members)
    case .sticky: StickyShares(topics, members).shares
    }
  }

  private static func inRanges(
    _ topics: [AssignableTopic], _ members: [AssignableMember]
  ) -> [UInt64: [TopicPartition]] {
    var shares: [UInt64: [TopicPartition]] = [:]
    for topic in topics {
      let readers = members.filter { $0.topics.contains(topic.id) }
      guard !readers.isEmpty else { continue }
      let (each, more) = topic.partitions.quotientAndRemainder(dividingBy: readers.count)
      var next = 0
      for (place, reader) in readers.enumerated() {
        let count = each + (place < more ? 1 : 0)
        guard count > 0 else { break }
        shares[reader.id, default: []] += topic.all[next..<(next + count)]
        next += count
      }
    }
    return shares
  }

  private static func inTurn(
    _ topics: [AssignableTopic], _ members: [AssignableMember]
  ) -> [UInt64: [TopicPartition]] {
    var shares: [UInt64: [TopicPartition]] = [:]
    var turn = 0
    for topic in topics where members.contains(where: { $0.topics.contains(topic.id) }) {
      for partition in topic.all {
        while !members[turn % members.count].topics.contains(topic.id) { turn += 1 }
        shares[members[turn % members.count].id, default: []].append(partition)
        turn += 1
      }
    }
    return shares
  }
}

/// Even shares of which as much as possible stays where it was.
private struct StickyShares {
  private let members: [AssignableMember]
  /// By the members' places.
  private var owned: [[TopicPartition]]

  init(_ topics: [AssignableTopic], _ members: [AssignableMember]) {
    self.members = members
    owned = Array(repeating: [], count: members.count)
    var free = Set(topics.flatMap(\.all))
    for (place, member) in members.enumerated() {
      for partition in member.previous where member.topics.contains(partition.topic) {
        if free.remove(partition) != nil { owned[place].append(partition) }
      }
    }
    for partition in free.sorted() {
      if let place = leastLoaded(reading: partition.topic) { owned[place].append(partition) }
    }
    balance()
  }

  var shares: [UInt64: [TopicPartition]] {
    var shares: [UInt64: [TopicPartition]] = [:]
    for (place, member) in members.enumerated() where !owned[place].isEmpty {
      shares[member.id] = owned[place].sorted()
    }
    return shares
  }

  private func leastLoaded(reading topic: TopicID) -> Int? {
    var best: Int?
    for (place, member) in members.enumerated() where member.topics.contains(topic) {
      if best.map({ owned[place].count < owned[$0].count }) ?? true { best = place }
    }
    return best
  }

  /// Moves single partitions from who has most to who has least, as long as that makes the shares more even.
  private mutating func balance() {
    while let move = nextMove() {
      owned[move.from].removeAll { $0 == move.partition }
      owned[move.to].append(move.partition)
    }
  }

  private func nextMove() -> (from: Int, to: Int, partition: TopicPartition)? {
    let counts = owned.map(\.count)
    guard let most = counts.max(), let least = counts.min(), most - least > 1 else { return nil }
    let heaviest = owned.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    for from in heaviest where counts[from] - least > 1 {
      for partition in owned[from].sorted().reversed() {
        if let to = leastLoaded(reading: partition.topic), counts[to] + 1 < counts[from] {
          return (from, to, partition)
        }
      }
    }
    return nil
  }
}
