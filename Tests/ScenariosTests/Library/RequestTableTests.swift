import Foundation
import Testing

/// The page of requests has a row for every request that agents and the metadata service serve, and no other.
@Suite struct RequestTableTests {
  /// The requests of the object store have a page of their own.
  private static let ofTheObjectStore = [
    "ObjectStoreMessages.swift", "MultipartMessages.swift", "ObjectListingMessages.swift",
  ]

  private static func declared() throws -> Set<String> {
    let folder = Repository.root.appendingPathComponent("Sources/Nodes/Messages")
    var names: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    where !ofTheObjectStore.contains(file.lastPathComponent) {
      let source = try String(contentsOf: file, encoding: .utf8)
      names.formUnion(source.matches(of: /struct (\w+): Request/).map { String($0.output.1) })
    }
    return names
  }

  private static func listed() throws -> [String] {
    let file = Repository.root.appendingPathComponent("docs/requests.md")
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| ") }
    var names: [String] = []
    for row in rows {
      guard let cell = row.split(separator: "|").first else { continue }
      names += cell.split(separator: ",").map { String($0).replacing(" ", with: "") }
    }
    return names.filter { $0 != "Request" }
  }

  @Test func everyRequestHasItsRow() throws {
    let declared = try Self.declared()
    #expect(declared.count > 25)
    #expect(declared.symmetricDifference(try Self.listed()).sorted() == [])
  }

  @Test func noRequestHasTwoRows() throws {
    let listed = try Self.listed()
    #expect(Set(listed).count == listed.count)
  }
}
