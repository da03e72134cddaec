import Simulation
import Storage

/// Transactions as an application runs them: everything sent between begin and commit becomes visible together, with the positions of what it was made of, or not at all.
///
/// ```swift
/// try await producer.initializeTransactions()
/// try await producer.beginTransaction()
/// try await producer.append(key: nil, value: result, timestamp: now, tag: 1)
/// try await producer.sendOffsets(positions, group: "billing")
/// try await producer.commitTransaction()
/// ```
///
/// initialize -> (begin -> append …, sendOffsets … -> commit | abort) …
extension Producer {
  /// Takes the producer's name up: whoever used it before is fenced, and what it had open is aborted. Needed once before the first transaction, and again to go on after having been fenced.
  ///
  /// Positions of a group are to be read only after this: before, an earlier user of the name may still commit some.
  ///
  /// - Throws: ``TransactionError/notTransactional``, ``TransactionError/alreadyOpen(_:)``, ``TransactionError/fenced`` when another one has taken the name up meanwhile, ``ProducerError/noSuchTopic(_:)``, ``HostCrashed``.
  public func initializeTransactions() async throws {
    guard configuration.transactionTimeout != nil else { throw TransactionError.notTransactional }
    if let open = transactions.open { throw TransactionError.alreadyOpen(open.id) }
    try await connect()
    transactions.isFenced = false
    transactions.holds = nil
    giveUpIdentity()
    try await renewIdentity()
  }

  /// Begins a transaction; what is appended from here on belongs to it.
  ///
  /// - Throws: ``TransactionError``, ``HostCrashed``.
  @discardableResult
  public func beginTransaction() async throws -> TransactionID {
    guard let timeout = configuration.transactionTimeout else { throw TransactionError.notTransactional }
    if let open = transactions.open { throw TransactionError.alreadyOpen(open.id) }
    while true {
      let identity = try await renewIdentity()
      transactions.number += 1
      let id = TransactionID(producer: identity, number: transactions.number)
      switch try await ask(BeginTransaction(transaction: id, timeout: timeout)) {
      case .answered:
        transactions.open = OpenTransaction(id: id)
        return id
      // The answer got lost, and before the question was repeated its time was over: it is aborted, and empty.
      case .refused(.transactionOver): continue
      case .refused(.producerFenced):
        transactions.isFenced = true
        throw TransactionError.fenced
      case .refused(let error): throw TransactionError.refused(error)
      }
    }
  }

  /// Adds positions of a group to the open transaction: they are stored with its commit, or not at all. Later ones of a partition replace earlier ones.
  ///
  /// - Parameter membership: As which member of the group, where it has members: the commit is refused should that no longer own the partitions.
  /// - Throws: ``TransactionError/notOpen``.
  public func sendOffsets(
    _ offsets: [CommittedOffset], group: String, as membership: GroupMembership? = nil
  ) throws {
    guard let open = transactions.open else { throw TransactionError.notOpen }
    open.add(offsets, of: group, as: membership)
  }

  /// Flushes, and commits if every record was acknowledged; returns only when it is certain that the transaction is committed.
  ///
  /// As long as the metadata service does not answer it is asked again: the outcome of a commit is never left open.
  ///
  /// - Throws: ``TransactionError/aborted(_:)`` when it is certain that nothing of the transaction counts; ``TransactionError/outcomeForgotten``, ``TransactionError/notOpen``, ``HostCrashed``. Whatever is thrown, the transaction is over.
  public func commitTransaction() async throws {
    guard let open = transactions.open else { throw TransactionError.notOpen }
    try await flush()
    if let reason = open.failure {
      try await abortTransaction()
      throw TransactionError.aborted(reason)
    }
    transactions.open = nil
    let request = EndTransaction(
      transaction: open.id, outcome: .committed, sent: open.sent, positions: open.positions)
    switch try await ask(request) {
    case .answered: return
    case .refused(.transactionOver): throw TransactionError.aborted(.overAlready)
    case .refused(.producerFenced), .refused(.staleRequest): throw TransactionError.outcomeForgotten
    case .refused(let error): throw TransactionError.aborted(.commitRefused(error))
    }
  }

  /// Aborts: what was not sent yet is dropped, what is under way is given up, and nothing of the transaction ever counts.
  ///
  /// - Throws: ``TransactionError/notOpen``, ``HostCrashed``.
  public func abortTransaction() async throws {
    guard let open = transactions.open else { throw TransactionError.notOpen }
    open.isGivenUp = true
    markAll()
    try await flush()
    transactions.open = nil
    // A refusal, too, says that it is over: aborted, or fenced, which comes to the same.
    _ = try await ask(EndTransaction(transaction: open.id, outcome: .aborted))
  }

