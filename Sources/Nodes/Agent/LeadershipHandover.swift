import DequeModule
import Simulation
import Storage

/// How a leader hands its partition over, so that the time in which nobody takes batches is short and bounded.
///
/// store what there is, still taking batches -> take no more -> store the last ones -> give the lease back
///
/// The successor waits for the lease at the metadata service and has it in the instant in which it is given back. Where the object store is too slow for the last ones, the epoch is made final as it is, and what it did not register goes to the successor: senders who wait are told to go there, what is logged is handed over from the log.
extension PartitionLeader {
  func handOver(to successor: HostID?) async throws {
    guard phase == .leading else { return }
    self.successor = successor
    seal()
    handoverEnd = host.now + configuration.handoverPreparation
    try await awaitRegistration(below: nextOffset)
    guard phase == .leading else { return }
    phase = .draining
    host.emit(AgentEvent.leadershipFrozen(partition, epoch: epoch, successor: self.successor))
    seal()
    // Without a successor nobody waits, and nobody could take the rest.
    handoverEnd = self.successor == nil ? .distantFuture : host.now + configuration.handoverPatience
    try await awaitRegistration(below: nextOffset)
    guard phase == .draining else { return }
    if sealed.isEmpty { try await release() } else { try await cutShort() }
  }

  /// Somebody has come to follow a leadership that is being given back to nobody: from now on it may take no longer than any other handover. False when somebody else is to follow.
  func isFollowed(by newcomer: HostID) -> Bool {
    guard successor == nil, !isStopped else { return false }
    successor = newcomer
    if phase == .draining {
      handoverEnd = host.now + configuration.handoverPatience
      progress.notify()
    }
    return true
  }

  /// Waits until everything below an offset is registered, this leadership stops, or it is too late.
  private func awaitRegistration(below offset: UInt64) async throws {
    while !isStopped, let first = sealed.first, first.base < offset, host.now < handoverEnd {
      try await progress.wait(atMost: handoverEnd == .distantFuture ? nil : handoverEnd - host.now)
    }
  }

  /// Gives the lease back.
  func release() async throws {
    let lease = HeldLease(partition: partition, epoch: epoch)
    try await insist { leader in
      _ = try await leader.host.call(
        ReleaseLease(lease: lease), to: leader.addresses.metadata, deadline: leader.finalTimeout)
    }
    end(.handedBack)
  }

  /// Makes the epoch final as it is. What it did not register is certainly not stored: whoever waits may send it to the successor, and what nobody waits for goes there by the log.
  private func cutShort() async throws {
    phase = .closing
    host.probe(.handoverCutShort)
    for segment in sealed {
      for entry in segment.origin.unlogged { _ = segment.origin.log.append(entry, on: self) }
      try await segment.origin.log.settle(on: self)
    }
    guard phase == .closing else { return }
    let lease = HeldLease(partition: partition, epoch: epoch)
    var final: FenceEpoch.Response?
    try await insist { leader in
      final = try await leader.host.call(
        FenceEpoch(lease: lease), to: leader.addresses.metadata, deadline: leader.finalTimeout)
    }
    guard phase == .closing else { return }
    for segment in sealed where final != nil {
      if segment.end > final?.registeredEnd ?? 0 {
        segment.origin.registered.fail(refusal)
      } else if segment.origin.ranges.isEmpty {
        segment.origin.isRegistered = true
        segment.origin.registered.succeed([])
      } else {
        // Registered, but whether its transactions were open then got lost with the answer: who asks again is told.
        segment.origin.registered.fail(ProduceError.outcomeUnknown)
      }
    }
    end(.handedBack)
  }

  /// Asks the metadata service until it answers or this leadership is over by other means.
  private func insist(_ ask: (PartitionLeader) async throws -> Void) async throws {
    var backoff = Backoff(first: configuration.retryBackoff, limit: configuration.retryBackoffLimit)
    while phase != .over {
      do {
        return try await ask(self)
      } catch MetadataError.recovering {
      } catch is MetadataError {
        return
      } catch is NetworkError {
      }
      try await host.sleep(for: backoff.wait(&randomness))
    }
  }

  /// How long a last request may take before it is sent again: while it waits nobody leads.
  private var finalTimeout: VirtualDuration { min(configuration.metadataTimeout, .milliseconds(500)) }
}
