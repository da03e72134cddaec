import Testing

@testable import Simulation

@Suite("A disk that fails")
struct DiskFaultTests {
  /// What the first incarnation's life notes, and what a later one finds in the file `log`.
  private func story(
    _ script: [FaultEntry], seed: UInt64 = 1, life: @escaping @Sendable (isolated Node, Journal) async throws -> Void
  ) -> (told: [String], found: [UInt8]?, simulation: Simulation) {
    let simulation = Simulation(steadyConfiguration(seed: seed))
    let journal = Journal()
    nonisolated(unsafe) var found: [UInt8]?
    simulation.addNode("a") { node in
      if node.host.incarnation == 1 { return try await life(node, journal) }
      do {
        found = try await node.host.disk.read("log")
      } catch DiskError.noSuchFile {
        found = nil
      }
    }
    simulation.load(FaultScript(entries: script))
    #expect(simulation.play(seconds: 10).defect == nil)
    return (journal.lines, found, simulation)
  }

  @Test("comes back empty when its machine is replaced")
  func replaced() {
    let story = story([FaultEntry(1_000, to: 2_000, .replace(host: "a"))]) { node, _ in
      try await node.host.disk.append([1], to: "log")
      try await node.host.disk.sync("log")
    }
    #expect(story.found == nil)
    #expect(story.simulation.faultCounts == [FaultCount(kind: "replace", planned: 1, fired: 1)])
  }

  @Test("takes longer for every operation while it stalls; two stalls add up")
  func stalls() {
    let script = [
      FaultEntry(1_000, to: 3_000, .diskStall(host: "a", extra: .milliseconds(100))),
      FaultEntry(2_000, to: 3_000, .diskStall(host: "a", extra: .milliseconds(50))),
    ]
    let story = story(script) { node, journal in
      for _ in 0..<4 {
        let begin = node.host.now
        try await node.host.disk.append([1], to: "log")
        journal.note("\((node.host.now - begin).nanoseconds / 1_000_000)")
        try await node.host.sleep(for: .seconds(1) - (node.host.now - begin) + .milliseconds(1))
      }
    }
    #expect(story.told == ["0", "100", "150", "0"])
  }

  @Test("loses for good what a failed sync was to make durable, also when the next sync succeeds")
  func failedSync() {
    let script = [
      FaultEntry(500, to: 1_500, .diskErrors(host: "a", partsPerMillion: 1_000_000)),
      FaultEntry(3_000, to: 4_000, .crash(host: "a")),
    ]
    let story = story(script) { node, journal in
      try await node.host.disk.append([1, 2], to: "log")
      try await node.host.disk.sync("log")
      try await node.host.sleep(for: .seconds(1))
      try await node.host.disk.append([3, 4], to: "log")
      do {
        try await node.host.disk.sync("log")
      } catch let error as DiskError {
        journal.note("\(error)")
      }
      try await node.host.sleep(for: .seconds(1))
      try await node.host.disk.append([5], to: "log")
      try await node.host.disk.sync("log")
      journal.note("\(try await node.host.disk.read("log"))")
    }
    #expect(story.told == ["syncFailed(\"log\")", "[1, 2, 3, 4, 5]"])
    #expect(story.found == [1, 2, 0, 0, 5])
    #expect(story.simulation.faultCounts.first { $0.kind == "diskErrors" }?.fired == 1)
  }

  @Test("fails the syncs that are drawn, the same in every run of a seed")
  func drawnSyncs() {
    func failures(_ seed: UInt64) -> [String] {
      story([FaultEntry(0, .diskErrors(host: "a", partsPerMillion: 300_000))], seed: seed) { node, journal in
        for number in 0..<40 {
          try await node.host.disk.append([1], to: "log")
          do {
            try await node.host.disk.sync("log")
          } catch is DiskError {
            journal.note("\(number)")
          }
        }
      }.told
    }
    #expect(failures(1) == failures(1))
    #expect(failures(1) != failures(2))
    #expect((2...25).contains(failures(1).count))
  }

  @Test("takes nothing of what is appended while it is full")
  func full() {
    let story = story([FaultEntry(0, to: 1_000, .diskFull(host: "a"))]) { node, journal in
      for round in 0..<2 {
        do {
          try await node.host.disk.append([UInt8(round)], to: "log")
          journal.note("taken")
        } catch let error as DiskError {
          journal.note("\(error)")
        }
        try await node.host.sleep(for: .seconds(1))
      }
      journal.note("\(try await node.host.disk.read("log"))")
    }
    #expect(story.told == ["noSpace(\"log\")", "taken", "[1]"])
  }

  @Test("has one bit different after a flip, in a file that is drawn")
  func bitFlip() {
    let content = [UInt8](repeating: 0, count: 100)
    let founds = (0..<10 as Range<UInt64>).map { seed in
      story([FaultEntry(1_000, .bitFlip(host: "a")), FaultEntry(2_000, to: 3_000, .crash(host: "a"))], seed: seed) {
        node, _ in
        try await node.host.disk.append(content, to: "log")
        try await node.host.disk.sync("log")
      }.found ?? []
    }
    #expect(founds.allSatisfy { $0.count == 100 && $0.reduce(0) { $0 + $1.nonzeroBitCount } == 1 })
    #expect(Set(founds).count > 5)
  }

  @Test("ends a process that does not handle its error, as a crash does, and the process starts again a second later")
  func unhandled() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      journal.note("started at \(node.host.now)")
      try await node.host.sleep(for: .milliseconds(600))
      try await node.host.disk.append([1], to: "log")
      journal.note("written")
    }
    simulation.load(FaultScript(entries: [FaultEntry(500, to: 2_000, .diskFull(host: "a"))]))
    #expect(simulation.play(seconds: 6).defect == nil)
    #expect(journal.lines.filter { $0.hasPrefix("started") }.count == 2)
    #expect(journal.lines.last == "written")
  }

  @Test("leaves a process that ended itself down while a crash keeps its machine down")
  func unhandledDuringCrash() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      journal.note("\(node.host.incarnation)")
      try await node.host.disk.append([1], to: "log")
    }
    simulation.load(
      FaultScript(entries: [
        FaultEntry(0, to: 900, .diskFull(host: "a")), FaultEntry(1_001, to: 5_000, .crash(host: "a")),
      ]))
    #expect(simulation.play(seconds: 4).defect == nil)
    #expect(journal.lines == ["1"] || journal.lines == ["1", "2"])
  }

  @Test("without a file has no bit to flip, and says so")
  func nothingToFlip() {
    let story = story([FaultEntry(1_000, .bitFlip(host: "a"))]) { _, _ in }
    #expect(story.simulation.faultCounts == [FaultCount(kind: "bitFlip", planned: 1, fired: 0)])
  }
}
