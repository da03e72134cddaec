/// Finds what somebody probably meant.
enum NearestName {
  /// Longer words are not compared: the work is quadratic, and nobody mistypes them by one letter.
  private static let longestWord = 64

  /// The candidate nearest to `word`, nil when none is near; ties go to the earlier candidate.
  static func find(_ word: String, among candidates: [String]) -> String? {
    let letters = fold(word)
    guard !letters.isEmpty, letters.count <= longestWord else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word {
      let other = fold(candidate)
      guard other.count <= longestWord else { continue }
      let distance = distance(letters, other)
      let allowed = max(1, max(letters.count, other.count) / 3)
      if distance <= allowed, distance < min(letters.count, other.count), distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.candidate
  }

  /// "did you mean `x`?" or, failing that, the list of what is known.
  static func suggestion(for word: String, among candidates: [String]) -> String {
    if let nearest = find(word, among: candidates) { return "did you mean `\(nearest)`?" }
    guard !candidates.isEmpty else { return "nothing is expected here" }
    let shown = candidates.prefix(16).map { "`\($0)`" }.joined(separator: ", ")
    return "known: \(shown)" + (candidates.count > 16 ? ", …" : "")
  }

  /// Letter case and word separators are what people get wrong first, so they count for nothing.
  private static func fold(_ word: String) -> [Unicode.Scalar] {
    word.unicodeScalars.compactMap { scalar in
      if scalar == "-" || scalar == "_" { return nil }
      guard scalar.isASCII, ("A"..."Z").contains(scalar) else { return scalar }
      return Unicode.Scalar(UInt8(scalar.value + 32))
    }
  }

  /// The Damerau-Levenshtein distance in which a swapped pair is not edited again (optimal string alignment).
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (row, letter) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var least = previous[column] + (letter == other ? 0 : 1)
        least = min(least, previous[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
          least = min(least, beforePrevious[column - 1] + 1)
        }
        current.append(least)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
