import Foundation
import Testing

/// `run`: what it prints and what it writes.
@Suite struct RunCommandTests {
  private let simulator = Simulator.debug

  @Test func theDocumentHasEveryFieldOfTheContract() throws {
    let outcome = try simulator(
      "run", "scenarios/original-segments.yaml", "--seed", "5", "--set", "duration=9s", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.out.hasSuffix("}\n"))
    let document = try #require(outcome.document, "it is one JSON document and nothing else")
    #expect(document["scenario"] as? String == "original-segments")
    #expect(document["seed"] as? Int == 5)
    #expect(document["verdict"] as? String == "pass")
    #expect((document["violations"] as? [Any])?.isEmpty == true)
    let digest = try #require(document["digest"] as? String)
    #expect(digest.count == 16 && UInt64(digest, radix: 16) != nil)
    for field in ["events", "messages", "virtualSeconds", "wallSeconds"] {
      #expect((document[field] as? Double ?? -1) > 0, "\(field)")
    }
    for (field, parts) in [
      ("records", ["sent", "acknowledged", "delivered"]), ("throughput", ["produced", "consumed"]),
      ("cache", ["hits", "misses"]),
      ("s3", ["put", "get", "list", "delete", "bytesIn", "bytesOut", "throttled", "dollars"]),
    ] {
      let section = document[field] as? [String: Any]
      for part in parts { #expect(section?[part] is Double, "\(field).\(part)") }
    }
    let latencies = document["latencyMilliseconds"] as? [String: [String: Double]]
    for kind in ["produce", "endToEnd"] {
      for figure in ["p50", "p99", "max"] { #expect(latencies?[kind]?[figure] != nil, "\(kind).\(figure)") }
    }
    let faults = try #require(document["faults"] as? [[String: Any]])
    #expect(
      faults.contains { $0["kind"] as? String == "crash" && $0["planned"] as? Int == 1 && $0["fired"] as? Int == 1 })
    #expect(document["probes"] is [String: Int])
    #expect(
      document["replay"] as? String
        == "streamhouse-sim run scenarios/original-segments.yaml --set duration=9s --seed 5")
  }

  @Test func theReplayCommandRepeatsTheRun() throws {
    let folder = try Folder()
    let file = try folder.write("it's a scenario.yaml", moment("teaches: \"quotes \\\" and \\\\ and ä\""))
    let first = try simulator("run", file, "--set", "settle=90s", "--json")
    #expect(first.status == 0)
    let replay = try #require(first.document?["replay"] as? String)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let output = Pipe()
    process.arguments = ["-c", "\"$0\" \(replay.dropFirst("streamhouse-sim ".count)) --json", simulator.binary]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let again = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect(again?["digest"] as? String == first.document?["digest"] as? String)
    #expect(again?["seed"] as? UInt64 == first.document?["seed"] as? UInt64)
  }

  @Test func aSeedIsDrawnWhenNoneIsGivenAndPrinted() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let seeds = try (0..<3).map { _ in try #require(try simulator("run", file, "--json").document?["seed"] as? UInt64) }
    #expect(Set(seeds).count == 3)
    #expect(seeds.allSatisfy { $0 < 1 << 53 })
    let own = try folder.write("own.yaml", moment("seed: 77"))
    #expect(try simulator("run", own, "--json").document?["seed"] as? Int == 77)
    #expect(try simulator("run", own, "--seed", "78", "--json").document?["seed"] as? Int == 78)
  }

  @Test func textForPeopleHasNoColourCodesWhenItIsNotForATerminal() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    for environment in [[:], ["NO_COLOR": "1"], ["TERM": "xterm-256color", "CLICOLOR_FORCE": "1"]] as [[String: String]]
    {
      let outcome = try simulator.run(["run", file, "--seed", "3"], environment: environment)
      #expect(outcome.status == 0)
      #expect(!outcome.out.contains("\u{1B}"))
      #expect(outcome.out.contains("--seed 3"), "the command that repeats the run")
    }
  }

  @Test func aResolvedScenarioAndRecordedChoicesRepeatTheRun() throws {
    let folder = try Folder()
    let file = try folder.write(
      "s.yaml",
      moment(
        """
        schedule: seeded
        faults:
          - {at: 200ms, for: 1s, kind: loss, probability: 10%}
          - {at: 200ms, for: 1s, kind: objectStoreErrors, before: 20%, after: 20%}
          - {every: 1s, for: 100ms..200ms, kind: crash, host: agents}
        """))
    let (resolved, choices) = (folder.path("resolved.yaml"), folder.path("deep/folder/choices"))
    let first = try simulator(
      "run", file, "--seed", "6", "--json", "--resolved", resolved, "--record-choices", folder.path("choices"))
    let digest = try #require(first.document?["digest"] as? String)
    #expect(first.status == 0)
    #expect(try simulator("scenario", "check", resolved).status == 0)
    #expect(try simulator("run", resolved, "--json").document?["digest"] as? String == digest)
    let replayed = try simulator("run", file, "--seed", "6", "--json", "--replay-choices", folder.path("choices"))
    #expect(replayed.document?["digest"] as? String == digest)
    // The folder for a file is made when it is not there.
    #expect(try simulator("run", file, "--seed", "6", "--record-choices", choices).status == 0)
  }

  @Test func traceAndHistoryAreLinesOfJSON() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let (trace, history) = (folder.path("made/trace.jsonl"), folder.path("made/history.jsonl"))
    let outcome = try simulator("run", file, "--seed", "3", "--json", "--trace", trace, "--history", history)
    let events = try #require(outcome.document?["events"] as? Int)
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == events)
    for line in lines.prefix(50) + lines.suffix(50) {
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(event?["event"] is Int && event?["kind"] is String && event?["nanoseconds"] is Int)
    }
    for line in try String(contentsOfFile: history, encoding: .utf8).split(separator: "\n") {
      let told = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(["send", "ack", "fail", "unknown", "poll"].contains(told?["type"] as? String ?? ""))
    }
  }

  @Test func stoppingAtAnEventShowsTheStateOfEveryNodeTheSameEachTime() throws {
    let folder = try Folder()
    let file = try folder.write("s.yaml", moment())
    let first = try simulator("run", file, "--seed", "3", "--until", "300")
    for host in ["metadata", "object-store", "agent-1", "agent-2", "producer-1", "consumer-1"] {
      #expect(first.out.contains("\n\(host): "), "\(host)")
    }
    let shown = { (outcome: Simulator.Outcome) in
      outcome.out.split(separator: "\n").filter {
        $0.hasPrefix("agent-") || $0.hasPrefix("metadata: ") || $0.hasPrefix("object-store: ")
      }
    }
    #expect(shown(first) == shown(try simulator("run", file, "--seed", "3", "--until", "300")))
  }
}
