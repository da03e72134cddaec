import Foundation
import Testing

/// `run --metrics` and `metrics`.
@Suite("Metrics on the command line") struct MetricsCommandTests {
  private let simulator = Simulator.quick
  private let run = ["run", "scenarios/quickstart.yaml", "--seed", "7", "--json", "--max-events", "20000"]

  @Test func aFileOfLinesHasAnObjectForEachSeriesAndTime() throws {
    let folder = try Folder()
    let outcome = try simulator.run(run + ["--metrics", folder.path("m.jsonl"), "--metrics-interval", "0.5"])
    #expect(outcome.status == 4 && outcome.errors == "")
    let lines = try String(contentsOfFile: folder.path("m.jsonl"), encoding: .utf8).split(separator: "\n")
    var times: Set<Double> = []
    var roles: Set<String> = []
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Set(object.keys) == ["seconds", "host", "incarnation", "role", "metric", "labels", "value"])
      times.insert(try #require(object["seconds"] as? Double))
      roles.insert(try #require(object["role"] as? String))
    }
    #expect(times.isSuperset(of: [0.5, 1, 1.5]))
    #expect(roles == ["host", "agent", "metadata", "object_store", "producer", "consumer"])
    #expect(outcome.document?["digest"] as? String == (try simulator.run(run).document?["digest"] as? String))
  }

  @Test func anyOtherFileIsAnExposition() throws {
    let folder = try Folder()
    #expect(try simulator.run(run + ["--metrics", folder.path("m.prom")]).status == 4)
    let text = try String(contentsOfFile: folder.path("m.prom"), encoding: .utf8)
    #expect(text.hasSuffix("\n# EOF\n"))
    let faults = Exposition.faults(in: text)
    #expect(faults.isEmpty, "\(faults.prefix(5))")
  }

  @Test func theParserOfExpositionsFindsWhatIsWrong() {
    let head = "# TYPE a_seconds counter\n# UNIT a_seconds seconds\n# HELP a_seconds A.\n"
    #expect(Exposition.faults(in: head + "a_seconds_total{host=\"x\"} 1 2\n# EOF\n").isEmpty)
    for wrong in [
      head + "a_seconds_total{host=\"x\"} 1 2\n", head + "a_seconds{host=\"x\"} 1 2\n# EOF\n",
      head + "a_seconds_total{host=\"x\"} 1\n# EOF\n", head + "a_seconds_total{host=x} 1 2\n# EOF\n",
      head + "a_seconds_total{host=\"x\"} 2 2\na_seconds_total{host=\"x\"} 1 3\n# EOF\n",
      head + "a_seconds_total{host=\"x\"} 1 2\na_seconds_total{host=\"x\"} 1 2\n# EOF\n",
      head
        + "a_seconds_total{host=\"x\"} 1 2\na_seconds_total{host=\"y\"} 1 2\na_seconds_total{host=\"x\"} 1 3\n# EOF\n",
      head + head + "# EOF\n",
    ] { #expect(!Exposition.faults(in: wrong).isEmpty, "\(wrong)") }
  }

  @Test func whatCannotBeWrittenIsSaidBeforeTheRun() throws {
    for name in ["m.prom", "m.jsonl"] {
      let outcome = try simulator.run(run + ["--metrics", "/dev/null/\(name)"])
      #expect(outcome.status == 65)
      #expect(outcome.out == "")
      #expect(
        outcome.errors == "/dev/null/\(name):1:1: the file cannot be written; name a file in a folder that can\n")
    }
  }

  @Test func aFileThatCannotBeWrittenToItsEndIsNoSuccess() throws {
    let outcome = try simulator.run(run + ["--metrics", "/dev/full"])
    #expect(outcome.status == 74)
    #expect(outcome.document?["digest"] != nil, "the verdict is told all the same")
    #expect(outcome.errors.hasPrefix("/dev/full:1:1: the file cannot be written to its end: "))
  }

