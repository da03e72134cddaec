import Scenarios

/// The violations of one invariant, told and untold.
struct BrokenInvariant {
  /// The invariant.
  let invariant: InvariantName
  /// How often it was violated.
  let count: Int
  /// Those that are told.
  let told: [Violation]

  /// How many are not told.
  var untold: Int { max(count - told.count, 0) }

  /// A run's violations by invariant, in the order of the invariants' counts.
  static func all(of result: RunResult) -> [BrokenInvariant] {
    var names = result.violationCounts.map(\.invariant)
    for violation in result.violations where !names.contains(violation.invariant) { names.append(violation.invariant) }
    return names.map { name in
      let told = result.violations.filter { $0.invariant == name }
      let count = result.violationCounts.first { $0.invariant == name }?.count ?? told.count
      return BrokenInvariant(invariant: name, count: max(count, told.count), told: told)
    }
  }
}

extension Violation {
  /// The summary as a sentence: a capital first, a full stop last.
  var sentence: String {
    guard let first = summary.first else { return "" }
    // A name such as `agent-2` or `producer-7#3` stays as it is; only words are capitalised.
    let word = summary.prefix { !$0.isWhitespace }
    let isName = word.contains { $0.isNumber || $0 == "-" || $0 == "/" || $0 == "#" }
    let text = isName ? summary : first.uppercased() + summary.dropFirst()
    return text.last.map { ".!?".contains($0) } == true ? text : text + "."
  }

  /// The ids of events and records it rests on; empty when there are none.
  func references(limit: Int) -> String {
    var parts: [String] = []
    if !events.isEmpty { parts.append("events " + Self.listed(events.map { "\($0)" }, limit)) }
    if !records.isEmpty { parts.append("records " + Self.listed(records, limit)) }
    return parts.joined(separator: "; ")
  }

  private static func listed(_ items: [String], _ limit: Int) -> String {
    let shown = items.prefix(limit).joined(separator: ", ")
    return items.count > limit ? "\(shown) and \(items.count - limit) more" : shown
  }
}
