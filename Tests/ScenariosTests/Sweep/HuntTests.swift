import Foundation
import Simulation
import Testing

@testable import Scenarios

/// A hunt believes what runs show, and nothing else.
@Suite struct HuntTests {
  private func hunt(_ executable: String, seeds: ClosedRange<UInt64>, defects: [DefectName]) -> Hunt {
    var hunt = Hunt(
      defects: defects.map(Defect.named), folder: Repository.scenarios, seeds: seeds,
      executable: URL(fileURLWithPath: executable), wallClock: { 0 })
    hunt.workers = 2
    return hunt
  }

  @Test func aProcessThatDiesCatchesNothing() throws {
    let catches = try hunt("/bin/false", seeds: 1...3, defects: [.acknowledgedBeforeSync, .epochsBeginAgain]).run()
    #expect(catches.map(\.defect.name) == [.acknowledgedBeforeSync, .epochsBeginAgain])
    for caught in catches {
      #expect(!caught.isCaught && caught.run == nil)
      #expect(caught.runs == 3 && caught.crashes == 3)
      #expect(caught.text.contains("NOT caught") && caught.text.contains("in 3 of them the process died"))
    }
  }

  @Test func aDefectIsGivenUpWhenItsTimeIsOver() throws {
    var hunt = hunt("/bin/false", seeds: 1...1_000_000, defects: [.acknowledgedBeforeSync])
    hunt.secondsForEach = 0
    #expect(try hunt.run().map(\.runs) == [1])
  }

  @Test func onlyTheNamedSignCounts() {
    var run = SweepRun(seed: 1, verdict: "safety", summary: "")
    run.violated = ["A"]
    #expect(run.shows(.invariant(.acknowledgedIsStored)))
    #expect(!run.shows(.invariant(.epochsFence)) && !run.shows(.liveness))
    run.verdict = "crash"
    #expect(!run.shows(.invariant(.acknowledgedIsStored)))
    var stalled = SweepRun(seed: 1, verdict: "liveness", summary: "")
    #expect(stalled.shows(.liveness) && !stalled.shows(.invariant(.leadersReturn)))
    stalled.violated = ["G"]
    #expect(stalled.shows(.invariant(.leadersReturn)) && !stalled.shows(.liveness))
    #expect(!stalled.shows(.bound(.longestStall)))
    var slow = SweepRun(seed: 1, verdict: "expectation", summary: "")
    #expect(!slow.shows(.bound(.longestStall)))
    slow.missedBounds = ["longestStall"]
    #expect(slow.shows(.bound(.longestStall)) && !slow.shows(.bound(.failedSends)) && !slow.shows(.liveness))
    stalled.verdict = "defect"
    #expect(!stalled.shows(.invariant(.leadersReturn)) && !stalled.shows(.liveness))
  }
}
