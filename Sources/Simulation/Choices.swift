/// What a choice is about.
public enum ChoiceKind: UInt8, Sendable, Hashable, CaseIterable {
  /// Which of several ready jobs runs next.
  case readyJob = 1
  /// Which of several things due at one instant happens first.
  case simultaneous = 2
  /// What becomes of one message.
  case message = 3
  /// What becomes of one request to a component that can fail, such as the object store.
  case request = 4
  /// Whether a rare branch in node code is taken.
  case branch = 5
  /// Whether an operation of a disk fails.
  case disk = 6
}

/// A choice that a run made: at this point of this kind, this outcome. Outcome 0, the ordinary course, is not recorded.
public struct Choice: Sendable, Hashable {
  /// What it was about.
  public var kind: ChoiceKind
  /// Whom it concerned: a link, a client, or 0.
  public var subject: UInt64
  /// Which of the subject's points it was.
  public var ordinal: UInt64
  /// What was chosen.
  public var outcome: UInt64

  /// Makes a record of a choice.
  public init(kind: ChoiceKind, subject: UInt64, ordinal: UInt64, outcome: UInt64) {
    self.kind = kind
    self.subject = subject
    self.ordinal = ordinal
    self.outcome = outcome
  }
}

/// Where the outcomes of a run's choices come from.
public enum ChoiceSource: Sendable {
  /// Jobs and simultaneous events in the order they came; faults as drawn.
  case firstInFirstOut
  /// Jobs and simultaneous events in an order drawn from the seed; faults as drawn.
  case seededOrder
  /// Jobs by drawn priorities of their hosts, with a few drawn points at which the one that runs falls behind all others; simultaneous events in a drawn order; faults as drawn.
  case priorities
  /// Everything as recorded; what is not in the list takes its ordinary course.
  case recorded([Choice])
}

/// The one place through which every choice of a run goes.
final class Choices {
  fileprivate struct Point: Hashable {
    var kind: ChoiceKind
    var subject: UInt64
    var ordinal: UInt64
  }

  private static let schedule = RandomStreamName("schedule")
  private let randomness: Randomness
  fileprivate let replayed: [Point: UInt64]?
  private var schedulePoints: UInt64 = 0
  private var priorities: HostPriorities?
  /// Whether the order of jobs and simultaneous events is a choice at all.
  let ordersSchedule: Bool
  /// The choices other than the ordinary ones, in the order they were made.
  private(set) var made: [Choice] = []

  init(source: ChoiceSource, randomness: Randomness) {
    self.randomness = randomness
    switch source {
    case .firstInFirstOut:
      ordersSchedule = false
      replayed = nil
    case .seededOrder:
      ordersSchedule = true
      replayed = nil
    case .priorities:
      ordersSchedule = true
      replayed = nil
      priorities = HostPriorities(randomness)
    case .recorded(let list):
      ordersSchedule = list.contains { $0.kind == .readyJob || $0.kind == .simultaneous }
      replayed = Dictionary(
        list.map { (Point(kind: $0.kind, subject: $0.subject, ordinal: $0.ordinal), $0.outcome) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// The outcome at a point; `drawn` gives it when the run is not a replay.
  func choose(_ kind: ChoiceKind, subject: UInt64, ordinal: UInt64, drawn: () -> UInt64) -> UInt64 {
    let outcome: UInt64
    if let replayed {
      outcome = replayed[Point(kind: kind, subject: subject, ordinal: ordinal)] ?? 0
    } else {
      outcome = drawn()
    }
    if outcome != 0 { made.append(Choice(kind: kind, subject: subject, ordinal: ordinal, outcome: outcome)) }
    return outcome
  }

  /// Which of several enabled things of the schedule goes first; `host` tells whose job is at a place, if it is one.
  func chooseNext(_ kind: ChoiceKind, enabled: Int, host: ((Int) -> HostID)? = nil) -> Int {
    schedulePoints += 1
    let point = schedulePoints
    let outcome = choose(kind, subject: 0, ordinal: point) {
      if let host, let place = priorities?.next(enabled, host) { return UInt64(place) }
      return randomness.draw(Self.schedule, key: UInt64(kind.rawValue), ordinal: point).scaled(below: UInt64(enabled))
    }
    return Int(Swift.min(outcome, UInt64(enabled - 1)))
  }
}

extension Choices {
  /// Whether outcomes come from a recorded list.
  var isReplay: Bool { replayed != nil }
}
