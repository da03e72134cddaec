/// Looks at a text, without understanding it, for what the parser must not be given.
///
/// The parser hashes the keys of each section while it composes, before there is a tree to inspect. Aliases of aliases
/// in keys would cost exponential time, lists as keys of keys quadratic time. What is counted here includes every
/// real indicator, whatever stands around it, so nothing can hide; a file is suspected wrongly only when its prose is
/// full of such marks.
struct ParserSuspicion {
  private var aliases = 0
  private var anchor: Place?
  private var explicitKeys = 0
  private var firstExplicitKey: Place?
  private var size = 0

  init(source: SourceText) {
    for (number, line) in source.lines.enumerated() {
      size += line.utf8.count + 1
      guard line.utf8.contains(where: { "&*?".utf8.contains($0) }) else { continue }
      count(line) { Place(source: source, line: number + 1, column: $0) }
    }
  }

  private mutating func count(_ line: String, place: (Int) -> Place) {
    var previous: Unicode.Scalar = " "
    for (offset, scalar) in line.unicodeScalars.enumerated() {
      if Self.isWord(scalar) {
        if previous == "*" { aliases += 1 }
        if previous == "&", anchor == nil { anchor = place(offset) }
      } else if scalar == "?", !Self.isWord(previous) {
        explicitKeys += 1
        firstExplicitKey = firstExplicitKey ?? place(offset + 1)
      }
      previous = scalar
    }
  }

  /// The first anchor of a text with so many aliases that composing it might not end.
  var aliasBomb: Place? { aliases > SourceLimits.suspectedAliases ? anchor : nil }

  /// The first explicit key of a text with so many of them, for its size, that hashing it would take minutes.
  var keyBomb: Place? {
    explicitKeys.multipliedReportingOverflow(by: size).partialValue > SourceLimits.hashedBytes ? firstExplicitKey : nil
  }

  /// What the name of an anchor is made of.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
    default: false
    }
  }
}
