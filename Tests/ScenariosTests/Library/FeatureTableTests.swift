import Foundation
import Testing

/// The page of features names tests and scenarios; each of them is there.
@Suite struct FeatureTableTests {
  /// Every test of the project.
  private static let declared: Set<FeatureTable.TestName> = {
    let folder = Repository.root.appendingPathComponent("Tests")
    var names: Set<FeatureTable.TestName> = []
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift", let source = try? String(contentsOf: file, encoding: .utf8) else { continue }
      names.formUnion(DeclaredTests(source).names)
    }
    return names
  }()

  private static func page() throws -> FeatureTable {
    let file = Repository.root.appendingPathComponent("docs/features.md")
    return FeatureTable(try String(contentsOf: file, encoding: .utf8))
  }

  @Test func everyTestThatThePageNamesIsThere() throws {
    let page = try Self.page()
    #expect(page.tests.count > 150)
    for test in page.tests { #expect(Self.declared.contains(test), "\(test)") }
  }

  @Test func everyScenarioThatThePageNamesIsThere() throws {
    let page = try Self.page()
    #expect(page.scenarios.count > 50)
    for scenario in page.scenarios { #expect(Repository.library.contains(scenario), "\(scenario)") }
  }

  @Test func everyCellOfThePageIsUnderstood() throws {
    #expect(try Self.page().faults == [])
  }

  @Test func aNameThatIsNotThereIsFound() {
    let page = FeatureTable(
      """
      | Feature | Test | Scenario |
      |---|---|---|
      | One | `FeatureTableTests`: `aNameThatIsNotThereIsFound`, `isMadeUp`; `Nobody's`: `` `none` is made up `` | [made-up](../scenarios/made-up.yaml) |
      | Two | none yet | none yet |
      """)
    #expect(page.faults == [])
    #expect(
      page.tests.filter { !Self.declared.contains($0) }.map(\.description) == [
        "FeatureTableTests: isMadeUp", "Nobody's: `none` is made up",
      ])
    #expect(page.scenarios == ["made-up"] && !Repository.library.contains("made-up"))
  }

  @Test func aTestOfAnotherSuiteIsNotThere() {
    #expect(!Self.declared.contains(.init(suite: "LibraryTests", name: "aTestOfAnotherSuiteIsNotThere")))
  }

  @Test(arguments: [
    "| One | is tested somewhere | none yet |",
    "| One | `a test without its suite` | none yet |",
    "| One | none yet | quickstart |",
    "| One | none yet | [quickstart](../scenarios/agent-crash.yaml) |",
    "| One | none yet |",
    "| One | | |",
  ])
  func aCellThatNamesNothingIsFound(row: String) {
    #expect(FeatureTable("| Feature | Test | Scenario |\n|---|---|---|\n\(row)").faults.count >= 1)
  }

  @Test func namesAreReadAsTheSourcesHaveThem() {
    let declared = DeclaredTests(
      """
      @Suite("A \\"thing\\"", .serialized)
      struct ThingTests {
        struct Helper {}
        @Test(
          "does this", arguments: [1])
        func this(value: Int) {}
        @Test(arguments: [(1, 2)]) func that() {}
        func helper() {}
      }
      @Suite struct OtherTests {
        @Test func `raw name`() {}
      }
      extension ThingTests {
        @Test("more") func more() {}
      }
      """)
    #expect(
      Set(declared.names.map(\.description)) == [
        #"A "thing": does this"#, #"A "thing": that"#, "OtherTests: raw name", #"A "thing": more"#,
      ])
  }
}
