/// One text that scenario values come from: a file, or an override given on the command line.
public final class SourceText: Sendable {
  /// The name that errors print: a file name, or the override as it was typed.
  public let name: String
  /// The lines of the text without their terminators.
  public let lines: [String]

  /// Splits `text` at the line breaks that YAML knows, so that line numbers agree with the parser's.
  public init(name: String, text: String) {
    self.name = name
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in text.unicodeScalars {
      defer { afterReturn = scalar == "\r" }
      if scalar == "\n", afterReturn { continue }
      switch scalar {
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default:
        line.append(scalar)
      }
    }
    lines.append(String(line))
    self.lines = lines
  }
}

/// A position in a source text; line and column start at 1, columns count Unicode scalars.
public struct Place: Sendable {
  /// The text that the position is in.
  public let source: SourceText
  /// The line, starting at 1.
  public let line: Int
  /// The column, starting at 1.
  public let column: Int

  /// Makes a place; positions outside the text are kept as they are and get no snippet.
  public init(source: SourceText, line: Int, column: Int) {
    self.source = source
    self.line = line
    self.column = column
  }

  func moved(columns: Int) -> Place {
    Place(source: source, line: line, column: column + columns)
  }

  /// The line in question with a caret below the column, cut to a terminal's width; empty when there is no such line.
  var snippet: String {
    guard source.lines.indices.contains(line - 1) else { return "" }
    let widest = 100
    let scalars = source.lines[line - 1].unicodeScalars.map(Self.printable)
    let offset = min(max(column - 1, 0), scalars.count)
    let start = offset < widest ? 0 : offset - widest / 2
    let end = min(start + widest, scalars.count)
    var shown = String.UnicodeScalarView()
    shown.append(contentsOf: scalars[start..<end])
    let caret = String(repeating: " ", count: offset - start) + "^"
    return "\(String(shown))\n\(caret)"
  }

  /// A control character would move the caret, or the terminal.
  private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar == "\t" { return " " }
    return scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
  }
}
