/// Laying text out in lines of a terminal.
enum Wrapping {
  /// The widest a line gets, unless a single word is wider.
  static let width = 100

  /// The words of a text in lines; the first begins with one indent, the others with another.
  static func lines(_ text: String, first: String = "", others: String = "", width: Int = width) -> [String] {
    lines(
      words: text.split(whereSeparator: \.isWhitespace).map(String.init), first: first, others: others, width: width)
  }

  /// Words in lines; a word is never parted, even if there are spaces in it.
  static func lines(words: [String], first: String = "", others: String = "", width: Int = width) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in words.map(\.withoutControls) {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = others
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}

extension String {
  /// The text with every control character replaced, so that a name cannot steer a terminal.
  var withoutControls: String {
    guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars { text.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar) }
    return String(text)
  }

  /// The text with spaces up to a width.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 0)) }

  /// The text behind spaces up to a width.
  func paddedLeft(to width: Int) -> String { String(repeating: " ", count: max(width - count, 0)) + self }
}
