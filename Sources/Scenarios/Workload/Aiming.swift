import Nodes
import Simulation

/// Where an application wants a record to go.
struct Aim: Sendable, Hashable {
  /// The topic's name.
  var topic: String
  /// The partition's number; nil leaves it to the partitioner.
  var partition: Int?
}

/// Draws where the records of an application go that names topics or partitions itself, rightly or not.
struct Aiming: Sendable {
  private let plan: AimPlan
  /// The topics that are written to, with their numbers of partitions.
  private let topics: [(name: String, partitions: Int)]
  /// The name of a topic that is not there.
  private let unknown: String

  /// Nil for an application that says nothing.
  init?(_ group: ProducerGroup, topics all: [TopicShape]) {
    guard !group.aims.isPlain else { return nil }
    plan = group.aims
    topics = ([group.topic] + group.aims.otherTopics).compactMap { name in
      all.first { $0.name == name }.map { (name, $0.partitions) }
    }
    var unknown = group.topic + "-of-old"
    while all.contains(where: { $0.name == unknown }) { unknown += "-of-old" }
    self.unknown = unknown
  }

  /// Where the next record goes.
  func next(_ randomness: inout RandomGenerator) -> Aim {
    let mistake = Int(randomness.below(1_000_000))
    let topic = topics[Int(randomness.below(UInt64(topics.count)))]
    if mistake < plan.wrongTopics { return Aim(topic: unknown, partition: plan.namesPartitions ? 0 : nil) }
    guard plan.namesPartitions else { return Aim(topic: topic.name) }
    if mistake < plan.wrongTopics + plan.wrongPartitions {
      // One before the first, the one behind the last, or one far behind.
      let wrong = [-1, topic.partitions, topic.partitions * 2 + 7]
      return Aim(topic: topic.name, partition: wrong[Int(randomness.below(UInt64(wrong.count)))])
    }
    return Aim(topic: topic.name, partition: Int(randomness.below(UInt64(topic.partitions))))
  }
}
