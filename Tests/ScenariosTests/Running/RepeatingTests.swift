import Foundation
import Simulation
import Synchronization
import Testing

@testable import Scenarios

/// The same run again: from its seed, from what was drawn, from its choices, watched, beside others.
@Suite struct RepeatingTests {
  @Test(arguments: [3, 4] as [UInt64])
  func aResolvedScenarioRunsToTheSameDigest(seed: UInt64) throws {
    let first = try scenario(chaos).run(seed: seed)
    let kinds = Set(first.faults.filter { $0.fired > 0 }.map(\.kind))
    #expect(kinds.isSuperset(of: ["loss", "duplicate", "delay", "objectStoreErrors", "crash", "pause", "partition"]))
    #expect(Set((first.resolved.messageFaults ?? []).map(\.fault)) == [.drop, .duplicate, .delay])
    #expect(Set((first.resolved.requestFaults ?? []).map(\.outcome)).count >= 3)
    // The seed is part of the file.
    let printed = first.resolved.printed
    let again = try scenario(printed).run()
    #expect(again.digest == first.digest)
    #expect(again.seed == seed)
    #expect(again.events == first.events)
    #expect(again.verdict == first.verdict)
    #expect(again.probes.map(\.name) == first.probes.map(\.name))
    #expect(again.resolved == first.resolved, "a resolved scenario resolves to itself")
    #expect(again.resolved.printed == printed)
  }

  @Test func listedFaultsFireLikeDrawnOnes() throws {
    let first = try scenario(chaos).run(seed: 3)
    let again = try scenario(first.resolved.printed).run()
    let count = { (result: RunResult, kind: String) in result.faults.first { $0.kind == kind }?.fired ?? 0 }
    for kind in ["loss", "duplicate", "delay", "crash", "pause", "objectStoreErrors"] {
      #expect(count(again, kind) == count(first, kind), "\(kind)")
    }
  }

  @Test func takingOneListedFaultAwayChangesTheRun() throws {
    let first = try scenario(chaos).run(seed: 3)
    var less = first.resolved
    less.messageFaults?.removeFirst()
    #expect(try less.run().digest != first.digest)
    less.messageFaults = []
    less.requestFaults = []
    #expect(try less.run().resolved.messageFaults == [])
  }

  @Test func theScheduleDrawnFromTheSeedIsARunOfItsOwn() throws {
    let ordered = try scenario(chaos).run(seed: 3)
    let seeded = try scenario(chaos, "schedule=seeded").run(seed: 3)
    #expect(seeded.digest != ordered.digest)
    #expect(try scenario(chaos, "schedule=seeded").run(seed: 3).digest == seeded.digest)
  }

  @Test func recordedChoicesOfASeededScheduleReplay() throws {
    let first = try scenario(chaos, "schedule=seeded").run(seed: 5)
    #expect(Set(first.choices.map(\.kind)).isSuperset(of: [.readyJob, .message, .request]))
    let folder = try TemporaryFolder()
    try ChoiceFile.write(first.choices, to: folder.path("choices"))
    let choices = try ChoiceFile.read(folder.path("choices"))
    #expect(choices == first.choices)
    let again = try scenario(chaos, "schedule=seeded").run(seed: 5) { $0.choices = choices }
    #expect(again.digest == first.digest)
    #expect(again.choices == first.choices)
  }

  @Test func aResolvedScenarioOfASeededScheduleRunsToTheSameDigest() throws {
    let first = try scenario(chaos, "schedule=seeded").run(seed: 5)
    #expect(try scenario(first.resolved.printed).run().digest == first.digest)
  }

  @Test(arguments: [("1 2 3", 2), ("9 0 0 0", 2), ("1 0 0 x", 2), ("1 0 0 -1", 2), ("1 2 3 4 5", 2)])
  func aDamagedFileOfChoicesIsRefusedWithItsLine(line: String, number: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("choices", "1 0 0 1\n\(line)\n")
    do {
      _ = try ChoiceFile.read(path)
      Issue.record("\(line) was taken")
    } catch {
      #expect(
        error.errors.map(\.headline) == [
          "\(path):\(number):1: this is not a choice; four numbers: kind, subject, ordinal, outcome"
        ])
    }
  }

  @Test func aFileOfChoicesCountsBlankLines() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("choices", "1 0 0 1\n\n\nnonsense\n")
    do {
      _ = try ChoiceFile.read(path)
      Issue.record("nonsense was taken")
    } catch {
      #expect(error.errors.first?.line == 4)
    }
  }

  @Test func watchingARunDoesNotChangeIt() throws {
    let plain = try scenario(chaos).run(seed: 3)
    var traced = 0
    var told = 0
    let watched = try scenario(chaos).run(seed: 3) {
      $0.trace = { _ in traced += 1 }
      $0.history = { _ in told += 1 }
      $0.keepsLastEvents = 50
      $0.wallClock = { DispatchTime.now().uptimeNanoseconds }
      $0.maxWallNanoseconds = 600_000_000_000
    }
    #expect(watched.digest == plain.digest)
    #expect(traced == Int(plain.events))
    #expect(told > 0)
    #expect(watched.lastEvents.count == 50)
    #expect(watched.lastEvents.last?.number == plain.events)
  }

  @Test func runsOneAfterAnotherAndSideBySideAreTheSame() throws {
    let model = try scenario(chaos)
    let alone = try model.run(seed: 3).digest
    #expect(try model.run(seed: 3).digest == alone)
    let digests = Mutex<[UInt64: [UInt64]]>([:])
    let done = DispatchGroup()
    for seed in [3, 4, 3] as [UInt64] {
      done.enter()
      let thread = Thread {
        let digest = (try? model.run(seed: seed).digest) ?? 0
        digests.withLock { $0[seed, default: []].append(digest) }
        done.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    done.wait()
    let seen = digests.withLock { $0 }
    #expect(seen[3] == [alone, alone])
    #expect(seen[4]?.first != alone)
  }

  @Test func anotherSeedIsAnotherRun() throws {
    #expect(try scenario(chaos).run(seed: 3).digest != scenario(chaos).run(seed: 4).digest)
  }
}
