import Testing

@testable import Scenarios

@Suite struct FormatErrorTests {
  @Test func anErrorShowsTheLineWithACaret() {
    let found = errors("name: x\nagent:\n  leaseTerm: 5s\n")
    #expect(found.first?.description == "s.yaml:2:1: unknown key `agent`; did you mean `agents`?\nagent:\n^")
  }

  @Test func allErrorsAreReportedInReadingOrder() {
    let found = errors(
      """
      agents:
        leasTerm: 5s
        count: 0
      zones: a
      faults:
        - kind: crash
          at: 1s
        - kind: lost
          at: 1s
        - kind: loss
          at: 1s
          host: agent-1
        - at: 3s
      """)
    #expect(
      found.map(\.headline) == [
        "s.yaml:1:1: the key `name` is missing; add `name`, a text",
        "s.yaml:2:3: unknown key `leasTerm`; did you mean `leaseTerm`?",
        "s.yaml:3:10: `0` is out of limits; write 1 to 1000",
        "s.yaml:4:8: a list is expected here, not a single value; write `- …` items, or `[]`",
        "s.yaml:6:5: the key `host` is missing; add `host`, a text",
        "s.yaml:8:11: unknown kind `lost`; did you mean `loss`?",
        "s.yaml:12:5: unknown key `host`; known: `at`, `every`, `kind`, `probability`",
        "s.yaml:13:5: the key `kind` is missing; add `kind`, one of `crash`, `loss`",
      ])
  }

  @Test func noMoreThanTwentyErrorsAreKept() {
    let keys = (1...50).map { "wrong\($0): 1\n" }.joined()
    do {
      _ = try Sample.schema.decode("name: x\n" + keys, file: "s.yaml")
      Issue.record("the unknown keys were accepted")
    } catch {
      #expect(error.errors.count == 20)
      #expect(error.omitted == 30)
      #expect(error.description.hasSuffix("and 30 more"))
    }
  }

  @Test func aValidationPointsAtTheKeyItMeans() {
    let found = errors("name: x\nfaults:\n  - kind: crash\n    at: 1s\n    host: broker\n")
    #expect(found.map(\.headline) == ["s.yaml:5:11: there is no host `broker`; hosts are agent-…"])
    let both = errors("name: x\nfaults:\n- {kind: loss, at: 1s, every: 2s}\n")
    #expect(both.map(\.headline) == ["s.yaml:3:31: a fault has either `at` or `every`; give one of them"])
  }

  @Test func aDecodedScenarioTellsWhereEachValueStands() throws {
    let text = "name: x\ntopics:\n  orders: {partitions: 4}\nfaults:\n- kind: loss\n  at: 1s\n"
    let places = try Sample.schema.decode(text, file: "s.yaml").places
    #expect(places.place(of: "topics[orders].partitions")?.column == 24)
    #expect(places.keyPlace(of: "faults[0].at")?.line == 6)
    #expect(places.place(of: "faults[0].probability")?.line == 5)
    #expect(places.place(of: "agents.count")?.line == 1)
    #expect(places.isGiven("faults[0].at") && !places.isGiven("faults[0].every"))
  }

  @Test(arguments: [
    ("", "s.yaml:1:1: the scenario is empty; write at least `{}`"),
    ("# only a comment\n", "s.yaml:1:1: the scenario is empty; write at least `{}`"),
    ("---\n", "s.yaml:1:1: the scenario is empty; write at least `{}`"),
    ("- name: x", "s.yaml:1:1: the section `scenario` is expected here, not a list; write its keys, or `{}`"),
    ("name: x\nname: y\n", "s.yaml:1:1: `name` is given more than once in a section; keep one of them"),
    ("name: x\n---\nname: y\n", "s.yaml:2:1: a second document begins here; a file holds one scenario"),
    ("name: x\nagents:\n\tcount: 1\n", "s.yaml:3:1: there is a tab where only spaces may stand; indent with spaces"),
    (
      "name: !!str x\nseed: !!int 5",
      "s.yaml:2:7: the tag `tag:yaml.org,2002:int` is not understood; leave it out: the field decides what its value means"
    ),
    ("name: x\nagents: {<<: {count: 1}}\n", "s.yaml:2:10: merge keys (`<<`) are not understood; write the keys out"),
    ("name: x\n? [a]\n: b\n", "s.yaml:2:3: a list cannot be a key; a key is a plain word"),
    (
      "name: \"a\u{7}b\"",
      "s.yaml:1:9: control characters are not allowed; write it as an escape in double quotes, such as \"\\u0007\""
    ),
    ("na\0me: x", "s.yaml:1:3: there is a NUL byte; a scenario is UTF-8 text"),
    (
      "name: &a x\n",
      "s.yaml:1:7: anchors and aliases (`&name`, `*name`) are not understood; write the value out, or put quotes around a text that begins so"
    ),
    (
      "name: *a\n",
      "s.yaml:1:7: anchors and aliases (`&name`, `*name`) are not understood; write the value out, or put quotes around a text that begins so"
    ),
    (
      "name: *\n",
      "s.yaml:1:8: anchors and aliases (`&name`, `*name`) are not understood; write the value out, or put quotes around a text that begins so"
    ),
  ])
  func whatIsNoScenarioIsRefusedWithItsPlace(text: String, headline: String) {
    #expect(errors(text).map(\.headline) == [headline])
  }

  @Test func anUnclosedBracketKeepsTheMarksOfTheParser() {
    let found = errors("name: x\nagents: {count: 1\nzones: [a]\n")
    #expect(found.map(\.line) == [3])
    #expect(found.first?.remedy.contains("line 2, column 9") == true)
  }

  @Test func bytesThatAreNotUTF8AreRefusedAtTheFirstOfThem() {
    let bytes = Array("name: x\nab".utf8) + [0xFF, 0xFE]
    #expect(throws: ScenarioErrors.self) { try Sample.schema.decode(bytes, file: "s.yaml") }
    do { _ = try Sample.schema.decode(bytes, file: "s.yaml") } catch {
      #expect(error.errors.map(\.headline) == ["s.yaml:2:3: these bytes are not valid UTF-8; a scenario is UTF-8 text"])
    }
  }

  @Test func aFileOfMoreThanAMebibyteIsRefused() {
    let found = errors("name: x\n#" + String(repeating: "x", count: 1 << 20))
    #expect(found.first?.remedy == "at most 1MiB is read")
  }

  @Test(arguments: [
    String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
    String(repeating: "- ", count: 500),
    String(repeating: "? ", count: 500),
    (0..<100).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
  ])
  func deepNestingIsRefused(text: String) {
    #expect(errors(text).first?.message.contains("nested") == true)
  }

  @Test func wordsWithStarsAndAmpersandsAreNoAnchors() throws {
    let stars = (1...20).map { "*word\($0)*" }.joined(separator: " ")
    #expect(try sample("name: x # \(stars)\nabout: a & b, \(stars), a *b* & c\n").about.contains("*b* & c"))
  }
}
