import Simulation
import Storage

/// What one run of a sweep came to; a line between worker and sweep.
public struct SweepRun: Codable, Sendable, Hashable {
  /// The seed.
  public var seed: UInt64
  /// The scenario's name.
  public var scenario: String?
  /// The verdict, `defect` for a defect of the simulator, or `crash` for a worker that died.
  public var verdict: String
  /// The letter of the first invariant violated.
  public var invariant: String?
  /// The letters of all invariants violated.
  public var violated: [String]
  /// The bounds of `expect` on what users notice that were not kept; nil when there are none.
  public var missedBounds: [String]?
  /// What is wrong, in a sentence.
  public var summary: String?
  /// The digest, 16 hexadecimal digits.
  public var digest: String
  /// How many events.
  public var events: UInt64
  /// How many messages.
  public var messages: UInt64
  /// Virtual seconds.
  public var virtualSeconds: Double
  /// Real seconds.
  public var wallSeconds: Double?
  /// The scenario with everything written out that was drawn; of a run that failed.
  public var resolved: String?
  /// Whether the seed was run a second time in another process, and took the same course.
  public var isRepeated: Bool?
  /// How often each probe was hit.
  public var probes: [String: Int]
  /// How often each kind of fault fired.
  public var faults: [String: Int]

  /// Whether nothing is wrong.
  public var isPass: Bool { verdict == Verdict.pass.rawValue }

  init(_ result: RunResult) {
    seed = result.seed
    scenario = result.resolved.name
    verdict = result.verdict.rawValue
    invariant = result.violations.first?.invariant.rawValue
    violated = result.violationCounts.map(\.invariant.rawValue)
    missedBounds = result.missedBounds.isEmpty ? nil : result.missedBounds.map(\.rawValue)
    summary = result.violations.first?.summary ?? result.reasons.first
    digest = result.digest.sixteenDigits
    events = result.events
    messages = result.messages
    virtualSeconds = result.virtualSeconds
    wallSeconds = result.wallSeconds
    if result.verdict != .pass { resolved = Scenario.schema.print(result.resolved, fields: .changed) }
    probes = Dictionary(result.probes.map { ($0.name, $0.count) }, uniquingKeysWith: +)
    faults = Dictionary(result.faults.map { ($0.kind, $0.fired) }, uniquingKeysWith: +)
  }

  init(seed: UInt64, scenario: String? = nil, verdict: String, summary: String) {
    self.seed = seed
    self.scenario = scenario
    self.verdict = verdict
    self.summary = summary
    violated = []
    digest = ""
    events = 0
    messages = 0
    virtualSeconds = 0
    probes = [:]
    faults = [:]
  }
}
