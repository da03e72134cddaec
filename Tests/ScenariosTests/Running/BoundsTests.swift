import Foundation
import Simulation
import Testing

@testable import Scenarios

/// Runs that are told to stop, and what they show.
@Suite struct BoundsTests {
  @Test func aRunStopsAtAnEventAndShowsEveryNode() throws {
    let first = try scenario(chaos).run(seed: 3) { $0.until = 900 }
    #expect(first.verdict == .unfinished)
    // The whole step in which the event falls is done, and a step has few events.
    #expect((900...910).contains(first.events))
    #expect(first.reasons == ["stopped at event \(first.events), as asked"])
    let hosts = first.snapshots.map(\.host)
    #expect(Set(hosts).isSubset(of: Set(HostNames(of: first.resolved).all)))
    for role in ["metadata", "object-store", "agent-1", "producer-1", "consumer-1"] {
      #expect(hosts.contains(role), "\(role)")
    }
    for (host, snapshot) in first.snapshots {
      let data = Data(snapshot.json.utf8)
      #expect(throws: Never.self, "\(host)") {
        try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
      }
    }
    let again = try scenario(chaos).run(seed: 3) { $0.until = 900 }
    #expect(
      again.snapshots.map { "\($0.host) \($0.snapshot.json)" }
        == first.snapshots.map { "\($0.host) \($0.snapshot.json)" })
    #expect(again.digest == first.digest)
  }

  @Test func stoppingEarlierShowsAnEarlierState() throws {
    let early = try scenario(chaos).run(seed: 3) { $0.until = 500 }
    let late = try scenario(chaos).run(seed: 3) { $0.until = 4_000 }
    #expect(early.virtualSeconds < late.virtualSeconds)
    #expect(early.snapshots.map(\.snapshot.json) != late.snapshots.map(\.snapshot.json))
  }

  @Test func anEventBehindTheEndIsNeverReached() throws {
    let plain = try scenario(chaos).run(seed: 3)
    let bounded = try scenario(chaos).run(seed: 3) { $0.until = plain.events + 1 }
    #expect(bounded.verdict == plain.verdict)
    #expect(bounded.snapshots.isEmpty)
    #expect(bounded.digest == plain.digest)
  }

  @Test func anEventInTheSecondPhaseIsReached() throws {
    let plain = try scenario(chaos).run(seed: 3)
    let late = try scenario(chaos).run(seed: 3) { $0.until = plain.events - 1 }
    #expect(late.events == plain.events - 1)
    #expect(!late.snapshots.isEmpty)
  }

  @Test func aBoundOnEventsLeavesTheRunUnfinished() throws {
    let result = try scenario(chaos).run(seed: 3) { $0.maxEvents = 1_500 }
    #expect(result.verdict == .unfinished)
    #expect(result.verdict.exitStatus == 4)
    #expect(result.reasons.first?.hasPrefix("the bound of ") == true)
    #expect(result.events >= 1_500 && result.events < 1_600)
    #expect(result.snapshots.isEmpty)
  }

  @Test func aBoundOnRealTimeLeavesTheRunUnfinished() throws {
    var asked: UInt64 = 0
    let result = try scenario(chaos).run(seed: 3) {
      $0.maxWallNanoseconds = 1_000
      $0.wallClock = {
        asked += 1_100
        return asked
      }
    }
    #expect(result.verdict == .unfinished)
    #expect(result.reasons.first?.hasPrefix("the bound on real time was reached at ") == true)
  }

  @Test func aViolationFoundBeforeTheBoundIsToldAllTheSame() throws {
    let loaded = try Repository.load("paused-agent", "defects=[leaseCheckedOnlyBeforeAppend]")
    var options = RunOptions()
    options.maxEvents = 100_000
    var caught: RunResult?
    for seed in 1...8 as ClosedRange<UInt64> where caught == nil {
      options.seed = seed
      let result = try Runner.run(loaded, options)
      if result.verdict == .safety { caught = result }
    }
    let result = try #require(caught)
    #expect(result.reasons.first?.hasPrefix("the bound of ") == true)
    #expect(result.violations.allSatisfy { !$0.events.isEmpty })
  }
}
