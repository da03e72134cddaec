import Simulation

// The journal's bytes of what is known of transactions: tags 30 to 32.
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
      integer(UInt8(outcome == .committed ? 1 : 0))
      integer(UInt32(positions.count))
      for group in positions { self.positions(group) }
    case .segmentRegistered(let partition, let row, let batches, let ranges):
      integer(UInt8(32))
      self.partition(partition)
      self.row(row)
      integer(UInt32(batches.count))
      for batch in batches { self.batch(batch) }
      integer(UInt32(ranges.count))
      for range in ranges { self.range(range) }
    }
  }

  private mutating func transaction(_ transaction: TransactionID) {
    integer(transaction.producer.id)
    integer(transaction.producer.epoch)
    integer(transaction.number)
  }

  private mutating func positions(_ group: GroupPositions) {
    array(Array(group.group.utf8))
    integer(UInt32(group.offsets.count))
    for offset in group.offsets {
      partition(offset.partition)
      integer(offset.offset)
    }
  }

  private mutating func range(_ judged: JudgedRange) {
    transaction(judged.range.transaction)
    integer(judged.range.offsets.first)
    integer(judged.range.offsets.end)
    integer(UInt8(judged.isAborted ? 1 : 0))
  }
}

extension JournalReader {
  /// Reads the effect behind one of the tags 30 to 32; nil where the bytes end or make no sense.
  mutating func transactionEffect(tag: UInt8) -> TransactionEffect? {
    switch tag {
    case 30:
      guard let transaction = transaction(), let timeout = integer(Int64.self) else { return nil }
      return .began(transaction, timeout: .nanoseconds(timeout))
    case 31:
      guard let transaction = transaction(), let outcome = flag(), let positions = list({ $0.positions() }) else {
        return nil
      }
      return .ended(transaction, outcome ? .committed : .aborted, positions)
    case 32:
      guard let partition = partition(), let row = row(), let batches = list({ $0.batch() }),
        let ranges = list({ $0.range() })
      else { return nil }
      return .segmentRegistered(partition, row, batches, ranges)
    default: return nil
    }
  }

  private mutating func transaction() -> TransactionID? {
    guard let id = integer(UInt64.self), let epoch = integer(UInt32.self), let number = integer(UInt64.self) else {
      return nil
    }
    return TransactionID(producer: ProducerIdentity(id: id, epoch: epoch), number: number)
  }

  private mutating func positions() -> GroupPositions? {
    guard let group = text(), let offsets = list({ $0.committedOffset() }) else { return nil }
    return GroupPositions(group: group, offsets: offsets)
  }

  private mutating func range() -> JudgedRange? {
    guard let transaction = transaction(), let first = integer(UInt64.self), let end = integer(UInt64.self),
      let isAborted = flag()
    else { return nil }
    return JudgedRange(
      range: TransactionRange(transaction, OffsetRange(first: first, end: end)), isAborted: isAborted)
  }

  private mutating func flag() -> Bool? {
    switch integer(UInt8.self) {
    case 0: false
    case 1: true
    default: nil
    }
  }
}
