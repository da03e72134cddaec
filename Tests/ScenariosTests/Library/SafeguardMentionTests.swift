import Foundation
import Nodes
import Testing

@testable import Scenarios

/// Node code names safeguards, each where it counts, and no defect.
@Suite struct SafeguardMentionTests {
  /// The sources of the nodes, but for the declarations.
  private static let sources: [String] = {
    let folder = Repository.root.appendingPathComponent("Sources/Nodes")
    let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".swift") && $0 != "Safeguards.swift" }
      .compactMap { try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
  }()

  private static func safeguards() throws -> [String] {
    let file = Repository.root.appendingPathComponent("Sources/Nodes/Safeguards.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.matches(of: /static let (\w+) = Safeguards\(rawValue: 1 <</).map { String($0.1) }
  }

  /// Those that are asked for at more than one place: an object is put whole or in parts; a lease is lost at a renewal or at a registration.
  private static let atTwoPlaces = ["putIsConditional", "writerEndsWithLease"]

  @Test func eachSafeguardIsAskedForAtItsPlace() throws {
    let names = try Self.safeguards()
    #expect(names.contains("epochIsCurrent") && names.count >= 15)
    for name in names {
      let mention = try Regex("\\.\(name)\\b")
      let count = Self.sources.reduce(0) { $0 + $1.matches(of: mention).count }
      #expect(count == (Self.atTwoPlaces.contains(name) ? 2 : 1), "\(name) is mentioned \(count) times")
    }
  }

  @Test func noBitIsUsedTwice() throws {
    let file = Repository.root.appendingPathComponent("Sources/Nodes/Safeguards.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    let bits = text.matches(of: /Safeguards\(rawValue: 1 << (\d+)\)/).compactMap { Int($0.1) }
    #expect(Set(bits).count == bits.count && bits.allSatisfy { (0..<64).contains($0) })
  }

  @Test(arguments: DefectName.allCases)
  func noDefectIsNamedInTheNodes(name: DefectName) throws {
    let mention = try Regex("\\b\(name.rawValue)\\b").ignoresCase()
    #expect(!Self.sources.contains { $0.contains(mention) })
  }

  @Test func everyDefectChangesSomething() {
    for defect in Defect.all {
      var scenario = Scenario()
      scenario.producers = [ProducerGroup()]
      scenario.consumers = [ConsumerGroup()]
      let before = scenario
      defect.apply(to: &scenario)
      #expect(scenario != before, "\(defect.name)")
    }
  }
}
