import Simulation
import Testing

@testable import Nodes

/// Each safeguard of transactions in force, and left out.
@Suite("Without the safeguard of transactions")
struct TransactionSafeguardTests {
  private func cluster(without safeguard: Safeguards?) throws -> TestCluster {
    let cluster = TestCluster {
      if let safeguard { $0.metadata.safeguards.subtract(safeguard) }
    }
    try cluster.ask(AcquireLease(request: 1), of: cluster.metadata)
    try cluster.take("billing")
    try cluster.begin(.of(1))
    return cluster
  }

  @Test(
    "`transactionIsOpen` records that come after the end of their transaction are visible", arguments: [true, false])
  func transactionIsOpen(isInForce: Bool) throws {
    let cluster = try cluster(without: isInForce ? nil : .transactionIsOpen)
    try cluster.abort(.of(1))
    try cluster.register(0..<3, of: .of(1))
    let aborted = try cluster.committedManifest().aborted
    #expect(aborted == (isInForce ? [OffsetRange(first: 0, end: 3)] : []))
  }

  @Test("`commitIsComplete` a transaction commits without some of its records", arguments: [true, false])
  func commitIsComplete(isInForce: Bool) throws {
    let cluster = try cluster(without: isInForce ? nil : .commitIsComplete)
    try cluster.register(0..<3, of: .of(1))
    let answer = cluster.send(
      EndTransaction(transaction: .of(1), outcome: .committed, sent: [SentRecords(partition: .first, count: 5)]),
      to: cluster.metadata)
    cluster.run(until: "an answer") { answer.isThere }
    #expect(answer.error as? MetadataError == (isInForce ? .transactionIncomplete : nil))
  }

  @Test("`openTransactionsHoldReaders` records of an open transaction are visible", arguments: [true, false])
  func openTransactionsHoldReaders(isInForce: Bool) throws {
    let cluster = try cluster(without: isInForce ? nil : .openTransactionsHoldReaders)
    try cluster.register(0..<3, of: .of(1))
    let manifest = try cluster.committedManifest()
    #expect(manifest.lastStableOffset == (isInForce ? 0 : 3))
    #expect(manifest.rows.isEmpty == isInForce)
  }

  @Test("`abortedOffsetsAreTold` records of an aborted transaction are visible", arguments: [true, false])
  func abortedOffsetsAreTold(isInForce: Bool) throws {
    let cluster = try cluster(without: isInForce ? nil : .abortedOffsetsAreTold)
    try cluster.register(0..<3, of: .of(1))
    try cluster.abort(.of(1))
    #expect(try cluster.committedManifest().aborted.isEmpty == !isInForce)
  }
}
