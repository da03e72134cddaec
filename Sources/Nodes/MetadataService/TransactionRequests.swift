import Simulation

/// How transactions begin and end. All of it is one service's state, so that a commit is one step: there is nothing to prepare, and no moment at which a part of it shows.
extension MetadataService {
  nonisolated func serveTransactions() {
    serve(BeginTransaction.self) { service, request, _ in try await service.begin(request) }
    serve(EndTransaction.self) { try await $0.end($1, from: $2) }
    if configuration.safeguards.contains(.transactionsTimeOut) {
      host.spawn("expire transactions", on: self) { try await $0.expireTransactions() }
    }
  }

  private func begin(_ request: BeginTransaction) async throws -> BeginTransaction.Response {
    try begin()
    guard request.timeout > .zero, request.timeout <= configuration.transactionTimeoutLimit,
      !request.transaction.producer.isLog
    else { throw MetadataError.invalid }
    switch state.transactions.status(request.transaction) {
    case .open: break
    case .ended(let outcome): throw MetadataError.transactionOver(outcome)
    case .unknown:
      if let refusal = refusal(of: request.transaction) { throw refusal }
      // A producer ends one transaction before it begins another.
      guard state.transactions.open(of: request.transaction.producer.id) == nil else { throw MetadataError.invalid }
      commit(
        .transaction(.began(request.transaction, timeout: request.timeout)),
        announcing: .transaction(.began(request.transaction, timeout: request.timeout)))
      transactionDeadlines[request.transaction.producer.id] = host.now + request.timeout
      transactionClock.notify()
    }
    try await journal.settled()
    return BeginTransaction.Response()
  }

  private func end(_ request: EndTransaction, from sender: Sender) async throws -> EndTransaction.Response {
    try begin()
    switch state.transactions.status(request.transaction) {
    case .open(let open):
      if request.outcome == .committed {
        try commitTransaction(request, open, from: sender)
      } else {
        end(open, .aborted, because: .asAsked)
      }
    case .ended(let outcome):
      guard outcome == request.outcome else {
        noteRefusedZombie(request)
        throw MetadataError.transactionOver(outcome)
      }
      host.probe(.transactionEndRepeated)
    case .unknown:
      noteRefusedZombie(request)
      throw refusal(of: request.transaction) ?? .invalid
    }
    try await journal.settled()
    return EndTransaction.Response()
  }

  /// Commits what holds in this very step; else the transaction is aborted, and the refusal says why.
  private func commitTransaction(
    _ request: EndTransaction, _ open: TransactionTable.Open, from sender: Sender
  ) throws(MetadataError) {
    do {
      try require(
        .commitIsComplete, of: configuration.safeguards,
        open.registered == request.sent.sorted { $0.partition < $1.partition },
        else: MetadataError.transactionIncomplete)
      for group in request.positions { try admit(group, from: sender) }
    } catch {
      end(open, .aborted, because: .commitRefused)
      throw error
    }
    end(open, .committed, request.positions, because: .asAsked)
    for group in request.positions {
      for offset in group.offsets {
        journal.announce(.offsetCommitted(group: group.group, offset.partition, offset: offset.offset))
      }
    }
  }

  /// Refuses positions that their group would not take.
  private func admit(_ group: TransactionOffsets, from sender: Sender) throws(MetadataError) {
    for offset in group.offsets { try read(offset.partition) { _ in } }
    try requireOwnership(of: group.offsets.map(\.partition), group.group, group.membership, sender)
  }

  /// Ends an open transaction: its state, its partitions' last stable offsets and its positions in one change.
  private func end(
    _ open: TransactionTable.Open, _ outcome: TransactionOutcome, _ positions: [TransactionOffsets] = [],
    because reason: TransactionEnd
  ) {
    commit(
      .transaction(.ended(open.id, outcome, positions)),
      announcing: .transaction(.ended(open.id, outcome, reason)))
    transactionEnded(open)
  }

  private func transactionEnded(_ open: TransactionTable.Open) {
    transactionDeadlines[open.id.producer.id] = nil
    // Who reads committed records may have waited for this.
    for records in open.registered { segmentArrived(records.partition) }
  }

  // MARK: Fencing

