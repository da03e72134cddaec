import Storage
import Testing

@testable import Nodes
@testable import Simulation

extension TransactionID {
  /// A transaction of the first producer that took an identity.
  static func of(epoch: UInt32 = 0, producer: UInt64 = 1, _ number: UInt64) -> TransactionID {
    TransactionID(producer: ProducerIdentity(id: producer, epoch: epoch), number: number)
  }
}

extension RegisterSegment {
  /// Registers a segment that nobody reads, with records of transactions.
  init(_ range: Range<UInt64>, epoch: Epoch, of ranges: [(TransactionID, Range<UInt64>)]) {
    self.init(range, epoch: epoch)
    self.ranges = ranges.map { TransactionRange($0.0, OffsetRange(first: $0.1.lowerBound, end: $0.1.upperBound)) }
  }
}

extension TestCluster {
  /// Takes a producer's name up.
  @discardableResult
  func take(_ name: String, request: UInt64 = 1, as client: Int = 0) throws -> ProducerIdentity {
    try ask(InitializeProducer(name: name, request: request), of: metadata, as: client).identity
  }

  func begin(_ transaction: TransactionID, timeout: VirtualDuration = .seconds(60)) throws {
    try ask(BeginTransaction(transaction: transaction, timeout: timeout), of: metadata)
  }

  /// Registers a segment of the first partition, all of it of one transaction.
  @discardableResult
  func register(
    _ range: Range<UInt64>, of transaction: TransactionID? = nil, epoch: Epoch = 1
  ) throws -> RegisterSegment.Response {
    try ask(RegisterSegment(range, epoch: epoch, of: transaction.map { [($0, range)] } ?? []), of: metadata)
  }

  /// Commits a transaction that sent so many records to the first partition.
  func commit(_ transaction: TransactionID, records: UInt64 = 0, _ positions: [TransactionOffsets] = []) throws {
    var request = EndTransaction(transaction: transaction, outcome: .committed, positions: positions)
    if records > 0 { request.sent = [SentRecords(partition: .first, count: records)] }
    try ask(request, of: metadata)
  }

  func abort(_ transaction: TransactionID) throws {
    try ask(EndTransaction(transaction: transaction, outcome: .aborted), of: metadata)
  }

  /// What a reader of committed records is told.
  func committedManifest(_ partition: TopicPartition = .first, from: UInt64 = 0) throws -> FetchManifest.Response {
    var request = FetchManifest(partition: partition, from: from, limit: 1_000, waitAtMost: .zero)
    request.isolation = .readCommitted
    return try ask(request, of: metadata)
  }

  /// The values that a reader of committed records may see of a partition, in order.
  func committedValues(_ partition: TopicPartition = .first) throws -> [String] {
    let manifest = try committedManifest(partition)
    return values(partition).enumerated().compactMap { place, value in
      let offset = manifest.logStart + UInt64(place)
      guard offset < manifest.lastStableOffset, !manifest.aborted.contains(where: { $0.contains(offset) }) else {
        return nil
      }
      return value
    }
  }

  /// A group's stored position in the first partition.
  func position(of group: String, _ partition: TopicPartition = .first) throws -> UInt64? {
    try ask(FetchOffsets(group: group, partitions: [partition]), of: metadata).offsets.first?.offset
  }

  /// How transactions were told to end, with the reasons.
  var transactionEnds: [String] {
    clusterEvents.compactMap {
      if case .transaction(.ended(let id, let outcome, let reason)) = $0 {
        "\(id.number) \(outcome) \(reason)"
      } else {
        nil
      }
    }
  }
}
