import Foundation
import Testing

/// One digest a scenario, whatever runs it: two processes with hash seeds of their own, debug and release, traced or not.
@Suite struct DeterminismTests {
  /// The library, shortened so that debug builds get through; planned faults are moved to where they still happen.
  static let library: [(name: String, overrides: [String])] = [
    ("agent-crash", ["duration=8s", "faults[0].every=3s"]),
    ("ambiguous-put", ["duration=8s", "faults[1].every=3s"]),
    ("metadata-restart", ["duration=8s", "faults[0].every=3s"]),
    (
      "network-partition",
      ["duration=10s", "faults[0].at=1s", "faults[4].at=2s", "faults[5].at=2s", "faults[1].every=4s"]
    ),
    (
      "object-store-outage",
      ["duration=8s", "faults[0].at=1s", "faults[1].at=2s", "faults[2].at=4s", "faults[3].at=4s"]
    ),
    ("original-segments", ["duration=4s", "faults[0].at=1s"]),
    ("paused-agent", ["duration=8s", "faults[0].every=3s", "faults[1].at=2s"]),
    ("quickstart", ["duration=3s", "faults[0].at=1s"]),
  ]

  @Test(arguments: library)
  func everyProcessGivesTheSameDigest(name: String, overrides: [String]) throws {
    let folder = try Folder()
    let arguments =
      ["run", "scenarios/\(name).yaml", "--seed", "7", "--json", "--set", "expect={}"]
      + overrides.flatMap { ["--set", $0] }
    var digests: [String: String] = [:]
    func run(_ how: String, _ simulator: Simulator, _ more: String...) throws {
      let outcome = try simulator.run(arguments + more)
      #expect(outcome.status == 0, "\(how): \(outcome.errors)")
      digests[how] = outcome.document?["digest"] as? String ?? "none"
    }
    try run("debug", .debug)
    try run("debug again, traced", .debug, "--trace", folder.path("debug.jsonl"))
    if let release = Simulator.release {
      try run("release", release)
      try run("release again", release)
      try run(
        "release, traced", release, "--trace", folder.path("release.jsonl"), "--history", folder.path("history.jsonl"),
        "--report", folder.path("report.html"))
      let traces = try (folder.bytes("debug.jsonl"), folder.bytes("release.jsonl"))
      #expect(traces.0 == traces.1, "the traces are the same to the byte")
    }
    #expect(Set(digests.values).count == 1, "\(digests)")
    #expect(digests["debug"] != "none")
  }

  /// The whole library at full length: for release builds.
  @Test(.enabled(if: Simulator.release != nil), arguments: library.map(\.name), [1, 2])
  func everyScenarioPassesAtFullLength(name: String, seed: Int) throws {
    let release = try #require(Simulator.release)
    let outcome = try release("run", "scenarios/\(name).yaml", "--seed", "\(seed)", "--json")
    #expect(outcome.status == 0, "\(outcome.out.prefix(2_000))")
    let faults = outcome.document?["faults"] as? [[String: Any]] ?? []
    #expect(faults.contains { ($0["fired"] as? Int ?? 0) > 0 })
  }
}
