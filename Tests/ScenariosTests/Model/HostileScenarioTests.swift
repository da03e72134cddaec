import Testing

@testable import Scenarios

/// What a stranger's scenario may cost, and what it gets for an answer.
@Suite struct HostileScenarioTests {
  private func bounded(_ text: String, within limit: Duration = .seconds(10)) -> [String] {
    var found: [String] = []
    let elapsed = processorTime { found = headlines(text) }
    #expect(elapsed < limit)
    return found
  }

  @Test func anEmptyFileIsToldFromASectionWithoutKeys() {
    #expect(headlines("") == ["s.yaml:1:1: the scenario is empty; write at least `{}`"])
    #expect(headlines("{}") == ["s.yaml:1:1: the key `name` is missing; add `name`, a text"])
  }

  @Test func aBinaryFileIsRefusedAtItsFirstByteThatIsNoText() {
    #expect(
      throws: ScenarioErrors.self,
      performing: { try Scenario.schema.decode([0x7F, 0x45, 0x4C, 0x46, 0, 0, 0xFF], file: "s.yaml") })
    do {
      _ = try Scenario.schema.decode(Array("STRM".utf8) + [0, 1, 0xFF], file: "s.yaml")
    } catch {
      #expect(error.errors.first?.headline.hasPrefix("s.yaml:1:5: ") == true)
    }
  }

  @Test func aliasesAreRefusedBeforeTheyMultiply() {
    let levels = (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }.joined(separator: "\n")
    let found = bounded("name: x\na0: &a0 [x]\n\(levels)\n", within: .seconds(2))
    #expect(found.first?.contains("anchors and aliases") == true)
  }

  @Test func hugeCountsAreRefusedBeforeAnythingIsMade() {
    for text in [
      "cluster: {agents: 1000000000}", "topics: {a: {partitions: 1000000000}}",
      "topics: {a: {}}\nproducers: [{topic: a, count: 1000000000}]",
      "topics: {a: {}}\nproducers: [{topic: a, keys: 100000000000}]",
      "duration: 100000000h",
    ] {
      let found = bounded("name: x\n\(text)\n", within: .seconds(2))
      #expect(found.count == 1)
      #expect(found.first?.contains("out of limits") == true)
    }
  }

  @Test func thousandsOfWrongHostsAreAnsweredInBoundedTime() {
    let fault = "- {kind: crash, at: 1s, host: agnet-1}\n"
    let found = bounded("name: x\ncluster: {agents: 1000}\nfaults:\n" + String(repeating: fault, count: 20_000))
    #expect(found.count == ScenarioErrors.limit)
  }

  @Test func thousandsOfFaultsOfEveryMachineAreAnsweredInBoundedTime() {
    let fault = "- {kind: loss, at: 1s, from: [all, all], to: [all, clients]}\n"
    let found = bounded(
      "name: x\ntopics: {a: {}}\nproducers: [{topic: a, count: 90000}]\nfaults:\n"
        + String(repeating: fault, count: 2_000))
    #expect(found == [])
  }
}
