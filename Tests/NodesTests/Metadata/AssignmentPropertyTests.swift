import Simulation
import Testing

@testable import Nodes

/// What holds for every assignment, tried with clusters, loads and changes drawn from a seed.
@Suite("Any assignment of partitions")
struct AssignmentPropertyTests {
  /// A cluster that changes: agents in zones come and go, topics are written to.
  private struct World {
    var random: RandomGenerator
    let partitions: [TopicPartition]
    var agents: [AssignableAgent] = []
    var loads: [TopicPartition: UInt64] = [:]

    init(seed: UInt64) {
      random = RandomGenerator(state: seed)
      var partitions: [TopicPartition] = []
      for topic in 1...(1 + UInt32(random.below(3))) {
        for index in 0..<(1 + UInt32(random.below(16))) {
          partitions.append(TopicPartition(topic: TopicID(rawValue: topic), index: index))
        }
      }
      self.partitions = partitions
      for _ in 0..<3 { toggleAgent() }
    }

    mutating func toggleAgent() {
      let host = HostID(rawValue: UInt32(random.below(10)))
      if let place = agents.firstIndex(where: { $0.host == host }) {
        agents.remove(at: place)
      } else {
        agents.append(AssignableAgent(host: host, zone: Int(host.rawValue % 3)))
      }
    }

    /// Some partitions get next to nothing, a few very much.
    mutating func drawLoads() {
      for partition in partitions {
        let isHot = random.below(10) == 0
        loads[partition] = random.below(isHot ? 1_000_000 : 1_000)
      }
    }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
      var elements = elements
      for place in elements.indices.dropFirst() { elements.swapAt(place, Int(random.below(UInt64(place + 1)))) }
      return elements
    }

    /// What a partition weighs: four for being there, and four, on average, for its load.
    func weight(_ partition: TopicPartition) -> Int64 {
      let total = loads.values.reduce(0, +)
      guard total > 0 else { return 4 }
      return 4 + Int64((loads[partition] ?? 0) * 4 * UInt64(partitions.count) / total)
    }
  }

  /// Whether one partition could still go from some agent to the one that has least, with a gain that is worth it.
  private func improvement(_ assignment: Assignment, in world: World) -> TopicPartition? {
    let shares = world.agents.map { agent in
      let partitions = assignment.partitions(of: agent.host)
      return (partitions: partitions, weight: partitions.reduce(0) { $0 + world.weight($1) })
    }
    let least = shares.map(\.weight).min() ?? 0
    return shares.lazy.flatMap { share in
      share.partitions.filter { share.weight - (least + world.weight($0)) >= 3 }
    }.first
  }

  @Test(
    "is complete, balanced by load, stays when nothing changes, and does not depend on any order", arguments: 1...150)
  func holdsAlways(seed: Int) {
    var world = World(seed: UInt64(seed))
    var (assignment, other) = (Assignment(), Assignment())
    for step in 0..<12 {
      let note: Comment = "seed \(seed), step \(step)"
      switch world.random.below(3) {
      case 0: world.drawLoads()
      default: world.toggleAgent()
      }
      assignment.balance(world.partitions, among: world.agents, loads: world.loads) { _ in nil }
      let (partitions, agents) = (world.shuffled(world.partitions), world.shuffled(world.agents))
      other.balance(partitions, among: agents, loads: world.loads) { _ in nil }
      #expect(assignment.owners == other.owners, note)
      guard !world.agents.isEmpty else {
        #expect(assignment.owners.isEmpty, note)
        continue
      }
      #expect(Set(assignment.owners.keys) == Set(world.partitions), note)
      #expect(assignment.owners.values.allSatisfy { owner in world.agents.contains { $0.host == owner } }, note)
      #expect(improvement(assignment, in: world) == nil, note)
      let moved = assignment.balance(world.partitions, among: world.agents, loads: world.loads) { _ in nil }
      #expect(moved.isEmpty, note)
    }
  }

  @Test(
    "without known loads moves what a departed agent had, or a newcomer's share, and nothing else", arguments: 1...150)
  func fewMoves(seed: Int) {
    var world = World(seed: UInt64(seed))
    var assignment = Assignment()
    assignment.balance(world.partitions, among: world.agents) { _ in nil }
    for step in 0..<12 {
      let (before, known) = (assignment.owners, world.agents)
      world.toggleAgent()
      guard !known.isEmpty, !world.agents.isEmpty else {
        assignment.balance(world.partitions, among: world.agents) { _ in nil }
        continue
      }
      let moved = assignment.balance(world.partitions, among: world.agents) { _ in nil }
      let note: Comment = "seed \(seed), step \(step)"
      if let newcomer = world.agents.first(where: { !known.contains($0) }) {
        #expect(moved.count <= world.partitions.count / world.agents.count, note)
        #expect(moved.allSatisfy { assignment.owner(of: $0) == newcomer.host }, note)
      } else {
        let departed = known.filter { !world.agents.contains($0) }.map(\.host)
        #expect(moved == world.partitions.filter { departed.contains(before[$0]!) }, note)
      }
    }
  }

  @Test(
    "of a topic is spread over the zones to within one partition, where these have equally many agents",
    arguments: 1...60)
  func zones(seed: Int) {
    var random = RandomGenerator(state: UInt64(seed))
    let (zones, each) = (2 + Int(random.below(3)), 1 + Int(random.below(4)))
    let agents = (0..<zones * each).map { AssignableAgent(host: HostID(rawValue: UInt32($0)), zone: $0 / each) }
    let partitions = (0..<(1 + Int(random.below(40)))).map { TopicPartition(index: $0) }
    var assignment = Assignment()
    assignment.balance(partitions, among: agents) { _ in nil }
    let counts = (0..<zones).map { zone in
      agents.filter { $0.zone == zone }.reduce(0) { $0 + assignment.partitions(of: $1.host).count }
    }
    #expect(counts.max()! - counts.min()! <= 1, "seed \(seed): \(counts)")
  }

  @Test("leaves a partition that has most of the load alone with its agent")
  func hotPartition() {
    let partitions = (0..<12).map { TopicPartition(index: $0) }
    let agents = (1...3).map { AssignableAgent(host: HostID(rawValue: $0), zone: 0) }
    var assignment = Assignment()
    assignment.balance(partitions, among: agents) { _ in nil }
    let hot = TopicPartition(index: 5)
    let owner = assignment.owner(of: hot)!
    assignment.balance(partitions, among: agents, loads: [hot: 1_000_000]) { _ in nil }
    #expect(assignment.partitions(of: owner) == [hot])
  }
}
