import Foundation
import Testing

/// One digest a scenario, whatever runs it: two processes with hash seeds of their own, debug and release, traced or not.
@Suite struct DeterminismTests {
  /// The names of all scenarios of the library, in order.
  static let library: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/scenarios")) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }()

  /// So many events of each scenario, so that debug builds get through; the whole length is compared by `scripts/determinism`.
  private static let events = "25000"

  @Test(arguments: library)
  func everyProcessGivesTheSameDigest(name: String) throws {
    let folder = try Folder()
    let arguments = [
      "run", "scenarios/\(name).yaml", "--seed", "7", "--json", "--max-events", Self.events, "--set", "expect={}",
    ]
    var digests: [String: String] = [:]
    func run(_ how: String, _ simulator: Simulator, _ more: String...) throws {
      let outcome = try simulator.run(arguments + more)
      #expect([0, 4].contains(outcome.status), "\(how): \(outcome.errors)")
      digests[how] = outcome.document?["digest"] as? String ?? "none"
    }
    try run("debug", .debug)
    try run(
      "debug again, traced", .debug, "--trace", folder.path("debug.jsonl"), "--metrics", folder.path("debug-m.jsonl"))
    if let release = Simulator.release {
      try run("release", release)
      try run("release again", release)
      try run(
        "release, traced", release, "--trace", folder.path("release.jsonl"), "--history", folder.path("history.jsonl"),
        "--report", folder.path("report.html"), "--metrics", folder.path("release-m.jsonl"))
      let traces = try (folder.bytes("debug.jsonl"), folder.bytes("release.jsonl"))
      // Compared first: of such a length the test library would look for the differences for ever.
      let isSameTrace = traces.0 == traces.1
      #expect(isSameTrace, "the traces are the same to the byte")
      let metrics = try (folder.bytes("debug-m.jsonl"), folder.bytes("release-m.jsonl"))
      let areSameMetrics = metrics.0 == metrics.1
      #expect(areSameMetrics, "the metrics are the same to the byte")
    }
    #expect(Set(digests.values).count == 1, "\(digests)")
    #expect(digests["debug"] != "none")
  }

  /// The whole library at full length: for release builds.
  @Test(.enabled(if: Simulator.release != nil), arguments: library)
  func everyScenarioPassesAtFullLength(name: String) throws {
    let release = try #require(Simulator.release)
    let outcome = try release("run", "scenarios/\(name).yaml", "--seed", "1", "--json")
    #expect(outcome.status == 0, "\(outcome.out.prefix(2_000))")
    let faults = outcome.document?["faults"] as? [[String: Any]] ?? []
    #expect(faults.isEmpty || faults.contains { ($0["fired"] as? Int ?? 0) > 0 })
  }
}
