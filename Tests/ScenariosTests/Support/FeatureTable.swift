/// What the page of features says: the tests and scenarios that its tables name.
struct FeatureTable {
  /// A test, by its suite and its name.
  struct TestName: Hashable, CustomStringConvertible {
    var suite: String
    var name: String

    var description: String { "\(suite): \(name)" }
  }

  /// The tests, in the order of the page.
  private(set) var tests: [TestName] = []
  /// The scenarios, in the order of the page, each as often as it is named.
  private(set) var scenarios: [String] = []
  /// Rows whose cells are neither names nor a plain word that there are none, with their lines' numbers.
  private(set) var faults: [String] = []

  /// Reads a page; a table's first row says which of its columns are named `Test` and `Scenario`.
  init(_ page: String) {
    var columns: [String] = []
    for (number, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.hasPrefix("|") else {
        columns = []
        continue
      }
      let cells = line.split(separator: "|").map { $0.trimmed }
      if columns.isEmpty {
        columns = cells
        continue
      }
      guard !cells.allSatisfy({ $0.allSatisfy { $0 == "-" } }) else { continue }
      guard cells.count == columns.count else {
        faults.append("line \(number + 1): \(cells.count) cells under \(columns.count) headings")
        continue
      }
      for (column, cell) in zip(columns, cells) where column == "Test" || column == "Scenario" {
        let understood = column == "Test" ? readTests(cell) : readScenarios(cell)
        if !understood { faults.append("line \(number + 1): \(cell)") }
      }
    }
  }

  /// Takes `` `suite`: `test`, `test`; `suite`: `test` ``. A reason why there is none may name tests as well.
  private mutating func readTests(_ cell: String) -> Bool {
    if cell == "none yet" { return true }
    var rest = Substring(cell)
    var suite: String?
    var found = false
    while let (name, behind) = Self.nextName(in: rest) {
      if behind.hasPrefix(":") {
        suite = name
      } else {
        guard let suite else { return false }
        tests.append(TestName(suite: suite, name: name))
        found = true
      }
      rest = behind
    }
    return found || cell.hasPrefix("not applicable: ")
  }

  /// Takes links to files of the folder of scenarios.
  private mutating func readScenarios(_ cell: String) -> Bool {
    if cell == "none yet" { return true }
    let links = cell.matches(of: /\[([^\]]+)\]\(\.\.\/scenarios\/([^)]+)\.yaml\)/)
    scenarios += links.map { String($0.output.2) }
    return !links.isEmpty && links.allSatisfy { $0.output.1 == $0.output.2 }
  }

  /// The text of the next span of code, and what follows it: a span ends with as many backticks as it begins with.
  private static func nextName(in text: Substring) -> (String, Substring)? {
    guard let start = text.firstIndex(of: "`") else { return nil }
    let fence = text[start...].prefix { $0 == "`" }
    let inside = text[fence.endIndex...]
    var index = inside.startIndex
    while let tick = inside[index...].firstIndex(of: "`") {
      let run = inside[tick...].prefix { $0 == "`" }
      if run.count == fence.count { return (inside[..<tick].trimmed, inside[run.endIndex...]) }
      index = run.endIndex
    }
    return nil
  }
}

/// The tests that a source file declares, by what they are called in a report: the name for display, else that of the type or function.
struct DeclaredTests {
  private(set) var names: Set<FeatureTable.TestName> = []

  init(_ source: String) {
    var suite = ""
    var suites: [Substring: String] = [:]
    var announced: String?
    var awaitsFunction = false
    let tokens =
      /@Suite(?:\(\s*"((?:[^"\\]|\\.)*)")?|@Test(?:\(\s*"((?:[^"\\]|\\.)*)")?|(?:struct|class|enum|extension) (\w+)|func (?:`([^`]+)`|(\w+))/
    for match in source.matches(of: tokens) {
      let (text, suiteName, testName, type, quoted, function) = match.output
      if text.hasPrefix("@Suite") {
        announced = suiteName.map { Self.unescaped($0) }
      } else if text.hasPrefix("@Test") {
        awaitsFunction = testName == nil
        if let testName { names.insert(.init(suite: suite, name: Self.unescaped(testName))) }
      } else if let type, source[..<match.range.lowerBound].isAtTopLevel {
        suite = announced ?? suites[type] ?? String(type)
        suites[type] = suite
        announced = nil
      } else if awaitsFunction, let name = quoted ?? function {
        names.insert(.init(suite: suite, name: String(name)))
        awaitsFunction = false
      }
    }
  }

  private static func unescaped(_ text: Substring) -> String { String(text.replacing("\\\"", with: "\"")) }
}

extension Substring {
  /// Whether what comes behind it stands in a line that is not indented.
  fileprivate var isAtTopLevel: Bool {
    let line = self[(lastIndex(of: "\n").map { index(after: $0) } ?? startIndex)...]
    return line.first != " "
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    String(drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed() as [Character])
  }
}
