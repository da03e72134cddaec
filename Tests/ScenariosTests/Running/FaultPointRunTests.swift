import Foundation
import Simulation
import Testing

@testable import Nodes
@testable import Scenarios

/// The nodes' fault points: rare branches that may be taken at any time.
@Suite("Fault points of the nodes") struct FaultPointRunTests {
  private static let busy = smallCluster(
    seconds: 6,
    """
      - topic: orders
        count: 2
        group: sharing
        subscribe: true
        sessionTimeout: 4s
        heartbeatInterval: 500ms
    faultPoints: true
    """)

  @Test("Each is taken by some seed, and no seed fails for it")
  func eachIsTaken() throws {
    var taken: Set<String> = []
    for seed in 1...24 as ClosedRange<UInt64> {
      let result = try scenario(Self.busy).run(seed: seed)
      #expect(result.verdict == .pass, "seed \(seed): \(result.violations.map(\.summary)) \(result.reasons)")
      taken.formUnion(result.faults.filter { $0.fired > 0 }.map(\.kind))
    }
    for point in FaultPoint.all { #expect(taken.contains("faultPoint.\(point.name)"), "\(point.name) was never taken") }
  }

  @Test("None is taken in a run without them")
  func noneWithoutThem() throws {
    let result = try scenario(Self.busy, "faultPoints=false").run(seed: 3)
    #expect(!result.faults.contains { $0.kind.hasPrefix("faultPoint.") })
  }

  @Test("A resolved scenario takes the same ones")
  func resolved() throws {
    let result = try scenario(Self.busy).run(seed: 5)
    let again = try scenario(result.resolved.printed).run(seed: 5)
    #expect(again.digest == result.digest)
    #expect(again.faults == result.faults)
  }

  @Test("Each has a row in the documentation")
  func documentation() throws {
    let text = try String(contentsOf: Repository.root.appendingPathComponent("docs/faults.md"), encoding: .utf8)
    for point in FaultPoint.all { #expect(text.contains("| `\(point.name)` |"), "\(point.name)") }
  }
}
