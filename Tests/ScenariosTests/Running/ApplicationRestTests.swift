import Testing

@testable import Scenarios

/// What applications hold in their hands at a run's end, and what they let go of.
@Suite("The applications of a run") struct ApplicationRestTests {
  @Test(
    "count as handed what a poll gave them at once, however long they take to handle it",
    arguments: 1...5 as ClosedRange<UInt64>)
  func slowApplication(seed: UInt64) throws {
    let result = try scenario(
      """
      name: slow
      duration: 4s
      cluster: {agents: 1}
      agent: {segmentAge: 200ms}
      topics: {orders: {partitions: 4}}
      producers: [{topic: orders, rate: 10/s, acknowledgement: durable, linger: 20ms}]
      consumers: [{topic: orders, group: readers, processingTime: 400ms, pollRecords: 50}]
      """
    ).run(seed: seed)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    #expect(result.records.delivered == result.records.sent)
  }

  private let rivals = """
    name: rivals
    duration: 12s
    cluster: {agents: 1}
    agent: {segmentAge: 200ms}
    topics: {orders: {partitions: 2}, payments: {partitions: 2}}
    producers: [{topic: orders, rate: 40/s, acknowledgement: durable, linger: 20ms}]
    pipelines: [{count: 1, rivals: 2, from: orders, to: payments, group: cashiers, takeoverWait: 1s}]
    """

  @Test("have ended their transactions durably before a run counts as at rest", arguments: [1, 70] as [UInt64])
  func rivalPipelines(seed: UInt64) throws {
    let result = try scenario(rivals).run(seed: seed)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
  }

  @Test(
    "that are fenced with records in their hands let them go, and go on where the new owner has come to",
    arguments: [51, 1122] as [UInt64])
  func fencedPipeline(seed: UInt64) throws {
    var options = RunOptions()
    options.seed = seed
    let result = try Runner.run(Repository.load("absent-clients").inSwarm, options)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
  }

  @Test("end their pauses with the work, however long these are to be", arguments: [3, 4] as [UInt64])
  func longPauses(seed: UInt64) throws {
    let result = try scenario(
      """
      name: pauses
      duration: 20s
      settle: 30s
      cluster: {agents: 1}
      agent: {segmentAge: 200ms}
      topics: {orders: {partitions: 4}}
      producers: [{topic: orders, rate: 20/s, acknowledgement: durable, linger: 20ms}]
      consumers: [{topic: orders, group: readers, pauses: {every: 5s, for: 90s}}]
      """
    ).run(seed: seed)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary)) \(result.reasons)")
    #expect(result.records.delivered == result.records.sent)
  }
}
