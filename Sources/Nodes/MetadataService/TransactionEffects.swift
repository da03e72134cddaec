import Simulation

/// A range as it was judged when its segment was registered.
struct JudgedRange: Sendable, Hashable {
  var range: TransactionRange
  /// Whether its transaction was not open: nobody is ever to see it as committed.
  var isAborted: Bool
}

/// One change of what is known of transactions, as the journal holds it.
enum TransactionEffect: Sendable {
  case began(TransactionID, timeout: VirtualDuration)
  case ended(TransactionID, TransactionOutcome, [TransactionOffsets])
  /// A registration with its ranges, in one entry: a segment that is there without them would show what was never committed.
  case segmentRegistered(TopicPartition, SegmentRow, [StoredBatch], [JudgedRange])
}

// MARK: - The journal's bytes

extension TransactionEffect {
  /// The tags of these effects among all of a journal.
  static let tags: ClosedRange<UInt8> = 30...39
}

extension JournalWriter {
  mutating func effect(_ effect: TransactionEffect) {
    switch effect {
    case .began(let transaction, let timeout):
      integer(UInt8(30))
      self.transaction(transaction)
      integer(timeout.nanoseconds)
    case .ended(let transaction, let outcome, let positions):
      integer(UInt8(31))
      self.transaction(transaction)
      self.outcome(outcome)
      list(positions) { writer, group in
        writer.text(group.group)
        writer.list(group.offsets) { $0.committedOffset($1) }
      }
    case .segmentRegistered(let partition, let row, let batches, let ranges):
      integer(UInt8(32))
      self.partition(partition)
      self.row(row)
      list(batches) { $0.batch($1) }
      list(ranges) { writer, judged in
        writer.range(judged.range)
        writer.integer(UInt8(judged.isAborted ? 1 : 0))
      }
    }
  }

  mutating func identity(_ identity: ProducerIdentity) {
    integer(identity.id)
    integer(identity.epoch)
  }

  mutating func transaction(_ transaction: TransactionID) {
    identity(transaction.producer)
    integer(transaction.number)
  }

  mutating func outcome(_ outcome: TransactionOutcome) { integer(UInt8(outcome == .committed ? 1 : 0)) }

  mutating func offsets(_ offsets: OffsetRange) {
    integer(offsets.first)
    integer(offsets.end)
  }

  mutating func range(_ range: TransactionRange) {
    transaction(range.transaction)
    offsets(range.offsets)
  }
}

extension JournalReader {
  mutating func transactionEffect(_ tag: UInt8) -> TransactionEffect? {
    switch tag {
    case 30:
      guard let transaction = transaction(), let timeout = integer(Int64.self) else { return nil }
      return .began(transaction, timeout: .nanoseconds(timeout))
    case 31:
      guard let transaction = transaction(), let outcome = outcome(), let positions = list({ $0.positions() }) else {
        return nil
      }
      return .ended(transaction, outcome, positions)
    case 32:
      guard let partition = partition(), let row = row(), let batches = list({ $0.batch() }),
        let ranges = list({ $0.judgedRange() })
      else { return nil }
      return .segmentRegistered(partition, row, batches, ranges)
    default: return nil
    }
  }

  mutating func identity() -> ProducerIdentity? {
    guard let id = integer(UInt64.self), let epoch = integer(UInt32.self) else { return nil }
    return ProducerIdentity(id: id, epoch: epoch)
  }

  mutating func transaction() -> TransactionID? {
    guard let producer = identity(), let number = integer(UInt64.self) else { return nil }
    return TransactionID(producer: producer, number: number)
  }

  mutating func outcome() -> TransactionOutcome? { flag().map { $0 ? .committed : .aborted } }

  mutating func offsets() -> OffsetRange? {
    guard let first = integer(UInt64.self), let end = integer(UInt64.self) else { return nil }
    return OffsetRange(first: first, end: end)
  }

  mutating func range() -> TransactionRange? {
    guard let transaction = transaction(), let offsets = offsets() else { return nil }
    return TransactionRange(transaction, offsets)
  }

  private mutating func positions() -> TransactionOffsets? {
    guard let group = text(), let offsets = list({ $0.committedOffset() }) else { return nil }
    return TransactionOffsets(group: group, offsets: offsets)
  }

  private mutating func judgedRange() -> JudgedRange? {
    guard let range = range(), let isAborted = flag() else { return nil }
    return JudgedRange(range: range, isAborted: isAborted)
  }

  private mutating func flag() -> Bool? {
    switch integer(UInt8.self) {
    case 0: false
    case 1: true
    default: nil
    }
  }
}
