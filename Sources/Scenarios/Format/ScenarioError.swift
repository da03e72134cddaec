/// One thing that is wrong with a scenario, where it is, and what would be right.
///
/// It prints as `file:line:column: message; remedy`, followed by the line and a caret.
public struct ScenarioError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, or the override as it was typed.
  public let file: String
  /// The line, starting at 1.
  public let line: Int
  /// The column in Unicode scalars, starting at 1.
  public let column: Int
  /// What is wrong.
  public let message: String
  /// What would be right; empty when nothing more can be said.
  public let remedy: String
  /// The line in question and a caret below the column; empty when there is no such line.
  public let snippet: String

  /// Describes an error at a place.
  public init(at place: Place, message: String, remedy: String) {
    file = place.source.name
    line = place.line
    column = place.column
    self.message = message
    self.remedy = remedy
    snippet = place.snippet
  }

  /// The error on one line, without its snippet.
  public var headline: String {
    "\(file):\(line):\(column): \(message)" + (remedy.isEmpty ? "" : "; \(remedy)")
  }

  /// The headline, and below it the line with a caret.
  public var description: String {
    snippet.isEmpty ? headline : "\(headline)\n\(snippet)"
  }
}

/// All that was found wrong with a scenario, in reading order.
public struct ScenarioErrors: Error, Sendable, Equatable, CustomStringConvertible {
  /// How many errors are kept; later ones would mostly be consequences.
  public static let limit = 20

  /// The errors, at most `limit` of them and at least one.
  public let errors: [ScenarioError]
  /// How many more there were.
  public let omitted: Int

  init(_ errors: [ScenarioError], omitted: Int = 0) {
    self.errors = errors
    self.omitted = omitted
  }

  /// The errors one below the other.
  public var description: String {
    var lines = errors.map(\.description)
    if omitted > 0 { lines.append("and \(omitted) more") }
    return lines.joined(separator: "\n")
  }
}
