import Foundation
import Testing

/// `scenario`, `sweep`, `hunt`, and what all verbs have in common.
@Suite struct VerbTests {
  private let simulator = Simulator.debug

  @Test(arguments: [
    [], ["run"], ["sweep"], ["hunt"], ["scenario"], ["scenario", "list"], ["scenario", "show"], ["scenario", "check"],
    ["scenario", "reference"], ["segment"], ["segment", "show"], ["segment", "check"], ["segment", "write"],
    ["metrics"],
  ])
  func everyVerbsHelpHasAnExample(verb: [String]) throws {
    let outcome = try simulator.run(verb + ["--help"])
    #expect(outcome.status == 0)
    let words = outcome.out.split { $0.isWhitespace }.joined(separator: " ")
    #expect(words.contains("Example: streamhouse-sim " + verb.joined(separator: " ")))
  }

  @Test func theVersionIsPrintedAlone() throws {
    let outcome = try simulator("--version")
    #expect(outcome.status == 0)
    #expect(outcome.out.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsComeForEveryShell(shell: String) throws {
    let outcome = try simulator("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    #expect(outcome.out.contains("sweep"))
  }

  // MARK: scenario

  @Test func theLibraryIsListedForPeopleAndPrograms() throws {
    let text = try simulator("scenario", "list")
    let data = Data(try simulator("scenario", "list", "scenarios", "--json").out.utf8)
    let entries = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: String]])
    #expect(entries.map { $0["name"] ?? "" } == DeterminismTests.library)
    for entry in entries {
      #expect(entry["file"] == "scenarios/\(entry["name"] ?? "").yaml")
      #expect(entry["teaches"]?.isEmpty == false)
      #expect(text.out.contains(entry["name"] ?? "-"))
    }
  }

  @Test func aScenarioIsShownWholeAndChecksOutAgain() throws {
    let folder = try Folder()
    for (arguments, isLong) in [([], true), (["--changed"], false), (["--seed", "7", "--changed"], false)] {
      let shown = try simulator.run(["scenario", "show", "scenarios/paused-agent.yaml"] + arguments)
      #expect(shown.status == 0)
      #expect(shown.out.contains("bytePicoseconds:") == isLong, "fields with their defaults")
      let drawsAgain = shown.out.split(separator: "\n").contains { $0.contains(" every: ") && !$0.hasSuffix("none") }
      #expect(drawsAgain == !arguments.contains("--seed"), "what is drawn is written out")
      let again = try folder.write("again.yaml", shown.out)
      #expect(try simulator("scenario", "check", again).status == 0)
      #expect(try simulator.run(["scenario", "show", again] + arguments.filter { $0 == "--changed" }).out == shown.out)
    }
  }

  @Test func everyScenarioOfTheLibraryIsRight() throws {
    let files = DeterminismTests.library.map { "scenarios/\($0).yaml" }
    let outcome = try simulator.run(["scenario", "check"] + files)
    #expect(outcome.status == 0)
    #expect(outcome.out == files.map { "\($0): right\n" }.joined())
  }

  @Test func wrongScenariosAreToldAmongRightOnes() throws {
    let folder = try Folder()
    let wrong = try folder.write("wrong.yaml", "name: x\nfaults: [{kind: crash, at: 1s, host: agent-9}]\n")
    let outcome = try simulator("scenario", "check", wrong, "scenarios/quickstart.yaml")
    #expect(outcome.status == 65)
    #expect(outcome.out == "scenarios/quickstart.yaml: right\n")
    #expect(outcome.errors.hasPrefix("\(wrong):2:38: there is no host `agent-9`"))
  }

  @Test func theReferenceIsTheOneInTheDocumentation() throws {
    let outcome = try simulator("scenario", "reference")
    #expect(outcome.status == 0)
    let file = Repository.root.appendingPathComponent("docs/scenario-format.md")
    #expect(outcome.out == (try String(contentsOf: file, encoding: .utf8)))
  }

  @Test func filesOutsideOfTheFolderNeedLeave() throws {
    let folder = try Folder()
    let segment = "\(Repository.golden)/ten_lz4.seg"
    let file = try folder.write(
      "s.yaml", "name: x\nduration: 1s\ntopics: {a: {}}\npreload: [{file: \"\(segment)\", topic: a}]\n")
    for verb in [["run", file], ["scenario", "check", file], ["scenario", "show", file]] {
      let refused = try simulator.run(verb)
      #expect(refused.status == 65)
      #expect(refused.errors.contains("s.yaml:4:18: `\(segment)` is not below the scenario's folder; "))
      #expect(try simulator.run(verb + ["--allow-files-outside"]).status == 0)
    }
    #expect(try simulator("sweep", file, "--seeds", "1...2", "--allow-files-outside").status == 0)
  }

  // MARK: sweep and hunt

  @Test func aSweepThatPassesSaysSo() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let outcome = try simulator("sweep", file, "--seeds", "3...8", "--workers", "2", "--json")
    #expect(outcome.status == 0)
    let document = try #require(outcome.document)
    #expect(document["runs"] as? Int == 6)
    #expect((document["failures"] as? [Any])?.isEmpty == true)
    #expect((document["runsPerSecond"] as? Double ?? 0) > 0)
    #expect((document["probesNeverHit"] as? [String])?.contains("leaseMoved") == true)
    #expect(outcome.errors.hasPrefix("6 of 6 seeds, ") && outcome.errors.hasSuffix(" a second, 0 min 0 s left\n"))
  }

  @Test func aSweepOfAFolderTakesItsScenariosInTurnAndCanAddASwarm() throws {
    let folder = try Folder()
    try folder.write("one.yaml", moment())
    try folder.write("two.yaml", moment().replacingOccurrences(of: "name: moment", with: "name: second"))
    let lines = folder.path("runs.jsonl")
    let outcome = try simulator(
      "sweep", folder.path(""), "--swarm", "--seeds", "1...6", "--self-check", "2", "--out",
      lines)
    #expect(outcome.out.contains("2 scenarios of"))
    #expect(outcome.out.contains("run a second time in another process, with the same course: 3"))
    let runs = try String(contentsOfFile: lines, encoding: .utf8).split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(runs.count == 6)
    for run in runs {
      let seed = try #require(run["seed"] as? Int)
      #expect(run["scenario"] as? String == (seed % 2 == 0 ? "moment" : "second"))
    }
  }

  @Test func aSweepKeepsAFailureOfEachKindAsAScenarioThatRepeatsIt() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let kept = folder.path("failures")
    let outcome = try simulator(
      "sweep", file, "--seeds", "3...5", "--set", "settle=0s", "--artefacts", kept, "--json")
    let failures = try #require(outcome.document?["failures"] as? [[String: Any]])
    let artefact = try #require(failures.compactMap { $0["artefact"] as? String }.first)
    let text = try String(contentsOfFile: artefact, encoding: .utf8)
    let digest = try #require(text.split(separator: "\n").first { $0.hasPrefix("# digest: ") }?.dropFirst(10))
    let again = try simulator("run", artefact, "--json")
    #expect(again.status == 2)
    #expect(again.document?["digest"] as? String == String(digest))
  }

  @Test func aSweepThatFailsNamesEachSeedAndHowToRepeatIt() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let outcome = try simulator("sweep", file, "--seeds", "3...5", "--set", "settle=0s", "--json")
    #expect(outcome.status == 1)
    let failures = try #require(outcome.document?["failures"] as? [[String: Any]])
    #expect(failures.map { $0["seed"] as? Int } == [3, 4, 5])
    for failure in failures {
      #expect(failure["verdict"] as? String == "liveness")
      #expect(failure["invariant"] is NSNull && failure["artefact"] != nil)
      #expect((failure["replay"] as? String)?.hasSuffix("--set settle=0s --seed \(failure["seed"] ?? "")") == true)
    }
    let people = try simulator(
      "sweep", file, "--seeds", "3...5", "--set", "settle=0s", "--stop-after", "1", "--workers", "1")
    #expect(people.status == 1)
    #expect(people.out.contains("1 seeds failed, of 1 kinds:"))
    #expect(!people.out.contains("\u{1B}"))
  }

  @Test func aSweepGivesTheDigestsOfSingleRuns() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: simulator.binary)
    process.arguments = ["worker", file]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("9\nnonsense\n9\n10\n".utf8))
    try input.fileHandleForWriting.close()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "a worker ends when its input does")
    let digests = try String(decoding: data, as: UTF8.self).split(separator: "\n").map {
      (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["digest"] as? String
    }
    let alone = try ["9", "9", "10"].map {
      try simulator("run", file, "--seed", $0, "--json").document?["digest"] as? String
    }
    #expect(digests == alone)
  }

  @Test func aHuntTellsWhichInvariantCaughtWhichDefect() throws {
    let outcome = try Simulator.quick(
      "hunt", "--defect", "logReplayedAfterRegistration", "--defect", "acknowledgedBeforeSync", "--seeds", "1...20",
      "--json")
    #expect(outcome.status == 0)
    let catches = try #require(try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]])
    #expect(catches.map { $0["defect"] as? String } == ["logReplayedAfterRegistration", "acknowledgedBeforeSync"])
    #expect(catches.map { $0["invariant"] as? String } == ["K", "A"])
    for caught in catches {
      #expect(caught["caught"] as? Bool == true)
      #expect((caught["runs"] as? Int ?? 0) >= 1 && (caught["seed"] as? Int ?? 0) >= 1)
    }
  }

  @Test func aHuntThatCatchesNothingFails() throws {
    let folder = try Folder()
    // A calm cluster under the name of the scenario that shows the defect.
    try folder.write("agent-crash.yaml", moment())
    let outcome = try simulator(
      "hunt", "--scenarios", folder.url.path, "--defect", "acknowledgedBeforeSync", "--seeds", "1...2", "--json")
    #expect(outcome.status == 1)
    let catches = try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [[String: Any]]
    #expect(catches?.count == 1)
    #expect(catches?.first?["caught"] as? Bool == false)
    #expect(catches?.first?["seed"] is NSNull && catches?.first?["invariant"] is NSNull)
    #expect(catches?.first?["runs"] as? Int == 2)
  }
}
