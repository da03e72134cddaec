import Simulation
import Storage

/// How a producer brings one batch to its partition's leader: try after try until it is safe, refused for good, or out of time.
extension Producer {
  func deliver(_ batch: OutgoingBatch) async throws -> DeliveryOutcome {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    var triedLeader: HostID?
    while host.now < batch.deadline {
      if abandoned(batch) != nil { break }
      try await awaitTurn(batch)
      if abandoned(batch) != nil { break }
      if configuration.isIdempotent, batch.identity == nil || batch.identity != identity {
        // A batch before this one was given up. This one can still be sent under the new identity if no try of it can be stored.
        if batch.mayBeStored { return .unknown }
        guard try await takeNumber(batch) else { break }
      }
      let known: HostID?
      do {
        known = try await routes.leader(of: batch.partition)
      } catch is ProducerError {
        // The topic is gone, and the batch with it.
        break
      }
      // All this may have taken time: what is too late is not sent any more.
      guard host.now < batch.deadline else { break }
      guard let leader = known else {
        batch.isRetrying = true
        try await host.sleep(for: backoff.wait(&randomness))
        continue
      }
      if let earlier = triedLeader, earlier != leader { host.probe(.batchReroutedToNewLeader) }
      triedLeader = leader
      if let outcome = try await attempt(batch, at: leader) { return outcome }
      host.probe(.batchRetried)
      batch.isRetrying = true
      // Where the leader named its successor the batch goes there at once; those who name each other are not believed for long.
      if (1...Self.followedRedirects).contains(batch.redirects) {
        host.probe(.batchRedirected)
        continue
      }
      if isFirst(batch) { try await host.sleep(for: backoff.wait(&randomness)) }
    }
    giveUpNumber(of: batch)
    return batch.mayBeStored ? .unknown : .failed
  }

  /// How many successors in a row are believed without asking the metadata service.
  private static let followedRedirects = 2

  /// Batches of a partition are tried again in order, one at a time: behind a missing one the others would only be refused.
  private func awaitTurn(_ batch: OutgoingBatch) async throws {
    while !isFirst(batch) {
      let before = lanes[Int(batch.partition.index)].inFlight.prefix { $0 !== batch }
      if !batch.isRetrying && !before.contains(where: \.isRetrying) { return }
      try await settled.wait()
    }
  }

  private func isFirst(_ batch: OutgoingBatch) -> Bool {
    lanes[Int(batch.partition.index)].inFlight.first === batch
  }

  /// One try; nil when there is to be another.
  private func attempt(_ batch: OutgoingBatch, at leader: HostID) async throws -> DeliveryOutcome? {
    batch.attempts += 1
    let redirects = batch.redirects
    defer { if batch.redirects == redirects { batch.redirects = 0 } }
    var request = Produce(
      partition: batch.partition, batch: batch.records, producer: batch.identity, sequence: batch.sequence,
      acknowledgement: configuration.acknowledgement)
    request.transaction = batch.transaction?.id.number
    do {
      let timeout = min(configuration.requestTimeout, batch.deadline - host.now)
      let answer = try await host.call(request, to: leader, deadline: timeout)
      return .acknowledged(answer.offset)
    } catch let refusal as ProduceError {
      return try await consider(refusal, batch, leader)
    } catch let error as NetworkError {
      if error.leavesOutcomeOpen { batch.mayBeStored = true }
      routes.forget(batch.partition, leader)
      return nil
    }
  }

  private func consider(
    _ refusal: ProduceError, _ batch: OutgoingBatch, _ leader: HostID
  ) async throws -> DeliveryOutcome? {
    switch refusal {
    case .notLeader: routes.forget(batch.partition, leader)
    case .moved(let successor):
      batch.redirects += 1
      if batch.redirects <= Self.followedRedirects {
        routes.redirect(batch.partition, from: leader, to: successor)
      } else {
        routes.forget(batch.partition, leader)
      }
    case .overloaded(let wait), .quotaExceeded(let wait): try await host.sleep(for: wait)
    case .outOfSequence: break
    case .outcomeUnknown:
      batch.mayBeStored = true
      routes.forget(batch.partition, leader)
    case .producerFenced:
      if batch.transaction != nil { transactions.isFenced = true }
      return batch.mayBeStored ? .unknown : .failed
    // Its number is used up, and its transaction can only be aborted.
    case .transactionOver: return .unknown
    case .invalid:
      giveUpNumber(of: batch)
      return batch.mayBeStored ? .unknown : .failed
    }
    return nil
  }

  // MARK: Identity

  /// Gives a batch the next sequence number of its partition under the current identity, in the order of the batches; tells whether there was time to.
  private func takeNumber(_ batch: OutgoingBatch) async throws -> Bool {
    let index = Int(batch.partition.index)
    while true {
      while identity == nil {
        guard host.now < batch.deadline, abandoned(batch) == nil else { return false }
        try await initialize(by: batch.deadline)
      }
      // One before this that has an older number gets a new one first, or is settled.
      if lanes[index].inFlight.prefix(while: { $0 !== batch }).allSatisfy({ $0.identity == identity }) { break }
      try await settled.wait()
    }
    guard host.now < batch.deadline else { return false }
    batch.identity = identity
    batch.sequence = lanes[index].nextSequence
    lanes[index].nextSequence += UInt64(batch.records.count)
    settled.notify()
    return true
  }

  /// A batch is given up: its number would leave a gap for ever, so numbering begins anew under a raised epoch.
  private func giveUpNumber(of batch: OutgoingBatch) {
    guard batch.identity != nil, batch.identity == identity else { return }
    host.probe(.producerIdentityRenewed)
    giveUpIdentity()
  }

  func giveUpIdentity() {
    identity = nil
    for index in lanes.indices { lanes[index].nextSequence = 0 }
  }

  /// Asks for an identity until there is one or it is too late, once for all who want one at the same time.
  func initialize(by deadline: VirtualTime) async throws {
    if let initializing { return try await initializing.value }
    let promise = Promise<Void>(on: host, "a producer identity")
    initializing = promise
    requests += 1
    let request = InitializeProducer(name: name, request: requests, replacing: transactions.holds)
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while identity == nil && host.now < deadline && !transactions.isFenced {
      do {
        let answer = try await host.call(request, to: metadata, deadline: .seconds(2))
        identity = answer.identity
        if configuration.transactionTimeout != nil { transactions.holds = answer.identity }
      } catch MetadataError.producerFenced where configuration.transactionTimeout != nil {
        transactions.isFenced = true
      } catch is MetadataError {
      } catch is NetworkError {
      }
      if identity == nil && !transactions.isFenced { try await host.sleep(for: backoff.wait(&randomness)) }
    }
    initializing = nil
    promise.succeed(())
  }
}
