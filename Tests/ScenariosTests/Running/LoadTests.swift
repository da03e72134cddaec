import Testing

@testable import Scenarios

/// What the applications of a run send, and until when.
@Suite struct LoadTests {
  /// The buffer holds what may be sent in five seconds; what fell due by the end would take more than two minutes.
  @Test func whoeverHasToWaitForTheBufferSendsNothingAfterTheEnd() throws {
    let text = """
      name: held-back
      duration: 10s
      cluster:
        agents: 1
      topics:
        orders:
          partitions: 1
      quotas:
        - client: producer-1
          bytesPerSecond: 3kB
      producers:
        - topic: orders
          rate: 50/s
          valueBytes: 1KiB
          acknowledgement: durable
          linger: 20ms
          batchBytes: 4KiB
          bufferBytes: 16KiB
      """
    let result = try scenario(text).run(seed: 1)
    #expect(result.verdict == .pass, "\(result.reasons)")
    #expect(result.probes.contains { $0.name == "producerBufferFull" && $0.count > 0 })
    #expect(result.virtualSeconds < 20)
  }

  /// It loses its partitions and gets them anew while it still works on what the poll before had handed out.
  @Test(arguments: ["4s", "5s", "7s"])
  func whatAPollHandsOutCountsAsHandedOutAtOnce(pauseAt: String) throws {
    let text = """
      name: slow-application
      duration: 12s
      cluster:
        agents: 1
      topics:
        orders:
          partitions: 4
      producers:
        - topic: orders
          rate: 10/s
          acknowledgement: durable
          linger: 20ms
      consumers:
        - topic: orders
          group: readers
          subscribe: true
          sessionTimeout: 2s
          heartbeatInterval: 500ms
          processingTime: 150ms
      faults: [{at: \(pauseAt), for: 3s, kind: pause, host: consumer-1}]
      """
    let result = try scenario(text).run(seed: 1)
    #expect(result.verdict == .pass, "\(result.violations.map(\.summary))")
    #expect(result.probes.contains { $0.name == "partitionsLost" && $0.count > 0 })
  }
}
