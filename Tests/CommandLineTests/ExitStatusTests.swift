import Foundation
import Testing

/// What a script learns from the exit status, and a person from standard error.
@Suite struct ExitStatusTests {
  private let simulator = Simulator.debug

  private func run(_ scenario: String, _ arguments: String...) throws -> Simulator.Outcome {
    let folder = try Folder()
    return try simulator.run(["run", try folder.write("s.yaml", scenario), "--seed", "1"] + arguments)
  }

  @Test func zeroWhenAllHeld() throws {
    let outcome = try run(moment())
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(!outcome.out.isEmpty)
  }

  @Test func oneWhenAnInvariantWasViolated() throws {
    let outcome = try Simulator.quick(
      "run", "scenarios/paused-agent.yaml", "--seed", "1", "--set", "defects=[leaseCheckedOnlyBeforeAppend]", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.document?["verdict"] as? String == "safety")
    let violations = outcome.document?["violations"] as? [[String: Any]]
    #expect(violations?.isEmpty == false)
    for violation in violations ?? [] {
      #expect(violation["invariant"] is String && violation["atSeconds"] is Double && violation["summary"] is String)
    }
  }

  @Test func twoWhenTheClusterDidNotComeToRest() throws {
    #expect(try run(moment("settle: 0s")).status == 2)
  }

  @Test func threeWhenAnExpectationWasMissed() throws {
    #expect(try run(moment("expect: {probes: {leaseMoved: {}}}")).status == 3)
    #expect(try run(moment("expect: {violates: A}")).status == 3)
  }

  @Test func fourWhenABoundWasReached() throws {
    #expect(try run(moment(), "--max-events", "100").status == 4)
    #expect(try simulator("run", "scenarios/quickstart.yaml", "--max-wall", "0").status == 4)
    #expect(try run(moment(), "--until", "100").status == 4)
  }

  @Test(arguments: [
    [], ["run"], ["fly"], ["run", "s.yaml", "--sede", "1"], ["run", "s.yaml", "--seed", "x"],
    ["run", "s.yaml", "--seed=-1"], ["run", "s.yaml", "--seed", "9007199254740992"],
    ["run", "s.yaml", "--max-wall=-1"], ["run", "s.yaml", "--max-wall", "nan"],
    ["run", "s.yaml", "--max-wall", "1e30"],
    ["sweep", "s.yaml"], ["sweep", "s.yaml", "--seeds", "5...1"], ["sweep", "s.yaml", "--seeds", "1..5"],
    ["sweep", "s.yaml", "--seeds", "1...9007199254740992"], ["sweep", "s.yaml", "--seeds", "9007199254740992"],
    ["sweep", "s.yaml", "--seeds", "1", "--max-wall", "inf"], ["segment", "write"], ["scenario", "show"],
    ["segment", "write", "--from", "a", "--out", "b", "--compression", "zstd"],
  ])
  func sixtyFourWhenTheUsageIsWrong(arguments: [String]) throws {
    let outcome = try simulator.run(arguments)
    if arguments.isEmpty {
      // Without a verb people are shown what there is.
      #expect(outcome.out.contains("USAGE") || outcome.errors.contains("USAGE"))
      return
    }
    #expect(outcome.status == 64)
    #expect(outcome.out == "")
    #expect(outcome.errors.contains("Usage: streamhouse-sim"))
  }

  @Test(arguments: [
    (["run", "nowhere.yaml"], "nowhere.yaml:1:1: there is no such file; check the path"),
    (["run", "scenarios"], "scenarios:1:1: this is not a plain file; name a file"),
    (
      ["run", "scenarios/quickstart.yaml", "--set", "agent.segmentAeg=1s"],
      "--set agent.segmentAeg=1s:1:7: unknown key `segmentAeg`; did you mean `segmentAge`?"
    ),
    (
      ["sweep", "scenarios/quickstart.yaml", "--seeds", "1", "--set", "duration=5"],
      "--set duration=5:1:10: "
    ),
    (["run", "scenarios/quickstart.yaml", "--replay-choices", "nowhere"], "nowhere:1:1: there is no such file"),
    (["scenario", "list", "nowhere"], "nowhere:1:1: there is no such folder"),
    (
      ["hunt", "--scenarios", "nowhere", "--seeds", "1"], "nowhere/object-store-outage.yaml:1:1: there is no such file"
    ),
    (["hunt", "--defect", "zombie"], "--defect zombie: there is no such defect; one of segmentLostWhenUploadFails, "),
    (["segment", "show", "nowhere.seg"], "nowhere.seg:1:1: there is no such file, or it cannot be read"),
    (["segment", "check", "nowhere.seg"], "nowhere.seg:1:1: there is no such file, or it cannot be read"),
    (["segment", "write", "--from", "nowhere.jsonl", "--out", "x.seg"], "nowhere.jsonl:1:1: there is no such file"),
  ])
  func sixtyFiveWhenTheInputCannotBeUsed(arguments: [String], complaint: String) throws {
    let outcome = try simulator.run(arguments)
    #expect(outcome.status == 65)
    #expect(outcome.out == "")
    #expect(outcome.errors.hasPrefix(complaint))
  }

  @Test func sixtyFiveWhenAnOutputCannotBeWritten() throws {
    for option in ["--trace", "--history", "--resolved", "--record-choices"] {
      let outcome = try run(moment(), option, "/proc/nowhere/file")
      #expect(outcome.status == 65, "\(option)")
      #expect(outcome.errors.hasPrefix("/proc/nowhere/file:1:1: the file cannot be written"), "\(option)")
    }
  }

  @Test func everyMistakeInAScenarioIsShownWithItsLine() throws {
    let outcome = try run("name: x\nduratoin: 5s\nagent: {segmentAeg: 1s}\n")
    #expect(outcome.status == 65)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[0].hasSuffix("s.yaml:2:1: unknown key `duratoin`; did you mean `duration`?"))
    #expect(lines[1] == "duratoin: 5s" && lines[2] == "^")
    #expect(lines[3].hasSuffix("s.yaml:3:9: unknown key `segmentAeg`; did you mean `segmentAge`?"))
  }
}