  /// Why a transaction that is not known cannot be begun or ended; nil when it may begin.
  private func refusal(of transaction: TransactionID) -> MetadataError? {
    guard let current = state.producers.epoch(of: transaction.producer.id),
      transaction.producer.epoch <= current, transaction.number > 0
    else { return .invalid }
    if transaction.producer.epoch < current { return .producerFenced(current: current) }
    return transaction.number <= state.transactions.latestNumber(of: transaction.producer) ? .staleRequest : nil
  }

  private func noteRefusedZombie(_ request: EndTransaction) {
    guard request.outcome == .committed, let current = state.producers.epoch(of: request.transaction.producer.id),
      request.transaction.producer.epoch < current
    else { return }
    host.probe(.zombieCommitRefused)
  }

  /// A later user of a producer's name has taken it up: what the earlier one had open is aborted, in the same change.
  func fenceTransactions(_ open: TransactionTable.Open?) {
    guard let open else { return }
    host.probe(.transactionFenced)
    journal.announce(.transaction(.ended(open.id, .aborted, .fenced)))
    transactionEnded(open)
  }

  // MARK: Registration

  /// Judges the ranges of a segment that is being registered: what belongs to no open transaction is never to be seen as committed.
  func judge(_ ranges: [TransactionRange], of row: SegmentRow) throws(MetadataError) -> [JudgedRange] {
    var next = row.base
    var judged: [JudgedRange] = []
    for range in ranges {
      guard next <= range.offsets.first, range.offsets.first < range.offsets.end, range.offsets.end <= row.end else {
        throw .invalid
      }
      next = range.offsets.end
      if case .open = state.transactions.status(range.transaction) {
        judged.append(JudgedRange(range: range, isAborted: false))
      } else if configuration.safeguards.contains(.transactionIsOpen) {
        host.probe(.rangeRecordedAsAborted)
        judged.append(JudgedRange(range: range, isAborted: true))
      }
    }
    return judged
  }

  func commitRegistration(_ request: RegisterSegment, _ ranges: [JudgedRange]) {
    if ranges.isEmpty {
      commit(
        .segmentRegistered(request.partition, request.row, request.batches),
        announcing: .segmentRegistered(request.partition, request.row))
      return
    }
    commit(
      .transaction(.segmentRegistered(request.partition, request.row, request.batches, ranges)),
      announcing: .segmentRegistered(request.partition, request.row))
    for judged in ranges {
      journal.announce(
        .transaction(.rangeRegistered(request.partition, judged.range, isAborted: judged.isAborted)))
    }
  }

  /// Which of a segment's transactions are over without a commit, so that their senders hear of it.
  func abortedTransactions(among ranges: [TransactionRange]) -> [TransactionID] {
    var aborted: [TransactionID] = []
    for range in ranges where aborted.last != range.transaction {
      switch state.transactions.status(range.transaction) {
      case .open, .ended(.committed): continue
      case .ended(.aborted), .unknown: aborted.append(range.transaction)
      }
    }
    return aborted
  }

  /// The offset from which on readers of committed records have to wait.
  func lastStableOffset(of row: MetadataState.Partition) -> UInt64 {
    if configuration.behaviour.stableOffset == .original { return OriginalStableOffset.offset(of: row) }
    return configuration.safeguards.contains(.openTransactionsHoldReaders) ? row.lastStableOffset : row.watermark
  }

  // MARK: Time

  /// Gives every open transaction its full time again: how much of it had passed before a crash nobody knows.
  func resumeTransactions() {
    for open in state.transactions.open {
      transactionDeadlines[open.id.producer.id] = host.now + open.timeout
    }
    transactionClock.notify()
    let ended = state.transactions.ended
    if !ended.isEmpty { host.emit(ClusterEvent.transaction(.recovered(ended))) }
  }

  /// Aborts transactions whose time is over, so that a producer that is gone does not hold up readers for ever.
  private func expireTransactions() async throws {
    while true {
      for producer in transactionDeadlines.keys.sorted() {
        guard let deadline = transactionDeadlines[producer], deadline <= host.now,
          let open = state.transactions.open(of: producer)
        else { continue }
        host.probe(.transactionTimedOut)
        end(open, .aborted, because: .timedOut)
      }
      let next = transactionDeadlines.values.min()
      try await transactionClock.wait(atMost: next.map { $0 - host.now })
    }
  }
}
