import Simulation

// What an agent does about transactions: it keeps which offsets of a segment belong to which one, and tells it with the registration. Whether a transaction is open only the metadata service knows, at the moment of the registration; an agent that asked before would know what may no longer hold when it matters.
//
// Transactional batches are not logged: they are acknowledged only when they are durable. What an agent had of them and lost is sent again by its producer, under the same sequence number, as long as the transaction is open.

extension Produce {
  /// The transaction that the records belong to; nil for none, and for a request that names one without a producer who could have it.
  var transactionID: TransactionID? {
    guard let transaction, transaction > 0, let producer, !producer.isLog else { return nil }
    return TransactionID(producer: producer, number: transaction)
  }
}

extension OpenSegment {
  /// Notes that a batch belongs to a transaction.
  func add(_ offset: UInt64, count: UInt64, of transaction: TransactionID) {
    if let last = ranges.indices.last, ranges[last].transaction == transaction, ranges[last].offsets.end == offset {
      ranges[last].offsets.end = offset + count
    } else {
      ranges.append(TransactionRange(transaction, OffsetRange(first: offset, end: offset + count)))
    }
  }
}

extension PartitionLeader {
  /// Tells a sender whose batch is registered when its transaction was over by then.
  static func confirm(_ transaction: TransactionID?, _ aborted: [TransactionID]) throws(ProduceError) {
    if let transaction, aborted.contains(transaction) { throw .transactionOver }
  }
}
