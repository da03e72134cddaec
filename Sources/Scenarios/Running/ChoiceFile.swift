import Foundation
import Simulation

/// Recorded choices as a file: a line for each, `kind subject ordinal outcome`.
public enum ChoiceFile {
  /// Writes choices.
  public static func write(_ choices: [Choice], to path: String) throws(ScenarioErrors) {
    let lines = choices.map { "\($0.kind.rawValue) \($0.subject) \($0.ordinal) \($0.outcome)\n" }.joined()
    do {
      let file = URL(fileURLWithPath: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(lines.utf8).write(to: file, options: .atomic)
    } catch {
      throw problem(path, 1, "the file cannot be written", "name a file in a folder that can")
    }
  }

  /// Reads choices.
  ///
  /// - Throws: ``ScenarioErrors`` with the line that is wrong.
  public static func read(_ path: String) throws(ScenarioErrors) -> [Choice] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw problem(path, 1, "there is no such file", "a file written by --record-choices")
    }
    var choices: [Choice] = []
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let numbers = line.split(separator: " ").compactMap { UInt64($0) }
      guard numbers.count == 4, let code = UInt8(exactly: numbers[0]), let kind = ChoiceKind(rawValue: code) else {
        throw problem(path, index + 1, "this is not a choice", "four numbers: kind, subject, ordinal, outcome")
      }
      choices.append(Choice(kind: kind, subject: numbers[1], ordinal: numbers[2], outcome: numbers[3]))
    }
    return choices
  }

  private static func problem(_ path: String, _ line: Int, _ message: String, _ remedy: String) -> ScenarioErrors {
    ScenarioErrors([
      ScenarioError(
        at: Place(source: SourceText(name: path, text: ""), line: line, column: 1), message: message, remedy: remedy)
    ])
  }
}