  @Test func aFileIsForOneOutputOnly() throws {
    let folder = try Folder()
    let path = folder.path("lines.jsonl")
    let outcome = try simulator.run(run + ["--metrics", path, "--trace", folder.path("./lines.jsonl")])
    #expect(outcome.status == 64 && outcome.errors.contains("is named for two outputs"))
    #expect(try simulator.run(run + ["--metrics", ""]).status == 64)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  /// Runs in which between them everything is seen that metrics tell of: also what only faults and a defect bring about.
  private static let tellingRuns: [[String]] = [
    ["compaction-and-retention"], ["absent-clients"], ["network-partition"], ["narrow-limits"],
    ["object-store-outage"], ["multipart-upload"], ["failing-disks"], ["hot-partition"], ["slow-consumer"],
    ["lost-disks"], ["orphaned-objects"], ["slow-metadata"],
    ["compaction-race", "--set", "defects=[objectsGoBeforeRows]"],
    [
      "careless-readers", "--set",
      "faults=[{every: 200ms, kind: bitFlip, host: consumers},{every: 3s, for: 1s, kind: crash, host: consumers}]",
    ],
  ]

  /// At their full length, for release builds.
  @Test("leave no metric of the catalogue without a run that it is seen in", .enabled(if: Simulator.release != nil))
  func everyMetricIsSeenInSomeRun() throws {
    let release = try #require(Simulator.release)
    var unseen = Set(try release("metrics").out.matches(of: /`(streamhouse_[a-z_]+)`/).map { String($0.1) })
    #expect(unseen.count > 150)
    let folder = try Folder()
    for run in Self.tellingRuns {
      let file = folder.path("m.prom")
      let arguments = ["run", "scenarios/\(run[0]).yaml", "--seed", "1", "--set", "expect={}"] + run.dropFirst()
      #expect([0, 1].contains(try release.run(arguments + ["--metrics", file, "--metrics-interval", "5"]).status))
      for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
        // Of a series that is always 0 nobody knows whether anything counts it.
        guard line.wholeMatch(of: /.*\} 0 [0-9.]+/) == nil else { continue }
        let name = line.prefix { $0 != "{" }
        unseen.remove(String(name))
        if name.hasSuffix("_count") { unseen.remove(String(name.dropLast(6))) }
      }
    }
    #expect(unseen.isEmpty, "no run counts \(unseen.sorted())")
  }

  @Test(arguments: [["--metrics-interval", "1"], ["--metrics", "m", "--metrics-interval", "0"]])
  func intervalsThatMakeNoSenseAreWrongUsage(arguments: [String]) throws {
    #expect(try simulator.run(run + arguments).status == 64)
  }

  @Test func theCatalogueIsThePageOfTheDocumentation() throws {
    let outcome = try simulator("metrics")
    #expect(outcome.status == 0)
    #expect(
      outcome.out
        == (try String(contentsOf: Repository.root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)))
  }
}

/// A strict reader of OpenMetrics' text format, as far as the simulator uses it.
enum Exposition {
  private struct Family {
    var name = ""
    var kind = ""
    var heads: [String] = []
  }

  /// What is wrong with a text, a line each.
  static func faults(in text: String) -> [String] {
    var faults: [String] = []
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.popLast() != "" || lines.popLast() != "# EOF" { faults.append("it does not end with EOF") }
    var family = Family()
    var families: Set<String> = []
    var series: (name: String, time: Double, values: [String: Double]) = ("", -1, [:])
    var finished: Set<String> = []
    for line in lines {
      if line.hasPrefix("#") {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count == 4 else { faults.append("a head without content: \(line)"); continue }
        if words[1] == "TYPE" {
          family = Family(name: words[2], kind: words[3])
          if !families.insert(words[2]).inserted { faults.append("\(words[2]) comes twice") }
        }
        family.heads.append(words[1])
        if words[2] != family.name { faults.append("a head of \(words[2]) within \(family.name)") }
        if words[1] == "UNIT", !words[2].hasSuffix("_" + words[3]) {
          faults.append("\(words[2]) is not in \(words[3])")
        }
        continue
      }
      if family.heads != ["TYPE", "UNIT", "HELP"] { faults.append("\(family.name) has heads \(family.heads)") }
      guard let sample = line.wholeMatch(of: /([a-z_]+)\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)+)\} (-?[0-9.]+) ([0-9.]+)/),
        let value = Double(sample.3), let time = Double(sample.4)
      else {
        faults.append("no sample: \(line)")
        continue
      }
      let suffix = String(sample.1.dropFirst(family.name.count))
      let allowed: [String: [String]] = [
        "counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"],
      ]
      if !sample.1.hasPrefix(family.name) || allowed[family.kind]?.contains(suffix) != true {
        faults.append("\(sample.1) is no \(family.kind) \(family.name)")
      }
      // A bucket's bound does not make another series.
      let name = family.name + String(sample.2).replacing(/,le="[^"]*"/, with: "")
      if name != series.name {
        if !finished.insert(name).inserted { faults.append("\(name) is in two pieces") }
        series = (name, -1, [:])
      }
      if time < series.time { faults.append("\(name) goes back to \(time)") }
      let key = String(sample.1) + "{" + String(sample.2)
      if time == series.time, suffix != "_bucket", suffix != "_count", suffix != "_sum" {
        faults.append("\(name) has \(time) twice")
      }
      if family.kind != "gauge", let before = series.values[key], value < before { faults.append("\(key) falls") }
      series.time = time
      series.values[key] = value
    }
    return faults
  }
}
