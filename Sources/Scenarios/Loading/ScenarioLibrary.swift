import Foundation
import Simulation

/// The scenarios of a folder.
public enum ScenarioLibrary {
  /// A scenario file and what it says of itself.
  public struct Entry: Sendable {
    /// The file.
    public let file: String
    /// The scenario's name.
    public let name: String
    /// What it teaches.
    public let teaches: String
    /// What it is about.
    public let group: ScenarioGroup

    /// The entry as lines for people.
    public var text: String { "\(name)  (\(file))\n    \(teaches)" }
  }

  /// Lists the scenario files of a folder by name; a file that is not right is an error.
  ///
  /// - Throws: ``ScenarioErrors``.
  public static func list(_ folder: String) throws(ScenarioErrors) -> [Entry] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw ScenarioErrors([
        ScenarioError(
          at: Place(source: SourceText(name: folder, text: ""), line: 1, column: 1),
          message: "there is no such folder", remedy: "name a folder with scenario files")
      ])
    }
    let files = names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { $0 + ".yaml" }
    var entries: [Entry] = []
    for file in files {
      let path = folder.hasSuffix("/") ? folder + file : folder + "/" + file
      let bytes = try ScenarioLoader().read(path, limit: ScenarioLoader.scenarioLimit)
      let scenario = try Scenario.schema.decode(bytes, file: path, overrides: []).value
      entries.append(Entry(file: path, name: scenario.name, teaches: scenario.teaches, group: scenario.group))
    }
    return entries
  }

  /// The entries under the headings of their groups, for people.
  public static func text(_ entries: [Entry]) -> String {
    ScenarioGroup.allCases.compactMap { group in
      let members = entries.filter { $0.group == group }
      return members.isEmpty ? nil : ([group.title, ""] + members.map(\.text)).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  /// The entries as one JSON document.
  public static func json(_ entries: [Entry]) -> String {
    let items = entries.map {
      "{\"name\":\"\($0.name.escapedForJSON)\",\"file\":\"\($0.file.escapedForJSON)\",\"group\":\"\($0.group.rawValue)\",\"teaches\":\"\($0.teaches.escapedForJSON)\"}"
    }
    return "[" + items.joined(separator: ",") + "]"
  }
}