  /// The open transaction; nil when there is none.
  public var openTransaction: TransactionID? { transactions.open?.id }

  // MARK: Asking the metadata service

  private enum Reply {
    case answered
    case refused(MetadataError)
  }

  /// Asks until there is a definite answer.
  private func ask<Content: Request>(_ request: Content) async throws -> Reply {
    var retries = 0
    while true {
      do {
        _ = try await host.call(request, to: metadata, deadline: .seconds(2))
        return .answered
      } catch MetadataError.recovering {
      } catch let error as MetadataError {
        return .refused(error)
      } catch is NetworkError {
      }
      host.probe(.transactionRequestRetried)
      try await host.sleep(for: configuration.retry.spreadWait(beforeRetry: retries, &randomness))
      retries += 1
    }
  }

  /// The producer's identity, renewed if a batch of an earlier transaction was given up.
  ///
  /// - Throws: ``TransactionError/fenced`` when somebody else has taken the name up.
  @discardableResult
  private func renewIdentity() async throws -> ProducerIdentity {
    while true {
      if transactions.isFenced { throw TransactionError.fenced }
      if let identity { return identity }
      try await askForIdentity(always: true).value
    }
  }

  // MARK: What batches have to do with it

  /// Whether a batch's transaction cannot be committed any more, or was given up.
  func isAbandoned(_ batch: OutgoingBatch) -> Bool {
    guard let transaction = batch.transaction else { return false }
    return transaction.isGivenUp || transaction.id.producer != identity || transactions.isFenced
  }

  /// Takes in what became of a batch.
  func note(_ outcome: DeliveryOutcome, of batch: OutgoingBatch) {
    guard let transaction = batch.transaction else { return }
    if case .acknowledged = outcome {
      transaction.count(UInt64(batch.tags.count), in: batch.lane.partition)
    } else if transaction.failure == nil {
      transaction.failure = .sendFailed(batch.lane.partition)
    }
  }
}

/// What a producer keeps about its transactions.
struct ProducerTransactions {
  var open: OpenTransaction?
  /// The number of the latest transaction.
  var number: UInt64 = 0
  /// The identity that the producer took up last; another user of the name has followed when the metadata service has a newer one.
  var holds: ProducerIdentity?
  var isFenced = false
}

/// A transaction that its application has begun and not ended. Sendable because it never leaves its host.
final class OpenTransaction: @unchecked Sendable {
  let id: TransactionID
  private(set) var sent: [SentRecords] = []
  private(set) var positions: [TransactionOffsets] = []
  /// Why it can only be aborted; nil while it may be committed.
  var failure: AbortReason?
  /// Whether its batches are to be dropped.
  var isGivenUp = false

  init(id: TransactionID) { self.id = id }

  func count(_ records: UInt64, in partition: TopicPartition) {
    if let place = sent.firstIndex(where: { $0.partition == partition }) {
      sent[place].count += records
    } else {
      sent.append(SentRecords(partition: partition, count: records))
    }
  }

  func add(_ offsets: [CommittedOffset], of group: String, as membership: GroupMembership?) {
    let place = positions.firstIndex { $0.group == group } ?? positions.count
    if place == positions.count { positions.append(TransactionOffsets(group: group, offsets: [])) }
    positions[place].membership = membership
    for offset in offsets {
      if let known = positions[place].offsets.firstIndex(where: { $0.partition == offset.partition }) {
        positions[place].offsets[known] = offset
      } else {
        positions[place].offsets.append(offset)
      }
    }
  }
}

/// Why a transaction does not go on.
public enum TransactionError: Error, Sendable, Hashable {
  /// The producer has no transaction timeout, and so runs no transactions.
  case notTransactional
  /// A transaction is open; end it first.
  case alreadyOpen(TransactionID)
  /// No transaction is open; begin one first.
  case notOpen
  /// Somebody else has taken the producer's name up: `initializeTransactions` takes it back.
  case fenced
  /// The transaction is aborted: nothing of it counts.
  case aborted(AbortReason)
  /// The producer was fenced so often since that the metadata service no longer knows how the transaction ended.
  case outcomeForgotten
  /// The metadata service refuses to begin a transaction.
  case refused(MetadataError)
}

/// Why a transaction was aborted although its application wanted to commit it.
public enum AbortReason: Sendable, Hashable {
  /// Records of a partition were not acknowledged.
  case sendFailed(TopicPartition)
  /// The metadata service had aborted it: its time was over, or somebody else has taken the producer's name up.
  case overAlready
  /// The metadata service refused the commit.
  case commitRefused(MetadataError)
}
