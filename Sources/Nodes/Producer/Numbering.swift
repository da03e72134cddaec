import Simulation
import Storage

/// How an idempotent producer comes to its identity, and its batches to their sequence numbers.
extension Producer {
  /// Gives a batch the next number of its partition under the current identity, in the order of the batches. False when the batch has come to its end instead.
  func takeNumber(_ batch: OutgoingBatch) -> Bool {
    guard configuration.isIdempotent, batch.identity == nil || batch.identity != identity else { return true }
    // A batch before this one was given up. This one can still be sent under the new identity if no try of it can be stored.
    if batch.mayBeStored {
      settle(batch, .unknown)
      return false
    }
    batch.identity = identity
    guard identity != nil, let records = batch.records else { return true }
    batch.sequence = batch.lane.nextSequence
    batch.lane.nextSequence += UInt64(records.count)
    return true
  }

  /// A batch is given up: its number would leave a gap for ever, so numbering begins anew under a raised epoch.
  func giveUpNumber(of batch: OutgoingBatch) {
    guard batch.identity != nil, batch.identity == identity,
      configuration.safeguards.contains(.givenUpNumberIsReplaced)
    else { return }
    host.probe(.producerIdentityRenewed)
    giveUpIdentity()
  }

  func giveUpIdentity() {
    identity = nil
    for topic in goneTopics + topics.keys.sorted().compactMap({ topics[$0] }) {
      for lane in topic.lanes { lane.nextSequence = 0 }
    }
  }

  /// Asks for an identity until there is one or nobody needs it any more, once for all who do. The promise is settled then.
  ///
  /// - Parameter always: Whether the caller needs it also without batches to send.
  @discardableResult
  func askForIdentity(always: Bool = false) -> Promise<Void> {
    if let initializing { return initializing }
    let promise = Promise<Void>(on: host, "a producer identity")
    initializing = promise
    host.spawn("ask for an identity", on: self) { producer in
      try await producer.takeIdentity(always: always)
      producer.initializing = nil
      promise.succeed(())
      producer.markAll()
    }
    return promise
  }

  private func takeIdentity(always: Bool) async throws {
    identityRequests += 1
    let request = InitializeProducer(name: name, request: identityRequests, replacing: transactions.holds)
    var retries = 0
    while identity == nil && !transactions.isFenced && (always || needsIdentity) {
      do {
        let answer = try await host.call(request, to: metadata, deadline: .seconds(2))
        identity = answer.identity
        if configuration.transactionTimeout != nil { transactions.holds = answer.identity }
      } catch MetadataError.producerFenced where configuration.transactionTimeout != nil {
        transactions.isFenced = true
      } catch is MetadataError {
      } catch is NetworkError {
      }
      guard identity == nil && !transactions.isFenced else { break }
      try await host.sleep(for: configuration.retry.spreadWait(beforeRetry: retries, &randomness))
      retries += 1
    }
  }

  private var needsIdentity: Bool {
    topics.values.contains { $0.lanes.contains { !$0.queue.isEmpty } }
  }
}
