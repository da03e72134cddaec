import Simulation

/// An agent that partitions can be assigned to.
struct AssignableAgent: Sendable, Hashable {
  var host: HostID
  /// Where it stands.
  var zone: Int
}

/// Which agent is to lead which partition: balanced by number and load, moving as little as possible, each topic spread over the zones.
///
/// A partition weighs `base` for being there and as much again, on average, for what is written to it; without known loads all weigh the same, and agents differ by one partition at most. Weights are whole numbers, so that a load that flickers moves nothing.
///
/// The result depends on who owned what, and on the loads; not on the order in which anything is given. Kept in memory only: after a restart the service waits until the agents had time to report, and begins with who holds the leases.
struct Assignment {
  /// What a partition weighs for being there, and what its load adds on average.
  static let base: Int64 = 4
  /// By how much a move has to lower the greater of two agents' weights to be worth it.
  static let threshold: Int64 = 3

  private(set) var owners: [TopicPartition: HostID] = [:]

  /// Begins with who holds the leases, until there is time to balance.
  mutating func begin(with holders: [TopicPartition: HostID]) { owners = holders }

  /// Who is to lead a partition.
  func owner(of partition: TopicPartition) -> HostID? { owners[partition] }

  /// What one agent is to lead, in order.
  func partitions(of agent: HostID) -> [TopicPartition] {
    owners.filter { $0.value == agent }.map(\.key).sorted()
  }

  /// Assigns every partition to one of the agents.
  ///
  /// - Parameter loads: What is written to each partition, in any unit; none where it is not known.
  /// - Parameter holders: Who holds a partition's lease; it keeps a partition that had no owner.
  /// - Returns: The partitions that have another owner than before, in order.
  @discardableResult
  mutating func balance(
    _ partitions: [TopicPartition], among agents: [AssignableAgent], loads: [TopicPartition: UInt64] = [:],
    holders: (TopicPartition) -> HostID?
  ) -> [TopicPartition] {
    var next = Distribution(agents: agents, weights: Self.weights(of: partitions, loads))
    guard !agents.isEmpty else {
      owners = [:]
      return []
    }
    var orphans: [TopicPartition] = []
    for partition in partitions.sorted() {
      if let owner = owners[partition] ?? holders(partition), let place = next.place(of: owner) {
        next.give(partition, to: place)
      } else {
        orphans.append(partition)
      }
    }
    for partition in next.heaviestFirst(orphans) { next.give(partition, to: next.lightest(for: partition)) }
    while next.moveOne(threshold: Self.threshold) {}
    let before = owners
    owners = next.owners
    return partitions.filter { before[$0] != nil && before[$0] != owners[$0] }.sorted()
  }

  /// A partition's weight: the base, and its share of all load in the same measure.
  private static func weights(
    of partitions: [TopicPartition], _ loads: [TopicPartition: UInt64]
  ) -> [TopicPartition: Int64] {
    // So small that no product below overflows.
    func load(_ partition: TopicPartition) -> UInt64 { min(loads[partition] ?? 0, 1 << 40) }
    let total = partitions.reduce(0) { $0 + load($1) }
    var weights: [TopicPartition: Int64] = [:]
    for partition in partitions {
      guard total > 0 else {
        weights[partition] = base
        continue
      }
      let scaled = load(partition) * UInt64(base) * UInt64(partitions.count) / total
      weights[partition] = base + Int64(clamping: scaled)
    }
    return weights
  }
}

/// Who has what while an assignment is being made.
private struct Distribution {
  private struct Share {
    let agent: AssignableAgent
    var weight: Int64 = 0
    var partitions: Set<TopicPartition> = []
  }

  private struct ZoneTopic: Hashable {
    let zone: Int
    let topic: TopicID
  }

  private var shares: [Share]
  private let places: [HostID: Int]
  private let weights: [TopicPartition: Int64]
  /// How many partitions of a topic a zone has.
  private var zoneTopics: [ZoneTopic: Int] = [:]

  init(agents: [AssignableAgent], weights: [TopicPartition: Int64]) {
    shares = agents.sorted { $0.host < $1.host }.map { Share(agent: $0) }
    places = Dictionary(uniqueKeysWithValues: shares.enumerated().map { ($0.element.agent.host, $0.offset) })
    self.weights = weights
  }

  var owners: [TopicPartition: HostID] {
    var owners: [TopicPartition: HostID] = [:]
    for share in shares { for partition in share.partitions { owners[partition] = share.agent.host } }
    return owners
  }

  func place(of host: HostID) -> Int? { places[host] }

  func weight(_ partition: TopicPartition) -> Int64 { weights[partition] ?? 0 }

  func heaviestFirst(_ partitions: [TopicPartition]) -> [TopicPartition] {
    partitions.sorted { (-weight($0), $0) < (-weight($1), $1) }
  }

  mutating func give(_ partition: TopicPartition, to place: Int) {
    shares[place].partitions.insert(partition)
    shares[place].weight += weight(partition)
    zoneTopics[ZoneTopic(zone: shares[place].agent.zone, topic: partition.topic), default: 0] += 1
  }

  private mutating func take(_ partition: TopicPartition, from place: Int) {
    shares[place].partitions.remove(partition)
    shares[place].weight -= weight(partition)
    zoneTopics[ZoneTopic(zone: shares[place].agent.zone, topic: partition.topic), default: 0] -= 1
  }

  /// The agent with the least; among equals one in the zone that has the fewest of the topic's partitions.
  func lightest(for partition: TopicPartition) -> Int {
    shares.indices.min { rank($0, partition) < rank($1, partition) } ?? 0
  }

  private func rank(_ place: Int, _ partition: TopicPartition) -> (Int64, Int, HostID) {
    let zone = ZoneTopic(zone: shares[place].agent.zone, topic: partition.topic)
    return (shares[place].weight, zoneTopics[zone, default: 0], shares[place].agent.host)
  }

  /// Moves one partition from the agent that has the most to the one that has the least, where that is worth it: the one that brings the two closest together, among equals one that spreads its topic over the zones. Tells whether one was moved.
  mutating func moveOne(threshold: Int64) -> Bool {
    let ordered = shares.indices.sorted { (-shares[$0].weight, $0) < (-shares[$1].weight, $1) }
    guard let least = ordered.last else { return false }
    for most in ordered.dropLast() {
      let gap = shares[most].weight - shares[least].weight
      if gap <= threshold { return false }
      let movable = shares[most].partitions.filter { weight($0) <= gap - threshold }
      let best = movable.min {
        cost($0, gap, from: most, to: least) < cost($1, gap, from: most, to: least)
      }
      // One that has a single heavy partition cannot be helped; perhaps the next one can.
      guard let best else { continue }
      take(best, from: most)
      give(best, to: least)
      return true
    }
    return false
  }

  private func cost(
    _ partition: TopicPartition, _ gap: Int64, from most: Int, to least: Int
  ) -> (Int64, Int, TopicPartition) {
    let (old, new) = (shares[most].agent.zone, shares[least].agent.zone)
    let spread =
      old == new
      ? 0
      : zoneTopics[ZoneTopic(zone: new, topic: partition.topic), default: 0]
        - zoneTopics[ZoneTopic(zone: old, topic: partition.topic), default: 0]
    return (abs(gap - 2 * weight(partition)), spread, partition)
  }
}
