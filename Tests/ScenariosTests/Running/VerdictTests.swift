import Simulation
import Testing

@testable import Scenarios

/// How a run is judged: safety before liveness before what the scenario expects.
@Suite struct VerdictTests {
  @Test func aQuietClusterPasses() throws {
    let result = try scenario(smallCluster(seconds: 3)).run(seed: 1)
    #expect(result.verdict == .pass)
    #expect(result.reasons == [])
    #expect(result.violations.isEmpty)
    #expect(result.records.sent > 100)
    #expect(result.records.acknowledged == result.records.sent)
    #expect(result.records.delivered == result.records.sent)
    #expect(result.healedAt == .start + .seconds(3))
  }

  @Test func aScenarioWithoutSeedRunsWithSeedOne() throws {
    let model = try scenario(smallCluster(seconds: 1))
    #expect(try model.run().seed == 1)
    #expect(try scenario(smallCluster(seconds: 1, "seed: 9")).run().seed == 9)
    #expect(try scenario(smallCluster(seconds: 1, "seed: 9")).run(seed: 4).seed == 4)
  }

  @Test func anExpectedProbeThatIsNotHitIsMissed() throws {
    let result = try scenario(smallCluster(seconds: 2, "expect: {probes: {leaseMoved: {atLeast: 3}}}")).run(seed: 1)
    #expect(result.verdict == .expectation)
    #expect(result.reasons == ["probe leaseMoved was hit 0 times, not 3"])
    #expect(result.verdict.exitStatus == 3)
  }

  @Test func anExpectedFaultThatDoesNotFireIsMissed() throws {
    let result = try scenario(
      smallCluster(
        seconds: 2,
        "faults: [{at: 1s, for: 200ms, kind: crash, host: agents}]\n"
          + "expect: {faults: {crash: {atLeast: 2}, pause: {}}}")
    ).run(seed: 1)
    #expect(result.verdict == .expectation)
    #expect(result.reasons == ["fault crash fired 1 times, not 2", "fault pause fired 0 times, not 1"])
  }

  @Test func whatIsExpectedAndSeenPasses() throws {
    let result = try scenario(
      smallCluster(
        seconds: 2,
        "faults: [{at: 1s, for: 200ms, kind: pause, host: clients}]\nexpect: {faults: {pause: {atLeast: 1}}}")
    ).run(seed: 1)
    #expect(result.verdict == .pass)
  }

  @Test func anExpectedViolationThatDoesNotHappenIsMissed() throws {
    let result = try scenario(smallCluster(seconds: 2, "expect: {violates: A}")).run(seed: 1)
    #expect(result.verdict == .expectation)
    #expect(result.reasons == ["invariant A alone was to be violated; violated was nothing"])
  }

  @Test func onlyTheExpectedInvariantBrokenIsAPass() throws {
    let defect = "defects=[acknowledgedBeforeSync]"
    let plain = try Runner.run(Repository.load("agent-crash", defect), options(3))
    #expect(plain.violationCounts.map(\.invariant) == [.acknowledgedIsStored])
    #expect(plain.verdict == .safety)
    let expected = try Runner.run(Repository.load("agent-crash", defect, "expect.violates=A"), options(3))
    #expect(expected.verdict == .pass)
    #expect(expected.digest == plain.digest)
    #expect(!expected.violations.isEmpty, "they are still told")
    let other = try Runner.run(Repository.load("agent-crash", defect, "expect.violates=B"), options(3))
    #expect(other.verdict == .expectation)
    #expect(other.reasons.first == "invariant B alone was to be violated; violated was A")
  }

  @Test func anotherInvariantBrokenBesidesTheExpectedOneIsNoPass() throws {
    let result = try Runner.run(
      Repository.load("paused-agent", "defects=[leaseCheckedOnlyBeforeAppend]", "expect.violates=I"), options(1))
    #expect(result.verdict == .expectation)
    #expect(result.reasons.first?.hasPrefix("invariant I alone was to be violated; violated was ") == true)
    #expect(result.violationCounts.count > 1)
  }

  private func options(_ seed: UInt64) -> RunOptions {
    var options = RunOptions()
    options.seed = seed
    return options
  }

  @Test func aClusterThatIsNotAtRestInTimeFailsLiveness() throws {
    let result = try scenario(smallCluster(seconds: 2, "settle: 0s")).run(seed: 1)
    #expect(result.verdict == .liveness)
    #expect(result.verdict.exitStatus == 2)
    #expect(result.reasons.count == 1)
    #expect(result.reasons.first?.hasPrefix("0s after the faults had stopped, ") == true)
    #expect(result.violations.isEmpty, "what is still on its way is not lost")
  }

  @Test func aPartitionWithoutALeaderInTimeBreaksG() throws {
    let result = try scenario(
      smallCluster(
        seconds: 2,
        "leaderWithin: 1ms\nsettle: 60s\nfaults: [{at: 100ms, kind: crash, host: agent-1}, {at: 100ms, kind: crash, host: agent-2}]"
      )
    ).run(seed: 1)
    #expect(result.verdict == .liveness)
    #expect(result.violationCounts.map(\.invariant) == [.leadersReturn])
    #expect(
      result.violations.first?.summary
        == "orders/0 had no leader within 1ms after the faults had stopped at 2.000s")
  }

  @Test func consumersThatBeginAtTheEndCommitWhereTheyBegan() throws {
    let result = try scenario(
      """
      name: late
      duration: 12s
      topics: {orders: {partitions: 2}}
      producers: [{topic: orders, rate: 20/s, records: 20, acknowledgement: durable}]
      consumers:
        - {topic: orders, group: late, offsetReset: latest, autoCommitInterval: 200ms}
        - {topic: orders, offsetReset: latest}
      faults: [{at: 1ms, for: 9s, kind: crash, host: consumer-1}]
      """
    ).run(seed: 1)
    #expect(result.verdict == .pass)
    #expect(result.violations.map(\.summary) == [])
    #expect(result.records.sent == 20)
  }

  @Test func aClusterThatIsDownAndAloneComesBackWhenTheFaultsStop() throws {
    let result = try scenario(
      """
      name: alone
      duration: 30s
      cluster: {agents: 1}
      topics: {orders: {partitions: 2}}
      faults: [{at: 100ms, kind: crash, host: agent-1}]
      """
    ).run(seed: 1)
    #expect(result.reasons == [])
    #expect(result.verdict == .pass)
    #expect(result.leaderships.count == 2)
  }

  @Test func violationsNameTheEventsAndRecordsTheyRestOn() throws {
    var events: [UInt64: TracedEvent] = [:]
    var change = options(3)
    change.trace = { events[$0.number] = $0 }
    let result = try Runner.run(Repository.load("agent-crash", "defects=[acknowledgedBeforeSync]"), change)
    let violation = try #require(result.violations.first)
    let record = try #require(violation.records.first)
    #expect(violation.records.count == 1 && violation.summary.contains(record))
    #expect(violation.events.compactMap { events[$0]?.kind } == ["batchClosed", "batchDelivered"])
    #expect(violation.events.allSatisfy { events[$0]?.host == String(record.prefix { $0 != "#" }) })
    #expect(result.timeline.contains { $0.kind == .violation && $0.text == "invariant A is violated" })
  }
}
