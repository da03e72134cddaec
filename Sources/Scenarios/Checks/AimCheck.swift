import Nodes
import Simulation

/// S: a record goes to the topic and partition that its application names; where there is none, it is refused with the error that says so, and where there is one it is not.
struct AimCheck {
  /// A topic that is there from the start.
  struct Topic {
    var id: TopicID
    var partitions: Int
  }

  private struct Aimed {
    var aim: Aim
    var event: UInt64
  }

  private let topics: [String: Topic]
  /// Records that were neither put in a batch nor refused yet.
  private var open: [UInt64: Aimed] = [:]

  init(topics: [String: Topic]) { self.topics = topics }

  mutating func aimed(_ record: UInt64, _ aim: Aim, _ stamp: EventStamp) {
    open[record] = Aimed(aim: aim, event: stamp.number)
  }

  /// A batch is about to be sent.
  mutating func closed(
    _ batch: ClosedBatch, _ stamp: EventStamp, _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    for tag in batch.tags {
      guard let aimed = open.removeValue(forKey: tag) else { continue }
      let isThere =
        topics[aimed.aim.topic]?.id == batch.partition.topic
        && aimed.aim.partition ?? Int(batch.partition.index) == Int(batch.partition.index)
      if isThere { continue }
      tell(
        tag, aimed, "is about to be sent to \(labels.partition(batch.partition))", stamp, history, labels, &found)
    }
  }

  mutating func refused(
    _ record: UInt64, _ error: ProducerError, _ stamp: EventStamp, _ history: History, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    guard let aimed = open.removeValue(forKey: record), error != refusal(of: aimed.aim) else { return }
    tell(record, aimed, "was refused with \(error)", stamp, history, labels, &found)
  }

  /// A producer has come to the end of all it had to send.
  mutating func finished(
    _ producer: UInt32, _ stamp: EventStamp, _ history: History, _ labels: Labels, _ found: inout ViolationList
  ) {
    for record in open.keys.filter({ WorkloadRecord(identity: $0).producer == producer }).sorted() {
      guard let aimed = open.removeValue(forKey: record) else { continue }
      tell(record, aimed, "was neither sent nor refused", stamp, history, labels, &found)
    }
  }

  /// The error that an aim has to be refused with; nil for one that is right.
  private func refusal(of aim: Aim) -> ProducerError? {
    guard let topic = topics[aim.topic] else { return .noSuchTopic(aim.topic) }
    guard let partition = aim.partition, !(0..<topic.partitions).contains(partition) else { return nil }
    return .noSuchPartition(partition, partitions: topic.partitions)
  }

  private func tell(
    _ record: UInt64, _ aimed: Aimed, _ what: String, _ stamp: EventStamp, _ history: History, _ labels: Labels,
    _ found: inout ViolationList
  ) {
    let name = labels.record(WorkloadRecord(identity: record), history)
    let place = aimed.aim.partition.map { "\(aimed.aim.topic)/\($0)" } ?? aimed.aim.topic
    found.add(
      Violation(
        .recordsGoWhereAimed, at: stamp.time,
        "record \(name), which its application sent to \(place), \(what) at \(stamp.time)",
        events: [aimed.event, stamp.number], records: [name]))
  }
}
