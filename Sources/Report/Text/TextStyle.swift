/// Whether text for a terminal is coloured.
public enum TextStyle: Sendable, Hashable {
  /// Characters only.
  case plain
  /// With the escape codes of terminals.
  case coloured

  /// The text in the colour of what it tells.
  func paint(_ text: String, _ ink: Ink) -> String {
    self == .plain || text.isEmpty ? text : "\u{1B}[\(ink.code)m\(text)\u{1B}[0m"
  }

  /// Lines of which the first is a heading.
  func headed(_ lines: [String]) -> [String] {
    guard let first = lines.first else { return [] }
    return [paint(first, .title)] + lines.dropFirst()
  }
}

/// What a stretch of text tells, for its colour.
enum Ink {
  case title
  case faint
  case fault
  case lease
  case recovery
  case violation
  case good

  fileprivate var code: String {
    switch self {
    case .title: "1"
    case .faint: "2"
    case .fault: "33"
    case .lease: "36"
    case .recovery: "32"
    case .violation: "1;31"
    case .good: "1;32"
    }
  }
}
