import Nodes
import Simulation

/// An invariant that does not hold, told so that a person can follow it up.
public struct Violation: Sendable, Hashable {
  /// The invariant.
  public let invariant: InvariantName
  /// When it was seen to be broken.
  public let at: VirtualTime
  /// What is wrong, in words that name records, offsets, hosts and times.
  public var summary: String
  /// The events that it rests on.
  public let events: [UInt64]
  /// The records concerned, as producer#number.
  public let records: [String]

  /// Makes a violation.
  public init(
    _ invariant: InvariantName, at: VirtualTime, _ summary: String, events: [UInt64] = [], records: [String] = []
  ) {
    self.invariant = invariant
    self.at = at
    self.summary = summary
    self.events = events
    self.records = records
  }
}

/// Gathers violations: the first few of each invariant in full, of the others the number.
struct ViolationList {
  static let toldOfEach = 3
  private(set) var all: [Violation] = []
  private var counts: [InvariantName: Int] = [:]

  mutating func add(_ violation: Violation) {
    counts[violation.invariant, default: 0] += 1
    if count(of: violation.invariant) <= Self.toldOfEach { all.append(violation) }
  }

  /// How often an invariant was seen to be broken, those not told included.
  func count(of invariant: InvariantName) -> Int { counts[invariant, default: 0] }

  var isEmpty: Bool { all.isEmpty }

  /// The invariants broken.
  var broken: [InvariantName] { InvariantName.allCases.filter { counts[$0] != nil } }
}

/// Names things in violations as people know them.
struct Labels {
  let partition: (TopicPartition) -> String
  let host: (HostID) -> String

  /// For example `producer-7#123`, by the application's host.
  func record(_ record: WorkloadRecord, _ history: History) -> String {
    let index = Int(record.producer) - 1
    guard history.producers.indices.contains(index) else { return "producer \(record.producer)#\(record.number)" }
    let producer = history.producers[index]
    let incarnation = producer.incarnation == 1 ? "" : " (incarnation \(producer.incarnation))"
    return "\(host(producer.host))\(incarnation)#\(record.number)"
  }

  /// What an offset held.
  func content(_ content: UInt64, _ history: History) -> String {
    content >> 63 == 1
      ? "a preloaded record (hash \(String(content, radix: 16)))"
      : "record \(record(WorkloadRecord(identity: content), history))"
  }
}
