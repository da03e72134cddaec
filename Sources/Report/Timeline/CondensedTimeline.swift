import Scenarios
import Simulation

/// A timeline short enough to read: what repeats is told once, with a count.
///
/// Entries that differ in numbers only and follow each other closely become one line. When that is not enough the stretches grow, faults are gathered as well, and in the end lines in the middle are left out. Violations are gathered with their like alone, and never left out.
struct CondensedTimeline {
  /// What happened, in few lines, by time.
  let lines: [Line]

  /// One line of it.
  struct Line: Sendable, Hashable {
    /// When the first of its entries was.
    var at: VirtualTime
    /// When the last of them was.
    var last: VirtualTime
    /// What kind of thing it tells; nil for the remark that lines are left out.
    var kind: TimelineEntry.Kind?
    /// What happened.
    var text: String
    /// How many entries it stands for.
    var count: Int
    /// The first entry's event.
    var event: UInt64

    /// How often and until when, for a line that stands for several entries.
    var repeats: String? {
      if count == 1 { return nil }
      return "\(at)" == "\(last)" ? "\(count) times" : "\(count) times until \(last)"
    }
  }

  /// Condenses entries, which are ordered by time, to at most `limit` lines and the violations.
  init(_ entries: [TimelineEntry], limit: Int) {
    var lines: [Line] = []
    for course in Course.all {
      lines = Self.gathered(entries, course)
      if lines.count <= limit { break }
    }
    self.lines = Self.shortened(lines, limit)
  }

  private static func gathered(_ entries: [TimelineEntry], _ course: Course) -> [Line] {
    var groups: [Group] = []
    var open: [Likeness: Int] = [:]
    for entry in entries {
      // What repeats under one fault and what repeats under the next are two things.
      if entry.kind == .fault, course.endsWithFault { open.removeAll() }
      let text = NumberedText(entry.text)
      let likeness = Likeness(kind: entry.kind, words: text.words)
      if let reach = course.reach(of: entry.kind), let index = open[likeness], entry.at - groups[index].last <= reach {
        groups[index].texts.append(text)
        groups[index].last = entry.at
      } else {
        open[likeness] = groups.count
        groups.append(Group(first: entry, last: entry.at, texts: [text]))
      }
    }
    return groups.map(\.line)
  }

  /// Leaves out the middle: how it began and how it ended is the story.
  private static func shortened(_ lines: [Line], _ limit: Int) -> [Line] {
    guard lines.count > limit else { return lines }
    let head = limit * 2 / 3
    let tail = max(limit - head - 1, 0)
    let middle = lines[head..<(lines.count - tail)]
    let kept = middle.filter { $0.kind == .violation }
    let omitted = middle.count - kept.count
    let begin = lines[head].at
    let text = "… \(Numerals.count(omitted, "line")) left out …"
    let remark = Line(at: begin, last: begin, kind: nil, text: text, count: 1, event: 0)
    return lines[..<head] + (omitted > 0 ? [remark] : []) + kept + lines[(lines.count - tail)...]
  }
}

/// How far apart entries may be to become one line.
private struct Course {
  let reach: VirtualDuration
  /// The same for faults; nil gathers none.
  let faultReach: VirtualDuration?

  /// Whether a fault ends every stretch.
  let endsWithFault: Bool

  private static let ever = VirtualDuration.seconds(1_000_000)
  /// From the mildest to the strictest.
  static let all = [
    Course(reach: .seconds(10), faultReach: nil, endsWithFault: true),
    Course(reach: .seconds(60), faultReach: nil, endsWithFault: false),
    Course(reach: ever, faultReach: nil, endsWithFault: false),
    Course(reach: ever, faultReach: .seconds(60), endsWithFault: false),
    Course(reach: ever, faultReach: ever, endsWithFault: false),
  ]

  func reach(of kind: TimelineEntry.Kind) -> VirtualDuration? {
    switch kind {
    case .lease, .recovery: reach
    case .fault: faultReach
    case .violation: Self.ever
    }
  }
}

/// What makes two entries alike.
private struct Likeness: Hashable {
  let kind: TimelineEntry.Kind
  let words: [String]
}

/// Entries that become one line.
private struct Group {
  let first: TimelineEntry
  var last: VirtualTime
  var texts: [NumberedText]

  var line: CondensedTimeline.Line {
    CondensedTimeline.Line(
      at: first.at, last: last, kind: first.kind, text: NumberedText.merged(texts), count: texts.count,
      event: first.event)
  }
}
