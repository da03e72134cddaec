import Testing

@testable import Simulation

@Suite("A disk")
struct DiskTests {
  /// What is in a file after a crash, for many seeds; `life` is the first incarnation's, which crashes at one second.
  private func survivors(
    seeds: Range<UInt64>, _ life: @escaping @Sendable (isolated Node) async throws -> Void
  ) -> [[UInt8]] {
    seeds.map { seed in
      let simulation = Simulation(steadyConfiguration(seed: seed))
      nonisolated(unsafe) var content: [UInt8] = []
      simulation.addNode("a") { node in
        if node.host.incarnation == 1 {
          try await life(node)
          try await node.host.sleep(for: .seconds(9))
        }
        content = try await node.host.disk.read("log")
      }
      simulation.load(FaultScript(entries: [FaultEntry(1_000, to: 1_001, .crash(host: "a"))]))
      #expect(simulation.play(seconds: 2).defect == nil)
      return content
    }
  }

  @Test("keeps what was synced")
  func synced() {
    let contents = survivors(seeds: 0..<20) { node in
      try await node.host.disk.append([1, 2, 3], to: "log")
      try await node.host.disk.append([4], to: "log")
      try await node.host.disk.sync("log")
    }
    #expect(contents.allSatisfy { $0 == [1, 2, 3, 4] })
  }

  @Test("keeps of what was not synced nothing, a part, or all of it, from the front")
  func torn() {
    let whole = (1...100).map { UInt8($0) }
    let contents = survivors(seeds: 0..<60) { node in
      try await node.host.disk.append([0], to: "log")
      try await node.host.disk.sync("log")
      try await node.host.disk.append((1...100).map { UInt8($0) }, to: "log")
    }
    #expect(contents.allSatisfy { $0 == [0] + whole.prefix($0.count - 1) })
    let lengths = contents.map { $0.count - 1 }
    #expect(lengths.contains(0) && lengths.contains(100) && lengths.contains { (1..<100).contains($0) })
  }

  @Test("has not written what was still under way at a crash")
  func underWay() {
    let contents = survivors(seeds: 0..<5) { node in
      try await node.host.disk.append([7], to: "log")
      try await node.host.disk.sync("log")
      try await node.host.sleep(for: .nanoseconds(999_470_000))
      try await node.host.disk.append([8], to: "log")
    }
    #expect(contents.allSatisfy { $0 == [7] })
  }

  @Test("renames a file in one step, in the place of another, whether or not it crashes then")
  func rename() {
    let contents = survivors(seeds: 0..<10) { node in
      try await node.host.disk.append([1, 2], to: "log")
      try await node.host.disk.append([3], to: "log.new")
      try await node.host.disk.sync("log.new")
      try await node.host.disk.rename("log.new", to: "log")
      #expect(node.host.disk.names(prefix: "log") == ["log"])
      try await node.host.disk.rename("log.new", to: "log")
    }
    #expect(contents.allSatisfy { $0 == [3] })
  }

  @Test("can lose under the new name what was not synced under the old one")
  func renameBeforeSync() {
    let contents = survivors(seeds: 0..<60) { node in
      try await node.host.disk.append((1...100).map { UInt8($0) }, to: "log.new")
      try await node.host.disk.rename("log.new", to: "log")
    }
    #expect(contents.contains { $0.count < 100 })
  }

  @Test("works on one operation after another, for as long as each takes")
  func order() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    var configuration = DiskConfiguration()
    configuration.writeLatency = .milliseconds(1)
    configuration.syncLatency = .milliseconds(5)
    configuration.readLatency = .milliseconds(2)
    configuration.bytesPerSecond = 1_000_000
    simulation.addNode("a", disk: configuration) { node in
      let disk = node.host.disk
      node.host.spawn("first", on: node) { node in
        try await disk.append(Array(repeating: 0, count: 10_000), to: "log")
        journal.note("written \(node.host.now)")
        try await disk.sync("log")
        journal.note("synced \(node.host.now)")
      }
      node.host.spawn("second", on: node) { node in
        try await disk.append([1], to: "other")
        journal.note("other \(node.host.now)")
        _ = try await disk.read("log")
        journal.note("read \(node.host.now)")
      }
    }
    simulation.play()
    #expect(journal.lines == ["written 0.011s", "other 0.012s", "synced 0.017s", "read 0.029s"])
  }

  @Test("cuts a file to a length, and does not bring back what was cut")
  func truncate() {
    let contents = survivors(seeds: 0..<10) { node in
      try await node.host.disk.append([1, 2, 3, 4], to: "log")
      try await node.host.disk.sync("log")
      try await node.host.disk.truncate("log", to: 2)
      try await node.host.disk.truncate("log", to: 9)
    }
    #expect(contents.allSatisfy { $0 == [1, 2] })
  }

  @Test("lists names by prefix in the order of their bytes, and tells composed letters apart")
  func names() {
    let simulation = Simulation(steadyConfiguration())
    let journal = Journal()
    simulation.addNode("a") { node in
      let disk = node.host.disk
      for name in ["log-2", "log-10", "other", "log-\u{E9}", "log-e\u{301}"] { try await disk.append([1], to: name) }
      journal.note(disk.names(prefix: "log-").map { Array($0.utf8).description }.joined(separator: " "))
      try await disk.remove("log-2")
      try await disk.remove("nothing")
      journal.note("\(disk.names(prefix: "").count)")
      do { _ = try await disk.read("log-2") } catch let error as DiskError { journal.note("\(error)") }
    }
    simulation.play()
    let expected = ["log-10", "log-2", "log-e\u{301}", "log-\u{E9}"].map { Array($0.utf8).description }
    #expect(journal.lines == [expected.joined(separator: " "), "4", "noSuchFile(\"log-2\")"])
  }
}
